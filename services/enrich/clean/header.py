"""What the lines above an article say about it: headline, standfirst, byline, dates, subjects.

Only lines above the body are read. A book advertised below it has an author and a year too, and
neither is the article's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.enrich.clean import dates, names, phrases
from services.enrich.clean.blocks import Candidate, is_sentence
from services.models import BlockKind, OriginalSource, Subject

_BYLINE = re.compile(
    r"""^\W*(?:(?:an?|eine?|une?)\s+)?
    (?:(?:anal[iy]s[ei]s?|análisis|bericht|column|comment|commento|essay|gastbeitrag|gastkommentar|interview|kolumne
    |kommentar|opinion|opinión|reportage|review|words)\s+)?
    (?:by|von|par|por|di|da|door|av|af|od|przez|(?:written|story|posted|reported)\ by|author|autor(?:in)?
    |автор|text|texte|texto)\b\s*:?\s+(?P<who>\S.*)$""",
    re.IGNORECASE | re.VERBOSE,
)
_CHANGED = re.compile(
    r"updat|aktuali|modif|edited|mis[ea]? à jour|actuali[sz]a|aggiorn|bijgewerkt|oppdater|uppdater|opdater"
    r"|geändert|bearbeitet|päivitetty|обновлен|\bstand\b",
    re.IGNORECASE,
)
#: A label that says what a date is the date of ("Deadline:"), unless it is that of the article.
_OTHER_DATE = re.compile(
    rf"(?!.*(?:publi|ver[öo]ffentlicht|erstellt|erschienen|posted|created|\bdate|dat[ou]m|pubblica|{_CHANGED.pattern}))"
    r"(?:[^:]{3,30}:$|effective\b|deadline\b)",
    re.IGNORECASE,
)
#: A byline's opening on a line of its own.
_SIGNED = re.compile(
    r"\W*(?:by|von|par|por|di|door|av|af|written by|authors?|author of the article|autor(?:in)?)\s*:?",
    re.IGNORECASE,
)
_SPAN = re.compile(r"\s*(?:[-–—]|to|until|bis|au|al|до)\s*", re.IGNORECASE)
_BEHIND_NAMES = re.compile(r"\s*(?:[|·•]|,\s+in\s|\s{2,}).*$", re.IGNORECASE)
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
_EDGES_BUT_COLON = " ,|·•–—-/()"
_EDGES = _EDGES_BUT_COLON + ":"
_LONGEST_LABEL = 40
_AROUND = 60
_OPENING = 6  # blocks that say what an article is about
_BELOW = 4  # blocks behind the first of the body that may still say who wrote it and when
_AGENCY = re.compile(
    r"\b(?:tass|reuters|afp|ap|dpa|apa|ansa|efe|upi|pti|ani|xinhua|kyodo|yonhap|interfax|associated press"
    r"|agence france-presse|bloomberg|lusa|ntb|tt|belga|anp|sid|kna|epd)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Dated:
    """A date with what stands before it on its line, and what else the line says."""

    label: str
    around: str
    moment: datetime


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
    """Read the candidates above the body, naming each that says something.

    Args:
        candidates: all blocks of the page; those before the first kept one are read.
        levels: the heading level of each, 0 for none.

    """
    header = Header()
    first = next((position for position, item in enumerate(candidates) if item.kept), len(candidates))
    start = _headline(header, candidates, levels, first)
    dated: list[_Dated] = []
    near = [
        item
        for item in candidates[start : first + _BELOW]
        if not item.kept and item.kind is None and len(item.text) <= 200
    ]
    _fields(header, near, dated)
    if not dated and header.headline is not None and start > 1:
        _fields(header, [candidates[start - 2]], dated)  # the line above the headline
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
    dated: list[_Dated] = []
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


def _fields(header: Header, near: list[Candidate], dated: list[_Dated]) -> None:
    """Read lines that stand together; a label may have a line of its own, and a name beside the date."""
    for position, item in enumerate(near):
        known = len(dated)
        above = near[position - 1].text if position else ""
        if header.byline is None and _SIGNED.fullmatch(above) and (found := names.people([item.text])):
            item.kind = BlockKind.BYLINE
            header.byline, header.authors = item.text, found
            continue
        _field(header, item, dated)
        if len(dated) > known and not dated[known].label and above.endswith(":"):
            dated[known] = _Dated(above, above, dated[known].moment)
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


def _name_before_date(header: Header, dated: Sequence[_Dated]) -> None:
    """A person's name that opens the line of the date: "Ada Byrne · Argus News · 3 March 2024"."""
    for each in dated:
        name = re.split(r"\s*[·•|]", each.label)[0].strip(_EDGES)
        if names.people([name]) == (name,):
            header.byline, header.authors = name, (name,)
            return


