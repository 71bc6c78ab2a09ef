"""IPTC 7901 (1981), the text transmission format of European wires: SOH header STX text ETX time EOT.

There is no identifier: service, number and day together name a story.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from services.enrich.formats.encoding import decode
from services.enrich.formats.finish import first_sentence
from services.enrich.formats.markup import tidied
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, Block, BlockKind, RawFile, Refusal, Status

_HEADER = re.compile(
    r"(?P<service>[a-z]{2,4})\s?(?P<number>\d{2,4})\s+(?P<priority>[1-9])\s+(?P<category>\w{1,3})\s+(?P<words>\d+)"
    r"(?:\s+(?P<agency>\S.*?))?(?:\s+\d+)?\s*$",
    re.IGNORECASE,
)
_VERSION = re.compile(
    r"^\(?(?:extra|urgent|flash|bulletin|eil|alert|advisory|achtung|summary|roundup|feature|refile"
    r"|correction|corrected|berichtigung|kill|embargoed?|repeat|update|lead|neu|zusammenfassung"
    r"|\d(?:st|nd|rd|th)\s(?:lead|ld|net|roundup))(?:\s\w+)?\)?:?$",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"(\d\d)(\d\d)(\d\d)\s*(?:GMT|UTC|Z|MESZ|MEZ)?\s+([^\W\d_]{3,9})\.?\s+(\d{2,4})", re.IGNORECASE
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "jan",
            "feb",
            "mär/mar/mrz",
            "apr",
            "mai/may",
            "jun",
            "jul",
            "aug",
            "sep",
            "okt/oct",
            "nov",
            "dez/dec",
        ],
        start=1,
    )
    for name in names.split("/")
}
_TEST_PATTERN = re.compile(r"(?:ry){4}|the quick brown fox", re.IGNORECASE)


def parse(raw: RawFile) -> Iterator[Article | Refusal]:
    """One article a frame; a file may hold many."""
    text = _text(raw.data)
    frames = [frame for frame in re.split(r"\x04|(?=\x01)", text) if frame.strip("\x7f\xff \r\n\x00")]
    if frames and all(map(_TEST_PATTERN.search, frames)):
        raise FileIgnored("the test pattern of a wire service")
    for position, frame in enumerate(frames, start=1):
        if _TEST_PATTERN.search(frame):
            continue
        if "\x02" in frame:
            yield _article(frame)
        elif len(frames) == 1:
            raise ArticleRejected(Reason.SCHEMA, "a wire frame without its text; expected IPTC 7901")
        else:
            yield Refusal(reason=Reason.SCHEMA, detail="a frame without text", item=f"frame {position}")


def _text(data: bytes) -> str:
    """Fill characters around the frame are no text in any encoding."""
    return (
        decode(data.replace(b"\xff\xfe", b"").strip(b"\x00\x7f\xff\r\n "))
        .replace("\r\n", "\n")
        .replace("\r", "\n")
    )


def _article(frame: str) -> Article:
    header, _, rest = frame.partition("\x02")
    text, _, time = rest.partition("\x03")
    lines = [line for line in header.strip("\x01 \n").split("\n") if line.strip()]
    found = _HEADER.search(lines[0][:300]) if lines else None
    slug = lines[-1].strip(" /") if len(lines) > 1 else None
    words, headline, byline, body = _opened(text)
    published = _time(time)
    agency = found.group("agency").split()[-1] if found and found.group("agency") else None
    killed = any(word.lower().startswith("kill") for word in words)
    uid = (
        f"{agency or ''}:{found.group('service')}{found.group('number')}:{published:%Y-%m-%d}"
        if found and published
        else ""
    )
    blocks = tidied(list(_paragraphs(body)))
    return Article(
        uid=uid,
        status=Status.CANCELED if killed else Status.USABLE,
        headline=headline or (first_sentence(blocks[0].text) if blocks else None),
        byline=byline,
        published=published,
        source=agency.split("-")[0] if agency else None,
        provider=agency,
        editorial_note=", ".join(words) or None,
        keywords=tuple(slug.split("/")) if slug else (),
        urgency=int(found.group("priority")) if found else None,
        blocks=blocks,
    )


def _opened(text: str) -> tuple[list[str], str | None, str | None, str]:
    """Version words, headline and byline, up to the sign " =" or the first blank line; then the body."""
    head, sign, body = text.partition(" =")
    if not sign or head.count("\n") > 8 or "\n\n" in head.strip():
        head, _, body = text.strip().partition("\n\n")
    words: list[str] = []
    headline: list[str] = []
    byline = None
    for line in filter(None, map(str.strip, head.split("\n"))):
        if not headline and _VERSION.match(line):
            words.append(line.strip("():"))
        elif headline and re.match(r"(?:By|Von|Par|Por)\s", line):
            byline = line
        else:
            headline.append(line)
    return words, " ".join(headline) or None, byline, body


def _paragraphs(body: str) -> Iterator[Block]:
    """Blank lines, or an indent after a line's end, part paragraphs; lines in between were wrapped."""
    for part in re.split(r"\n[ \t]*\n|\n(?=[ \t]{2,}\S)", body):
        lines = [line.strip() for line in part.split("\n") if line.strip()]
        if not lines:
            continue
        listed = len(lines) > 1 and all(re.match(r"[-*•#]", line) for line in lines[1:])
        kind = BlockKind.HEADING if lines[0].startswith("#") else BlockKind.PARAGRAPH
        if listed or kind is BlockKind.HEADING:
            yield from (
                Block(kind=kind if line.startswith("#") else BlockKind.LIST_ITEM, text=line) for line in lines
            )
        else:
            yield Block(kind=kind, text=" ".join(lines))


def _time(text: str) -> datetime | None:
    """``131137 GMT Nov 13`` is the 13th, 11:37, of November 2013: the year comes last."""
    found = _TIME.search(text[:300])
    if not found:
        return None
    day, hour, minute, name, year = found.groups()
    month = _MONTHS.get(name[:3].lower())
    try:
        return (
            datetime(int(year) % 100 + 2000, month, int(day), int(hour), int(minute), tzinfo=UTC)
            if month
            else None
        )
    except ValueError:
        return None
