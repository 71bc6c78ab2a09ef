"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

from collections.abc import Iterator
from typing import Any

from services.enrich.formats.content import blocks_from, line_from
from services.enrich.formats.dates import parse_date
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, RawFile, Refusal


def read(feed: dict[str, Any], raw: RawFile) -> Iterator[Article | Refusal]:
    """One article an item."""
    items = feed.get("items")
    if items is not None and not isinstance(items, list):
        raise ArticleRejected(Reason.TYPE_MISMATCH, "items is not a list")
    if not items:
        raise FileIgnored("a feed without items")
    for position, item in enumerate(items, start=1):
        if isinstance(item, dict):
            yield _article(item, feed)
        else:
            yield Refusal(
                reason=Reason.TYPE_MISMATCH, detail="an item is not an object", item=f"{raw.key}#{position}"
            )


def _article(item: dict[str, Any], feed: dict[str, Any]) -> Article:
    html, text, summary = item.get("content_html"), item.get("content_text"), item.get("summary")
    tags = item.get("tags")
    blocks = blocks_from(html, html=True) if isinstance(html, str) and html.strip() else ()
    if not blocks and isinstance(text, str):
        blocks = blocks_from(text, html=False)
    if not blocks and isinstance(summary, str):
        blocks, summary = blocks_from(summary), None
    return Article(
        uid=str(item.get("id") or item.get("url") or ""),
        headline=line_from(item.get("title")),
        standfirst=line_from(summary),
        byline=_authors(item) or _authors(feed),
        published=parse_date(item.get("date_published")),
        updated=parse_date(item.get("date_modified")),
        language=line_from(item.get("language")) or line_from(feed.get("language")),
        source=line_from(feed.get("title")),
        url=line_from(item.get("url")) or line_from(item.get("external_url")),
        keywords=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        blocks=blocks,
    )


def _authors(holder: dict[str, Any]) -> str | None:
    """1.1 has ``authors``, 1.0 had one ``author``."""
    authors = holder.get("authors")
    found = authors if isinstance(authors, list) else [holder.get("author")]
    return (
        ", ".join(
            name for author in found if isinstance(author, dict) and (name := line_from(author.get("name")))
        )
        or None
    )
