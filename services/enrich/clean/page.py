"""What cleaning makes of a page: labelled blocks, and the fields that stood around them."""

from dataclasses import dataclass
from datetime import datetime

from services.models import Block, OriginalSource, Subject


@dataclass(frozen=True)
class Page:
    """A cleaned page, before a format turns it into an article. ``None`` means: not on the page."""

    blocks: tuple[Block, ...]
    headline: str | None = None
    kicker: str | None = None
    standfirst: str | None = None
    byline: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    language: str | None = None
    source: str | None = None
    original_source: OriginalSource | None = None
    url: str | None = None
    subjects: tuple[Subject, ...] = ()
    keywords: tuple[str, ...] = ()
    copyright: str | None = None
