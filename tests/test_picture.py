"""Pictures of hot topics: words that can be read, bars of the right length, nothing left out in silence."""

from __future__ import annotations

import importlib.metadata
import io
import re
import sys
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.font_manager import FontEntry, findfont, fontManager

from triage import InputError, StorageError
from triage.duplicates.growth import growth_ratio
from triage.duplicates.hot import HotTopic, HotTopics
from triage.duplicates.picture import write_picture
from triage.pictures import fonts
from triage.pictures.colours import BEFORE, NOW, RISING
from triage.pictures.fonts import FAMILIES, MISSING, ChineseFont, chinese_font

SVG = "{http://www.w3.org/2000/svg}"


def topic(name: str, size: int, before: int | None = None, rising: bool = False, place: str = "") -> HotTopic:
    return HotTopic(
        name=name,
        words=((name, 1.0),),
        size=size,
        before=before,
        growth=None if before is None else growth_ratio(size, before),
        rising=rising,
        places=((place, size),) if place else (),
        sources=(("人大", size),),
        representatives=("1",),
        titles=("",),
        members=tuple(str(n) for n in range(size)),
        earlier=(),
        first=date(2026, 3, 1),
        last=date(2026, 3, 31),
    )


def hot(*topics: HotTopic, texts: int = 100, compared: bool = True) -> HotTopics:
    return HotTopics(
        topics=topics,
        texts=texts,
        texts_before=80 if compared else None,
        since=date(2026, 3, 1),
        until=date(2026, 3, 31),
        before=(date(2026, 1, 29), date(2026, 2, 28)) if compared else None,
        least=3,
        notices=("2 件没有日期，未计入。",),
    )


THREE = hot(
    topic("加装电梯", 40, 10, rising=True, place="东湖街道"), topic("飞线充电", 20, 30), topic("12路公交", 5, 0)
)


def pixels(path: Path) -> np.ndarray:
    from PIL import Image

    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def share_of(image: np.ndarray, colour: str) -> int:
    wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return int((np.abs(image - wanted).max(axis=2) <= 2).sum())


def words_of(path: Path) -> list[str]:
    return ["".join(element.itertext()) for element in ElementTree.parse(path).iter(f"{SVG}text")]  # noqa: S314 - ours


@pytest.fixture
def no_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_candidates", lambda: iter(()))


def test_the_extra_brings_an_open_font_with_all_characters_of_simplified_chinese() -> None:
    font = chinese_font("热点")
    assert font is not None
    assert font.path.name == "NotoSansSC-Regular.otf"
    gb2312 = [
        bytes((row, cell)).decode("gb2312", errors="ignore") for row in range(176, 248) for cell in range(161, 255)
    ]
    assert len("".join(gb2312)) == 6763
    assert font.lacks("".join(gb2312) + "↑·…〓（）“”") == ""
    told = importlib.metadata.metadata("pylopdf-fonts-zh-cn")
    assert "SIL OPEN FONT LICENSE" in str(told["License"]).upper()


def test_a_png_has_bars_in_proportion(tmp_path: Path) -> None:
    path = tmp_path / "hot.png"
    write_picture(THREE, path)
    image = pixels(path)
    assert image.shape[1] == 1920
    legend = {RISING: 18 * 11, NOW: 18 * 11, BEFORE: 18 * 7}  # pixels of the drawing, four of the picture each
    rising, now, before = (share_of(image, colour) - 4 * size for colour, size in legend.items())
    assert rising / now == pytest.approx(40 / 25, rel=0.05)  # the red words weigh little
    assert before / now == pytest.approx(40 / 25 * 7 / 18, rel=0.03)


def test_each_character_of_a_png_is_drawn_as_itself(tmp_path: Path) -> None:
    """Boxes look alike: names that differ in one character must differ in ink, and so must every character alone."""
    images = []
    for number, name in enumerate("电梯噪声停车河道路灯"):
        path = tmp_path / f"{number}.png"
        write_picture(hot(topic(f"加装{name}梯", 9), compared=False), path)
        images.append(pixels(path))
    assert len({image.tobytes() for image in images}) == 10
    differing = [(one != images[0]).any(axis=2) for one in images[1:]]
    assert all(80 < difference.sum() < 1200 for difference in differing)


