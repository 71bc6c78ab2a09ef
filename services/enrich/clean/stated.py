"""What a page states about itself for machines: its meta tags and its JSON-LD, as they are written."""

import json
import re
from collections.abc import Iterator
from typing import Any

from lxml import html

_ARTICLE = re.compile(
    r"(?:News|Blog|Reportage|Analysis|Opinion|Background|Review|Scholarly|Tech|Satirical|Advertiser|Social)?\w*(?:Article|Posting|Report)$"
)
_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x1f]+")
_REPEATED = frozenset(
    ["article:author", "author", "article:tag", "dc.creator", "citation_author", "parsely-author"]
)
_MAX_DEPTH = 40
_MAX_UPDATES = 2000  # entries of a live blog


def meta_tags(tree: html.HtmlElement) -> dict[str, str]:
    """The page's meta tags by lower-case name: the first of each, of authors and tags all, on lines."""
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
            if name in _REPEATED and name in out:
                out[name] += f"\n{content.strip()}"
            else:
                out.setdefault(name, content.strip())
    return out


def linked_data(tree: html.HtmlElement) -> tuple[dict[str, Any], list[dict[str, Any]]]:
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
    articles = [item for item in objects if any(_ARTICLE.fullmatch(kind) for kind in kinds(item))]
    articles = [
        item
        for item in articles
        if item.get("headline") or item.get("datePublished") or item.get("articleBody")
    ]
    article = max(articles, key=len, default={})
    return article, objects


def live_updates(objects: list[dict[str, Any]]) -> Iterator[str]:
    """Headlines and texts of a live blog's entries (https://schema.org/liveBlogUpdate)."""
    for item in objects:
        updates = item.get("liveBlogUpdate")
        for update in updates[:_MAX_UPDATES] if isinstance(updates, list) else ():
            for name in ("headline", "articleBody"):
                if isinstance(update, dict) and (text := tidy(as_text(update.get(name)))):
                    yield text


def _objects(data: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(data, list):
        for item in data[:200]:
            yield from _objects(item, depth + 1)
    elif isinstance(data, dict):
        yield data
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _objects(data.get(name), depth + 1)


def kinds(item: dict[str, Any]) -> list[str]:
    """The types of a JSON-LD object, without their vocabulary's address."""
    kind = item.get("@type")
    return [str(each).rsplit("/", 1)[-1] for each in (kind if isinstance(kind, list) else [kind]) if each]


def as_text(value: Any) -> str | None:
    """The text of a JSON-LD value: of a list the first item's, of an object its name."""
    if isinstance(value, list):
        value = next((item for item in value if item), None)
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value")
    return value if isinstance(value, str) and value.strip() else None


def tidy(text: str | None) -> str | None:
    """A text without markup, entities, soft hyphens and repeated white space; ``None`` for an empty one."""
    if not text:
        return None
    if "&" in text or "<" in text:
        from services.enrich.clean.lines import plain

        text = plain(text)
    return _SPACE.sub(" ", text.replace("\xad", "")).strip() or None


def listed_texts(value: Any) -> Iterator[str]:
    """The short texts of a list, or of one text parted by commas, once each."""
    items = (
        value if isinstance(value, list) else re.split(r"\s*[,;]\s*", value) if isinstance(value, str) else []
    )
    seen: set[str] = set()
    for item in items[:100]:
        text = tidy(as_text(item))
        if text and len(text) <= 80 and text.casefold() not in seen:
            seen.add(text.casefold())
            yield text
