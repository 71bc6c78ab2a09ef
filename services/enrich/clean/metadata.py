"""A page's own statements about itself: JSON-LD, meta tags and what is printed, weighed against each other.

A statement is used only where it is made. No date is taken from the clock, a file or a bare year, and
an organisation named as author is no person.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
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
_AUTHOR_TAGS = (
    "author", "article:author", "parsely-author", "dc.creator", "sailthru.author", "byl", "citation_author",
)  # fmt: skip
_MARKED = (
    "//*[@rel='author' or @itemprop='author' or contains(@class,'byline') or contains(@class,'author-name')"
    " or contains(@class,'author__name') or contains(@class,'article-author')]"
)
_SHOWN = (
    "//body//text()[contains(., $word)]"
    "[not(parent::script or parent::style or parent::noscript or parent::template)]"
)
_OWNED = re.compile(r"©|\(c\)|copyright|alle rechte|all rights", re.IGNORECASE)
_FOOT = re.compile(r"(?:^|\s)(?:(?:site|page|main)-)?footer(?:\s|$)|copyright|colophon", re.IGNORECASE)
_OWN_FOOT = re.compile(r"entry|post|article|author|meta", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
#: Parts of a printed title: what stands above it, what it is filed under, what is only to be heard.
_NO_TITLE = re.compile(
    r"^(?:small|time|style|script)\b|kicker|over-?line|eyebrow|dachzeile|spitzmarke|roof-?line|topline|pre-?title|pre-?headline"
    r"|visually-?hidden|off-?screen|sr-only|screen-?reader|(?:^|[\s_-])(?:label|topic|category|badge|tag)(?:$|[\s_-])",
    re.IGNORECASE,
)
_SECOND_LEVEL = frozenset(("ac", "co", "com", "edu", "gob", "gov", "gv", "ne", "net", "or", "org"))
_ARCHIVED = re.compile(r"^https?://web\.archive\.org/web/\w+/")
_NAME = 60
_LONGEST_PEN_NAME = 4
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
    authors, byline = _authors(tree, meta, article, others, titles.key(site or "") + _host(address))
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
    printed = [
        text for element in tree.iter("h1") if not _leads_home(element) and (text := _title_in(element))
    ]
    stated = (
        (_clean(_text(article.get("headline"))), 1.2), (_clean(meta.get("og:title")), 1.1),
        (_clean(meta.get("twitter:title")), 0.6), (_clean(tree.findtext(".//title")), 0.3),
    )  # fmt: skip
    headline, every = titles.choose(printed, stated, site, host)
    return headline, (*every, *(text for each in tree.iter("h1") if (text := _clean(each.text_content()))))


def _leads_home(element: html.HtmlElement) -> bool:
    """Whether a printed title is a link to the site's front page, hence the site's name."""
    for link in element.iter("a"):
        try:
            path = urlsplit(_ARCHIVED.sub("", link.get("href") or "#")).path
        except ValueError:
            continue
        if (link.get("rel") == "home" or path in ("", "/")) and not (link.get("href") or "#").startswith("#"):
            return True
    return False


def _title_in(element: html.HtmlElement) -> str | None:
    """The headline in a printed title: without the kicker, the date and what only screen readers hear.

    What a colon joins to it is part of it.
    """
    whole = _clean(element.text_content())
    if whole is None or len(element) == 0:
        return whole
    own = deepcopy(element)
    named = own.xpath("descendant::*[@itemprop='headline']")
    own = named[0] if len(named) == 1 else own
    cut = [each for each in own.iterdescendants() if _NO_TITLE.search(f"{each.tag} {each.get('class', '')}")]
    if any((_clean(each.text_content()) or "").endswith(":") for each in cut):
        return whole
    for each in cut:
        if each.getparent() is not None:
            each.tail = f" {each.tail or ''}"
            each.drop_tree()
    text = _clean(own.text_content())
    return text if text and len(text.split()) > 1 and text[0] != ":" else whole


def _host(url: str | None) -> str:
    """The name of a site in its address: ``argus`` of ``https://www.argus.example/bridge``."""
    try:
        parts = (urlsplit(url or "").hostname or "").split(".")
    except ValueError:
        return ""
    if len(parts) > 2 and parts[-2] in _SECOND_LEVEL:
        parts = parts[:-1]
    return parts[-2] if len(parts) > 1 else ""