def test_an_svg_has_every_character_as_a_path(tmp_path: Path) -> None:
    path = tmp_path / "hot.svg"
    write_picture(THREE, path)
    tree = ElementTree.parse(path)  # noqa: S314 - ours
    assert not words_of(path)
    glyphs = {element.get("id"): element.get("d") or "" for element in tree.iter(f"{SVG}path") if element.get("id")}
    used = {element.get("{http://www.w3.org/1999/xlink}href", "")[1:] for element in tree.iter(f"{SVG}use")}
    written = set("".join(re.findall(r"<!-- (.*?) -->", path.read_text(encoding="utf-8"))).replace(" ", ""))
    assert set("热点事项加装电梯东湖街道飞线充电路公交明显上升") <= written
    drawn = [glyphs[one] for one in used if glyphs.get(one)]
    assert len(drawn) == len(set(drawn)) >= len(written)


def test_the_same_topics_give_the_same_file(tmp_path: Path) -> None:
    for ending in ("png", "svg"):
        one, other = tmp_path / f"one.{ending}", tmp_path / f"other.{ending}"
        write_picture(THREE, one)
        write_picture(THREE, other)
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.usefixtures("no_fonts")
def test_without_a_font_an_svg_holds_the_words(tmp_path: Path) -> None:
    path = tmp_path / "hot.svg"
    write_picture(THREE, path, title="三月 <热点> & 变化")
    words = words_of(path)
    assert words[:2] == ["三月 <热点> & 变化", "2026年3月1日至3月31日 · 共 100 件 · 上期 2026年1月29日至2月28日，80 件"]
    assert {"加装电梯", "东湖街道", "40 件", "↑ 增30（3.9倍），明显上升", "飞线充电", "减10（0.7倍）", "新出现"} <= set(
        words
    )
    root = ElementTree.parse(path).getroot()  # noqa: S314 - ours
    assert all(f"'{family}'" in root.get("font-family", "") for family in FAMILIES)
    widths = {
        colour: [float(bar.get("width", 0)) for bar in root.iter(f"{SVG}rect") if bar.get("fill") == colour][1:]
        for colour in (NOW, RISING, BEFORE)
    }
    assert [round(width / widths[RISING][0] * 40) for width in widths[NOW]] == [20, 5]
    assert [round(width / widths[RISING][0] * 40) for width in widths[BEFORE]] == [10, 30]


@pytest.mark.usefixtures("no_fonts")
def test_what_is_not_shown_is_told(tmp_path: Path) -> None:
    path = tmp_path / "hot.svg"
    many = hot(*(topic(f"事项{n}", 30 - n) for n in range(15)), texts=500, compared=False)
    write_picture(many, path, most=10)
    words = words_of(path)
    told = "".join(words)
    assert "事项9" in words
    assert "事项10" not in words
    assert f"另有 5 个热点共 {20 + 19 + 18 + 17 + 16} 件未画出。" in told
    assert f"{500 - sum(30 - n for n in range(15))} 件不属于任何热点。" in told
    assert "2 件没有日期，未计入。" in told
    assert "上期" not in told


@pytest.mark.usefixtures("no_fonts")
def test_texts_stay_within_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "hot.svg"
    long = topic("统筹城乡义务教育学校优质均衡一体化发展（东湖街道）", 12345, 9876, rising=True, place="很长的地名" * 9)
    write_picture(hot(long, topic("停\x00车\n难", 4, 13000), texts=20000), path)
    root = ElementTree.parse(path).getroot()  # noqa: S314 - ours
    width, height = float(root.get("width", 0)), float(root.get("height", 0))
    for text in root.iter(f"{SVG}text"):
        length = sum(1.0 if ord(one) > 255 else 0.6 for one in text.text or "") * float(text.get("font-size", 0))
        left = float(text.get("x", 0)) - (length if text.get("text-anchor") == "end" else 0)
        assert left >= 0
        assert left + length <= width
        assert 0 < float(text.get("y", 0)) < height
    for bar in root.iter(f"{SVG}rect"):
        if bar.get("x"):
            assert float(bar.get("x", 0)) + float(bar.get("width", 0)) <= width
    assert any((text.text or "").endswith("…") for text in root.iter(f"{SVG}text"))


def test_no_topic_is_a_picture_too(tmp_path: Path) -> None:
    path = tmp_path / "none.png"
    write_picture(HotTopics((), 0, None, None, None, None, 3), path)
    assert (pixels(path) < 128).any()


