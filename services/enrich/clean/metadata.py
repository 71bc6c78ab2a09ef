"""A page's own statements about itself: JSON-LD, meta tags and what is printed, weighed against each other.

A statement is used only where it is made. No date is taken from the clock, a file or a bare year, and
an organisation named as author is no person.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import html

from services.enrich.clean import authors, dates, headline, titles
from services.enrich.clean.language import normal
from services.enrich.clean.stated import (
    as_text,
    kinds,
    linked_data,
    listed_texts,
    live_updates,
    meta_tags,
    tidy,
)

#: Other values would wake a general date parser, which costs more than all else on a page.
_MACHINE = re.compile(r"\s*(?:\d{4}-\d\d-\d\d|\d{8}T|\d{10,13}$|[A-Z][a-z]{2},? \d)")
_SECOND_LEVEL = frozenset(("ac", "co", "com", "edu", "gob", "gov", "gv", "ne", "net", "or", "org"))


@dataclass
class Metadata:
    """What the page says."""

    headline: str | None = None
    kicker: str | None = None
    standfirst: str | None = None
    byline: str | None = None
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    language: str | None = None
    source: str | None = None
    url: str | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    body: str | None = None  # articleBody of JSON-LD: the text of pages that build themselves by script
    updates: tuple[str, ...] = ()  # entries of a live blog: their headlines and texts
    kind: str | None = None  # og:type or the JSON-LD type
    titles: tuple[str, ...] = field(default=())


def read(tree: html.HtmlElement, url: str | None = None) -> Metadata:
    """Everything the head and the marked-up parts of a page say."""
    meta = meta_tags(tree)
    article, others = linked_data(tree)
    site = _site(meta, article, others)
    address = _url(tree, meta, article, url)
    title, kicker, every_title = headline.find(tree, meta, article, site, _host(address))
    people, byline = authors.find(tree, meta, article, others, titles.key(site or "") + _host(address))
    published, updated = _dates(tree, meta, article)
    language = normal(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang"))
    language = language or normal(
        meta.get("og:locale") or meta.get("content-language") or as_text(article.get("inLanguage"))
    )
    keywords = article.get("keywords") or meta.get("news_keywords") or meta.get("keywords")
    return Metadata(
        headline=title,
        kicker=kicker,
        standfirst=tidy(as_text(article.get("description")))
        or tidy(meta.get("og:description") or meta.get("description")),
        byline=byline,
        authors=people,
        published=published,
        updated=updated if updated != published else None,
        language=language,
        source=site,
        url=address,
        section=tidy(as_text(article.get("articleSection")) or meta.get("article:section")),
        keywords=tuple(listed_texts(keywords)),
        body=as_text(article.get("articleBody")),
        updates=tuple(live_updates(others)),
        kind=str(article.get("@type") or meta.get("og:type") or "") or None,
        titles=every_title,
    )


def _site(meta: dict[str, str], article: dict[str, Any], others: list[dict[str, Any]]) -> str | None:
    publisher = article.get("publisher")
    for item in others:
        if (
            isinstance(publisher, dict)
            and not publisher.get("name")
            and item.get("@id") == publisher.get("@id")
        ):
            publisher = item
    name = tidy(meta.get("og:site_name")) or tidy(as_text(publisher)) or tidy(meta.get("application-name"))
    if name is None:
        name = next((tidy(as_text(item.get("name"))) for item in others if "WebSite" in kinds(item)), None)
    return name if name and len(name) <= 80 else None


def _host(url: str | None) -> str:
    """The name of a site in its address: ``argus`` of ``https://www.argus.example/bridge``."""
    try:
        parts = (urlsplit(url or "").hostname or "").split(".")
    except ValueError:
        return ""
    if len(parts) > 2 and parts[-2] in _SECOND_LEVEL:
        parts = parts[:-1]
    return parts[-2] if len(parts) > 1 else ""


def _dates(
    tree: html.HtmlElement, meta: dict[str, str], article: dict[str, Any]
) -> tuple[datetime | None, datetime | None]:
    def first(values: Iterable[Any]) -> datetime | None:
        return next((moment for value in values if value and (moment := _moment(value))), None)

    published = first((
        as_text(article.get("datePublished")), as_text(article.get("dateCreated")),
        meta.get("article:published_time"),
        meta.get("datepublished"), meta.get("og:published_time"), meta.get("parsely-pub-date"),
        meta.get("date"),
        meta.get("dc.date"), meta.get("dc.date.issued"), meta.get("dcterms.created"), meta.get("pubdate"),
        meta.get("publishdate"), meta.get("publish-date"), meta.get("sailthru.date"),
        meta.get("cxenseparse:recs:publishtime"),
        meta.get("article.published"), meta.get("article:published"), meta.get("citation_publication_date"),
        meta.get("datecreated"),
    ))  # fmt: skip
    updated = first((
        as_text(article.get("dateModified")), meta.get("article:modified_time"), meta.get("og:updated_time"),
        meta.get("datemodified"), meta.get("last-modified"), meta.get("dcterms.modified"),
    ))  # fmt: skip
    if published is None:
        published = _printed_date(tree)
    return published, updated


def _moment(value: str) -> datetime | None:
    """A date of a machine-read field: ISO 8601 or RFC 822 as a rule, else as it would be printed."""
    from services.enrich.formats.dates import parse_date

    if _MACHINE.match(value):
        return parse_date(value)
    found = dates.find(value[:60])
    return found[0] if found else None


def _printed_date(tree: html.HtmlElement) -> datetime | None:
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


def _url(
    tree: html.HtmlElement, meta: dict[str, str], article: dict[str, Any], url: str | None
) -> str | None:
    canonical = next(
        (link.get("href") for link in tree.iter("link") if (link.get("rel") or "").lower() == "canonical"),
        None,
    )
    main = article.get("mainEntityOfPage")
    main = main.get("@id") if isinstance(main, dict) else main
    for value in (canonical, meta.get("og:url"), as_text(article.get("url")), main, url):
        if not isinstance(value, str) or not value.strip():
            continue
        try:
            full = urljoin(url or "", value.strip())
            parts = urlsplit(full)
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.netloc:
            return full
    return None