def _authors(
    tree: html.HtmlElement,
    meta: dict[str, str],
    article: dict[str, Any],
    others: Sequence[dict[str, Any]],
    around: str,
) -> tuple[tuple[str, ...], str | None]:
    """The authors, and the byline they stand in.

    Persons first: those the page's data name, where the page prints them too (a name that only machines are
    told is as often the account that uploaded the story), else those in a marked byline. Where no person
    signs, the organisation, desk or pen name that is stated as the author.
    """
    data = [_referred(item, others) for item in _listed(article.get("author") or article.get("creator"))]
    linked = [text for item in data if not _is_organisation(item) and (text := _clean(_text(item)))]
    tagged = [_name_first(text, name) for name in _AUTHOR_TAGS for text in _author_lines(meta, name)]
    for stated in (linked, tagged):
        found = [name for name in names.people(stated) if titles.key(name) not in around]
        if found and _prints(tree, found[0]):
            return tuple(found), ", ".join(dict.fromkeys(stated[:5]))
    printed = _bylines(tree)
    for text in printed:
        if found := [name for name in names.people([text]) if titles.key(name) not in around]:
            return tuple(found), " ".join(text.split())
    if text := _signature(tree):
        return names.people([text]), text
    own = [
        text
        for item in data
        if (text := _clean(_text(item))) and (_is_organisation(item) or _prints(tree, text))
    ]
    found = [name for text in own if (name := names.signature(text))]
    if not found:
        lines = {names.signature(line) for line in printed}
        found = [name for text in tagged if (name := names.signature(text)) and name in lines]
    if not found and (name := _pen_name(tree)):
        found = [name]
    return tuple(dict.fromkeys(found))[:_MOST_SIGNED], ", ".join(dict.fromkeys(found)) or None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_organisation(item: Any) -> bool:
    return isinstance(item, dict) and any(kind.endswith("Organization") for kind in _kinds(item))


def _author_lines(meta: dict[str, str], name: str) -> list[str]:
    lines = meta[name].split("\n") if name in meta and "://" not in meta[name] else []
    return [text for line in lines if (text := _clean(line))]


def _name_first(text: str, tag: str) -> str:
    """Libraries' tags name an author family name first."""
    family, comma, given = text.partition(", ")
    return f"{given} {family}" if comma and tag in ("citation_author", "dc.creator") else text


def _prints(tree: html.HtmlElement, name: str) -> bool:
    """Whether the page shows a name to its readers; the owner's in a copyright line or at its foot is not."""
    words = name.split()
    for word in dict.fromkeys((words[-1], words[-1].upper(), words[-1].capitalize())):
        for text in tree.xpath(_SHOWN, word=word)[:20]:
            if not _OWNED.search(text) and not _aside(text.getparent()):
                return words[0].casefold() in text.casefold() or any(
                    tree.xpath(_SHOWN, word=first) for first in (words[0], words[0].upper())
                )
    return False


def _aside(element: html.HtmlElement) -> bool:
    """Whether a text is hidden from readers, credits a picture, or stands at the foot of the page."""
    around = [element, *element.iterancestors()]
    if any(each.tag == "figure" or _HIDDEN.search(each.get("style", "")) for each in around):
        return True
    feet = [
        number
        for number, each in enumerate(around)
        if each.tag == "footer" or _FOOT.search(each.get("class", ""))
    ]
    return (
        bool(feet)
        and not _OWN_FOOT.search(around[feet[0]].get("class", ""))
        and all(each.tag != "article" for each in around[feet[0] :])
    )


def _bylines(tree: html.HtmlElement) -> list[str]:
    """The texts marked as the author's name, each run of text on a line of its own."""
    return [
        text
        for element in tree.xpath(_MARKED)[:6]
        if (text := _runs(element)) and len(text) <= 2 * _NAME and not _aside(element)
    ]


def _pen_name(tree: html.HtmlElement) -> str | None:
    """Who signs with a name that is no person's: the first short text marked as the author's name."""
    for element in tree.xpath(_MARKED)[:6]:
        text = _clean(element.text_content()) or ""
        linked = "author" in (element.get("rel") or "", element.get("itemprop") or "")
        if len(text) > _NAME or not (linked or names.is_signed(text)) or dates.find(text):
            continue
        name = names.signature(text)
        if name and len(name.split()) <= _LONGEST_PEN_NAME and not _elsewhere(element):
            return name
    return None


def _runs(element: html.HtmlElement) -> str:
    return "\n".join(text for run in element.itertext() if (text := _clean(run)))


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
        if not text or len(text) > _NAME or _elsewhere(element) or _aside(element):
            continue
        if people := names.people([text]):
            signed.setdefault(people[0].casefold(), text)
    return next(iter(signed.values())) if 0 < len(signed) <= _MOST_SIGNED else None


def _elsewhere(element: html.HtmlElement) -> bool:
    """Whether tags, classes or ids around an element speak of comments or other stories."""
    return any(
        _ELSEWHERE.search(f"{each.tag} {each.get('class', '')} {each.get('id', '')}")
        for each in element.iterancestors()
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
