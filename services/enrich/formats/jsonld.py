"""schema.org in JSON-LD: NewsArticle and its kin, alone, in a list or in an ``@graph``."""

import re
from collections.abc import Iterator
from typing import Any

from services.enrich.formats.content import blocks_from, line_from
from services.enrich.formats.dates import parse_date
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, RawFile, Subject

_ARTICLE = re.compile(r"(?:Article|Posting|Report|Reportage|OpinionNews|AnalysisNews)$", re.IGNORECASE)


def recognises(item: dict[str, Any]) -> bool:
    """A typed node, a graph, or anything that names schema.org as its context."""
    return "@graph" in item or "@type" in item or "schema.org" in str(item.get("@context") or "")[:200]


def read(item: dict[str, Any], _raw: RawFile) -> Iterator[Article]:
    """The articles among the nodes."""
    nodes = list(article_nodes(item))
    if not nodes:
        kinds = ", ".join(types_of(item)) or "a graph"
        raise FileIgnored(f"schema.org {kinds[:80]}, not an article")
    for node in nodes:
        yield article(node)


def article_nodes(item: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Nodes whose type says article, wherever they stand in the graph."""
    if isinstance(item, list) and depth < 5:
        for entry in item:
            yield from article_nodes(entry, depth + 1)
    elif isinstance(item, dict):
        if any(_ARTICLE.search(kind) for kind in types_of(item)):
            yield item
        elif depth < 5:
            for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item"):
                if isinstance(item.get(key), (dict, list)):
                    yield from article_nodes(item[key], depth + 1)


def types_of(item: dict[str, Any]) -> list[str]:
    """``@type`` as a list, whatever it was."""
    value = item.get("@type")
    return [kind for kind in (value if isinstance(value, list) else [value]) if isinstance(kind, str)]


def article(node: dict[str, Any]) -> Article:
    """The article in one node."""
    body = node.get("articleBody") or node.get("text")
    description = line_from(node.get("description"))
    headline = (
        line_from(node.get("headline"))
        or line_from(node.get("name"))
        or line_from(node.get("alternativeHeadline"))
    )
    updates = [update for update in _listed(node.get("liveBlogUpdate")) if isinstance(update, dict)]
    blocks = blocks_from(body) if isinstance(body, str) else ()
    for update in updates:
        for text in (line_from(update.get("headline")), update.get("articleBody")):
            blocks += blocks_from(text) if isinstance(text, str) and text.strip() else ()
    if not any(block.kept for block in blocks):
        if not (description or headline):
            raise ArticleRejected(
                Reason.NO_TEXT, "a schema.org article without text, description or headline"
            )
        blocks, description = blocks_from(description or headline or ""), None
    url = _url(node)
    names = [name for author in _listed(node.get("author")) if (name := _name(author))]
    return Article(
        uid=url or _id(node) or "",
        headline=headline,
        standfirst=description,
        byline=", ".join(names) or None,
        authors=tuple(names) if len(names) > 1 else (),
        published=parse_date(node.get("datePublished")) or parse_date(node.get("dateCreated")),
        updated=parse_date(node.get("dateModified")),
        language=line_from(node.get("inLanguage"))
        if isinstance(node.get("inLanguage"), str)
        else _name(node.get("inLanguage")),
        source=_name(node.get("publisher")) or _name(node.get("sourceOrganization")),
        url=url,
        subjects=tuple(
            Subject(scheme="section", name=section)
            for section in map(line_from, _listed(node.get("articleSection")))
            if section
        ),
        keywords=tuple(_keywords(node.get("keywords"))),
        blocks=blocks,
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _name(value: Any) -> str | None:
    if isinstance(value, list):
        return next((name for entry in value if (name := _name(entry))), None)
    if isinstance(value, dict):
        return _name(value.get("name"))
    return line_from(value)


def _id(node: dict[str, Any]) -> str | None:
    return (
        line_from(node.get("identifier"))
        if isinstance(node.get("identifier"), str)
        else line_from(node.get("@id"))
    )


def _url(node: dict[str, Any]) -> str | None:
    entity = node.get("mainEntityOfPage")
    if isinstance(entity, dict):
        entity = entity.get("@id") or entity.get("url")
    for value in (node.get("url"), entity, node.get("@id")):
        if (url := line_from(next(iter(_listed(value)), None))) and url.startswith("http"):
            return url.partition("#")[0]
    return None


def _keywords(value: Any) -> Iterator[str]:
    for entry in _listed(value):
        text = _name(entry)
        if text:
            yield from re.split(r"\s*[,;]\s*", text)
