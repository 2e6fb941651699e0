"""Pictures of a report: Chinese words that are drawn on a bare machine, values that are to scale."""

from __future__ import annotations

import hashlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from triage.pictures.colours import SERIES
from triage.pictures.fonts import ChineseFont, chinese_font
from triage.reports.paper.charts import (
    MOST_LABELS,
    as_png,
    as_svg,
    chart_font,
    described,
    is_drawn,
    is_lying,
    left_out,
    trimmed,
)
from triage.reports.report import Chart, ChartKind

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def font() -> ChineseFont:
    found = chinese_font("")
    assert found is not None
    return found


def pixels(png: bytes) -> np.ndarray:
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def share_of(image: np.ndarray, colour: str) -> int:
    wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return int((np.abs(image - wanted).max(axis=2) <= 2).sum())


def chart(kind: ChartKind = "bar", size: int = 3, series: int = 1, name: str = "教育局") -> Chart:
    values = tuple((f"系列{one}", tuple(float(place + one + 1) for place in range(size))) for one in range(series))
    return Chart("各单位件数", kind, tuple(f"{name}{place}" for place in range(size)), values)


@pytest.mark.parametrize("kind", ["bar", "line", "stacked"])
@pytest.mark.parametrize(("size", "series"), [(0, 0), (1, 1), (3, 2), (12, 9), (60, 20)])
def test_every_kind_and_size_is_drawn(kind: ChartKind, size: int, series: int, font: ChineseFont) -> None:
    made = chart(kind, size, series)
    assert is_drawn(made) is (size > 0)
    assert as_png(made, font).startswith(b"\x89PNG")
    assert as_svg(made, "c", font).startswith("<svg")


def test_bars_are_to_scale(font: ChineseFont) -> None:
    made = Chart("件数", "stacked", ("甲", "乙"), (("人大", (10.0, 10.0)), ("政协", (5.0, 0.0)), ("群众", (0.0, 40.0))))
    image = pixels(as_png(made, font))
    rd, zx, qz = (share_of(image, colour) for colour in SERIES[:3])
    assert (qz - rd) / rd == pytest.approx(1.0, abs=0.12)  # 40 against 20, beside the legend's squares
    assert zx / rd == pytest.approx(0.25, abs=0.12)


def test_each_character_is_drawn_as_itself(font: ChineseFont) -> None:
    images = [pixels(as_png(chart(size=1, name=one), font)) for one in "电梯噪声停车河道路灯"]
    assert len({image.tobytes() for image in images}) == 10


def test_words_are_drawn_without_a_system_font(tmp_path: Path) -> None:
    """As on a bare Linux: no fontconfig, no folder of fonts, no cache of matplotlib's."""
    code = (
        "import hashlib, sys\n"
        "from matplotlib import font_manager\n"
        "font_manager.fontManager.ttflist = []\n"
        "font_manager.findSystemFonts = lambda *a, **k: []\n"
        "from tests.test_reports_paper_charts import chart\n"
        "from triage.reports.paper.charts import as_png, chart_font\n"
        "made = chart()\n"
        "font = chart_font([made])\n"
        "assert font.path.name == 'NotoSansSC-Regular.otf', font\n"
        "sys.stdout.write(hashlib.sha256(as_png(made, font)).hexdigest())"
    )
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("XDG", "FONTCONFIG"))},
        "HOME": str(tmp_path),
        "MPLCONFIGDIR": str(tmp_path),
        "FONTCONFIG_FILE": str(tmp_path / "none.conf"),
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    made = chart()
    own = chart_font([made])
    assert own is not None
    assert done.stdout == hashlib.sha256(as_png(made, own)).hexdigest()


def test_pictures_of_one_page_share_no_ids(font: ChineseFont) -> None:
    one, two = (set(re.findall(r'\bid="([^"]+)"', as_svg(chart(), name, font))) for name in ("c1", "c2"))
    assert one
    assert not one & two


def test_no_figure_is_kept_and_no_setting_changed(font: ChineseFont) -> None:
    import matplotlib

    before = dict(matplotlib.rcParams)
    as_png(chart("line"), font)
    assert dict(matplotlib.rcParams) == before
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_marks_of_formulas_line_breaks_and_unknown_characters_are_drawn(font: ChineseFont) -> None:
    made = Chart(
        "$\\frac$", "bar", ("$x_1$ \\", "甲\n乙", "😀", "很" * 99), (("$", (1.0, float("nan"), -2.0, 0.5)),), "$"
    )
    assert as_png(made, font).startswith(b"\x89PNG")
    assert is_drawn(made)
    assert not is_drawn(Chart("无", "bar", ("甲",), (("件", (float("nan"),)),)))


def test_what_is_not_drawn_is_told() -> None:
    assert left_out(chart()) == ""
    assert left_out(chart(size=60)) == f"只画前 {MOST_LABELS} 项，共 60 项。"
    assert trimmed(chart(size=60)).labels[0] == "教育局0"
    line = chart("line", 60)
    assert left_out(line).startswith("只画最近")
    assert trimmed(line).labels[-1] == "教育局59"


def test_long_and_many_names_are_read_from_left_to_right() -> None:
    assert not is_lying(chart(size=5))
    assert is_lying(chart(size=2))
    assert is_lying(chart(size=11))
    assert is_lying(chart(size=5, name="高新技术产业开发区"))
    assert not is_lying(chart("line", 30))


def test_a_picture_is_told_in_words() -> None:
    assert described(chart(size=2)) == "条形图《各单位件数》，单位件。系列0：教育局0 1、教育局1 2。"
    assert "等 30 项" in described(chart(size=30))
