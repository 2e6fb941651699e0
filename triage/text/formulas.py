"""Formulas of official letters: openings, endings and the frame of a title, which say nothing about the matter.

Both functions strip only from the ends, until nothing more fits, so that they are idempotent; they give an empty text only
for one that is nothing but formula.
"""

from __future__ import annotations

import re

_TITLE_KINDS = (
    "建议案", "建议", "提案", "议案", "意见建议", "意见和建议", "意见", "提议", "报告", "调研报告", "对策建议", "对策", "请求",
    "思考", "想法", "呼吁", "倡议", "请示", "函", "咨询", "投诉", "反映", "诉求", "求助", "举报", "来信", "信", "问题",
)  # fmt: skip
_COUNTS = "几点|若干|一些|一点|几条|有关|相关|合理化|工作|紧急|再次|一个|两点|三点|四点|五点|几个|小"
_TITLE_END = re.compile(
    rf"的(?:{_COUNTS}){{0,2}}(?:{'|'.join(sorted(_TITLE_KINDS, key=len, reverse=True))})(?:书|信)?$"
)
_BARE_END = re.compile(rf"(?:(?:{_COUNTS}){{1,2}})?(?:建议案|对策建议|建议|提案|议案|提议|意见)$")
_FILE_END = re.compile(r"\.(?:docx?|wps|pdf|txt|rtf|xlsx?|ofd)$", re.IGNORECASE)
_TITLE_TAIL = 16
_TRAILING = " \t\n。．.，,；;、：:！!～~-—_…"
_WRAPS = (("《", "》"), ("【", "】"), ("“", "”"), ("(", ")"), ("（", "）"))
_NUMBERING = re.compile(
    r"(?:(?:建议|提案|议案)?(?:第 ?[\d一二三四五六七八九十〇]{1,6} ?[号件条]|[Nn][Oo]\.? ?\d{1,6})[:：、. ]{0,3}"
    r"|[(（\[【〔](?:第? ?[\d一二三四五六七八九十]{1,6} ?号?)[)）\]】〕][:：、. ]{0,2}"
    r"|\d{1,4}(?:[、.．:：] ?(?!\d)| +(?=关于))"
    r"|[一二三四五六七八九十]{1,3}[、.．] ?(?=关于|建议|请求|要求|恳请|希望|《)"
    r"|(?:案由|标题|题目|主题)[:：] ?)"
)
_ABOUT = re.compile(
    r"(?:关于|有关)(?:(?:对|就)?(?:要求|请求|恳请|恳求|申请|希望|建议|提请|建请|呼吁|反映|咨询|投诉|举报))*(?:尽快|进一步|切实|尽早|及时)*"
)
_ASK_START = re.compile(r"(?:(?:强烈|再次|紧急|诚恳|郑重)?(?:建请|提请|恳请|恳求|请求|呼吁|要求|建议))(?:尽快|进一步|切实|尽早|及时)*[:：]? ?")
_TITLE_ALONE = frozenset((*_TITLE_KINDS, "关于", "有关", "感谢信", "建议书", "人大代表建议", "政协提案", "群众来信"))

