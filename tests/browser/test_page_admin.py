"""Model, catalogue and help: what an admin does there, and what everybody reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from benchmarks.page.browsing import show
from benchmarks.page.serving import Served, serving
from tests.browser.test_page_axe import complaints
from triage import Triager
from triage.catalogue import starter_catalogue
from triage.catalogue.save import catalogue_texts
from triage.datasets import read_cases
from triage.learning.registry.folder import ModelRegistry

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Opened

ROOT = Path(__file__).resolve().parents[2]
PHRASE = "校门口接送雨棚"


@pytest.fixture(scope="module")
def registered(
    small_bundle: Path, chromium_program: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A service on a registry of two bundles: the second knows the units of few cases only."""
    assert chromium_program
    folder = tmp_path_factory.mktemp("registered")
    few = [case for case in read_cases(ROOT / "examples" / "cases.csv") if case.leads[:1] == ("教育局",)]
    Triager.train(few[:20]).save(folder / "few")
    registry = ModelRegistry(folder / "models")
    registry.add(small_bundle, "spring")
    registry.add(folder / "few", "few")
    registry.promote("spring", Triager.load, by="张三")
    with serving(folder / "models", folder / "memory") as running:
        yield running


def catalogue(served: Served) -> dict[str, Any]:
    """The files in force."""
    found: dict[str, Any] = served.call("GET", "/v1/catalogue/files")
    return found


def duties(page: Page) -> Any:
    return page.get_by_label(re.compile(r"^\s*职责"))


def enforce(page: Page, reason: str) -> None:
    """From the draft to a version in force, by keyboard."""
    page.keyboard.press("F2")
    page.get_by_role("button", name=re.compile("预览")).wait_for()
    page.keyboard.press("F2")
    page.get_by_label("为什么改").fill(reason)
    page.keyboard.press("F2")
    page.get_by_role("dialog").get_by_role("button", name="生效").click()
    expect(page.get_by_role("status").filter(has_text="已生效")).to_be_visible()


# --- the catalogue ---------------------------------------------------------------------------------------------------


def test_a_duty_is_written_kept_over_a_reload_previewed_put_into_force_and_taken_back(
    opened: Opened, served: Served
) -> None:
    before = catalogue(served)
    page = opened(view="#/catalogue")
    page.keyboard.press("F4")
    page.keyboard.type("jyj")
    expect(page.get_by_role("link", name="组织部", exact=True)).to_have_count(0)
    page.get_by_role("link", name="教育局", exact=True).click()
    expect(page.get_by_role("heading", name="教育局")).to_be_focused()
    duties(page).press("Control+End")
    duties(page).press_sequentially(f"\n{PHRASE}\n")
    page.reload()
    expect(duties(page)).to_have_value(re.compile(PHRASE))
    assert catalogue(served)["files"] == before["files"], "a draft is in force nowhere"
    page.keyboard.press("F2")
    expect(page.locator(".admin-changes")).to_contain_text(f"加上 {PHRASE}")
    page.keyboard.press("F2")
    expect(page.get_by_role("heading", name="会有什么影响")).to_be_focused()
    expect(page.locator("main")).to_contain_text("没有办结的共")
    page.keyboard.press("F2")
    expect(page.get_by_text("请写明为什么改")).to_be_visible()
    expect(page.get_by_label("为什么改")).to_be_focused()
    page.keyboard.type("新建了三所学校")
    page.keyboard.press("F2")
    page.get_by_role("dialog").get_by_role("button", name="生效").press("Enter")
    expect(page.get_by_text("目录第1版已生效")).to_be_visible()
    now = catalogue(served)
    changed = [
        (one, other)
        for one, other in zip(
            before["files"]["units.csv"].splitlines(), now["files"]["units.csv"].splitlines(), strict=True
        )
        if one != other
    ]
    assert len(changed) == 1, "every other line stands as it stood"
    assert changed[0][1] == changed[0][0].replace(",,,,", f";{PHRASE},,,,")
    show(page, "#/catalogue/history/1")
    expect(page.get_by_role("row", name=re.compile("第1版"))).to_contain_text("新建了三所学校")
    expect(page.get_by_role("table")).to_contain_text(PHRASE)
    page.keyboard.press("Control+z")
    expect(page.get_by_text("已撤销")).to_be_visible()
    assert catalogue(served)["files"] == before["files"]
    assert catalogue(served)["number"] == 2


