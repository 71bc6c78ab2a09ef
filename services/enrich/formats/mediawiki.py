"""MediaWiki XML export 0.3 to 0.11: the newest revision of each page of the main namespace."""

import re
from collections.abc import Iterator

from services.enrich.formats.content import line_from
from services.enrich.formats.dates import parse_date
from services.enrich.formats.xml import Element, attribute, children, every, first, read_xml, text_of
from services.errors import FileIgnored
from services.models import Article, Block, BlockKind, RawFile, Refusal

_DROPPED = re.compile(
    r"<!--.*?(?:-->|\Z)|<ref\b[^<>/]*/>|<ref\b[^<>]*>.*?(?:</ref>|\Z)|<(?:gallery|math|timeline|nowiki|noinclude)\b[^<>]*>.*?"
    r"(?:</(?:gallery|math|timeline|nowiki|noinclude)>|\Z)|__[A-Z]+__",
    re.DOTALL | re.IGNORECASE,
)
_MEDIA = re.compile(
    r"\[\[(?:File|Image|Category|Datei|Bild|Kategorie|Fichier|Catégorie|Archivo|Categoría)\s*:", re.IGNORECASE
)
# A line that leads to the same page in another language: "[[de:Brand im Hafen]]".
_OTHER_LANGUAGE = re.compile(r"^[ \t]*\[\[[a-z]{2,3}(?:-[a-z-]{2,12})?:[^\[\]|\n]+\]\][ \t]*$", re.MULTILINE)
_LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
_OUTSIDE = re.compile(r"\[(?:https?:)?//[^\s\]]+\s*([^\]]*)\]")
_DATE = re.compile(r"\{\{\s*date\s*\|\s*([^{}|]+)", re.IGNORECASE)


def parse(raw: RawFile) -> Iterator[Article | Refusal]:
    """One article a page; talk, templates and redirects are none."""
    tree = read_xml(raw.data)
    yield from tree.told(_articles(tree.root))


def _articles(root: Element) -> Iterator[Article]:
    language = attribute(root, "lang")
    site = text_of(first(root, "siteinfo", "sitename"))
    base = text_of(first(root, "siteinfo", "base")) or ""
    pages = [page for page in every(root, "page") if _is_article(page)]
    if not pages:
        raise FileIgnored("a MediaWiki export without a page of the main namespace")
    for page in pages:
        yield _article(page, language, site, base)


def _is_article(page: Element) -> bool:
    return (text_of(first(page, "ns")) or "0") == "0" and first(page, "redirect") is None


def _article(page: Element, language: str | None, site: str | None, base: str) -> Article:
    revisions = list(children(page, "revision"))
    newest = max(revisions, key=lambda revision: text_of(first(revision, "timestamp")) or "", default=None)
    oldest = min(revisions, key=lambda revision: text_of(first(revision, "timestamp")) or "", default=None)
    element = first(newest, "text")
    wikitext = "".join(map(str, element.itertext())) if element is not None else ""
    title = text_of(first(page, "title"))
    stated = _DATE.search(wikitext)
    written = parse_date(text_of(first(oldest, "timestamp"))) if len(revisions) > 1 else None
    return Article(
        uid=text_of(first(page, "id")) or title or "",
        version=text_of(first(newest, "id")),
        headline=title,
        published=(parse_date(stated.group(1).strip()) if stated else None) or written,
        updated=parse_date(text_of(first(newest, "timestamp"))),
        language=language,
        source=site,
        url=base.rpartition("/")[0] + "/" + title.replace(" ", "_") if base and title else None,
        keywords=tuple(re.findall(r"\[\[Category:([^\[\]|]+)", wikitext)),
        blocks=tuple(plain(wikitext)),
    )


def plain(wikitext: str) -> Iterator[Block]:
    """The readable text of wiki markup: templates, tables, files and notes fall away."""
    text = _DROPPED.sub("", wikitext)
    text = _without_nested(_without_nested(text, "{{", "}}"), "{|", "|}")
    text = _OTHER_LANGUAGE.sub("", _without_media(text))
    text = _OUTSIDE.sub(r"\1", _LINK.sub(r"\1", _LINK.sub(r"\1", text)))
    text = re.sub(r"'{2,5}", "", text)
    heading = None  # held back: a section of nothing but templates, such as sources, leaves none
    for line in text.split("\n"):
        if title := re.match(r"\s*(={2,6})\s*(.*?)\s*\1\s*$", line):
            heading = line_from(title.group(2))
        elif words := line_from(line.lstrip("*#:; ")):
            if heading:
                yield Block(kind=BlockKind.HEADING, text=heading)
                heading = None
            kind = BlockKind.LIST_ITEM if line[:1] in {"*", "#"} else BlockKind.PARAGRAPH
            yield Block(kind=kind, text=words)


def _without_nested(text: str, opening: str, closing: str) -> str:
    """Text outside of brackets that may stand inside each other; one pass, no recursion."""
    kept, depth = [], 0
    for part in re.split(f"({re.escape(opening)}|{re.escape(closing)})", text):
        if part == opening:
            depth += 1
        elif part == closing:
            depth = max(depth - 1, 0)
        elif not depth:
            kept.append(part)
    return "".join(kept)


def _without_media(text: str) -> str:
    """Files' captions may hold links: brackets are counted."""
    kept, position = [], 0
    while found := _MEDIA.search(text, position):
        kept.append(text[position : found.start()])
        depth, end = 0, found.start()
        for bracket in re.finditer(r"\[\[|\]\]", text[found.start() : found.start() + 5_000]):
            depth += 1 if bracket.group() == "[[" else -1
            end = found.start() + bracket.end()
            if not depth:
                break
        position = max(end, found.end())
    return "".join([*kept, text[position:]])