_OFFICES = (
    "领导|书记|市长|县长|区长|镇长|乡长|村长|省长|州长|局长|厅长|处长|科长|所长|院长|校长|主任|部长|主席|委员|代表|站长|行长|总理|首长"
    "|先生|女士|老师|同志|工作人员|有关部门|相关部门|政府|委员会|信访办|信访局|热线"
)
_GREETING = "(?:(?:您们|你们|您|你|大家|各位)(?:好|辛苦了)|好)"
_STOP = "[，。！？：；,!?:;、…~～ \n]"
_MARKS = "，。！？：；,!?:;、…~～ \n"
_OPENING = re.compile(
    rf"(?:尊敬|敬爱|亲爱|尊敬爱戴)的[^，。！？：；,!?:;、\n]{{0,24}}?(?:{_OFFICES})(?:们|同志)?(?:{_GREETING}(?:{_STOP}|$))?"
    rf"|(?:各位|各级|敬请|致)?[^，。！？：；,!?:;、的了是在和\n]{{0,8}}?(?:{_OFFICES})(?:们|同志)?"
    rf"(?:[:：]|{_STOP}?{_GREETING}(?:{_STOP}|$))"
    rf"|(?:您们|你们|您|你|大家|各位)好(?:{_STOP}|$)"
    r"|(?:本人|信访人|来信人|市民|群众|居民|来电人|写信人|诉求人|投诉人)(?:来信|来电|来访)?"
    r"(?:反映|反应|反馈|认为|咨询|建议|要求|诉求|求助|投诉)(?:称|如下|情况如下|问题如下)?[，：:,]"
    r"|(?:来信|来电|来访|网友|网民)(?:反映|称|建议)(?:称|如下)?[，：:,]"
    r"|现?(?:将|就)?(?:有关|相关|具体)?(?:问题|情况|事情|事由|诉求|建议)(?:反映|说明|报告|汇报|陈述)?如下[，：:,。]"
    rf"|(?:冒昧)?打扰(?:您|你)?了(?:{_STOP}|$)"
    rf"|(?:首先|非常|十分|衷心)?感谢(?:您|你|领导)?在?百忙之中[^，。！？；,!?;\n]{{0,20}}(?:{_STOP}|$)"
)
_WHO = "(?:各位|各级|上级|贵)?(?:领导|政府|部门|有关部门|相关部门|局|委|单位|人大|政协|市委|县委|区委)?(?:们)?"
_DO = "(?:审阅|审议|审批|批准|批示|批复|指示|采纳|考虑|重视|关注|支持|答复|回复|回信|明察|体谅|谅解|理解|予以考虑|给予答复|给予回复|予以答复)"
_CLOSING = re.compile(
    r"此致|敬礼|此致敬礼|致敬|致谢|致礼|礼|敬上|顺祝商祺|祝好|特此(?:报告|建议|提案|提议|反映|申请|请求|呈报|函告|来信)"
    r"|(?:再次|非常|万分|十分|由衷|衷心|深表|多多|先|在此|诚挚)*(?:感谢|谢谢|多谢|拜谢|叩谢|跪谢|感激)+(?:不尽|不已|涕零|万分)?(?:大家|您|你|你们|您们|各位|领导|政府)*(?:们)?(?:了|啦|啊)?"
    r"|不胜感激|感恩|拜托(?:了|啦|各位|领导)*|打扰(?:了|您了)|辛苦(?:了|您了|你们了)|麻烦(?:您|你|你们)?了|为[盼谢感荷]|是盼|至盼|急盼|期盼|盼"
    rf"|(?:以上|上述|此|该|本)?(?:建议|提案|意见|议案|请求|报告|情况|所述|内容|想法|是否)*(?:妥否|当否|可否|是否妥当|是否可行|是否可以|如无不妥|不妥之处|如有不妥|仅供参考|供参考)"
    rf"|(?:以上|上述)(?:建议|意见|提案|情况|问题|请求|想法|内容|是我的建议|就是我的建议|是本人的建议)?"
    rf"|(?:敬)?(?:请|望|盼|祈|希望|恳请|敬请|期望|期待|渴望|请求)+{_WHO}(?:能|能够|可以|尽快|尽早|及时|早日|认真|予以|给予|给|酌情|多|批评|您的?|你们的?)*{_DO}(?:为[盼谢感荷]|一下)?"
    r"|(?:盼|望|请|待)(?:尽快|早日|及时|速)?(?:复|回复|答复|回音|回信|批|指正)|批评指正|请(?:批评)?指正|供(?:领导)?参考"
    r"|(?:联系|本人|我的|手机|家庭)?(?:人|电话|方式|手机|手机号|号码|地址|邮箱|微信)+(?:号码|号)?(?:[:：是为])?(?:某|〔[^〕]{1,6}〕)+"
    r"|〔[^〕]{1,6}〕"
    r"|(?:\d{2,4}|[〇一二三四五六七八九]{4})[年.\-/][\d一二三四五六七八九十]{1,3}[月.\-/][\d一二三四五六七八九十]{1,3}[日号]?"
)
_SIGN_OFF = re.compile(r"此致[，。！\s]{0,3}敬礼")
_SIGNATURE_LIMIT = 80
_CLOSING_LIMIT = 40


def strip_title(title: str) -> str:
    """The matter of a title, without its frame: 关于…的建议, numbering, 《》, a file's ending.

    「关于进一步加强校车管理的几点建议.docx」 gives 「加强校车管理」. A title that is only a frame (建议, 关于…的提案) gives "".
    """
    text = title.strip()
    about = False
    while True:
        before = text
        text = _strip_wrap(_FILE_END.sub("", text.strip(_TRAILING)))
        while found := _NUMBERING.match(text):
            text = text[found.end() :]
        if found := _ABOUT.match(text):
            text, about = text[found.end() :], True
        elif found := _ASK_START.match(text):
            text = text[found.end() :]
        text = _strip_title_end(text, about)
        if text == before:
            break
    return "" if text in _TITLE_ALONE else text


def _strip_title_end(text: str, about: bool) -> str:
    tail = text[-_TITLE_TAIL:]
    found = _TITLE_END.search(tail) or (_BARE_END.search(tail) if about else None)
    return text[: len(text) - len(tail) + found.start()] if found else text


def _strip_wrap(text: str) -> str:
    for first, last in _WRAPS:
        inside = text[1:-1]
        if text.startswith(first) and text.endswith(last) and first not in inside and last not in inside:
            return inside
    return text


def strip_body(text: str) -> str:
    """A letter without salutation (尊敬的领导：您好！), stock opening (本人反映，) and stock ending (此致 敬礼, 盼复).

    What lies between stays as it is. A letter of formulas only gives "".
    """
    start = _opening_end(text)
    end = _closing_start(text, start)
    stripped = text[start:end].strip()
    if end < len(text.rstrip()) and stripped.endswith(("，", ",", "、", "；", ";")):
        stripped = stripped[:-1] + "。"
    return "" if not stripped.strip(_MARKS) else stripped


def _opening_end(text: str) -> int:
    position = 0
    while True:
        while position < len(text) and text[position] in _MARKS:
            position += 1
        found = _OPENING.match(text, position)
        if found is None or found.end() == position:
            return position
        position = found.end()


def _closing_start(text: str, start: int) -> int:
    end = len(text)
    tail_start = max(start, end - _SIGNATURE_LIMIT)
    if found := _SIGN_OFF.search(text, tail_start):
        end = found.start()
    while end > start:
        stop = end
        while stop > start and text[stop - 1] in _MARKS:
            stop -= 1
        clause = stop
        while clause > start and text[clause - 1] not in _MARKS and stop - clause <= _CLOSING_LIMIT:
            clause -= 1
        if clause == stop or not _CLOSING.fullmatch(text, clause, stop):
            return end
        end = clause
    return end
