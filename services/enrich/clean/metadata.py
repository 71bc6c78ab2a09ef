"""A page's own statements about itself: JSON-LD, meta tags and what is printed, weighed against each other.

A statement is used only where it is made. No date is taken from the clock, a file or a bare year, and
an organisation named as author is no person.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml import html

from services.enrich.clean import dates, names, titles
from services.enrich.clean.language import normal

_ARTICLE = re.compile(
    r"(?:News|Blog|Reportage|Analysis|Opinion|Background|Review|Scholarly|Tech|Satirical|Advertiser|Social)?\w*(?:Article|Posting|Report)$"
)
_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x1f]+")
#: Other values would wake a general date parser, which costs more than all else on a page.
_MACHINE = re.compile(r"\s*(?:\d{4}-\d\d-\d\d|\d{8}T|\d{10,13}$|[A-Z][a-z]{2},? \d)")
_MAX_DEPTH = 40
_MAX_UPDATES = 2000  # entries of a live blog
_LOWER = "translate({}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
_SIGNED = (
    f"//*[contains({_LOWER.format('@class')},'author') or contains({_LOWER.format('@class')},'byline')"
    f" or contains({_LOWER.format('@class')},'contributor') or contains(@href,'/author')"
    " or contains(@href,'/autor') or contains(@href,'/contributor') or contains(@href,'/writer')"
    " or contains(@href,'/people/')]"
)
_ELSEWHERE = re.compile(
    r"comment|related|recommend|sidebar|\baside\b|\bnav\b|widget|popular|teaser|\bcard", re.IGNORECASE
)
_NAME = 60
_MOST_SIGNED = 2


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
    meta = _meta(tree)
    article, others = _linked_data(tree)
    site = _site(meta, article, others)
    address = _url(tree, meta, article, url)
    headline, every_title = _headline(tree, meta, article, site, _host(address))
    authors, byline = _authors(tree, meta, article, others)
    published, updated = _dates(tree, meta, article)
    language = normal(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang"))
    language = language or normal(
        meta.get("og:locale") or meta.get("content-language") or _text(article.get("inLanguage"))
    )
    keywords = article.get("keywords") or meta.get("news_keywords") or meta.get("keywords")
    return Metadata(
        headline=headline,
        standfirst=_clean(_text(article.get("description")))
        or _clean(meta.get("og:description") or meta.get("description")),
        byline=byline,
        authors=authors,
        published=published,
        updated=updated if updated != published else None,
        language=language,
        source=site,
        url=address,
        section=_clean(_text(article.get("articleSection")) or meta.get("article:section")),
        keywords=tuple(_split(keywords)),
        body=_text(article.get("articleBody")),
        updates=tuple(_updates(others)),
        kind=str(article.get("@type") or meta.get("og:type") or "") or None,
        titles=every_title,
    )


def _meta(tree: html.HtmlElement) -> dict[str, str]:
    out: dict[str, str] = {}
    for element in tree.iter("meta"):
        name = (
            element.get("property")
            or element.get("name")
            or element.get("itemprop")
            or element.get("http-equiv")
        )
        content = element.get("content")
        if name and content and content.strip():
            name = name.strip().lower()
            if (
                name
                in (
                    "article:author",
                    "author",
                    "article:tag",
                    "dc.creator",
                    "citation_author",
                    "parsely-author",
                )
                and name in out
            ):
                out[name] += f"\n{content.strip()}"
            else:
                out.setdefault(name, content.strip())
    return out


def _linked_data(tree: html.HtmlElement) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The article's own JSON-LD object, and the other objects of the page."""
    objects: list[dict[str, Any]] = []
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower() or not script.text:
            continue
        for candidate in (script.text, _CONTROL.sub(" ", script.text)):
            try:
                objects += _objects(json.loads(candidate.strip().removesuffix(";"), strict=False), 0)
                break
            except (ValueError, RecursionError):
                continue
    articles = [item for item in objects if any(_ARTICLE.fullmatch(kind) for kind in _kinds(item))]
    articles = [
        item
        for item in articles
        if item.get("headline") or item.get("datePublished") or item.get("articleBody")
    ]
    article = max(articles, key=len, default={})
    return article, objects


def _updates(objects: list[dict[str, Any]]) -> Iterator[str]:
    """Headlines and texts of a live blog's entries (https://schema.org/liveBlogUpdate)."""
    for item in objects:
        updates = item.get("liveBlogUpdate")
        for update in updates[:_MAX_UPDATES] if isinstance(updates, list) else ():
            for name in ("headline", "articleBody"):
                if isinstance(update, dict) and (text := _clean(_text(update.get(name)))):
                    yield text


