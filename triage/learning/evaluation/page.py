"""The report as one HTML page that needs nothing else: no network, no script, pictures within."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from triage.errors import InputError
from triage.learning.evaluation.phrases import Phrases
from triage.learning.evaluation.pictures import pictures
from triage.learning.evaluation.sections import about, sections
from triage.results import replace_file

TEMPLATE = "report.html.j2"
INSTALL = "pip install 'suggestion-triage[analysis,pictures]'"


def check_page() -> None:
    """Raise InputError where jinja2 or matplotlib are not installed, before any work is done."""
    try:
        import jinja2  # noqa: F401 - whether it can be imported is the question
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise InputError(f"an HTML report needs jinja2 and matplotlib ({error}); {INSTALL}.") from error


def page(report: Mapping[str, Any], language: str = "zh", font: Path | None = None) -> str:
    """The report as HTML. Raises InputError for another language than `phrases.LANGUAGES`, for a `font` that is none,
    and where jinja2 or matplotlib are missing.
    """
    check_page()
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    say = Phrases(language)
    drawn = {name: Markup(svg) for name, svg in pictures(report, say, font).items()}  # noqa: S704 - our own drawing
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files(__package__).joinpath(TEMPLATE).read_text(encoding="utf-8"))
    return template.render(
        language={"zh": "zh-CN", "en": "en"}[language],
        title=say("title"),
        about=about(report, say),
        sections=sections(report, say),
        pictures=drawn,
        captions={name: say(f"picture.{name}") for name in drawn},
    )


def write_page(report: Mapping[str, Any], path: Path, language: str = "zh", font: Path | None = None) -> None:
    """Write it; an older file is replaced only when the new one is whole. Raises InputError as `page`, StorageError."""
    replace_file(path, (page(report, language, font) + "\n").encode("utf-8", "replace"))