def test_a_character_that_the_font_lacks_is_no_box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rare = hot(topic("\U00020bb7家桥", 9), compared=False)
    font = chinese_font("")
    assert font is not None
    poor = ChineseFont(font.path, font.characters - {0x20BB7})
    assert poor.lacks("\U00020bb7家 \U00020bb7") == "\U00020bb7"
    assert poor.drawable("\U00020bb7家桥") == MISSING + "家桥"
    # an SVG leaves it to the reader's fonts, a PNG shows the printer's sign
    write_picture(rare, tmp_path / "rare.svg")
    assert "\U00020bb7家桥" in words_of(tmp_path / "rare.svg")
    write_picture(rare, tmp_path / "rare.png")
    write_picture(hot(topic(MISSING + "家桥", 9), compared=False), tmp_path / "sign.png")
    assert (tmp_path / "rare.png").read_bytes() == (tmp_path / "sign.png").read_bytes()


def test_a_dollar_is_a_dollar(tmp_path: Path) -> None:
    write_picture(hot(topic("补贴$5$到账", 9), compared=False), tmp_path / "dollar.svg")
    assert "补贴$5$到账" in (tmp_path / "dollar.svg").read_text(encoding="utf-8")


@pytest.mark.usefixtures("no_fonts")
def test_a_png_without_a_font_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no font with Chinese characters.*suggestion-triage\[pictures\].*\.svg"):
        write_picture(THREE, tmp_path / "hot.png")
    assert not list(tmp_path.iterdir())


def test_without_matplotlib_an_svg_is_written_and_a_png_says_why_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("matplotlib", "matplotlib.ft2font", "matplotlib.font_manager"):
        monkeypatch.setitem(sys.modules, module, None)
    write_picture(THREE, tmp_path / "hot.svg")
    assert "加装电梯" in words_of(tmp_path / "hot.svg")
    with pytest.raises(InputError, match=r"a PNG needs matplotlib.*suggestion-triage\[pictures\]"):
        write_picture(THREE, tmp_path / "hot.png")


def test_fonts_of_the_system_serve_where_the_extra_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    own = chinese_font("")
    assert own is not None
    monkeypatch.setattr(fonts, "_PACKAGE", "no_such_package_of_fonts")
    entries = [FontEntry(fname=findfont("DejaVu Sans"), name="Noto Sans SC", style="normal", weight=400)]
    monkeypatch.setattr(fontManager, "ttflist", entries)
    assert chinese_font("热点") is None  # the name alone is no Chinese character
    entries.append(FontEntry(fname=str(own.path), name="SimHei", style="normal", weight=400))
    found = chinese_font("热点")
    assert found is not None
    assert found.path == own.path


def test_a_font_may_be_chosen(tmp_path: Path) -> None:
    own = chinese_font("")
    assert own is not None
    copy = tmp_path / "own.otf"
    copy.write_bytes(own.path.read_bytes())
    write_picture(THREE, tmp_path / "hot.png", font=copy)
    write_picture(THREE, tmp_path / "same.png")
    assert (tmp_path / "hot.png").read_bytes() == (tmp_path / "same.png").read_bytes()
    for wrong in (Path(findfont("DejaVu Sans")), tmp_path / "none.otf", Path(__file__)):
        with pytest.raises(InputError, match="no font file with Chinese characters"):
            write_picture(THREE, tmp_path / "hot.png", font=wrong)


def test_bad_targets_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ending '\.jpg' cannot be drawn; allowed are \.svg, \.png"):
        write_picture(THREE, tmp_path / "hot.jpg")
    with pytest.raises(InputError, match="most=0"):
        write_picture(THREE, tmp_path / "hot.svg", most=0)
    with pytest.raises(StorageError):
        write_picture(THREE, tmp_path / "no" / "folder.svg")


def test_the_module_brings_no_matplotlib(root: Path) -> None:
    import subprocess

    code = "import sys, triage.duplicates.picture; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_a_picture_is_read_back_whole(tmp_path: Path) -> None:
    write_picture(THREE, tmp_path / "hot.PNG")
    assert io.BytesIO((tmp_path / "hot.PNG").read_bytes()).read(8) == b"\x89PNG\r\n\x1a\n"
