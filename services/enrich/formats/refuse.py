"""What is text and yet no article: walls, error pages, section fronts, logs, blobs.

Each check needs positive evidence and little text beside it: a story *about* cookie walls must pass.
"""

import re
from collections.abc import Sequence

from services.errors import ArticleRejected, Reason
from services.models import Block, BlockKind


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_ERROR_TITLE = _any(
    r"^\W*(?:http |error |status )*(?:40[0134]|408|410|429|451|5\d\d)\b(?! (?:dead|people|years|jobs))",
    r"^\W*(?:page not found|not found|access denied|forbidden|bad gateway|gateway time-?out)",
    r"^\W*(?:service (?:temporarily )?unavailable|internal server error|too many requests)",
    r"^\W*(?:we'?re sorry|an error occurred|oops\b|site (?:under )?maintenance)",
    r"^\W*(?:seite nicht gefunden|page introuvable|página no encontrada|pagina non trovata)",
)
_WALL = _any(
    r"enable (?:javascript|cookies)|javascript (?:is )?(?:disabled|required)|enable js and disable",
    r"are you a (?:robot|human)|verify (?:that )?you are (?:a )?human|checking your browser",
    r"just a moment ?(?:\.\.\.|…)|unusual traffic|complete the captcha|attention required|ddos protection",
    r"before you continue to|we (?:and our partners )?(?:use|store) (?:cookies|and/or access)",
    r"(?:accept|manage) (?:all )?cookies|consent to (?:the use of )?cookies|cookie-?einstellungen",
    r"zustimmung zu cookies|press (?:&|and) hold",
    r"(?:log|sign) ?in to (?:continue|read|view)|subscribe to (?:continue|read)|subscribers only",
    r"already a subscriber|create (?:a free )?account to (?:continue|read)",
    r"this (?:content|article) is (?:only )?(?:available|reserved) (?:to|for) subscribers",
)
_LOG_LINE = re.compile(
    r"^(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\d{1,3}(?:\.\d{1,3}){3} - |[A-Z][a-z]{2}\s+\d{1,2} \d\d:\d\d:\d\d )"
    r"|^(?:DEBUG|INFO|WARN|ERROR|TRACE)\b"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_FEW_WORDS = 120


def refuse_text(text: str) -> None:
    """Raise when plain text is a log, a blob, or filler."""
    head = text[:20_000]
    lines = [line for line in head.splitlines() if line.strip()]
    if len(lines) >= 5 and sum(bool(_LOG_LINE.match(line)) for line in lines) > 0.6 * len(lines):
        raise ArticleRejected(Reason.NOT_NEWS, "the lines of a log file")
    longest = max((len(word) for word in head.split()), default=0)
    if longest > 0.8 * len(head) and longest > 500 and head.isascii():
        raise ArticleRejected(Reason.NOT_NEWS, f"one unbroken run of {longest:,} characters, such as Base64")
    if len(re.findall(r"\blorem ipsum\b", head, re.IGNORECASE)) >= 3:
        raise ArticleRejected(Reason.NOT_NEWS, "filler text (lorem ipsum)")
    letters = sum(map(str.isalpha, head))
    if len(head) > 200 and letters < 0.15 * len(head.replace(" ", "")):
        raise ArticleRejected(Reason.NOT_NEWS, "hardly any letters among the characters")


def refuse_page(blocks: Sequence[Block], *titles: str | None) -> None:
    """Raise when a web page is an error, a wall or a list of teasers instead of an article."""
    kept = [block for block in blocks if block.kept]
    body = "\n".join(block.text for block in kept)
    words = _count(body)
    if words < _FEW_WORDS:
        heading = next((title for title in titles if title and _ERROR_TITLE.match(title)), None)
        if heading or (kept and _ERROR_TITLE.match(kept[0].text) and words < 60):
            raise ArticleRejected(Reason.NOT_NEWS, f"an error page: {(heading or kept[0].text)[:80]!r}")
        everything = " ".join([*filter(None, titles), *(block.text[:400] for block in blocks[:60])])
        if (found := _WALL.search(everything)) and words < 60:
            raise ArticleRejected(Reason.WALL, f"the page asks for something first: {found.group()[:60]!r}")
    headings = sum(block.kind is BlockKind.HEADING for block in kept)
    paragraphs = [block for block in kept if block.kind in {BlockKind.PARAGRAPH, BlockKind.QUOTE}]
    if headings >= 8 and headings >= 0.8 * len(paragraphs) and _longest(paragraphs) < 25:
        raise ArticleRejected(Reason.NOT_NEWS, f"a list of {headings} teasers, not an article")


def _count(text: str) -> int:
    """Words; scripts without blanks count two characters as one."""
    words = len(_WORD.findall(text))
    return max(words, len(text) // 6) if words < len(text) / 40 else words


def _longest(blocks: Sequence[Block]) -> int:
    return max((_count(block.text) for block in blocks), default=0)
