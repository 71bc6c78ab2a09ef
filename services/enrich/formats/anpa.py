"""ANPA 1312 (1989), the wire format of North American agencies, as AP sends it.

Lines that start with ``^`` and end with ``<`` or ``=`` are headers; TAB and blanks start a paragraph;
a backspace starts a table row. One file may hold several transmissions.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from services.enrich.formats.encoding import decode
from services.enrich.formats.markup import tidied
from services.errors import ArticleRejected, Reason
from services.models import Article, Block, BlockKind, RawFile, Status

_SENT = re.compile(r"(?P<agency>[A-Z]{2,4})-[A-Z]{2}-(\d\d)-(\d\d)-(\d\d) (\d\d)(\d\d)\s*GMT")
_HEADER = re.compile(
    r"(?P<priority>[a-z]) (?P<category>[a-z])\W+(?P<slug>\S.*?)\s+(?P<month>\d\d)-(?P<day>\d\d)\b", re.DOTALL
)
_PRIORITIES = {"f": 1, "b": 2, "u": 3, "r": 4, "d": 5, "a": 6, "s": 6, "h": 7, "w": 7}
_LEAD = re.compile(r"\b(\d+)(?:st|nd|rd|th)\s?Ld\b", re.IGNORECASE)
_KILL = re.compile(r"\b(?:kill|elimination|withdraw)", re.IGNORECASE)
_WRITER = re.compile(
    r"(?:associated press|AP\b.*|.*\b(?:writer|editor|reporter|correspondent)s?|for the .*)$", re.IGNORECASE
)


@dataclass
class _Story:
    slug: str = ""
    headline: str | None = None
    byline: str | None = None
    just_signed: bool = False  # the line before was the byline
    standfirst: str | None = None
    notes: list[str] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


def parse(raw: RawFile) -> Iterator[Article]:
    """One article a transmission."""
    text = decode(raw.data).replace("\r\n", "\n").replace("\r", "\n")
    frames = [frame for frame in re.split(r"\x04|\x16+(?=\x01)", text) if "\x02" in frame]
    if not frames:
        raise ArticleRejected(Reason.SCHEMA, "no start of text; expected ANPA 1312")
    for frame in frames:
        yield _article(frame)


def _article(frame: str) -> Article:
    header, _, rest = frame.partition("\x02")
    text, _, trailer = rest.partition("\x03")
    story = _read(text)
    sent, about = _SENT.search(trailer[:500]), _HEADER.search(header[:500])
    published = _time(sent)
    agency = sent.group("agency") if sent else "AP" if re.search(r"\(AP\)", text) else None
    return Article(
        uid=_uid(story.slug, agency, published, about, header),
        version=found.group(1) if (found := _LEAD.search(story.slug)) else None,
        status=Status.CANCELED if _KILL.search(story.slug) else Status.USABLE,
        headline=story.headline,
        standfirst=story.standfirst,
        byline=story.byline,
        published=published,
        source=agency,
        editorial_note="\n".join(story.notes) or None,
        keywords=(_name(story.slug),) if story.slug else (),
        urgency=_PRIORITIES.get(about.group("priority")) if about else None,
        blocks=tidied(story.blocks),
    )


def _uid(
    slug: str, agency: str | None, sent: datetime | None, about: re.Match[str] | None, header: str
) -> str:
    """Agency, slug and day name a story through its leads; alerts of one day are told apart by number."""
    if not (slug and sent and about):
        return ""
    number = re.search(r"[A-Za-z]\d{4}", header)
    own = f":{number.group()}" if number and re.search("alert", slug, re.IGNORECASE) else ""
    return f"{agency}:{_name(slug)}:{sent.year}-{about.group('month')}-{about.group('day')}{own}"


def _name(slug: str) -> str:
    return re.split(r",", slug)[0].strip()


def _read(text: str) -> _Story:
    story = _Story()
    for line in _logical(text):
        if line.startswith("\x08"):
            _row(story, line)
        elif line.startswith("^"):
            _header(story, line)
        elif words := _typeset(line):
            story.blocks.append(Block(kind=BlockKind.PARAGRAPH, text=words))
    return story


def _logical(text: str) -> Iterator[str]:
    """Header lines, table rows and paragraphs; a line without a sign continues the one before."""
    current: list[str] = []
    for line in text.split("\n"):
        if line.startswith(("^", "\x08", "\t")) or not line.strip():
            if current:
                yield " ".join(current)
            current = [line.strip(" \t") if not line.startswith("\x08") else line] if line.strip() else []
        else:
            current.append(line.strip())
    if current:
        yield " ".join(current)


def _header(story: _Story, line: str) -> None:
    raw = line.strip()
    text = _typeset(raw.lstrip("^").rstrip("<= "))
    just_signed, story.just_signed = story.just_signed, False
    body_begun = any(block.kind is not BlockKind.HEADING for block in story.blocks)
    if not text:
        return
    if not story.slug:
        story.slug = text
    elif body_begun:
        story.blocks.append(Block(kind=BlockKind.HEADING, text=text))
    elif re.match(r"(?:Eds|EDITORS?['’]?S? NOTE|Note to)\b", text, re.IGNORECASE):
        story.notes.append(text)
    elif re.match(r"[A-Z]{2,4} (?:Photo|Graphic|Video|Audio)", text):
        return
    elif re.match(r"By\s+\S", text) and raw.endswith("="):
        story.byline, story.just_signed = text, True
    elif story.byline and raw.endswith("=") and (_WRITER.match(text) or just_signed):
        return  # for whom the writer works
    elif story.headline is None:
        story.headline = text
    elif raw.endswith("<") and len(text) > 60 and story.standfirst is None:
        story.standfirst = text
    else:
        story.blocks.append(Block(kind=BlockKind.HEADING, text=text))


def _row(story: _Story, line: str) -> None:
    cells = [_typeset(cell) for cell in re.split(r"[;\x1f]|\x1e ?", line.strip("\x08^ \n"))]
    row = " | ".join(cell.replace("{", "½") for cell in cells if cell or ";" in line)
    if not row.strip(" |"):
        return
    if story.blocks and story.blocks[-1].kind is BlockKind.TABLE:
        story.blocks[-1] = Block(kind=BlockKind.TABLE, text=f"{story.blocks[-1].text}\n{row}")
    else:
        story.blocks.append(Block(kind=BlockKind.TABLE, text=row))


def _typeset(text: str) -> str:
    """Typewriter quotes and dashes as they would be printed."""
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text).replace("``", "“").replace("''", "”")
    return " ".join(re.sub(r"(?<=\s)_(?=\s)", "—", f" {text} ").rstrip("< ").split())


def _time(sent: re.Match[str] | None) -> datetime | None:
    if sent is None:
        return None
    month, day, year, hour, minute = (int(part) for part in sent.groups()[1:])
    try:
        return datetime(2000 + year if year < 70 else 1900 + year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None
