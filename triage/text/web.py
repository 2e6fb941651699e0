"""What a web page leaves in a copied letter: tags, entities, addresses, headers, footers and form labels.

Headers and footers are taken only where label and value fit (发布时间 with a date, 浏览次数 with a number, 来源 with
one short word that ends at a blank), so that 资金来源 or 施工时间 in a sentence stay.
"""

from __future__ import annotations

import html
import re

from triage.text.characters import HAN, fold_width

_AMPERSANDS = re.compile(r"&(?:(?:amp|#0{0,4}38|#[xX]0{0,4}26);)+")
_ENTITY = re.compile(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));")
_NAMED = frozenset(
    "nbsp ensp emsp thinsp lt gt quot apos ldquo rdquo lsquo rsquo hellip mdash ndash middot bull times copy reg deg "
    "laquo raquo yen sect permil zwnj zwj".split()
)

_BLOCK = frozenset("p br div li ul ol tr td th table h1 h2 h3 h4 h5 h6 hr section article header footer pre".split())
_INLINE = frozenset(
    "a b i u s em strong span font small big sub sup img input button label html body head meta link form tbody thead "
    "tfoot center iframe svg nav main aside figure blockquote code option select textarea video audio source script "
    "style title object embed o w st1".split()
)
_TAG = re.compile(r"<[/!?]?([a-zA-Z][a-zA-Z0-9]{0,11})(?:[\s:/][^<>]{0,2000})?/?>")
_COMMENT = re.compile(r"<!--(?:(?!-->|<!--).){0,5000}-->", re.DOTALL)
_CODE = re.compile(r"<(script|style)\b[^<>]{0,500}>[^<]{0,20000}</\1\s?>", re.IGNORECASE)
_URL = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:https?|ftp)[:：]//|www\.)[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+", re.IGNORECASE
)

_COLON = r" ?[:：] ?"
_DATE = r"\d{4} ?[-/.年] ?\d{1,2} ?[-/.月] ?\d{1,2} ?日?(?: ?\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?"
_NOT_HAN = rf"(?<![{HAN}])"
_SIZES = r"(?:特大|超大|大|中|小|默认|正常)"
_SIZE_LABEL = "(?:字号|字体大小|字体|文字大小)"
_TRAIL = r"(?: ?[>»›/-]{1,2} ?[^\s>»›/，。；]{1,20}){0,8}"
_MORE_SIZES = rf"(?:[ /|、]{{0,3}}{_SIZES}){{0,5}}"
_COMMANDS = (
    r"(?:打印(?:本页|本文|此页|文章|页面)?|关闭(?:窗口|本页|此页|页面)?|收藏(?:本文|本页)?|返回(?:顶部|首页|列表|上一页|上页)?"
    r"|复制链接|我要纠错|纠错|语音播报|朗读|加入收藏|设为首页|网站地图|分享)"
)
_SHARES = r"(?:微信好友|微信|新浪微博|腾讯微博|微博|朋友圈|QQ空间|QQ好友|QQ|人人网|豆瓣|更多)"
_LABELS = (
    r"(?:信息来源|文章来源|稿件来源|来源|责任编辑|责编|编辑|审核|校对|初审|复审|终审|供稿|发布机构|发布单位|索引号"
    r"|信件编号|来信编号|受理编号|查询编号|办件编号|工单编号|留言编号)"
)
_FURNITURE = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_NOT_HAN}(?:发布|更新|发表|录入|来信|留言|提交|写信|受理|办结|回复)(?:时间|日期){_COLON}{_DATE}",
        rf"{_NOT_HAN}(?:浏览|阅读|点击|访问|查看)(?:次数|人数|数量|量|数|率)?{_COLON}\d{{1,9}} ?(?:次|人)?",
        rf"{_NOT_HAN}[【\[(（]? ?{_SIZE_LABEL}{_COLON}[【\[(（]? ?{_SIZES}{_MORE_SIZES} ?[】\])）]{{0,2}}",
        rf"[【\[(（] ?{_COMMANDS} ?[】\])）]",
        rf"{_NOT_HAN}分享到?{_COLON}(?:[ /|、]{{0,3}}{_SHARES}){{0,9}}",
        rf"{_NOT_HAN}(?:您?(?:现在|当前)?所?在?的?位置){_COLON}(?:网站)?首页{_TRAIL}",
        rf"{_NOT_HAN}{_LABELS}{_COLON}[^\s，。；！？：、]{{1,25}}(?=\s|$|】)",
    )
)
_FURNITURE_HINT = re.compile(
    r"时间|日期|浏览|阅读|点击|访问|查看|字号|字体|文字大小|打印|关闭|收藏|返回|纠错|播报|朗读|设为|地图|分享|位置|来源|编辑|责编|审"
    r"|校对|供稿|发布|索引号|编号|链接"
)
_FOOTER_LINE = re.compile(
    r"(?:上一篇|下一篇|上一条|下一条|相关链接|相关阅读|相关文章) ?[:：]"
    r"|版权所有|Copyright|© ?\d{4}|ICP备\d|公网安备|网站标识码|扫一扫.{0,12}(?:手机|打开|分享|页)|技术支持[:：]",
    re.IGNORECASE,
)
_COMMAND_LINE = re.compile(rf"(?:(?:{_COMMANDS}|分享到|字号|字体|首页|{_SIZES})[ |/·:：\[\]【】]{{0,4}}){{2,12}}")
_BARE_COMMAND = frozenset(
    "打印 打印本页 打印此页 关闭 关闭窗口 关闭本页 返回顶部 返回列表 返回首页 加入收藏 设为首页 网站地图".split()
)
_FORM_LABEL = re.compile(
    r"^(?: ?[【\[]?(?:建议|提案|议案|信件|来信|留言|诉求|问题|信访)?(?:标题|题目|主题|案由|内容|正文|详情)"
    r"(?:[】\]] ?[:：]? ?| ?[:：] ?))+",
    re.MULTILINE,
)
_LINE_START = re.compile(r"^ ?(?:(?:#{1,6}|>{1,3}|[*+·●◆■▪-]) +)+", re.MULTILINE)
"""Markdown's headings and quotes, and bullets."""
_MARKDOWN_BOLD = re.compile(r"^ ?\*\*([^*\n]{1,80})\*\* ?([:：]?)$", re.MULTILINE)
_LINE_LIMIT = 120
"""Lines longer than this are prose, whatever words they hold."""


