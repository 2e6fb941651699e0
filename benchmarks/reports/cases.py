"""Invented cases for measuring reports: as many as asked for, over two years, with all columns that reports count.

The matters are the duty phrases of the starter catalogue, each at places of the starter's invented county, in sentences
of our own. Some texts repeat a matter in other words, some word for word, as in a real session. The same seed and count
give the same cases.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date as Date
from datetime import timedelta

from triage.catalogue import Catalogue, Unit
from triage.records import Case, Suggestion

FIRST = Date(2024, 1, 1)
DAYS = 731
SOURCES = (("人大", 30), ("政协", 30), ("热线", 25), ("群众来信", 15))
OUTCOMES = (("A", 62), ("B", 24), ("C", 12), ("", 2))
REPEATED, COPIED = 0.08, 0.02
"""The shares of texts that repeat an earlier matter in other words, and word for word."""

_TITLES = (
    *("关于{place}{matter}的建议", "关于解决{place}{matter}问题的提案", "{place}{matter}", "请重视{place}{matter}"),
    *("关于加强{matter}工作的建议", "{matter}应当有人管", "反映{place}{matter}", "关于{place}做好{matter}的几点建议"),
)
_OPENINGS = (
    *("近年来{place}居民多次反映{matter}。", "我住在{place}，{matter}一直没解决。", "{matter}关系千家万户。"),
    *(
        "今年走访{place}{number}户，多数人提到{matter}。",
        "{place}人口增加快，{matter}跟不上。",
        "说说{place}的{matter}。",
    ),
    *(
        "调研中了解到，{place}的{matter}已拖了{number}个月。",
        "开春以来，围绕{matter}的来电多了起来。",
        "反映一件事：{matter}。",
    ),
)
_FACTS = (
    *("老人们说起{other}也直摇头。", "{other}同样让人发愁。", "与此相连的还有{other}。", "邻近几处也有{other}的情况。"),
    *(
        "台账上登记了{number}起，多与{other}有关。",
        "有{number}户为此写过联名信。",
        "夜里尤其明显，孩子和老人最受影响。",
    ),
    *(
        "牵头单位不明确，几家都说归别家管。",
        "经费没进预算，只能临时凑。",
        "规划做得早，人口和车辆都变了。",
        "设施老化，修了又坏。",
    ),
    *(
        "一个人管{number}个点，顾不过来。",
        "合同到期后没有续签，现场无人值守。",
        "雨季一到就反复，{number}天才恢复。",
        "标准不统一，查处没有依据。",
    ),
    *(
        "外地游客也提过意见。",
        "商户怕影响生意，不愿配合。",
        "材料要交{number}份，跑了三趟才收下。",
        "去年答应过年底办，至今没有下文。",
    ),
)
_ASKS = (
    *(
        "建议在{place}先做{number}处试点。",
        "请由一家单位牵头，把{matter}列入明年计划。",
        "建议安排{number}万元，分两年完成。",
    ),
    *("希望到{place}现场看一看，给个时间表。", "建议把{matter}和{other}一并考虑。", "能否公布联系电话，专人答复？"),
    *(
        "请尽快处理{matter}。",
        "建议修订办法，写明谁管{matter}。",
        "盼望年内见到变化。",
        "建议每季度公开{matter}的进展。",
    ),
)


def invented_cases(count: int, catalogue: Catalogue, seed: int = 1) -> list[Case]:
    """So many cases under ids from ``S00001`` on."""
    chance = random.Random(seed)  # noqa: S311 - invented texts, nothing secret
    units = [unit for unit in catalogue.current() if len(unit.duties) >= 2 and not unit.area]
    filed = {code: topic.name for topic in catalogue.topics for code in topic.units}
    places = [area.name for area in catalogue.areas if area.parent]
    cases: list[Case] = []
    matters: list[tuple[Unit, str, str]] = []
    for number in range(1, count + 1):
        drawn = chance.random()
        if cases and drawn < COPIED:
            case = cases[chance.randrange(len(cases))]
        else:
            again = bool(matters) and drawn < COPIED + REPEATED
            matter = matters[chance.randrange(len(matters))] if again else _matter(chance, units, places)
            matters.append(matter)
            case = _case(chance, matter, units, filed)
        cases.append(_registered(chance, case, number))
    return cases


def _matter(chance: random.Random, units: Sequence[Unit], places: Sequence[str]) -> tuple[Unit, str, str]:
    unit = units[min(int(chance.expovariate(8) * len(units)), len(units) - 1)]
    return unit, chance.choice(unit.duties), chance.choice(places)


def _case(chance: random.Random, matter: tuple[Unit, str, str], units: Sequence[Unit], filed: dict[str, str]) -> Case:
    unit, duty, place = matter
    sentences = [
        chance.choice(_OPENINGS),
        *chance.sample(_FACTS, chance.randint(3, 9)),
        *chance.sample(_ASKS, chance.randint(1, 3)),
    ]
    filling = {"place": place, "matter": duty}
    text = "".join(
        sentence.format(number=chance.randint(2, 90), other=chance.choice(unit.duties), **filling)
        for sentence in sentences
    )
    several = [one.name for one in chance.sample(units, chance.choice((0, 0, 1, 1, 2, 4))) if one is not unit]
    return Case(
        suggestion=Suggestion(title=chance.choice(_TITLES).format(**filling), text=text),
        leads=(unit.name,),
        co=tuple(several),
        topics=tuple(filter(None, (filed.get(unit.code, ""),))),
    )


def _registered(chance: random.Random, case: Case, number: int) -> Case:
    """The case as it is entered: its own id, day, source and outcome."""
    day = FIRST + timedelta(days=chance.randrange(DAYS))
    suggestion = replace(
        case.suggestion,
        id=f"S{number:05d}",
        source=_drawn(chance, SOURCES),
        session=f"{day.year}年",
        date=day,
        proposers=(f"提出人{chance.randint(1, 400)}",),
    )
    return replace(case, suggestion=suggestion, outcome=_drawn(chance, OUTCOMES))


def _drawn(chance: random.Random, weighted: Sequence[tuple[str, int]]) -> str:
    return chance.choices([name for name, _ in weighted], [weight for _, weight in weighted])[0]
