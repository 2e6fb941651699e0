"""The meeting sheet (交办表): what is suggested for each text, and room for what the meeting decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date as Date
from datetime import datetime
from pathlib import Path
from typing import Any

from triage import __version__
from triage.catalogue import Catalogue
from triage.duplicates.precedents import HandledCase
from triage.duplicates.sheets import HIDDEN
from triage.errors import InputError
from triage.heads.risk import LEAST_RISK
from triage.meeting.decided import CANDIDATES, Suggested
from triage.meeting.form import AGREED, GUIDE, HELPERS, INPUTS, NOBODY, TITLE, UNITS, WRITTEN
from triage.meeting.origin import origin_sheets
from triage.meeting.read import is_meeting, read_meeting
from triage.records import LABELS, Case, Decision, Grade, Suggestion, Triaged
from triage.results import replace_file
from triage.sheets import LANDSCAPE_A3, LONGEST_CELL, MOST_ROWS, Choices, Sheet, as_xlsx, likely

LINES = 9
"""Lines of the highest row: the whole text stands in the cell and is read by choosing it."""
GROUNDS, REPEATS, PRECEDENTS, DUTIES = 4, 5, 2, 12
"""How many pieces of evidence, repeats, precedents and duties a cell lists."""
TINTS = {Decision.SUGGEST: "C6E0B4", Decision.CHOOSE: "FFE699", Decision.COORDINATE: "F4CCCC"}

_WARNED = "不在“单位”表的名单中，请核对。可以写几个单位，中间用“；”隔开；新单位请先加到“单位”表末尾。"


def write_meeting(
    path: str | Path,
    suggestions: Sequence[Suggestion],
    answers: Sequence[Triaged],
    catalogue: Catalogue,
    *,
    card: Mapping[str, Any] | None = None,
    precedents: Sequence[Sequence[HandledCase]] = (),
    more: Sequence[Sheet] = (),
    day: Date | None = None,
) -> None:
    """Write the sheet as an xlsx workbook; `meeting_sheets` says what is in it, `more` sheets come behind.

    An older file is replaced when the new one is whole, unless somebody has filled in decisions there. Raises
    InputError for this, for another ending and as `meeting_sheets` does; StorageError.
    """
    path = Path(path)
    sheets = meeting_sheets(suggestions, answers, catalogue, card=card, precedents=precedents, more=more, day=day)
    check_meeting_target(path)
    replace_file(path, as_xlsx(sheets))


def check_meeting_target(path: Path) -> None:
    """Raise InputError for a file that no sheet may be written to: another ending, or one that holds decisions."""
    if path.suffix.lower() != ".xlsx":
        raise InputError(f"{path}: ending {path.suffix!r}; a meeting sheet is written as .xlsx.")
    if not path.exists() or not is_meeting(path):
        return
    try:
        filled = sum(row.decided or bool(row.why) for row in read_meeting(path).rows)
        told = "1 decision" if filled == 1 else f"{filled} decisions"
    except InputError:
        filled, told = 1, "decisions, or what cannot be read as such"
    if filled:
        raise InputError(f"{path}: holds {told}, and is left as it is. Name another file, or move this one away.")


def meeting_sheets(
    suggestions: Sequence[Suggestion],
    answers: Sequence[Triaged],
    catalogue: Catalogue,
    *,
    card: Mapping[str, Any] | None = None,
    precedents: Sequence[Sequence[HandledCase]] = (),
    more: Sequence[Sheet] = (),
    day: Date | None = None,
    decided: Mapping[str, Case] | None = None,
) -> list[Sheet]:
    """交办表, 单位, 说明, what is `more`, and the hidden sheets by which it is read back.

    `catalogue` and `card` are the model's (`Triager.catalogue`, `Triager.card`), `precedents` what
    `Triager.precedents` found; without, those that speak for the first lead. `day` is the day of the sheet, today
    unless set. `decided` has by id what is decided already, which stands in the columns that people fill in. Of
    confidential suggestions nothing of the wording is shown. Raises InputError for no suggestions, more than a sheet
    holds, and ids that are empty or come twice.
    """
    _check(suggestions)
    day = day or datetime.now().astimezone().date()
    suggested = [Suggested.of(answer) for answer in answers]
    units = _units(catalogue, suggested, day)
    found = precedents or [()] * len(suggestions)
    held = decided or {}
    rows = [
        _row(mine, answer, told, cases, held.get(mine.id))
        for mine, answer, told, cases in zip(suggestions, answers, suggested, found, strict=True)
    ]
    facts = {
        "version": __version__,
        "day": day.isoformat(),
        "model": str((card or {}).get("model", "")) or next((answer.model for answer in answers), ""),
        "trained": str((card or {}).get("trained", "")),
    }
    return [
        _main(rows, len(units)),
        Sheet(UNITS, ("单位", "简称和别名", "层级", "职责"), (24, 40, 8, 90), units, fixed=1, lines=6, size=10),
        _guide(suggestions, suggested, catalogue, card or {}, facts),
        *more,
        *origin_sheets(suggestions, suggested, catalogue, facts),
    ]


def _check(suggestions: Sequence[Suggestion]) -> None:
    if not suggestions:
        raise InputError("no suggestions: a meeting sheet needs at least one.")
    if len(suggestions) >= MOST_ROWS:
        raise InputError(f"{len(suggestions):,} suggestions; a sheet holds {MOST_ROWS - 1:,}. Split the file.")
    counts = Counter(suggestion.id.strip() for suggestion in suggestions)
    wrong = [repr(name) for name, count in counts.items() if count > 1 or not name]
    if wrong:
        raise InputError(
            f"ids {', '.join(wrong[:10])} are empty or come twice; each suggestion of a meeting sheet needs its own."
        )


def _main(rows: Sequence[Sequence[str]], units: int) -> Sheet:
    keys = [column.key for column in WRITTEN]
    leads = tuple(number for number, key in enumerate(keys) if key == "lead")
    helpers = tuple(number for number, key in enumerate(keys) if key == "co")
    decision = keys.index("decision")
    return Sheet(
        TITLE,
        tuple(column.header for column in WRITTEN),
        tuple(column.width for column in WRITTEN),
        rows,
        inputs=tuple(number for number, key in enumerate(keys) if key in INPUTS),
        choices=(
            Choices(leads, UNITS, 2, units, "warning", _WARNED, f"选一个单位，或填“{AGREED}”（主办、会办都照建议）。"),
            Choices(helpers, UNITS, 3, units + 1, "information", _WARNED),
        ),
        folded=tuple(number for number, column in enumerate(WRITTEN) if column.folded),
        closed=tuple(number for number, column in enumerate(WRITTEN) if column.closed),
        tints=tuple((decision, LABELS[choice], colour) for choice, colour in TINTS.items()),
        lines=LINES,
        size=10,
        paper=LANDSCAPE_A3,
    )


def _units(catalogue: Catalogue, suggested: Sequence[Suggested], day: Date) -> list[tuple[str, ...]]:
    """The lists' entries: agreeing, the units of the day with those that were suggested, nobody. The first list begins
    with the first row, the second ends with the last.
    """
    current = {unit.name: unit for unit in catalogue.current(day)}
    named = {unit.unit for told in suggested for unit in (*told.lead, *told.co)}
    current |= {unit.name: unit for unit in catalogue.units if unit.name in named}
    missing = sorted(named - set(current))
    return [
        (AGREED, "主办、会办都照建议", "", ""),
        *(
            (
                unit.name,
                "、".join(name for name in unit.names if name != unit.name),
                unit.level,
                "；".join(unit.duties[:DUTIES]),
            )
            for unit in current.values()
        ),
        *((name, "", "", "") for name in missing),
        (NOBODY, "没有会办单位", "", ""),
    ]


def _row(
    mine: Suggestion, answer: Triaged, told: Suggested, cases: Sequence[HandledCase], held: Case | None
) -> tuple[str, ...]:
    cells = {
        "id": mine.id,
        "title": HIDDEN if mine.confidential else mine.title,
        "text": "" if mine.confidential else mine.text.replace("\r\n", "\n").replace("\r", "\n"),
        "source": mine.source,
        "session": mine.session,
        "date": mine.date.isoformat() if mine.date else "",
        "proposers": "；".join(mine.proposers),
        "topic": told.topic,
        "decision": LABELS[answer.decision],
        "suggested_lead": "；".join(told.leads),
        "sure": likely(answer.lead[0].score) if answer.lead else "",
        "others": "；".join(
            f"{unit.unit} {likely(unit.score)}" for unit in answer.lead[:CANDIDATES] if unit.unit not in told.leads
        ),
        "suggested_co": "；".join(f"{unit.unit} {likely(unit.score)}" for unit in told.suggested_co),
        "mode": LABELS[answer.mode],
        "reasons": "\n".join(_reasons(answer)),
        "grounds": "\n".join(_grounds(answer, told)),
        "precedents": "\n".join(_precedents(answer, cases)),
        "duplicates": "\n".join(_repeats(answer)),
        "risk": "\n".join(_risk(answer)),
    }
    if held is not None and held.leads:
        cells |= {"lead": "；".join(held.leads)}
    helpers = iter(_co_cells(held))
    return tuple(next(helpers) if column.key == "co" else cells.get(column.key, "") for column in WRITTEN)


def _co_cells(held: Case | None) -> list[str]:
    """The helpers that are decided already, in their columns: one each, in the last all that are left."""
    if held is None or not held.leads:
        return [""] * HELPERS
    co = list(held.co) or [NOBODY]
    return [*co[: HELPERS - 1], *[""] * (HELPERS - 1 - len(co)), "；".join(co[HELPERS - 1 :])]


def _reasons(answer: Triaged) -> list[str]:
    """Why, and what the clerk should know or find out before."""
    matters = [f"分办：{matter.text[:30]}… → {matter.lead[0].unit}" for matter in answer.matters if matter.text]
    return [
        *(reason.text for reason in answer.reasons),
        *matters,
        *(f"待核：{question}" for question in answer.questions),
        *(f"提示：{notice}" for notice in answer.notices),
    ]


def _grounds(answer: Triaged, told: Suggested) -> list[str]:
    lines = [item for item in answer.evidence if item.unit in told.leads and item.kind != "precedent"]
    return [item.text if len(told.leads) == 1 else f"{item.unit}：{item.text}" for item in lines[:GROUNDS]]


def _precedents(answer: Triaged, cases: Sequence[HandledCase]) -> list[str]:
    if cases:
        return [f"{case.id}{f'《{case.title}》' if case.title else ''}{case.text}" for case in cases[:PRECEDENTS]]
    told = {item.case or item.text: item.text for item in answer.evidence if item.kind == "precedent"}
    return list(told.values())[:PRECEDENTS]


def _risk(answer: Triaged) -> list[str]:
    """The chance of a return; where it is not small, what stands out and who could take it instead."""
    risk = answer.return_risk
    if risk is None:
        return []
    return [likely(risk.score), *(risk.reasons if risk.score >= LEAST_RISK else ())]


def _repeats(answer: Triaged) -> list[str]:
    same = [hit for hit in answer.duplicates if hit.grade is not Grade.RELATED]
    lines = [
        f"{hit.id} {LABELS[hit.grade]} {likely(hit.score)}" + (f"，{'、'.join(hit.lead)}主办" if hit.lead else "")
        for hit in same[:REPEATS]
    ]
    return [*lines, f"等{len(same)}件"] if len(same) > REPEATS else lines


def _guide(
    suggestions: Sequence[Suggestion],
    suggested: Sequence[Suggested],
    catalogue: Catalogue,
    card: Mapping[str, Any],
    facts: Mapping[str, str],
) -> Sheet:
    """说明: how to fill in the sheet, and what it comes from."""
    counts = Counter(told.decision for told in suggested)
    told = "，".join(f"{LABELS[choice]}{counts[choice]}件" for choice in Decision)
    cut = sum(len(suggestion.text) > LONGEST_CELL and not suggestion.confidential for suggestion in suggestions)
    quiet = sum(suggestion.confidential for suggestion in suggestions)
    rows = [
        ("用途", "本表列出每件的承办建议和依据，供交办会议讨论。一切以会议决定为准，系统不自动交办、不退件、不并案。"),
        ("怎么填", "只填黄色的列：确定主办、确定会办、原因。没有决定的件，确定主办留空或写“待定”。"),
        (
            "照建议办",
            f"确定主办填“{AGREED}”：主办、会办都照建议。会办另有安排的，在确定会办里另填；不要会办的，填“{NOBODY}”。",
        ),
        ("另选单位", "点单元格右边的箭头从名单里选，或直接写简称、旧称，读回时按目录换成现在的单位并告知。"),
        (
            "几个单位",
            f"确定会办有{HELPERS}列，一格选一个；也可以在一格里写几个，用“；”隔开。分办的件，确定主办写几个主办单位。",
        ),
        (
            "名单以外",
            "写名单以外的内容，表格会提醒，可以坚持。确是新单位的，请加到“单位”表的末尾，否则读回时会要求核对。",
        ),
        ("会办留空", "写了主办单位而会办留空的，按没有会办单位计。"),
        ("改派原因", "没有照建议办的，请在“原因”里写一句为什么；下次训练前可据此核查。"),
        (
            "可以做的",
            "可以排序、筛选、删行、加列、移动列、在表头上方加标题。编号不要改；不要只排其中几列；不要合并编号、标题的单元格。",
        ),
        (
            "打印",
            "按A3横向排版，每页有表头。点列上方的［+］可展开届次、日期、提出人；用A4时，点［-］收起正文、依据、先例。",
        ),
        ("类别", "“类别”是建议；改过的才算决定。"),
        ("日期", facts["day"]),
        ("件数", f"{len(suggestions)}件：{told}"),
        ("模型", f"{facts['model'] or '未注明'}" + (f"，训练于{facts['trained'][:10]}" if facts["trained"] else "")),
        ("承诺", _promise(card)),
        ("单位目录", f"{len(catalogue.current())}个现有单位，共{len(catalogue.units)}条（含已撤并单位和类别）"),
    ]
    if quiet:
        rows.append(("保密件", f"{quiet}件不显示标题和正文，读回后也没有文字可供学习，除非同时给出原文件。"))
    if cut:
        rows.append(("长文", f"{cut}件的正文超过一格能放的{LONGEST_CELL:,}字，表中只有开头。"))
    return Sheet(GUIDE, ("项目", "内容"), (14, 110), rows, fixed=1, lines=6)


def _promise(card: Mapping[str, Any]) -> str:
    """What 建议交办 promises, in words."""
    promise, lead = card.get("promise") or {}, card.get("lead") or {}
    if not promise:
        return "未注明"
    accuracy = f"{promise.get('accuracy', 0):.0%}"
    if not promise.get("proven"):
        return f"没有足够的办理历史来证明{accuracy}的把握，因此没有一件是“{LABELS[Decision.SUGGEST]}”，请逐件选择。"
    kept = f"，在没有学过的历史件上实际为{lead['suggest_accuracy']:.0%}" if "suggest_accuracy" in lead else ""
    return (
        f"“{LABELS[Decision.SUGGEST]}”的件，首选单位正确的不少于{accuracy}{kept}，约占全部的"
        f"{promise.get('coverage', 0):.0%}。其余各件请在候选单位中选择。“把握”是首选单位正确的概率。"
    )