def test_two_admins_at_once(opened: Opened, served: Served) -> None:
    page = opened(view="#/catalogue/unit/教育局")
    page.get_by_label("简称").fill("教局")
    seen = catalogue(served)
    assert "组织部,组织部,,县委组织部;" in seen["files"]["units.csv"]
    other = seen["files"] | {
        "units.csv": seen["files"]["units.csv"].replace("组织部,组织部,,", "组织部,组织部,组织人事部,")
    }
    served.call(
        "POST",
        "/v1/catalogue",
        {"files": other, "reason": "组织部改简称"},
        headers={"If-Match": f'"{seen["number"] or 0}"'},
    )
    page.watch.allow("409")  # type: ignore[attr-defined]
    page.keyboard.press("F2")
    page.get_by_role("button", name=re.compile("预览")).wait_for()
    page.keyboard.press("F2")
    page.get_by_label("为什么改").fill("教育局改简称")
    page.keyboard.press("F2")
    page.get_by_role("dialog").get_by_role("button", name="生效").click()
    expect(page.get_by_role("alert").filter(has_text="组织部改简称")).to_be_visible()
    assert catalogue(served)["files"] == other, "nothing of theirs was written over"
    page.get_by_role("button", name="把我的修改放到新的一版上").click()
    expect(page.locator(".admin-changes")).to_contain_text("教局")
    expect(page.locator(".admin-changes")).not_to_contain_text("组织部")
    enforce(page, "教育局改简称")
    text = catalogue(served)["files"]["units.csv"]
    assert "教育局,教育局,教局," in text
    assert "组织部,组织部,组织人事部," in text


def test_an_error_is_told_with_its_line_and_leads_to_it(opened: Opened, served: Served) -> None:
    number = catalogue(served)["number"]
    page = opened(view="#/catalogue/unit/教育局")
    page.watch.allow("422")  # type: ignore[attr-defined]
    page.get_by_label("停用日期").fill("去年")
    page.keyboard.press("F2")
    page.get_by_role("button", name=re.compile("预览")).wait_for()
    page.keyboard.press("F2")
    finding = page.get_by_role("alert").get_by_role("link", name=re.compile(r"单位第\d+行（教育局）"))
    expect(finding).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("应写成2019、2019-04或2019-04-01")
    expect(page.get_by_role("button", name=re.compile("^生效"))).to_have_count(0)
    finding.click()
    expect(page.get_by_label("停用日期")).to_have_value("去年")
    page.get_by_role("button", name="改回原样").click()
    expect(page.get_by_label("停用日期")).to_have_value("")
    expect(page.get_by_role("navigation", name="目录的各部分")).not_to_contain_text("未生效")
    assert catalogue(served)["number"] == number


def test_a_reform_merges_units_and_loses_none(opened: Opened, served: Served) -> None:
    before = catalogue(served)["files"]["units.csv"]
    page = opened(view="#/catalogue/reform")
    for name in ("体育局", "文化和广电旅游局"):
        page.get_by_label("撤并的单位").fill(name)
        expect(page.get_by_label(f"去掉{name}", exact=True)).to_be_visible()
    page.get_by_label("新设单位").fill("文体事务局")
    page.get_by_label("从哪一天起").fill("2027-01-01")
    page.get_by_role("button", name="记下").click()
    expect(page.get_by_role("heading", name="文体事务局")).to_be_visible()
    assert len(duties(page).input_value().splitlines()) > 8, "it carries the duties of both"
    show(page, "#/catalogue/changes")
    page.keyboard.press("F2")
    expect(page.locator("main")).to_contain_text("体育局→文体事务局")
    expect(page.locator("main")).to_contain_text("体育局→文体事务局。请用本目录重新训练")
    page.get_by_role("button", name="放弃全部修改").click()
    expect(page.get_by_text("没有未生效的修改")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.locator(".admin-changes")).to_contain_text("文体事务局")
    enforce(page, "机构改革")
    after = catalogue(served)["files"]["units.csv"]
    assert len(after.splitlines()) == len(before.splitlines()) + 1
    show(page, "#/catalogue/history")
    page.get_by_role("button", name="恢复到启动时的目录").click()
    expect(page.locator(".admin-changes")).to_contain_text("删去 文体事务局")


NASTY = (
    '\ufeff编码,名称,职责,备注\r\n\r\na,"甲,局","供水；排水","他说""行"""\r\n'
    'b, 乙局 ,,"两\r\n行"\r\nc,丙局\r\n"d",丁局,修路,不动我'
)


