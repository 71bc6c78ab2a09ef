"""The contract: what an article is, and what became of a file.

Field names follow IPTC (ninjs 3, NewsML-G2) where it has a word for the thing. Everything is
frozen: a stage takes a model and returns another. All offsets count Unicode code points and
satisfy ``body[start:end] == text``.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, computed_field, model_validator

from services.errors import Reason


class Model(BaseModel):
    """Frozen, and strict about names: a misspelt field is an error, not a silent loss."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Status(StrEnum):
    """Whether readers may see the article (IPTC pubStatus)."""

    USABLE = "usable"
    WITHHELD = "withheld"
    CANCELED = "canceled"


class BlockKind(StrEnum):
    """What a piece of the page is: the article's own parts first, then the noise that is cut."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    LIST_ITEM = "list_item"
    QUOTE = "quote"
    TABLE = "table"
    CAPTION = "caption"
    FACT_BOX = "fact_box"
    EMBED = "embed"
    # Stands on the page as a field of the article, not as its body.
    HEADLINE = "headline"
    STANDFIRST = "standfirst"
    BYLINE = "byline"
    DATE = "date"
    METADATA = "metadata"
    # Noise.
    PROMOTION = "promotion"
    RELATED = "related"
    NAVIGATION = "navigation"
    IMAGE_CREDIT = "image_credit"
    COPYRIGHT = "copyright"
    DISCLAIMER = "disclaimer"
    AUTHOR_FOOTER = "author_footer"
    CALL_TO_ACTION = "call_to_action"
    CONTACT = "contact"
    COMMENT = "comment"  # a reader's
    EDITORIAL_NOTE = "editorial_note"
    RECURRING = "recurring"  # on most pages of its site
    OTHER = "other"


class Block(Model):
    """One piece of a page, in its order. ``kept`` blocks make the body; the rest shows what was cut."""

    kind: BlockKind
    text: str
    kept: bool = True


class Point(Model):
    """A place on the map, in WGS 84 degrees."""

    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]


class Dateline(Model):
    """Where the story was filed from, as written, with its point when the gazetteer knows it."""

    text: str
    place: str | None = None
    location: Point | None = None


class OriginalSource(Model):
    """Who published the story first, when this is a republication."""

    name: str
    published: AwareDatetime | None = None


class Subject(Model):
    """A classification. ``scheme`` is a short name such as ``medtop``, ``subj``, or ``section``."""

    scheme: str | None = None
    code: str | None = None
    name: str | None = None


class EntityType(StrEnum):
    """What a name stands for."""

    PERSON = "person"
    ORGANISATION = "organisation"
    GROUP = "group"
    PLACE = "place"
    EVENT = "event"
    NATIONALITY = "nationality"
    OTHER = "other"


class Recognition(StrEnum):
    """How the names of an article were found, hence what is missing among them."""

    MODEL = "model"  # by a language model
    GAZETTEER = "gazetteer"  # none for this language: only places and what the file itself tags


class Mention(Model):
    """One occurrence of a name in the body."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    text: str
    metonym: bool = False  # "Washington said": the place's government speaks


class Entity(Model):
    """A canonical entity with its mentions.

    ``id`` is stable across articles: ``geo:172955`` (GeoNames), ``country:SY`` (ISO 3166),
    ``person:igor-konashenkov`` and so on. ``salience`` runs from 0 (in passing) to 1 (what the
    article is about).
    """

    id: str
    name: str
    type: EntityType
    salience: Annotated[float, Field(ge=0, le=1)] = 0.0
    mentions: tuple[Mention, ...] = ()
    role: str | None = None  # as written: "US Secretary of State"
    country: str | None = None  # ISO 3166-1 alpha-2


class Place(Model):
    """A place of the article, resolved in the gazetteer; ``id`` equals its entity's."""

    id: str
    name: str
    location: Point | None = None
    country: str | None = None
    admin1: str | None = None
    kind: str | None = None  # city, country, admin1, admin2, region, river, sea …
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0


class Speaker(Model):
    """Who said it; ``id`` is an entity's id when the speaker is one of them."""

    id: str | None = None
    name: str


class Quote(Model):
    """Words attributed to a speaker; ``start`` and ``end`` enclose ``text`` in the body."""

    text: str
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    speaker: Speaker | None = None
    direct: bool = True


