"""What the lines above an article say about it: headline, standfirst, byline, dates, subjects.

Only lines above the body are read, and those between its first paragraphs. A book advertised below it has
an author and a year too, and neither is the article's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.enrich.clean import bylines, dump_headline, names, phrases, stamps
from services.enrich.clean.blocks import Candidate, is_sentence
from services.enrich.clean.stamps import Stamp
from services.models import BlockKind, OriginalSource, Subject

_LABEL = re.compile(r"^(?P<label>[^\W\d_][\w &'’-]{1,30}?)\s*[:：]\s*(?P<values>\S.*)$")
_NOT_SUBJECT = frozenset(
    [
        "author",
        "authors",
        "by",
        "isbn",
        "year",
        "pages",
        "price",
        "list_price",
        "special_price",
        "published",
        "updated",
        "date",
        "source",
        "photo",
        "image",
        "credit",
        "posted",
        "time",
        "copyright",
        "contact",
        "phone",
        "email",
        "e_mail",
        "tel",
        "fax",
        "media_contact",
        "reading_time",
        "read_time",
        "last_updated",
        "url",
        "http",
        "https",
        "editor_s_note",
        "note",
        "update",
        "correction",
        "exclusive",
        "watch",
        "video",
        "live",
        "opinion",
        "analysis",
        "breaking",
        "related",
        "read_more",
        "see_also",
        "comments",
        "share",
        "follow",
        "written_by",
        "translation",
        "language",
        "words",
        "text",
        "foto",
        "bild",
        "stand",
        "quelle",
        "von",
        "autor",
        "datum",
        "views",
    ]
)
_KEYWORDS = frozenset(
    ["tag", "tags", "keyword", "keywords", "schlagworte", "schlagwörter", "topics", "etiquetas"]
)
#: A line may be read again for another field.
_READ = (None, BlockKind.DATE, BlockKind.BYLINE)
_UNTITLED = 15  # blocks above the body that are read where no headline is found
_AROUND = 60
_LABELLED = 40
_BELOW = 4  # blocks behind the first of the body that may still say who wrote it and when
_AGENCY = re.compile(
    r"\b(?:tass|reuters|afp|ap|dpa|apa|ansa|efe|upi|pti|ani|xinhua|kyodo|yonhap|interfax|associated press"
    r"|agence france-presse|bloomberg|lusa|ntb|tt|belga|anp|sid|kna|epd)\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Header:
    """What was found; positions of the lines that said it are named in their candidates' ``kind``."""

    headline: str | None = None
    standfirst: str | None = None
    byline: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    source: str | None = None
    original_source: OriginalSource | None = None
    subjects: list[Subject] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)


def read(candidates: Sequence[Candidate], levels: Sequence[int]) -> Header:
    """Read the candidates around the beginning of the body, naming each that says something.

    Args:
        candidates: all blocks of the page.
        levels: the heading level of each, 0 for none.

    """
    header = Header()
    first = next((position for position, item in enumerate(candidates) if item.kept), len(candidates))
    last = max((position for position, item in enumerate(candidates) if item.kept), default=first)
    title = dump_headline.find(candidates, levels, first)
    start = max(0, first - _UNTITLED) if title is None else title + 1
    if title is not None:
        header.headline = candidates[title].text
        candidates[title].kind, candidates[title].kept = BlockKind.HEADLINE, False
    dated: list[Stamp] = []
    near = [
        item
        for item in candidates[start : max(first, min(first + _BELOW, last))]
        if not item.kept and item.kind is None and len(item.text) <= 200
    ]
    _fields(header, near, dated)
    if not dated and title and candidates[title - 1].kind is None:
        _fields(header, [candidates[title - 1]], dated)
    if header.byline is None:
        _name_before_date(header, dated)
    _settle_dates(header, dated)
    if header.headline is not None:
        _standfirst(header, candidates, start, first)
    return header


def read_near(candidates: Sequence[Candidate], start: int, end: int, *, longest: int = 150) -> Header:
    """The byline and dates printed among some blocks of a web page, for what its head does not state.

    Where only an update is printed, it is the publication's date too if it has a time of day: newsrooms stamp
    their stories by the minute, pages that are kept up for years by the day.

    Args:
        candidates: the blocks of the page.
        start: the first to read.
        end: where to stop.
        longest: the characters of a line that may say something.

    """
    header = Header()
    dated: list[Stamp] = []
    near = [
        item
        for item in candidates[start:end]
        if not item.kept and item.kind in _READ and len(item.text) <= longest
    ]
    _fields(header, near, dated)
    if not header.authors and header.byline is not None:
        name = names.signature(header.byline)
        header.authors = (name,) if name and len(name.split()) <= 3 and name[0].isupper() else ()
    _settle_dates(header, dated)
    if header.published == header.updated and header.published and not _has_time(header.published):
        header.published = None
    return header


