"""From a text or markdown dump to lines: markup off, what it said kept beside the words."""

import re
from dataclasses import dataclass
from html import unescape

from services.errors import ArticleRejected, Reason

MAX_CHARACTERS = 5_000_000
MAX_LINES = 50_000

_TAG = re.compile(
    r"<!--.*?-->|<(script|style)\b.*?</\1\s*>|</?(?:p|br|div|span|a|b|i|em|strong|u|s|ul|ol|li|h[1-6]|img|table|thead|tbody"
    r"|tr|t[dh]|blockquote|section|article|figure|figcaption|iframe|pre|code|sup|sub|font|hr|html|body|head|center|small|button"
    r"|input|form|label|script|style)\b[^<>]*>",
    re.IGNORECASE | re.DOTALL,
)
_LINEBREAK_TAG = re.compile(r"<(?:br|hr)\b[^<>]*>|</(?:p|div|li|h[1-6]|tr)>", re.IGNORECASE)
_TARGET = r"\(\s*(?:<([^<>\n]*)>|((?:[^()\s]|\([^()\s]*\))*))(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\s*\)"
_IMAGE = re.compile(r"!\[[^\[\]]{0,500}\]" + _TARGET)
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]{0,200}\]){0,1000})\]" + _TARGET)
_OPEN, _CLOSE = "\ue000", "\ue001"
_DANGLING = re.compile(r"^\s*\]" + _TARGET + r"|^\s*\[\s*$")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!~$|>&<\"'])")
_EMPHASIS = re.compile(
    r"(?<![\w*])(\*{1,3})(?=[^\s*])((?:(?!\*\*).){0,2000}?[^\s*])\1(?![\w*])|(?<![\w_])(_{1,3})(?=[^\s_])(.{0,2000}?[^\s_])\3(?![\w_])"
    r"|(`{1,3})([^`]+)\5|(~~)(.+?)~~"
)
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*?)[ \t#]*$")
_BULLET = re.compile(r"^(?:[*+•·▪◦‣●■o–-]|\d{1,3}[.)])\s+(?=\S)")
_RULE = re.compile(r"^[\s*_=~+|:–—-]{3,}$")
#: Also spaces without width; but joiners (U+200C, U+200D) are spelling in Persian and Hindi.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\u200b\u2060\ufeff\ue000-\ue001\ufffe\uffff]")
_NEWLINE = re.compile(r"[\r\x0b\x0c\x85\u2028\u2029](?:(?<=\r)\n)?")
_MARKDOWN = re.compile(r"\]\(|^#{1,6} |^={3,}\s*$|\*\*\S", re.MULTILINE)
_MARKS = ("](", "\n#", "\n===", "**")  # one of them is in all that _MARKDOWN finds


@dataclass(slots=True)
class Line:
    """One line of a dump and what its layout and markup said."""

    text: str
    indent: int = 0
    gap: int = 0  # empty lines before it
    heading: int = 0
    bullet: bool = False
    number: bool = False
    quote: bool = False
    table: bool = False
    linked: int = 0
    links: int = 0
    strong: int = 0
    target: str | None = None


def plain(text: str) -> str:
    """Line ends, spaces, references and tags as they should be; no markdown is touched."""
    text = _CONTROL.sub("", _NEWLINE.sub("\n", text))
    for _ in range(3):  # unescaping may uncover more of the same
        before = text
        if "<" in text:
            text = _TAG.sub("", _LINEBREAK_TAG.sub("\n", text))
        if "&" in text and (read := unescape(text)) != text:
            text = _CONTROL.sub("", _NEWLINE.sub("\n", read))
        if text == before:
            break
    return text


def is_markdown(text: str) -> bool:
    """Whether a text uses markdown's marks at all."""
    below = f"\n{text}"
    return any(mark in below for mark in _MARKS) and _MARKDOWN.search(text) is not None


def lines(text: str) -> list[Line]:
    """The lines that hold words."""
    if len(text) > MAX_CHARACTERS:
        raise ArticleRejected(
            Reason.TOO_LARGE, f"{len(text):,} characters of text; at most {MAX_CHARACTERS:,} are read"
        )
    text = plain(text)
    markdown = is_markdown(text)
    targets: list[str] = []
    if markdown:
        text = _IMAGE.sub("", text)

        def marked(match: re.Match[str]) -> str:
            targets.append(match[2] or match[3] or "")
            return f"{_OPEN}{match[1]}{_CLOSE}"

        text = _LINK.sub(marked, text)
        if "](" in text:  # a link around an image or another link
            text = _LINK.sub(marked, _IMAGE.sub("", text))
    out: list[Line] = []
    gap = 0
    in_link = False
    next_target = iter(targets)
    for raw in text.split("\n"):
        stripped = raw.strip()
        if not stripped:
            gap += 1
            continue
        if markdown and out and gap == 0 and set(stripped) in ({"="}, {"-"}) and len(stripped) > 2:
            out[-1].heading = 1 if stripped[0] == "=" else 2
            continue
        if _RULE.match(stripped) or (markdown and _DANGLING.match(stripped)):
            gap += 1
            continue
        if len(out) >= MAX_LINES:
            raise ArticleRejected(Reason.TOO_LARGE, f"more than {MAX_LINES:,} lines of text")
        line = Line("", indent=len(raw) - len(raw.lstrip()), gap=gap)
        if targets:
            line.links = stripped.count(_OPEN)
            for _ in range(line.links):
                target = next(next_target, None)
                line.target = line.target or target
        in_link = _read(line, stripped, markdown, in_link)
        if any(map(str.isalnum, line.text)):
            out.append(line)
            gap = 0
        else:
            gap += 1
    return out


def _read(line: Line, text: str, markdown: bool, in_link: bool) -> bool:
    """Fill in a line from its raw text; return whether a link is still open at its end."""
    if text[0] == ">":
        line.quote = True
        text = text.lstrip("> \t")
    if markdown and (found := _HEADING.match(text)):
        line.heading, text = len(found[1]), found[2]
    elif found := _BULLET.match(text):
        line.bullet = True
        line.number = found.group()[0].isdigit()
        if not line.number:
            text = text[found.end() :]
            if markdown and (inner := _HEADING.match(text)):
                line.heading, text = len(inner[1]), inner[2]
    if markdown and text.count("|") > 1 and text[0] == "|":
        line.table = True
        text = " · ".join(cell for cell in (part.strip() for part in text.strip("|").split("|")) if cell)
    if markdown and (_OPEN in text or _CLOSE in text or in_link):
        text, line.linked, in_link = _unlink(text, in_link)
    if markdown:
        text, line.strong = _unmark(text)
    line.text = " ".join(text.split())
    return in_link


def _unlink(text: str, in_link: bool) -> tuple[str, int, bool]:
    out: list[str] = []
    linked = 0
    for part in re.split(f"([{_OPEN}{_CLOSE}])", text):
        if part == _OPEN:
            in_link = True
        elif part == _CLOSE:
            in_link = False
        else:
            out.append(part)
            linked += len(part.strip()) if in_link else 0
    return "".join(out), linked, in_link


def _unmark(text: str) -> tuple[str, int]:
    """Emphasis and escapes off; how many characters were emphasised."""
    strong = 0
    if "*" in text or "_" in text or "`" in text or "~~" in text:

        def bare(match: re.Match[str]) -> str:
            nonlocal strong
            words = match[2] or match[4] or match[6] or match[8]
            strong += len(words)
            return words

        for _ in range(3):
            text, count = _EMPHASIS.subn(bare, text)
            if not count:
                break
        if text.startswith(("**", "__")) or text.endswith(("**", "__")):
            text = text.strip("*_")
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    return text, min(strong, len(text))
