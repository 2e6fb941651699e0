"""An invented report, for the tests of its papers."""

from __future__ import annotations

from datetime import date

from triage.reports.report import Chart, Link, Report, Section, Sentence, Table, Timespan

UNITS = ("教育局", "交通运输局", "住房和城乡建设局", "卫生健康局", "城东街道", "高新技术产业开发区管理委员会")
SOURCES = ("人大", "政协", "群众")


def linked(text: str, **behind: tuple[str, ...]) -> Sentence:
    """A sentence whose `{names}` are replaced by how many ids stand behind them, each with a link to them."""
    said, links = "", []
    while "{" in text:
        before, _, rest = text.partition("{")
        name, _, text = rest.partition("}")
        said += before
        number = str(len(behind[name]))
        links.append(Link(len(said), len(said) + len(number), behind[name]))
        said += number
    return Sentence(said + text, tuple(links))


def sample(size: int = 60, odd: str = "") -> Report:
    """A report over so many invented suggestions; `odd` is a text that stands everywhere where a text can stand."""
    ids = tuple(f"QH{number:05d}" for number in range(1, size + 1))
    unit = [UNITS[number * number % 11 % len(UNITS)] for number in range(size)]
    source = [SOURCES[number % 3] for number in range(size)]
    rows = tuple(
        (one, f"关于改善第{number}小学门前道路照明的建议{odd}", source[number], unit[number], "2025-03-08", "A")
        for number, one in enumerate(ids)
    )

    def of(wanted_unit: str = "", wanted_source: str = "") -> tuple[str, ...]:
        return tuple(
            one
            for one, a, b in zip(ids, unit, source, strict=True)
            if wanted_unit in {"", a} and wanted_source in {"", b}
        )

    grid = tuple((*(of(name, wanted) for wanted in SOURCES), of(name)) for name in UNITS)
    by_unit = Table(
        f"各单位主办件数{odd}",
        ("主办单位", *SOURCES, "合计", "占比", "平均会办"),
        tuple(
            (name, *(len(cell) for cell in cells), len(cells[-1]) / max(size, 1), None if not number else 1.25)
            for number, (name, cells) in enumerate(zip(UNITS, grid, strict=True))
        ),
        tuple(((), *cells, (), ()) for cells in grid),
        ("text", "count", "count", "count", "count", "share", "score"),
        note="占比以全部件数为分母。" + odd,
    )
    counts = Chart(
        f"各单位主办件数{odd}",
        "bar",
        tuple(name + odd for name in UNITS),
        (("件数", tuple(len(of(u)) for u in UNITS)),),
    )
    stacked = Chart(
        "各单位主办件数，按来源", "stacked", UNITS, tuple((s, tuple(len(of(u, s)) for u in UNITS)) for s in SOURCES)
    )
    months = tuple(f"{month}月" for month in range(1, 13))
    line = Chart(
        "逐月件数",
        "line",
        months,
        (
            ("本期", tuple(float(month * 3 % 17) for month in range(12))),
            ("上期", tuple(float(m * 5 % 13) for m in range(12))),
        ),
    )
    first = linked(
        "本年共收到建议{all}件，其中人大代表建议{rd}件、政协提案{zx}件，教育局主办{jy}件，另有{one}件没有答复。",
        all=ids,
        rd=of("", "人大"),
        zx=of("", "政协"),
        jy=of("教育局"),
        one=ids[:1],
    )
    said = (Sentence(first.text + odd, first.links), Sentence("两件没有日期，未计入。" + odd, notice=True))
    sections = (
        Section("总体情况" + odd, said, charts=(line,)),
        Section("主办单位", (linked("城东街道主办{n}件。", n=of("城东街道")),), (by_unit,), (counts, stacked)),
        Section("重点督办"),
    )
    footer = (
        "文件：cases.xlsx，工作表 2025；筛选：来源不限，届次十七届一次" + odd,
        "抽样：种子 20250308，按主办单位 × 类别 × 办理结果分层，抽 10%",
        "suggestion-triage 0.9.0",
    )
    header = ("编号", "标题", "来源", "主办单位", "日期", "办理结果")
    appendix = Table("附表　全部件" + odd, header, rows, widths=(10, 40, 8, 24, 11, 8))
    span = Timespan(date(2025, 1, 1), date(2025, 12, 31), "2025年1月1日至2025年12月31日")
    title = "清河县人大代表建议和政协提案办理情况年度报告" + odd
    return Report("yearly", title, "清河县人民政府办公室" + odd, span, sections, footer, appendix)