def _has_time(moment: datetime) -> bool:
    return bool(moment.hour or moment.minute)


def _fields(header: Header, near: list[Candidate], dated: list[Stamp]) -> None:
    """Read lines that stand together; a label may have a line of its own, and a name beside the date."""
    for position, item in enumerate(near):
        known = len(dated)
        above = near[position - 1].text if position else ""
        if header.byline is None and bylines.is_opening(above) and (found := names.people([item.text])):
            item.kind = BlockKind.BYLINE
            header.byline, header.authors = item.text, found
            continue
        _field(header, item, dated)
        if len(dated) > known and not dated[known].label and above.endswith(":"):
            dated[known] = Stamp(above, above, dated[known].moment)
    if header.byline is None:
        _bare_name(header, near)


def _bare_name(header: Header, near: list[Candidate]) -> None:
    """A person's name alone on its line, beside that of the date."""
    for position, item in enumerate(near):
        beside = near[max(0, position - 1) : position] + near[position + 1 : position + 2]
        if len(item.text) > 60 or not any(other.kind is BlockKind.DATE for other in beside):
            continue
        found = names.people([item.text])
        name = item.text.strip(" ,|·•")
        if len(found) == 1 and found[0].casefold() == name.casefold() and any(map(str.isupper, name)):
            item.kind = BlockKind.BYLINE
            header.byline, header.authors = item.text, found
            return


def _name_before_date(header: Header, dated: Sequence[Stamp]) -> None:
    """A person's name that opens the line of the date: "Ada Byrne · Argus News · 3 March 2024"."""
    for each in dated:
        name = re.split(r"\s*[·•|]", each.label)[0].strip(" ,")
        if names.people([name]) == (name,):
            header.byline, header.authors = name, (name,)
            return


def _field(header: Header, item: Candidate, dated: list[Stamp]) -> None:
    """One line: a byline, dates with what stands around them, or a label with values."""
    text = item.text
    if found := stamps.read(text):
        stamp = found[0]
        if header.byline is None and len(stamp.around) <= 150 and (who := bylines.signer(stamp.around)):
            header.byline, header.authors = who, names.people([who])
            stamp = Stamp("", stamp.label if stamp.is_update else "", stamp.moment)
        short = len(stamp.around) <= _AROUND + 20 * (len(stamp.label) <= _LABELLED)
        if short and (not is_sentence(stamp.around) or (not stamp.label and len(stamp.around) <= _LABELLED)):
            item.kind = BlockKind.DATE
            if not stamps.begins_span(text):
                dated += [stamp, *found[1:]]
        return
    if header.byline is None and len(text) <= 120 and (who := bylines.signer(text)):
        item.kind = BlockKind.BYLINE
        header.byline, header.authors = who, names.people([who])
        return
    if labelled := _LABEL.match(text):
        scheme = re.sub(r"\W+", "_", labelled["label"].casefold()).strip("_")
        values = [value.strip(" #") for value in re.split(r"\s*[,;|]\s*", labelled["values"])]
        if scheme in _NOT_SUBJECT or len(values) > 15 or max(map(len, values)) > 60 or is_sentence(text):
            return
        if item.linked < 0.3 and phrases.opening(text) is not BlockKind.METADATA:
            return
        item.kind = BlockKind.METADATA
        if scheme in _KEYWORDS:
            header.keywords += [value for value in values if value]
        else:
            header.subjects += [Subject(scheme=scheme, name=value) for value in values if value]


def _settle_dates(header: Header, dated: Sequence[Stamp]) -> None:
    """Which date is the publication's; the source named in the byline had its own before."""
    dated = [each for each in dated if not each.is_other]
    updates = [each.moment for each in dated if each.is_update]
    rest = [(each.around, each.moment) for each in dated if each.moment not in updates]
    if updates:
        header.updated = updates[0]
    if not rest:
        header.published = updates[0] if updates else None
        return
    named = [
        (around, moment) for around, moment in rest if 2 <= len(around) <= 50 and not phrases.opening(around)
    ]
    agency = header.byline if header.byline and not header.authors and len(header.byline) <= 50 else None
    for around, moment in named:
        if (agency and around.casefold() == agency.casefold()) or _AGENCY.fullmatch(around):
            header.original_source = OriginalSource(name=around, published=moment)
            rest = [pair for pair in rest if pair != (around, moment)] or rest
            break
    header.published = rest[0][1]
    if rest[0] in named and header.original_source is not None:
        header.source = rest[0][0]


def _standfirst(header: Header, candidates: Sequence[Candidate], start: int, first: int) -> None:
    """A sentence or two between headline and body that no other field claimed."""
    for position in range(start, min(first, start + 3)):
        item = candidates[position]
        if (
            item.kind is None
            and 40 <= len(item.text) <= 500
            and item.linked < 0.3
            and not phrases.opening(item.text)
        ):
            item.kind = BlockKind.STANDFIRST
            header.standfirst = item.text
            return