def _objects(data: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(data, list):
        for item in data[:200]:
            yield from _objects(item, depth + 1)
    elif isinstance(data, dict):
        yield data
        for name in ("@graph", "mainEntity", "mainEntityOfPage", "liveBlogUpdate"):
            if isinstance(data.get(name), (list, dict)) and name != "liveBlogUpdate":
                yield from _objects(data[name], depth + 1)


def _kinds(item: dict[str, Any]) -> list[str]:
    kind = item.get("@type")
    return [str(each).rsplit("/", 1)[-1] for each in (kind if isinstance(kind, list) else [kind]) if each]


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        value = next((item for item in value if item), None)
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value")
    return value if isinstance(value, str) and value.strip() else None


def _clean(text: str | None) -> str | None:
    if not text:
        return None
    if "&" in text or "<" in text:
        from services.enrich.clean.lines import plain

        text = plain(text)
    return _SPACE.sub(" ", text.replace("\xad", "")).strip() or None


def _split(value: Any) -> Iterator[str]:
    items = (
        value if isinstance(value, list) else re.split(r"\s*[,;]\s*", value) if isinstance(value, str) else []
    )
    seen: set[str] = set()
    for item in items[:100]:
        text = _clean(_text(item))
        if text and len(text) <= 80 and text.casefold() not in seen:
            seen.add(text.casefold())
            yield text


def _site(meta: dict[str, str], article: dict[str, Any], others: list[dict[str, Any]]) -> str | None:
    publisher = article.get("publisher")
    for item in others:
        if (
            isinstance(publisher, dict)
            and not publisher.get("name")
            and item.get("@id") == publisher.get("@id")
        ):
            publisher = item
    name = (
        _clean(meta.get("og:site_name")) or _clean(_text(publisher)) or _clean(meta.get("application-name"))
    )
    if name is None:
        name = next((_clean(_text(item.get("name"))) for item in others if "WebSite" in _kinds(item)), None)
    return name if name and len(name) <= 80 else None


def _headline(
    tree: html.HtmlElement, meta: dict[str, str], article: dict[str, Any], site: str | None, host: str
) -> tuple[str | None, tuple[str, ...]]:
    printed = [text for element in tree.iter("h1") if (text := _clean(element.text_content()))]
    stated = (
        (_clean(_text(article.get("headline"))), 1.2), (_clean(meta.get("og:title")), 1.1),
        (_clean(meta.get("twitter:title")), 0.6), (_clean(tree.findtext(".//title")), 0.3),
    )  # fmt: skip
    return titles.choose(printed, stated, site, host)


def _host(url: str | None) -> str:
    """The name of a site in its address: ``argus`` of ``https://www.argus.example/bridge``."""
    try:
        parts = (urlsplit(url or "").hostname or "").split(".")
    except ValueError:
        return ""
    return parts[-2] if len(parts) > 1 else ""


def _authors(
    tree: html.HtmlElement, meta: dict[str, str], article: dict[str, Any], others: Sequence[dict[str, Any]]
) -> tuple[tuple[str, ...], str | None]:
    stated: list[str] = []
    value = article.get("author") or article.get("creator")
    for reference in value if isinstance(value, list) else [value]:
        item = _referred(reference, others)
        if isinstance(item, dict) and "Organization" in _kinds(item):
            continue
        if text := _clean(_text(item)):
            stated.append(text)
    for name in (
        "author",
        "article:author",
        "parsely-author",
        "dc.creator",
        "sailthru.author",
        "byl",
        "citation_author",
    ):
        if not names.people(stated) and name in meta and "://" not in meta[name]:
            stated += [text for line in meta[name].split("\n") if (text := _clean(line))]
    found = names.people(stated)
    if not found:
        printed = [
            text
            for element in tree.xpath(
                "//*[@rel='author' or @itemprop='author' or contains(@class,'byline')"
                " or contains(@class,'author-name') or contains(@class,'author__name')"
                " or contains(@class,'article-author')]"
            )[:6]
            if (text := _clean(element.text_content())) and len(text) <= 120
        ]
        found = next((people for text in printed if (people := names.people([text]))), ())
        stated += printed[:1]
    if not found and (text := _signature(tree)):
        found = names.people([text])
        stated = [text]
    return found, (", ".join(dict.fromkeys(stated[:5])) or None)


def _referred(value: Any, others: Sequence[dict[str, Any]]) -> Any:
    """What a JSON-LD value stands for that is only the ``@id`` of another object of the page."""
    if isinstance(value, dict) and value.get("@id") and not value.get("name"):
        return next((each for each in others if each.get("@id") == value["@id"] and each.get("name")), value)
    return value


def _signature(tree: html.HtmlElement) -> str | None:
    """The first short text behind the headline that is marked as the author's and reads as a person's name.

    ``None`` where many different people are marked so: these are other stories' authors.
    """
    signed: dict[str, str] = {}
    for element in tree.xpath(_SIGNED):
        text = _clean(element.text_content())
        if not text or len(text) > _NAME or _ELSEWHERE.search(_surroundings(element)):
            continue
        if people := names.people([text]):
            signed.setdefault(people[0].casefold(), text)
    return next(iter(signed.values())) if 0 < len(signed) <= _MOST_SIGNED else None


def _surroundings(element: html.HtmlElement) -> str:
    """Tags, classes and ids of all that an element stands in."""
    return " ".join(
        f"{each.tag} {each.get('class', '')} {each.get('id', '')}" for each in element.iterancestors()
    )


def _dates(
    tree: html.HtmlElement, meta: dict[str, str], article: dict[str, Any]
) -> tuple[datetime | None, datetime | None]:
    def first(values: Iterable[Any]) -> datetime | None:
        return next((moment for value in values if value and (moment := _moment(value))), None)

    published = first((
        _text(article.get("datePublished")), _text(article.get("dateCreated")),
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
        _text(article.get("dateModified")), meta.get("article:modified_time"), meta.get("og:updated_time"),
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
    for value in (canonical, meta.get("og:url"), _text(article.get("url")), main, url):
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