class Link(Model):
    """Another item this one points at. ``rel`` is IPTC's: seeAlso, evolvedFrom, derivedFrom …"""

    rel: str
    target: str
    title: str | None = None


class Article(Model):
    """One article, from whatever format it came in."""

    uid: str
    version: str | None = None
    status: Status = Status.USABLE
    headline: str | None = None
    kicker: str | None = None
    standfirst: str | None = None
    byline: str | None = None  # as written
    authors: tuple[str, ...] = ()
    dateline: Dateline | None = None
    published: AwareDatetime | None = None
    updated: AwareDatetime | None = None
    embargo: AwareDatetime | None = None
    language: str | None = None  # BCP 47
    source: str | None = None  # whose text it is: agency, site or feed, as named in the file
    provider: str | None = None  # who delivered it, when the file says so apart from the source
    original_source: OriginalSource | None = None
    credit: str | None = None
    copyright: str | None = None
    editorial_note: str | None = None  # to editors, publishable or not; never part of the body
    url: str | None = None
    subjects: tuple[Subject, ...] = ()
    keywords: tuple[str, ...] = ()
    genre: str | None = None
    urgency: Annotated[int, Field(ge=1, le=9)] | None = None
    links: tuple[Link, ...] = ()
    blocks: tuple[Block, ...] = ()
    entities: tuple[Entity, ...] = ()
    places: tuple[Place, ...] = ()
    quotes: tuple[Quote, ...] = ()
    recognition: Recognition | None = None  # how entities were found; None: not looked for
    story: str | None = None  # syndication group
    repaired: str | None = None  # what was wrong with the file's markup; parts of the text may be lost

    @model_validator(mode="before")
    @classmethod
    def _body_is_derived(cls, data: Any) -> Any:
        # A stored article carries its body; on the way back in the blocks say it already.
        if isinstance(data, dict) and "body" in data:
            return {name: value for name, value in data.items() if name != "body"}
        return data

    @computed_field  # type: ignore[prop-decorator]  # pydantic's documented way; mypy #1362
    @cached_property
    def body(self) -> str:
        """What a reader would call the article: the kept blocks, a blank line between them."""
        return "\n\n".join(block.text for block in self.blocks if block.kept)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with other values; its body is that of its own blocks."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("body", None)  # pydantic copies what was derived from the old values, too
        return copied


class Refusal(Model):
    """One article of a file that could not be read, while its neighbours could."""

    reason: Reason
    detail: str
    item: str  # which one: its position or id


@dataclass(frozen=True)
class RawFile:
    """A file as read from the bucket: all that a parser may know.

    ``key`` is the name without its lane prefix; ``modified`` is the store's time for it.
    """

    key: str
    data: bytes
    modified: datetime

    @property
    def sha256(self) -> str:
        """Hex digest of the very bytes that were read."""
        return hashlib.sha256(self.data).hexdigest()


class Provenance(Model):
    """Where a document came from and what made it."""

    key: str
    sha256: str
    format: str
    pipeline: str  # name/version of each step that touched the article
    received: AwareDatetime
    indexed: AwareDatetime


class QuarantineRecord(Model):
    """``KEY.reason.json`` beside a refused file: enough for a person to act and for a replay."""

    key: str  # the whole key it was dropped under
    reason: Reason
    detail: str
    remedy: str
    attempts: int
    at: AwareDatetime
    sha256: str | None = None
    traceback: str | None = None
    refusals: tuple[Refusal, ...] = ()
    documents: tuple[str, ...] = ()  # articles of the file that are indexed all the same
    indexed: int | None = None  # how many, when the file has more than are named
    refused: int | None = None
    pipeline: str | None = None


class Receipt(Model):
    """What became of a dropped file. ``where`` is the key it stands under now."""

    key: str
    outcome: Literal["indexed", "quarantined", "ignored"]
    where: str
    reason: Reason | None = None
    detail: str | None = None
    documents: tuple[str, ...] = ()
    indexed: int | None = None  # how many, when they are more than are named

    @property
    def count(self) -> int:
        """How many articles the file is indexed as."""
        return len(self.documents) if self.indexed is None else self.indexed
