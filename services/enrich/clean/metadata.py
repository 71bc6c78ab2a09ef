"""A page's own statements about itself: JSON-LD, meta tags and what is printed, weighed against each other.

A statement is used only where it is made. No date is taken from the clock, a file or a bare year, and
an organisation named as author is no person.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import html

from services.enrich.clean import authors, headline, published, titles
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
    first, last = published.find(tree, meta, article, others)
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
        published=first,
        updated=last if last != first else None,
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