def test_a_table_is_edited_cell_by_cell_and_nothing_else_moves(opened: Opened) -> None:
    page = opened(view="#/help")
    told = page.evaluate(
        """async ([text, known]) => {
          const csv = await import("/page/scripts/views/catalogue/csv.js");
          const read = () => csv.readTable(text, known);
          const same = csv.writeTable(read());
          const table = read();
          const rows = csv.records(table);
          csv.setCell(table, rows[0], "duties", csv.joined(["供水", "排水", "节水"], "供水；排水"), known);
          csv.setCell(table, rows[2], "level", "县", known);
          csv.addRow(table, { code: "e", name: "戊\\"局" }, known);
          const written = csv.writeTable(table);
          const again = csv.readTable(written, known);
          return { same, written, lines: rows.map((row) => row.line), broken: csv.readTable('a,"b', known).broken,
            names: csv.records(again).map((row) => csv.cell(again, row, "name")),
            differ: csv.differing(read(), again, "code") };
        }""",
        [NASTY, {"code": ["编码"], "name": ["名称"], "duties": ["职责"], "level": ["层级"]}],
    )
    assert told["same"] == NASTY
    assert told["lines"] == [3, 4, 6, 7]
    assert told["written"] == (
        '\ufeff编码,名称,职责,备注,层级\r\n\r\na,"甲,局",供水；排水；节水,"他说""行"""\r\n'
        'b, 乙局 ,,"两\r\n行"\r\nc,丙局,,,县\r\n"d",丁局,修路,不动我\r\ne,"戊""局"\r\n'
    )
    assert told["names"] == ["甲,局", "乙局", "丙局", "丁局", '戊"局']
    assert told["broken"]
    assert told["differ"]["added"] == ["e"]
    assert [one["key"] for one in told["differ"]["changed"]] == ["a", "c"]


def test_every_text_of_the_starter_catalogue_comes_back_as_it_was(opened: Opened) -> None:
    page = opened(view="#/help")
    for name, text in catalogue_texts(starter_catalogue()).items():
        same = page.evaluate(
            """async (text) => {
              const csv = await import("/page/scripts/views/catalogue/csv.js");
              const table = csv.readTable(text, { code: ["编码"], name: ["名称"] });
              for (const row of table.rows) row.raw = null;
              return csv.writeTable(table);
            }""",
            text,
        )
        assert same == text.replace("\r\n", "\n"), name


def test_topics_rules_settings_and_files_are_listed_and_edited(opened: Opened) -> None:
    page = opened(view="#/catalogue/topics")
    page.get_by_role("searchbox").fill("加装电梯")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="加装电梯").click()
    page.get_by_label("词语").fill("老楼想装电梯;装电梯找谁")

    expect(page.get_by_role("navigation", name="目录的各部分")).to_contain_text("1处未生效")
    show(page, "#/catalogue/rules")
    expect(page.locator("main")).to_contain_text("还没有规矩")
    page.get_by_role("link", name="新增一行").click()
    page.get_by_label("编号").fill("X1")
    page.keyboard.press("Enter")
    page.get_by_label("种类").fill("提示")
    page.get_by_label("名称").fill("请求答复")
    page.get_by_label("匹配").fill("请予以答复")

    show(page, "#/catalogue/settings")
    expect(page.locator("main")).to_contain_text("答复3个月，会办意见1个月，退单7个工作日以内")
    page.get_by_role("link", name="设置：office.toml").click()
    page.get_by_label("文件内容").fill('name = "某县人大办"\n')

    show(page, "#/catalogue/changes")
    for words in ("加装电梯", "请求答复", "office.toml"):
        expect(page.locator("main")).to_contain_text(words)
    page.keyboard.press("F2")
    expect(page.locator("main")).to_contain_text("新增规矩")
    expect(page.locator("main")).to_contain_text("期限等设置")


# --- models ----------------------------------------------------------------------------------------------------------


def test_what_a_model_is_stands_in_plain_words(opened: Opened, tmp_path: Path) -> None:
    page = opened(view="#/model")
    main = page.locator("main")
    expect(main).to_contain_text(re.compile(r"\d+件往年案件"))
    expect(main).to_contain_text(re.compile(r"第一个单位对的\s*\d+%"))
    expect(main).to_contain_text(re.compile("已在.*件没学过的案件上证明|件没学过的案件上还做不到"))
    expect(main).to_contain_text("triage models add")
    with page.expect_download() as saved:
        page.get_by_role("button", name="下载往年案件表").click()
    saved.value.save_as(tmp_path / "cases.xlsx")
    assert len(read_cases(tmp_path / "cases.xlsx")) > 20
    page.get_by_text("它能给出哪些单位和类别").click()
    expect(main).to_contain_text("交通运输局、")
    assert not re.search(r"[a-z]_[a-z]|undefined|NaN|null", main.inner_text())


