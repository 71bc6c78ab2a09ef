"""Other wires: Australian frames (ZCZC … NNNN), tagged bulletins (``TI#``), AsiaNet releases.

No published standard: as seen. In a frame each header line begins with a sign.
"""

import re
from collections.abc import Iterator

from services.enrich.formats.dates import parse_date
from services.enrich.formats.encoding import decode
from services.enrich.formats.markup import tidied
from services.enrich.formats.subjects import iptc_subject
from services.models import Article, Block, BlockKind, RawFile, Subject

_SIGNS = "%$:#&*=^+"
_FRAME = re.compile(r"^[ \t]*ZCZC\b.*$", re.MULTILINE)
_RELEASE = re.compile(
    r"\A\s*Source:\s*(?P<source>.+)\n\s*(?:MEDIA|PRESS|NEWS) RELEASE\s+(?P<number>\w+)\s*\n", re.IGNORECASE
)
_TAGS = re.compile(r"^([A-Z]{2})#\s?", re.MULTILINE)


def parse(raw: RawFile) -> Iterator[Article]:
    """One article a frame, bulletin or release."""
    text = (
        decode(raw.data).replace("\r\n", "\n").replace("\r", "\n").replace("\x19", "\n").replace("\x0f", "\n")
    )
    if _FRAME.search(text):
        for frame in _FRAME.split(text)[1:]:
            if frame.strip():
                yield _framed(re.split(r"^[ \t]*NNNN\b", frame, maxsplit=1, flags=re.MULTILINE)[0])
    elif release := _RELEASE.match(text):
        yield _release(release, text[release.end() :])
    else:
        yield _tagged(text)


def recognises(text: str) -> bool:
    """Whether this is one of ours: a frame, a release, or a tagged bulletin."""
    return bool(
        _FRAME.search(text[:200]) or _RELEASE.match(text) or {"TI", "TX"} <= set(_TAGS.findall(text[:20_000]))
    )


def _framed(frame: str) -> Article:
    """Headers end at the first line without a sign."""
    signs: dict[str, list[str]] = {}
    lines = frame.lstrip("\n").split("\n")
    while lines and (not lines[0].strip() or lines[0].lstrip()[0] in _SIGNS):
        line = lines.pop(0).strip()
        if len(line) > 1:
            signs.setdefault(line[0], []).append(line[1:].strip())
    source = re.search(r"^[ \t]*SOURCE:\s*(.+)$", frame, re.MULTILINE)
    named = [
        *signs.get("^", []),
        *(text for text in signs.get("$", []) if len(text) > 3),
        *signs.get(":", []),
        *signs.get("#", []),
    ]
    return Article(
        uid="",
        headline=next((text for text in named if text), None),
        source=source.group(1).strip() if source else "AAP" if "AAP" in frame else None,
        keywords=tuple(text for sign in ":=#" for text in signs.get(sign, ())),
        subjects=tuple(_subjects(signs)),
        blocks=tidied(list(paragraphs("\n".join(lines)))),
    )


def _subjects(signs: dict[str, list[str]]) -> Iterator[Subject]:
    for text in (*signs.get("+", ()), *signs.get("*", ())):
        if subject := iptc_subject(text):
            yield subject


def _release(release: re.Match[str], rest: str) -> Article:
    headline, _, body = rest.lstrip().partition("\n\n")
    source = release.group("source").strip()
    body = re.sub(r"\n[ \t]*SOURCE:.*\s*\Z", "\n", body, flags=re.IGNORECASE)
    return Article(
        uid=release.group("number"),
        headline=" ".join(headline.split()),
        source=source,
        genre="press release",
        blocks=tidied(list(paragraphs(body))),
    )


def _tagged(text: str) -> Article:
    parts = _TAGS.split(text)
    fields = {name: value.strip() for name, value in zip(parts[1::2], parts[2::2], strict=False)}
    return Article(
        uid=fields.get("ID", ""),
        headline=" ".join(fields.get("TI", "").split()) or None,
        standfirst=" ".join(fields.get("AB", "").split()) or None,
        published=parse_date(fields.get("PD") or fields.get("DA")),
        source=fields.get("SO") or fields.get("PB"),
        byline=fields.get("AU") or fields.get("BY"),
        blocks=tuple(paragraphs(fields.get("TX", ""))),
    )


def paragraphs(text: str) -> Iterator[Block]:
    """Wrapped lines joined; blank lines, indents, and lines that ended early part paragraphs."""
    for part in re.split(r"\n[ \t]*\n|\n(?=[ \t]+\S)", text):
        lines = [line.strip() for line in part.split("\n") if line.strip()]
        wrapped = len(lines) > 1 and all(45 <= len(line) <= 100 for line in lines[:-1])
        for line in [" ".join(lines)] if wrapped else lines:
            yield Block(kind=BlockKind.PARAGRAPH, text=line)
