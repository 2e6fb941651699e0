"""Formulas of official letters: openings, endings and the frame of a title, which say nothing about the matter.

Both functions strip only from the ends, until nothing more fits, so that they are idempotent; they give an empty text
only for one that is nothing but formula.
"""

from __future__ import annotations

import re

_TITLE_KINDS = (
    "建议案 建议 提案 议案 意见建议 意见和建议 意见 提议 报告 调研报告 对策建议 对策 请求 思考 想法 呼吁 倡议 请示 函 "
    "咨询 投诉 反映 情况反映 问题反映 诉求 求助 举报 来信 信 问题"
).split()
_COUNTS = "几点|若干|一些|一点|几条|有关|相关|合理化|工作|紧急|再次|一个|两点|三点|四点|五点|几个|小"
_TITLE_END = re.compile(
    rf"[的之](?:{_COUNTS}){{0,2}}(?:{'|'.join(sorted(_TITLE_KINDS, key=len, reverse=True))})(?:书|信)?$"
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
_HURRY = "(?:尽快|尽早|及时|切实|进一步)*"
_WANT = "建请|提请|恳请|恳求|请求|呼吁|要求|建议"
_ABOUT = re.compile(rf"(?:(?:关于|有关)(?:(?:对|就)?(?:{_WANT}|申请|希望|反映|咨询|投诉|举报))*{_HURRY})+")
_ASK_START = re.compile(rf"(?:(?:强烈|再次|紧急|诚恳|郑重)?(?:{_WANT}){_HURRY}[:：]? ?)+")
_TITLE_ALONE = frozenset((*_TITLE_KINDS, "关于", "有关", "建议书", "人大代表建议", "政协提案", "群众来信"))

_OFFICES = (
    "领导|书记|市长|县长|区长|镇长|乡长|村长|省长|州长|局长|厅长|处长|科长|所长|院长|校长|主任|部长|主席|委员|代表|站长|行长"
    "|总理|首长|先生|女士|老师|同志|工作人员|有关部门|相关部门|政府|委员会|信访办|信访局|热线"
)
_VERBS = "建议|请|要求|希望|举报|投诉|反映"
_MARKS = "，。！？：；,!?:;、…~～ \n"
_STOP = f"[{_MARKS}]"
_GREETING = f"(?:(?:您们|你们|您|你|大家|各位)(?:好|辛苦了)|好)(?:{_STOP}|$)"
_WRITER = "(?:本人|信访人|来信人|市民|群众|居民|来电人|写信人|诉求人|投诉人)(?:来信|来电|来访)?"
_OPENING = re.compile(
    "|".join(
        (
            # 尊敬的王局长：您好！
            rf"(?:尊敬|敬爱|亲爱)的[^{_MARKS}]{{0,24}}?(?:{_OFFICES})(?:们|同志)?(?:{_GREETING})?",
            # 王局长：, 各位领导，大家好！
            rf"(?!{_VERBS})[^{_MARKS}的了是在和]{{0,10}}?(?:{_OFFICES})(?:们|同志)?(?:[:：]|{_STOP}?{_GREETING})",
            r"(?:各位|各级|上级)?领导(?:们|同志)?[，,]",
            rf"(?:您们|你们|您|你|大家|各位|新年|节日|早上|上午|中午|下午|晚上)好(?:{_STOP}|$|(?=非常感谢|感谢))",
            # 本人反映，
            rf"{_WRITER}(?:反映|反应|反馈|认为|咨询|建议|要求|诉求|求助|投诉)(?:称|如下|情况如下|问题如下)?[，：:,]",
            r"(?:来信|来电|来访|网友|网民)(?:反映|称|建议)(?:称|如下)?[，：:,]",
            r"(?:情况|问题|现|特此)?反映[，：:,]",
            # 现将有关情况反映如下：
            r"现?(?:将|就)?(?:有关|相关|具体)?(?:问题|情况|事情|事由|诉求|建议)(?:反映|说明|报告|汇报|陈述)?如下[，：:,。]",
            rf"(?:冒昧)?打扰(?:您|你)?了(?:{_STOP}|$)",
            rf"(?:首先|非常|十分|衷心)?感谢(?:您|你|领导)?在?百忙之?中[^{_MARKS}]{{0,20}}(?:{_STOP}|$)",
        )
    )
)

_WHO = (
    "(?:各位|各级|上级|贵)?"
    "(?:领导|政府|有关部门|相关部门|部门|局|委|单位|人大|政协|市委|县委|区委|书记|市长|县长|区长|局长)?们?"
)
_HOPE = "(?:请求|恳请|敬请|希望|期望|期待|渴望|盼望|要求|请|望|盼|祈|求)"
_SOON = "(?:能够|能|可以|尽快|尽早|及时|早日|认真|酌情|多|给予|予以|协调|帮助|帮忙|妥善|彻底)*"
_DO = "(?:审阅|审议|审批|批准|批示|批复|指示|采纳|考虑|重视|关注|支持|回信|明确答复|明察|体谅|谅解|理解)"
_REMEDY = (
    "(?:解决|处理|处置|协调|办理|落实|答复|回复|得到(?:解决|处理|答复|回复|帮助))"
    "(?:一下|问题|此事|此问题|该问题|为[盼谢感荷])*"
)
_NUMERALS = r"[\d一二三四五六七八九十]{1,3}"
_DATE = rf"(?:\d{{2,4}}|[〇一二三四五六七八九]{{4}})[年.\-/]{_NUMERALS}[月.\-/]{_NUMERALS}[日号]?"
_THANKS = (
    "(?:感谢|谢谢|多谢|拜谢|叩谢|跪谢|感激|感恩)+(?:不尽|不已|涕零|万分)?"
    "(?:大家|您们|你们|您|你|各位|领导|政府|书记|市长|县长|局长)*们?(?:了|啦|啊)?"
)
_IF_FIT = "(?:妥否|当否|可否|是否(?:妥当|可行|可以)|如无不妥|不妥之处|如有不妥|仅供参考|供参考|供领导参考)"
_CONTACT = "(?:身份证|人|电话|方式|手机号|手机|号码|地址|邮箱|微信|QQ|qq){1,3}(?:号码|号)?[:：是为]?"
_CLOSINGS = (
    r"敬礼|致敬|致谢|致礼|礼|敬上|顺祝商祺|祝好|特此(?:报告|建议|提案|提议|反映|申请|请求|呈报|函告|来信)",
    rf"(?:再次|非常|万分|十分|由衷|衷心|深表|多多|先|在此|诚挚|不甚|不胜)*(?:的|地)?{_THANKS}",
    r"拜托(?:了|啦|各位|领导)*|打扰(?:了|您了)|辛苦(?:了|您了|你们了)|麻烦(?:您|你|你们)?了",
    r"为[盼谢感荷]|是盼|至盼|急盼|期盼|盼|求处|以上|上述",
    # 以上建议妥否
    rf"(?:以上|上述|此|该|本)?(?:建议|提案|意见|议案|请求|报告|情况|所述|内容|想法)?{_IF_FIT}",
    r"(?:以上|上述)(?:建议|意见|提案|情况|问题|请求|想法|内容|就?是(?:我|本人)的建议)",
    # 望领导批准, 希望尽快解决
    rf"{_HOPE}{_WHO}{_SOON}(?:您的?|你们的?)?(?:{_DO}|{_REMEDY})(?:为[盼谢感荷]|一下)?",
    rf"{_HOPE}?{_WHO}(?:为民|为我们|替我们|为百姓)(?:做主|作主)",
    r"(?:盼|望|请|待)(?:尽快|早日|及时|速)?(?:复|回音|批|指正)|(?:请|望)?批评指正",
    # 联系电话：〔手机号〕, 投诉人：…, a date
    rf"(?:联系|本人|我的|家庭)?{_CONTACT}(?:某|〔[^〕]{{1,6}}〕)+",
    rf"(?:报告|举报|投诉|反映|联系|建议|提案|呼吁|签名|来信|写信|申请|请求)人[:：][^{_MARKS}]{{2,4}}?",
    rf"(?:(?:报告|举报|投诉|反映|来信|写信|申请)?(?:时间|日期)[:：])?{_DATE}",
    r"某|〔[^〕]{1,6}〕",
)
_CLOSING = re.compile(rf"(?:{'|'.join(_CLOSINGS)}){{1,4}}")
_CLAUSE_MARKS = _MARKS.replace("：", "").replace(":", "")
_SIGN_OFF = re.compile("(?<![因由从])此致(?![使病死残伤癌])")
_SIGNATURE_LIMIT = 80
_CLOSING_LIMIT = 40


def strip_title(title: str) -> str:
    """The matter of a title, without its frame: 关于…的建议, numbering, 《》, a file's ending.

    「关于进一步加强校车管理的几点建议.docx」 gives 「加强校车管理」. A title that is only a frame (建议, 关于…的提案)
    gives an empty text.
    """
    start, end = 0, len(title)
    about = False
    while True:
        before = (start, end)
        start, end = _trimmed(title, start, end)
        end = _file_end(title, start, end)
        start, end = _unwrapped(title, start, end)
        while found := _NUMBERING.match(title, start, end):
            start = found.end()
        if found := _ABOUT.match(title, start, end):
            start, about = found.end(), True
        elif found := _ASK_START.match(title, start, end):
            start = found.end()
        end = _title_end(title, start, end, about)
        if (start, end) == before:
            break
    text = title[start:end]
    return "" if text in _TITLE_ALONE else text


def _trimmed(title: str, start: int, end: int) -> tuple[int, int]:
    while start < end and title[start] in _TRAILING:
        start += 1
    while end > start and title[end - 1] in _TRAILING:
        end -= 1
    return start, end


def _file_end(title: str, start: int, end: int) -> int:
    tail = max(start, end - 6)
    found = _FILE_END.search(title[tail:end])
    return tail + found.start() if found else end


def _title_end(title: str, start: int, end: int, about: bool) -> int:
    tail = title[max(start, end - _TITLE_TAIL) : end]
    found = _TITLE_END.search(tail) or (_BARE_END.search(tail) if about else None)
    return end - len(tail) + found.start() if found else end


def _unwrapped(title: str, start: int, end: int) -> tuple[int, int]:
    for first, last in _WRAPS:
        if end - start >= 2 and title[start] == first and title[end - 1] == last:
            inside = title[start + 1 : end - 1]
            if first not in inside and last not in inside:
                return start + 1, end - 1
    return start, end


def strip_body(text: str) -> str:
    """A letter without salutation (尊敬的领导：您好！), stock opening (本人反映，) and stock ending (此致 敬礼, 盼复).

    What lies between stays as it is. A letter of formulas only gives "".
    """
    while (stripped := _stripped_once(text.strip())) != text:
        text = stripped
    return text


def _stripped_once(text: str) -> str:
    """One pass from both ends; what it lays bare (a formula behind an unusual blank) is the next one's."""
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
    while True:
        before = end
        if found := _SIGN_OFF.search(text, max(start, end - _SIGNATURE_LIMIT), end):
            end = found.start()  # what follows 此致 is a signature
        end = _last_clause_start(text, start, end)
        if end == before:
            return end


def _last_clause_start(text: str, start: int, end: int) -> int:
    """Where the last clause begins if it is a formula, else the end as it was."""
    stop = end
    while stop > start and text[stop - 1] in _MARKS:
        stop -= 1
    clause = stop
    while clause > start and text[clause - 1] not in _CLAUSE_MARKS and stop - clause <= _CLOSING_LIMIT:
        clause -= 1
    return clause if clause < stop and _CLOSING.fullmatch(text, clause, stop) else end