def _headline(header: Header, candidates: Sequence[Candidate], levels: Sequence[int], first: int) -> int:
    """Find the headline; return the position behind it, where the lines about the article begin.

    It is marked as one, or speaks of what the article's first paragraphs speak of, is as often repeated (in
    the path above it, for sharing), and stands above byline and date. The weights are those by which most
    titles of the development dumps came out; the optimum is flat.
    """
    best, best_score = None, 0.0
    title = candidates[0].text if candidates else ""
    start = max(0, first - 40)
    about = _words(" ".join(item.text for item in candidates[first : first + _OPENING] if item.kept))
    signed = next((at for at in range(start, first) if _is_signed(candidates[at].text)), first)
    for position in range(start, min(first + 1, len(candidates))):
        item = candidates[position]
        text = item.text
        if not 8 <= len(text) <= 250 or (position == first and not levels[position]):
            continue
        if phrases.opening(text) or phrases.is_credit(text) or _is_signed(text):
            continue
        shared = len(_words(text) & about) / max(1, len(_words(text)))
        score = min(len(text), 60) / 60 + shared
        score += {1: 3.0, 2: 1.0, 3: 0.3}.get(levels[position], 0.0)
        if position and len(text) > 15 and title.startswith(text):
            score += 2.5  # a page's title is its headline and the site's name
        if shared and _is_repeated(candidates, position):
            score += 0.8 * shared
        score -= 0.5 * (position > signed)
        score -= abs(first - 4 - position) / 60 + max(0, len(text) - 110) / 150
        score -= 1.5 * (item.linked > 0.5) + 0.7 * (text.endswith(".") and not text.endswith("..."))
        if item.shape is BlockKind.LIST_ITEM:
            score -= 1
        if score > best_score:
            best, best_score = position, score
    if best is None or best_score < 0.3:
        return max(0, first - 15)
    header.headline = candidates[best].text
    candidates[best].kind = BlockKind.HEADLINE
    candidates[best].kept = False
    return best + 1


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.casefold()) if len(word) > 3}


def _is_repeated(candidates: Sequence[Candidate], position: int) -> bool:
    """Whether another line holds the words of this one and few more."""
    text = candidates[position].text
    return len(text) > 15 and any(
        text in other.text and len(other.text) < 2 * len(text) + 60
        for at, other in enumerate(candidates)
        if at != position
    )


def _is_signed(text: str) -> bool:
    """Whether a line is a byline or a date."""
    return len(text) < 60 and (dates.find(text) is not None or _signer(text) is not None)


def _field(header: Header, item: Candidate, dated: list[_Dated]) -> None:
    """One line: a byline, dates with what stands around them, or a label with values."""
    text = item.text
    found = dates.find(text)
    if found is not None:
        moment, begin, end = found
        label = text[:begin].strip(_EDGES_BUT_COLON)
        later, behind = _later(text[end:])
        around = f"{label} {behind}".strip(_EDGES)
        if header.byline is None and len(around) <= 150 and (who := _signer(around)):
            header.byline, header.authors = who, names.people([who])
            around = label = ""
        short = len(around) <= _AROUND + 20 * (len(label) <= _LONGEST_LABEL)
        if short and (not is_sentence(around) or (begin == 0 and len(around) <= _LONGEST_LABEL)):
            item.kind = BlockKind.DATE
            until = dates.find(behind)
            if until is None or not _SPAN.fullmatch(behind[: until[1]]):  # an event's days
                dated += [_Dated(label, around, moment), *later]
        return
    if header.byline is None and len(text) <= 120 and (who := _signer(text)):
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


def _later(text: str) -> tuple[list[_Dated], str]:
    """Further dates of a line that say what they are of ("3 May 2024, updated 5 May 2024"); what is left."""
    found: list[_Dated] = []
    while (date := dates.find(text)) is not None:
        moment, begin, end = date
        label = text[:begin].strip(_EDGES_BUT_COLON)
        if len(label) > _LONGEST_LABEL or not any(map(str.isalpha, label)):
            break
        found.append(_Dated(label, label, moment))
        text = text[end:]
    return found, text


def _signer(text: str) -> str | None:
    """Who a line that opens like a byline names, up to where it goes on to sections or reading time."""
    if not (byline := _BYLINE.match(text)) or byline["who"][0] in "-–—":
        return None
    who = _BEHIND_NAMES.sub("", byline["who"]).strip(" ,|·•–—-")
    return who if who and (who[0].isupper() or not who.isascii()) else None


def _settle_dates(header: Header, dated: Sequence[_Dated]) -> None:
    """Which date is the publication's; the source named in the byline had its own before."""
    dated = [each for each in dated if not _OTHER_DATE.match(each.label)]
    updates = [each.moment for each in dated if _CHANGED.search(each.label or each.around)]
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
