"""The house rules for the clerk's page: what its files may hold, what they take from others, what they weigh."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parent.parent / "service" / "page"
OWN = [
    path
    for kind in ("*.html", "*.js", "*.css", "*.svg")
    for path in sorted(PAGE.rglob(kind))
    if "vendor" not in path.parts
]
SCRIPTS = [path for path in OWN if path.suffix == ".js"]

MAX_LINES = 350
MAX_BYTES = 300_000
"""What a browser is sent for all views together (packed), and what the first view unpacks to."""
DOOR = "scripts/html.js"
"""The only module that names the library."""

STATIC = re.compile(r'(?m)^(?:import|export)\b(?:[^";]*?\bfrom)?\s+"([^"]+)"')

FORBIDDEN = {
    "a text becomes markup": r"\b(inner|outer)HTML\b|insertAdjacentHTML|document\.write|unsafe(HTML|SVG|MathML|Static)|"
    r"createContextualFragment|setHTMLUnsafe|parseHTMLUnsafe|DOMParser|srcdoc",
    "a text becomes code": r"\beval\(|new Function\(|\bsetTimeout\(\s*[\"'`]|javascript:",
    "a handler inside of markup": r"<[^>]*\son[a-z]+=",
    "a style inside of markup": r"<[^>]*\sstyle=|<style\b|[^.]style=\"",
    "an address of another machine": r"\bhttps?:|[\"'`(]//[a-z]|\bwss?:",
    "a message for nobody": r"\bconsole\.|\bdebugger\b|\balert\(|\bconfirm\(|\bprompt\(",
}
NAMESPACE = "http://www.w3.org/"  # the name of SVG, which nothing asks for

NEWER = {
    r"\bPromise\.(try|withResolvers)\b": "119 has neither",
    r"\bIterator\.(from|prototype|concat)\b": "122",
    r"\.(values|keys|entries)\(\)\.(map|filter|take|drop|flatMap|toArray|some|every|find)\(": "122",
    r"\.(union|intersection|difference|symmetricDifference|isSubsetOf|isSupersetOf|isDisjointFrom)\(": "122",
    r"\bArray\.fromAsync\b": "121",
    r"\bRegExp\.escape\b": "136",
    r"\bMath\.sumPrecise\b|\bError\.isError\b|\bUint8Array\.from(Base64|Hex)\b|\.to(Base64|Hex)\(": "140",
    r"\bcheckVisibility\(\{\s*(opacity|visibility)Property": "121",
    r"\bmoveBefore\(": "133",
    r"\bURL\.parse\(": "126",
    r"\busing\s+\w+\s*=": "134",
    r"\bimport\s+\w+\s+from\s+[^;]+\bwith\s*\{": "123",
    r"\bcommand(for)?=": "135",
    r"\bclosedby=": "134",
}
NEWER_STYLES = {
    r"\blight-dark\(": "123",
    r"\bfield-sizing\b": "123",
    r"\banchor(-name|-size)?\b\s*[:(]|\bposition-(anchor|area|try)": "125",
    r"\binterpolate-size\b|\bcalc-size\(": "129",
    r"@function\b|\bif\(": "137",
    r"\btext-box(-trim|-edge)?\b": "133",
    r"\bscroll-state\(": "133",
    r"\bcontrast-color\(": "none yet",
    r"\battr\([^)]*\s+(type|px|number)": "133",
    r"::details-content\b": "131",
}


def name_of(path: Path) -> str:
    return path.relative_to(PAGE).as_posix()


def code_of(path: Path) -> str:
    """The file without its comments, which may name what the code must not use. Addresses keep their slashes."""
    text = re.sub(r"/\*.*?\*/|<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"(?m)(^|\s)//\s.*$", r"\1", text)


def imports_of(path: Path) -> Iterator[str]:
    yield from re.findall(r"""(?:\bfrom\s+|\bimport\s*\(?\s*)["']([^"']+)["']""", code_of(path))


@pytest.mark.parametrize("path", OWN, ids=name_of)
def test_a_file_of_the_page_is_one_sitting_long(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_LINES, f"{lines} lines, {MAX_LINES} are allowed: are there two ideas in it?"


@pytest.mark.parametrize("path", OWN, ids=name_of)
def test_a_file_of_the_page_holds_nothing_that_is_forbidden(path: Path) -> None:
    code = code_of(path).replace(NAMESPACE, "")
    found = {what: match.group() for what, pattern in FORBIDDEN.items() if (match := re.search(pattern, code))}
    assert not found


def test_the_rules_see_what_they_forbid(tmp_path: Path) -> None:
    bad = {
        "a text becomes markup": "element.innerHTML = text; unsafeHTML(text)",
        "a text becomes code": 'eval("1"); setTimeout("go()", 1)',
        "a handler inside of markup": '<button class="a" onclick="go()">',
        "a style inside of markup": '<p style="color: red">',
        "an address of another machine": 'fetch("//elsewhere.example/x")',
        "a message for nobody": "console.log(1)",
    }
    for what, code in bad.items():
        assert re.search(FORBIDDEN[what], code), what
    file = tmp_path / "x.js"
    file.write_text("/** never innerHTML */\n// console.log is no answer\nexport const a = 1; // eval(\n")
    assert not [what for what, pattern in FORBIDDEN.items() if re.search(pattern, code_of(file))]


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_only_one_module_names_the_library_and_every_import_is_there(path: Path) -> None:
    for name in imports_of(path):
        assert name.startswith("."), f"{name}: nothing is installed under a bare name"
        found = (path.parent / name).resolve()
        assert found.is_relative_to(PAGE), name
        vendored = "vendor" in found.relative_to(PAGE).parts
        assert not vendored or name_of(path) == DOOR, f"{name}: import it from {DOOR}"
        assert vendored or found.is_file(), f"{name}: there is no such file"


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_the_code_uses_nothing_newer_than_chromium_119(path: Path) -> None:
    code = code_of(path)
    assert not {match.group(): since for pattern, since in NEWER.items() if (match := re.search(pattern, code))}


@pytest.mark.parametrize("path", [path for path in OWN if path.suffix == ".css"], ids=name_of)
def test_the_styles_use_nothing_newer_than_chromium_119(path: Path) -> None:
    code = code_of(path)
    assert not {match.group(): since for pattern, since in NEWER_STYLES.items() if (match := re.search(pattern, code))}


def test_every_script_is_used() -> None:
    used = {(path.parent / name).resolve() for path in SCRIPTS for name in imports_of(path)}
    used |= {
        PAGE / name for name in re.findall(r'/page/([\w/.-]+\.js)"', (PAGE / "index.html").read_text(encoding="utf-8"))
    }
    assert sorted(name_of(path) for path in SCRIPTS if path.resolve() not in used) == []


def test_what_the_page_names_is_there() -> None:
    for name in re.findall(r'(?:href|src)="/page/([^"]+)"', (PAGE / "index.html").read_text(encoding="utf-8")):
        assert name.startswith("vendor/") or (PAGE / name).is_file(), name


FETCHED = re.compile(
    r"""(?:const|let)\s+(?:\{([^}]*)\}|(\w+))\s*=\s*await\s+import\(["']/page/([\w/.-]+)["']\)|import\(["']/page/([\w/.-]+)["']\)"""
)
"""How a test in a browser fetches a module: by the names it wants of it, or whole."""


def exported(code: str) -> set[str]:
    named = re.findall(r"(?m)^export\s+(?:async\s+)?(?:function\*?|const|let|class)\s+(\w+)", code)
    lists = re.findall(r"(?m)^export\s*\{([^}]*)\}", code)
    return {*named, *(name.split(" as ")[-1].strip() for one in lists for name in one.split(",") if name.strip())}


def test_what_a_test_in_a_browser_fetches_is_exported() -> None:
    fetched = 0
    for path in sorted((PAGE.parent.parent / "tests" / "browser").glob("*.py")):
        test = path.read_text(encoding="utf-8")
        for names, whole, named, alone in FETCHED.findall(test):
            module = PAGE / (named or alone)
            assert module.is_file(), f"{path.name}: there is no {named or alone}"
            wanted = {name.split(":")[0].strip() for name in names.split(",") if name.strip()}
            if whole:
                wanted |= set(re.findall(rf"\b{whole}\.(\w+)\(", test))
            missing = wanted - exported(code_of(module))
            assert not missing, f"{path.name}: {named or alone} does not export {sorted(missing)}"
            fetched += 1
    assert fetched, "the pattern no longer finds what it is about"


def first_view() -> list[Path]:
    """The modules that a browser needs before a clerk can type: what `main.js` and the first view import."""
    found: list[Path] = []
    wanted = [PAGE / "scripts" / "main.js", PAGE / "scripts" / "views" / "one" / "view.js"]
    while wanted:
        path = wanted.pop()
        if path not in found and path.is_file():
            found.append(path)
            wanted += [(path.parent / name).resolve() for name in STATIC.findall(code_of(path))]
    return found


def test_a_browser_is_told_at_once_what_the_first_view_needs() -> None:
    told = re.findall(r'rel="modulepreload" href="/page/([^"]+)"', (PAGE / "index.html").read_text(encoding="utf-8"))
    own = {name_of(path) for path in first_view()} - {"scripts/main.js"}
    assert {name for name in told if "vendor" not in name} == {name for name in own if "vendor" not in name}
    named = {(PAGE / DOOR).parent.joinpath(name).resolve() for name in imports_of(PAGE / DOOR)}
    assert {name_of(path) for path in named} <= set(told), "what the door imports is fetched at once, too"


def test_the_page_is_light() -> None:
    files = [*OWN, *(PAGE / "vendor").rglob("*.js")]
    sent = {name_of(path): len(gzip.compress(path.read_bytes())) for path in files}
    heaviest = sorted(sent, key=lambda name: -sent[name])[:5]
    assert sum(sent.values()) <= MAX_BYTES, (
        f"{sum(sent.values())} bytes are sent for all views; the heaviest: {heaviest}"
    )
    first = [PAGE / "index.html", *first_view(), *PAGE.rglob("*.css"), *PAGE.rglob("*.svg")]
    unpacked = sum(path.stat().st_size for path in first)
    assert unpacked <= MAX_BYTES, f"the first view unpacks to {unpacked} bytes"


def test_the_library_is_pinned_by_its_hash_and_no_registry_is_named() -> None:
    for folder in (PAGE, PAGE.parent.parent / ".ci" / "page", PAGE.parent.parent / ".ci" / "oldest"):
        wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        locked = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
        named = {
            k: v
            for kind in ("dependencies", "devDependencies", "optionalDependencies")
            for k, v in wanted.get(kind, {}).items()
        }
        assert named
        for name, version in named.items():
            assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name}: name one version"
            assert locked[f"node_modules/{name}"]["version"] == version
        for name, entry in locked.items():
            assert not name or entry["integrity"].startswith("sha512-"), name
            assert "resolved" not in entry, name
