"""When a web page was published and last changed: what its data state, else what it marks as its date."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from lxml import html

from services.enrich.clean import dates
from services.enrich.clean.stated import as_text, kinds

#: Other values would wake a general date parser, which costs more than all else on a page.
_MACHINE = re.compile(r"\s*(?:\d{4}-\d\d-\d\d|\d{8}T|\d{10,13}$|[A-Z][a-z]{2},? \d)")
#: Names of meta tags by their letters, without "og": pages write ``article:published_time``,
#: ``article.published`` and ``og:article:published:time``. The surest first.
_PUBLISHED = (
    "articlepublishedtime", "datepublished", "publishedtime", "parselypubdate", "date", "dcdate",
    "dcdateissued", "dcdatecreated", "dctermscreated", "dctermsissued", "pubdate", "publishdate",
    "sailthrudate", "cxenseparserecspublishtime", "cxenseparsepublishtime", "articlepublished",
    "citationpublicationdate", "datecreated",
)  # fmt: skip
_UPDATED = ("articlemodifiedtime", "updatedtime", "datemodified", "lastmodified", "dctermsmodified")
_SHOWN = "//body//text()[contains(., $year)][not(parent::script or parent::style)]"
_MOST_SHOWN, _MOST_TIMES = 50, 50
_ZONED = re.compile(r"[+-](?!00:?00)\d\d:?\d\d\s*$")
_PAGE = re.compile(r"\w*Page|Recipe|HowTo")


def find(
    tree: html.HtmlElement, meta: dict[str, str], article: dict[str, Any], others: Sequence[dict[str, Any]]
) -> tuple[datetime | None, datetime | None]:
    """The moments of publication and of the last change, as far as the page states them.

    Args:
        tree: the page.
        meta: its meta tags.
        article: its JSON-LD.
        others: all objects of its JSON-LD.

    """
    named: dict[str, str] = {}
    for name, value in meta.items():
        named.setdefault(re.sub(r"[^a-z]", "", name).removeprefix("og"), value)
    own = (as_text(article.get(name)) for name in ("datePublished", "dateCreated"))
    published = _first((*own, *map(named.get, _PUBLISHED))) or _of_page(tree, others) or _marked(tree)
    updated = _first((as_text(article.get("dateModified")), *map(named.get, _UPDATED)))
    if published is not None and published.utcoffset() == UTC.utcoffset(None):
        published = _at_home(published, tree, named.values())
    return published, updated


def _first(values: Iterable[str | None]) -> datetime | None:
    return next((moment for value in values if value and (moment := _moment(value))), None)


def _moment(value: str) -> datetime | None:
    """A date of a machine-read field: ISO 8601 or RFC 822 as a rule, else as it would be printed."""
    from services.enrich.formats.dates import parse_date

    if _MACHINE.match(value):
        return parse_date(value)
    found = dates.find(value[:60])
    return found[0] if found else None


def _at_home(moment: datetime, tree: html.HtmlElement, values: Iterable[str]) -> datetime:
    """The same instant in the site's own zone, where it states that elsewhere: readers see its day."""
    return next((other for other in _zoned(tree, values) if other == moment), moment)


def _zoned(tree: html.HtmlElement, values: Iterable[str]) -> Iterator[datetime]:
    times = (element.get("datetime") or "" for element in islice(tree.iter("time"), _MOST_TIMES))
    for value in (*values, *times):
        if _ZONED.search(value) and _MACHINE.match(value) and (moment := _moment(value)):
            yield moment


def _of_page(tree: html.HtmlElement, others: Sequence[dict[str, Any]]) -> datetime | None:
    """The date that JSON-LD states of the page and not of an article, where readers are shown that day too.

    It is as often the day on which somebody set up a page that is no article.
    """
    moment = _first(
        as_text(item.get("datePublished")) for item in others if any(map(_PAGE.fullmatch, kinds(item)))
    )
    return moment if moment and _prints(tree, moment) else None


def _prints(tree: html.HtmlElement, moment: datetime) -> bool:
    shown = tree.xpath(_SHOWN, year=str(moment.year))[:_MOST_SHOWN]
    days = (found[0] for text in shown if (found := dates.find(text)))
    return any(abs((day.date() - moment.date()).days) <= 1 for day in days)


def _marked(tree: html.HtmlElement) -> datetime | None:
    for element in tree.xpath(
        "//time[@pubdate or @itemprop='datePublished' or contains(@class,'publish')]"
        " | //*[@itemprop='datePublished']"
    )[:3]:
        stated = element.get("datetime") or element.get("content")
        if stated and (moment := _moment(stated)):
            return moment
        if found := dates.find((element.text_content() or "")[:100]):
            return found[0]
    return None
