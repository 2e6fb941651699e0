"""Makes the golden bundle of the present format and its answers: ``python tests/golden/make.py``, once a format.

A bundle that was ever given out must load and answer the same for ever. So each format has one here, as small as can
be, with the answers that it gave when it was made. It is never made again: this script stops where one stands.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import date as Date
from pathlib import Path

from triage import Case, Suggestion, Triager
from triage.bundle import FORMAT
from triage.catalogue import Area, Catalogue, Topic, Unit
from triage.errors import StorageError
from triage.learning.train import train

HERE = Path(__file__).resolve().parent

PLACE = Catalogue(
    units=(
        Unit("jy", "教育局", aliases=("教育委员会",), duties=("中小学校建设", "教师队伍")),
        Unit("jt", "交通运输局", duties=("农村公路养护", "公交线路")),
        Unit("sl", "水利局", duties=("河道整治", "水库安全")),
        Unit("ws", "卫生健康局", duties=("社区医院建设", "家庭医生")),
        Unit("cz", "财政局", duties=("财政资金安排",)),
        Unit("lh", "柳河镇人民政府", duties=("村庄环境整治",), area="lh"),
        Unit("wj", "卫生和计划生育局", active_to=Date(2019, 1, 1), succeeded_by=("ws",)),
    ),
    topics=(
        Topic("cj", "城乡建设"),
        Topic("cj-jt", "交通", "cj", phrases=("公路", "公交")),
        Topic("cj-sl", "水利", "cj", phrases=("河道", "水库")),
        Topic("sh", "社会事业"),
        Topic("sh-jy", "教育", "sh", phrases=("学校", "教师")),
        Topic("sh-ws", "卫生", "sh", phrases=("医院", "医生")),
    ),
    areas=(Area("jz", "江州县", level="县"), Area("lh", "柳河镇", level="乡镇", parent="jz")),
)
TOPICS = {"教育局": "社会事业/教育", "交通运输局": "交通", "水利局": "水利", "卫生健康局": "社会事业/卫生"}
ASKS = {
    "教育局": ("扩建小学校舍", "充实中学教师"),
    "交通运输局": ("延长公交线路", "养护农村公路"),
    "水利局": ("整治河道淤泥", "加固水库堤坝"),
    "卫生健康局": ("新建社区医院", "签约家庭医生"),
}
PLACES = ("东门", "西门", "南门", "北门", "新桥", "老桥", "河口", "塔山", "柳河镇")


def cases() -> list[Case]:
    """Seventy-two invented cases."""
    made: list[Case] = []
    for place in PLACES:
        for unit, asks in ASKS.items():
            for ask in asks:
                number = len(made)
                title = f"关于在{place}{ask}的建议"
                suggestion = Suggestion(f"J{number:02}", title, source="人大", date=Date(2024, 2, 1 + number % 28))
                helpers = ("财政局", "柳河镇人民政府")[: number % 3]
                topics = (TOPICS[unit],) if number % 5 else ()
                made.append(Case(suggestion, (unit,), helpers, topics, outcome="AB"[number % 2]))
    made[3] = replace(made[3], leads=("卫生和计划生育局", "水利局"))
    made[8] = replace(made[8], suggestion=replace(made[8].suggestion, confidential=True))
    return made


QUESTIONS = (
    Suggestion("Q1", "关于在东门扩建小学校舍的建议", "班里六十个孩子，请扩建校舍，充实教师。", wish="教育委员会"),
    Suggestion("Q2", "关于延长公交线路的建议", confidential=True),
    Suggestion("Q3", text="柳河镇的河道淤泥很深，水库堤坝漏水，请整治河道，联系电话13812345678。"),
    Suggestion("Q4", "关于签约家庭醫生、新建社區醫院的建議"),
    Suggestion("Q5", "关于发展低空经济的建议", wish="无此单位"),
    Suggestion("Q6", text="1.学校的教师不够，请教育局充实教师，扩建校舍。\n2.河道都是淤泥，请水利局整治河道。"),
    Suggestion("Q7", "修路"),
    Suggestion("Q8", "！！！"),
    Suggestion("Q9"),
)


def main() -> None:
    """Write the bundle and its answers, or stop with a message where there is one."""
    folder = HERE / f"format-{FORMAT}"
    made = train(cases(), catalogue=PLACE)
    # Without the time of day, so that nothing but the format and the training decides the bytes.
    made = replace(made, card={**made.card, "trained": "2024-01-01T00:00:00+00:00", "seconds": 0.0})
    try:
        Triager(made).save(folder)
    except StorageError as error:
        sys.exit(str(error))
    answers = [answer.to_dict() for answer in Triager.load(folder).triage(QUESTIONS)]
    text = json.dumps(answers, ensure_ascii=False, indent=1)
    (HERE / f"format-{FORMAT}.answers.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
