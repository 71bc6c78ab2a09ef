"""Web pages (HTML of any age): the cleaner finds article and fields, this file guards it."""

import json
import re
from collections.abc import Iterator

from services.enrich.clean.html import clean_page
from services.enrich.clean.page import Page
from services.enrich.formats import json_file, jsonld
from services.enrich.formats.content import line_from
from services.enrich.formats.encoding import decode
from services.enrich.formats.refuse import refuse_page
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, RawFile

_MAX_DEPTH = 800  # parsers slow down or silently lose text far below the nesting of a hostile page
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)\b[^<>]*?(/?)>", re.IGNORECASE)
_NEVER_OPEN = {
    "area", "base", "br", "col", "embed", "hr", "img",
    "input", "link", "meta", "param", "source", "track", "wbr",
    "p", "li", "dt", "dd", "tr", "td", "th",
    "thead", "tbody", "tfoot", "option", "optgroup", "colgroup", "rp", "rt",
    "html", "head", "body",
}  # fmt: skip
_REFRESH = re.compile(r"<meta\b[^>]{0,200}http-equiv\s*=\s*[\"']?refresh\b[^>]{0,500}url\s*=", re.IGNORECASE)
_LINKED_DATA = re.compile(
    r"<script\b[^>]{0,300}application/ld\+json[^>]{0,300}>(.*?)(?:</script|\Z)", re.IGNORECASE | re.DOTALL
)
_COMMENT = re.compile(r"\A\s*(?:<!--|//\s*<!\[CDATA\[|/\*.*?\*/)|(?:-->|//\s*\]\]>)\s*\Z", re.DOTALL)
_WHOLE = 200  # characters: less is a teaser
_TEASER = re.compile(r"<h[1-4]\b[^>]*>\s*<a\b", re.IGNORECASE)
_TITLE = re.compile(r"<title\b[^<>]{0,300}>([^<]{0,1000})", re.IGNORECASE | re.DOTALL)


def parse(raw: RawFile) -> Iterator[Article]:
    """One article a page."""
    yield read(decode(raw.data))


def read(html: str, *, url: str | None = None) -> Article:
    """The article on a page; ``url`` is where it was fetched from, when known."""
    depth = nesting(html)
    if depth > _MAX_DEPTH:
        raise ArticleRejected(Reason.TOO_DEEP, f"elements nested more than {_MAX_DEPTH} deep")
    title = _title(html)
    try:
        page = clean_page(html, url=url)
    except ArticleRejected as rejected:
        if _REFRESH.search(html[:20_000]):
            raise FileIgnored("a page that only forwards to another") from None
        if (article := _structured(html, url)) is not None:
            return article
        if rejected.reason is Reason.NO_TEXT and (teasers := len(_TEASER.findall(html))) >= 8:
            raise ArticleRejected(Reason.NOT_NEWS, f"a list of {teasers} teasers, not an article") from None
        raise
    if not any(block.kept for block in page.blocks):
        if _REFRESH.search(html[:20_000]):
            raise FileIgnored("a page that only forwards to another")
        refuse_page(page.blocks, title, page.headline)
        raise ArticleRejected(
            Reason.NO_TEXT,
            f"no article text on the page {title[:80]!r}" if title else "no article text on the page",
        )
    refuse_page(page.blocks, title, page.headline)
    return from_page(page, url=url)


def _structured(html: str, url: str | None) -> Article | None:
    """The article that a page of scripts carries whole in its schema.org data, for search engines."""
    for found in _LINKED_DATA.finditer(html):
        try:
            data = json_file.loads(_COMMENT.sub("", found.group(1)).strip().rstrip(";"))
            nodes = [
                node
                for node in jsonld.article_nodes(data)
                if len(str(node.get("articleBody") or "")) > _WHOLE
            ]
            article = jsonld.article(nodes[0]) if nodes else None
        except (json.JSONDecodeError, ArticleRejected):
            continue
        if article is not None:
            return article.model_copy(update={"uid": article.uid or url or "", "url": article.url or url})
    return None


def from_page(page: Page, *, url: str | None = None) -> Article:
    """A cleaned page as an article, identified by its address."""
    address = page.url or url
    return Article(
        uid=address or "",
        headline=page.headline,
        kicker=page.kicker,
        standfirst=page.standfirst,
        byline=page.byline,
        authors=page.authors,
        published=page.published,
        updated=page.updated,
        language=page.language,
        source=page.source,
        original_source=page.original_source,
        copyright=page.copyright,
        url=address,
        subjects=page.subjects,
        keywords=page.keywords,
        blocks=page.blocks,
    )


def nesting(html: str) -> int:
    """How deep elements stand inside each other, counted without building a tree."""
    depth = deepest = 0
    for found in _TAG.finditer(html):
        closing, name, empty = found.groups()
        if empty or name.lower() in _NEVER_OPEN:
            continue
        if closing:
            depth = max(depth - 1, 0)
        else:
            depth += 1
            if depth > deepest:
                deepest = depth
                if deepest > _MAX_DEPTH:
                    break
    return deepest


def _title(html: str) -> str | None:
    found = _TITLE.search(html, 0, 200_000)
    return line_from(found.group(1)) if found else None