def drop_entities(text: str) -> str:
    """HTML entities become their characters; letters and digits, never written that way in earnest, stay as met."""
    if "&" not in text:
        return text
    return _ENTITY.sub(_entity, _AMPERSANDS.sub("&", text))


def _entity(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if name is not None:
        return html.unescape(match[0]) if name.lower() in _NAMED else match[0]
    code = int(decimal) if decimal is not None else int(hexadecimal, 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF or code < 32 or 0x200B <= code <= 0x200F:
        return " "
    char = chr(code)
    plain = fold_width(char)
    # A decoded letter, digit or sign could complete another entity; decoding those would need unbounded rounds.
    return match[0] if plain.isascii() and (plain.isalnum() or plain in "&#;") else char


def drop_tags(text: str) -> str:
    """Without HTML tags, comments, scripts and styles. Book marks written as <招标投标法> stay, they are no tags."""
    if "<" not in text or ">" not in text:
        return text
    if "<!--" in text:
        text = _COMMENT.sub("", text)
    text = _CODE.sub(" ", text)
    pieces: list[str] = []
    stack: list[int] = []
    # A stack instead of repeated substitution: nested debris such as "<<b>b>" is gone after one linear pass.
    for token in re.findall(r"[<>]|[^<>]+", text):
        if token == "<":
            stack.append(len(pieces))
        pieces.append(token)
        if token == ">" and stack:
            open_at = stack.pop()
            replacement = _tag_replacement("".join(pieces[open_at:]))
            if replacement is None:
                stack.clear()
            else:
                pieces[open_at:] = [replacement] if replacement else []
    return "".join(pieces)


def _tag_replacement(candidate: str) -> str | None:
    match = _TAG.fullmatch(candidate)
    if match is None:
        return None
    name = match[1].lower()
    if name in _BLOCK:
        return "\n"
    return "" if name in _INLINE else None


def drop_urls(text: str) -> str:
    """Web addresses become a blank; they end at the first character that no address holds, such as a Chinese one."""
    if "//" not in text and "www" not in text and "WWW" not in text:
        return text
    return _URL.sub(" ", text)


def drop_furniture(text: str) -> str:
    """Without headers, footers and form labels of web pages."""
    if _FURNITURE_HINT.search(text):
        for pattern in _FURNITURE:
            text = pattern.sub(" ", text)
    lines = text.split("\n")
    if len(lines) > 1 or len(text) <= _LINE_LIMIT:
        text = "\n".join(line for line in lines if not _is_furniture(line))
    text = _LINE_START.sub("", text)
    text = _MARKDOWN_BOLD.sub(r"\1\2", text)
    return _FORM_LABEL.sub("", text)


def _is_furniture(line: str) -> bool:
    stripped = line.strip()
    if len(stripped) > _LINE_LIMIT or "。" in stripped.rstrip("。"):
        return False
    return bool(stripped in _BARE_COMMAND or _COMMAND_LINE.fullmatch(stripped) or _FOOTER_LINE.search(stripped))
