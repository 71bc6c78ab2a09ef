"""What a person asks of the index, and what comes back; the same for every implementation."""

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from services.models import Model, Point

#: Elasticsearch's `max_result_window`: nobody pages deeper, and deeper pages cost every shard.
MAX_WINDOW: Final = 10_000

#: Words and phrases of one search; FTS5 takes no expression of more than 256.
MAX_PHRASES: Final = 64

#: Where words are looked for, and how much a hit there counts.
SEARCHED: Final = {"headline": 4, "kicker": 1, "standfirst": 2, "byline": 1, "body": 1}

# Enclose a match on its way from the index: noncharacters, which no text may carry (Unicode 23.7).
MARK_START: Final = "\ufdd0"
MARK_END: Final = "\ufdd1"

_FRAGMENTS = 3
_FRAGMENT_LENGTH = 160
_PHRASE = re.compile(r'["“”„«»]([^"“”„«»]*)["“”„«»]|([^\s"“”„«»]+)')


# What UTF-8 cannot hold (a command line may) is in no document either.
Text = Annotated[str, AfterValidator(lambda text: text.encode("utf-8", "replace").decode("utf-8"))]


class Query(Model):
    """A search. All words must occur, "quoted ones" as a phrase; filters narrow it further.

    ``person``, ``organisation`` and ``place`` are canonical names (case and accents do not matter) or
    entity ids, ``country`` is an ISO 3166 code, ``language`` a BCP 47 tag or its beginning. ``since`` and
    ``until`` enclose the time of publication, the latter exclusive. Without words the newest come first.
    """

    words: Annotated[Text, Field(max_length=2000)] = ""
    person: Text | None = None
    organisation: Text | None = None
    place: Text | None = None
    country: Text | None = None
    language: Text | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    size: Annotated[int, Field(ge=0, le=1000)] = 10
    offset: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _within_limits(self) -> Self:
        if len(self.phrases) > MAX_PHRASES:
            msg = f"there are {len(self.phrases)} words to look for; at most {MAX_PHRASES} are taken"
            raise ValueError(msg)
        if self.offset + self.size > MAX_WINDOW:
            msg = (
                f"offset + size is {self.offset + self.size}; at most {MAX_WINDOW}: narrow by since and until"
            )
            raise ValueError(msg)
        return self

    @property
    def phrases(self) -> list[str]:
        """What must occur. A word is a phrase as well: "Nagorno-Karabakh" or "東京都" are several tokens."""
        found = (quoted or word for quoted, word in _PHRASE.findall(self.words))
        return [phrase.strip() for phrase in found if any(char.isalnum() for char in phrase)]

    @property
    def asks_nothing(self) -> bool:
        """Whether there are words but none that could be found, as in "?!": no hits then, not all."""
        return bool(self.words.strip()) and not self.phrases


class Fragment(Model):
    """A piece of the body around matches; ``marks`` are their (start, end) in ``text``."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


class HitPlace(Model):
    """A place of the article, for a map."""

    name: str
    location: Point | None = None
    country: str | None = None


class Hit(Model):
    """One article found."""

    id: str
    score: float
    headline: str | None = None
    fragments: tuple[Fragment, ...] = ()
    people: tuple[str, ...] = ()
    places: tuple[HitPlace, ...] = ()
    published: datetime | None = None
    language: str | None = None
    source: str | None = None
    url: str | None = None


class Results(Model):
    """One page of hits, best first; ``total`` counts all there are."""

    total: int
    hits: tuple[Hit, ...] = ()


#: What of a document a hit is made of.
HIT_FIELDS: Final = ("headline", "people", "places", "published", "language", "source", "url")


def hit(document_id: str, score: float, source: dict[str, object], fragments: list[Fragment]) -> Hit:
    """A hit from a document's fields, or from the ``HIT_FIELDS`` of them."""
    fields = {name: source[name] for name in HIT_FIELDS if name in source}
    places = fields.get("places")
    if isinstance(places, list):
        wanted = HitPlace.model_fields
        fields["places"] = [{name: place[name] for name in wanted if name in place} for place in places]
    return Hit.model_validate({"id": document_id, "score": score, "fragments": fragments, **fields})


def fold(name: str) -> str:
    """Without case and accents, as the index's `.folded` fields compare names."""
    decomposed = unicodedata.normalize("NFKD", name.lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def fragment(marked: str) -> Fragment:
    """Text with mark characters to text with offsets; marks that touch become one."""
    text: list[str] = []
    marks: list[tuple[int, int]] = []
    length = 0
    for index, piece in enumerate(re.split(f"[{MARK_START}{MARK_END}]", marked)):
        if index % 2 and piece:
            start = marks.pop()[0] if marks and marks[-1][1] == length else length
            marks.append((start, length + len(piece)))
        text.append(piece)
        length += len(piece)
    return Fragment(text="".join(text), marks=tuple(marks))


def trimmed(piece: Fragment) -> Fragment:
    """Without blanks at its ends."""
    text = piece.text.strip()
    left = len(piece.text) - len(piece.text.lstrip())
    marks = ((max(0, start - left), min(len(text), end - left)) for start, end in piece.marks)
    return Fragment(text=text, marks=tuple((start, end) for start, end in marks if start < end))


def best_fragments(whole: Fragment) -> list[Fragment]:
    """The pieces of a long text that hold most different matched words, in their order."""
    text = whole.text
    windows: list[tuple[int, int, list[tuple[int, int]]]] = []
    for start, end in whole.marks:
        if windows and end <= windows[-1][1]:
            windows[-1][2].append((start, end))
            continue
        floor = windows[-1][1] if windows else 0
        left = _word_edge(text, max(floor, start - _FRAGMENT_LENGTH // 3), start)
        right = max(end, text.rfind(" ", end, left + _FRAGMENT_LENGTH))
        if left + _FRAGMENT_LENGTH >= len(text):
            right = len(text)
        windows.append((left, right, [(start, end)]))
    windows = windows or [(0, max(_FRAGMENT_LENGTH, text.find(" ", _FRAGMENT_LENGTH)), [])]

    def wealth(window: tuple[int, int, list[tuple[int, int]]]) -> int:
        return len({fold(text[start:end]) for start, end in window[2]})

    best = sorted(sorted(windows, key=wealth, reverse=True)[:_FRAGMENTS])
    return [_cut(text, left, right, marks) for left, right, marks in best if text]


def _word_edge(text: str, left: int, start: int) -> int:
    if left == 0:
        return 0
    space = text.find(" ", left, start)
    return left if space < 0 else space + 1


def _cut(text: str, left: int, right: int, marks: list[tuple[int, int]]) -> Fragment:
    moved = tuple((start - left, end - left) for start, end in marks)
    return trimmed(Fragment(text=text[left:right], marks=moved))
