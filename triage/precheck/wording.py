"""What a clerk can paste into a reply to the proposer: polite, with what would help, never a refusal."""

from __future__ import annotations

from collections.abc import Sequence

from triage.precheck.checked import CopySign, MatterPart, Tagged, Urgency
from triage.precheck.parts import MISSING

THANKS = "感谢您提出建议。"
_JOIN = {
    "split": "为了让每件事都能由对口的单位答复，建议按一事一议分成{count}件分别提出；如不便重写，我们也可以协助拆分。",
    "coordinate": "其中几件事互相关联，我们会先与有关单位协调，再商量由谁牵头答复。",
    "joint answer": "我们会按内容请几个单位分别答复，也欢迎您以后一件事提一份，办理起来更快。",
}
_COPIED: dict[str, str] = {
    "prompt": "来文里留有写作软件的提示或答话，请您核对一下是否是定稿。",
    "blank": "来文里还有没有填完的空白，请您补全后再发给我们。",
    "web": "来文里带有网页上的字样，请您核对一下内容，保留自己要说的部分。",
    "boilerplate": "来文中一般性的话比较多，如能写上本地的具体情况，会更便于办理。",
    "repeated": "来文里有重复的句子，请您核对一下是否粘贴了两遍。",
}


def wording_of(
    missing: Sequence[str],
    matters: Sequence[MatterPart],
    proposal: str,
    tags: Sequence[Tagged],
    urgency: Sequence[Urgency],
    copied: Sequence[CopySign],
) -> tuple[str, ...]:
    """Paragraphs in the order in which a reply would have them; none where there is nothing to say.

    Of rules the ones that ask or warn are told, in the rule's own wording; votes and notes are for the office alone.
    """
    told: list[str] = []
    wanted = [line for line in missing if line != MISSING["analysis"]]
    if wanted:
        told.append("为了便于办理，想请您补充：" + "".join(wanted))
    if matters:
        told.append(f"来文提到{len(matters)}件事。" + _JOIN[proposal].format(count=len(matters)))
    told += list(dict.fromkeys(tag.wording for tag in tags if tag.wording and tag.action != "tag"))
    told += [_COPIED[sign.kind] for sign in copied]
    if urgency and any(reason.kind != "deadline" for reason in urgency):
        told.append("您反映的情况比较紧急，我们会先请有关单位了解；如有人身危险，请同时拨打110、119或120。")
    return (THANKS + told[0], *told[1:]) if told else ()