def test_two_models_are_compared_switched_in_spite_of_the_gate_and_taken_back(
    opened: Opened, registered: Served
) -> None:
    page = opened(view="#/model", on=registered)
    page.get_by_role("button", name="和在用的比").click()
    expect(page.get_by_text("有反对意见")).to_be_visible(timeout=60_000)
    expect(page.locator("#model-comparison")).to_contain_text("再也答不出来")
    page.watch.allow("409")  # type: ignore[attr-defined]
    page.get_by_role("button", name="换上", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("为什么换").fill("试一试")
    dialog.get_by_role("button", name="换上").click()
    expect(dialog).to_contain_text("这道关不让换上 few", timeout=60_000)
    expect(dialog).to_contain_text("再也答不出来")
    dialog.get_by_label("为什么仍要换上").fill("只试一会儿")
    dialog.get_by_role("button", name="不顾反对，仍然换上").click()
    expect(page.get_by_role("heading", name="正在作答的模型：few")).to_be_visible(timeout=60_000)
    expect(page.locator("main")).to_contain_text("不顾反对换上")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("heading", name="正在作答的模型：spring")).to_be_visible(timeout=60_000)
    steps = registered.call("GET", "/v1/models")["history"]
    assert [(step["action"], step["bundle"]) for step in steps][:2] == [("rollback", "spring"), ("promote", "few")]


# --- help ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["one", "list", "office", "catalogue"])
def test_f1_leads_to_what_the_view_is_for_and_names_its_keys(opened: Opened, view: str) -> None:
    page = opened(view=f"#/{view}")
    page.keyboard.press("F1")
    section = page.locator(f"#help-{view}")
    expect(section).to_be_focused()
    real = page.evaluate(
        "async (view) => (await import('/page/scripts/keys.js')).keysOf(view).map(({ key }) => key)", view
    )
    for key in real:
        expect(section.locator("kbd", has_text=re.compile(f"^{re.escape(key)}$", re.IGNORECASE))).to_have_count(1)


def test_the_help_of_a_clerk_without_rights_holds_no_view_of_an_admin(opened: Opened, served: Served) -> None:
    page = opened(key=served.add_key("窗口", "read"), view="#/help/words")
    expect(page.locator("#help-words")).to_be_focused()
    expect(page.locator("#help-list")).to_be_visible()
    expect(page.locator("#help-model")).to_have_count(0)


# --- on paper --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "view", ["one", "batch", "list", "groups", "office", "model", "catalogue", "catalogue/unit/教育局", "help"]
)
def test_on_paper_there_is_what_is_read_and_nothing_that_is_pressed(opened: Opened, view: str) -> None:
    page = opened(view=f"#/{view}")
    page.wait_for_load_state("networkidle")
    page.emulate_media(media="print")
    expect(page.locator("header.top")).to_be_hidden()
    # a header that puts a table in order and a number that opens its cases are read as well
    pressed = page.locator("main button:visible, main input:visible, main select:visible, main nav:visible")
    assert (
        pressed.evaluate_all(
            "all => all.filter((one) => !one.closest('th, td, .table-number')).map((one) => one.outerHTML)"
        )
        == []
    )
    pdf = page.pdf(prefer_css_page_size=True)
    boxes = {tuple(map(float, box)) for box in re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)}
    lying = view == "list"
    assert {(round(max(box)), round(min(box)), box[0] > box[1]) for box in boxes} == {(842, 595, lying)}, "A4"


def test_what_is_edited_of_a_unit_stands_on_paper_too(opened: Opened) -> None:
    page = opened(view="#/catalogue/unit/教育局")
    duties(page).fill(PHRASE)
    page.emulate_media(media="print")
    expect(page.locator("dl.print-only")).to_contain_text(PHRASE)
    expect(duties(page)).to_be_hidden()


# --- accessibility of what lies below a view -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part", ["unit/教育局", "unit/new", "reform", "topics", "row/topics.csv/A01", "settings", "file/units.csv"]
)
def test_axe_finds_nothing_serious_in_the_parts_of_the_catalogue(opened: Opened, part: str) -> None:
    page = opened(view=f"#/catalogue/{part}")
    page.wait_for_load_state("networkidle")
    assert complaints(page) == []
