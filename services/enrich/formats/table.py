"""The table of formats, and the one way in: bytes to articles.

To add a format: one file with ``parse(raw) -> Iterator[Article | Refusal]``, one row here, one sign
in ``sniff``, one example with its expected record.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.enrich.formats import (
    anpa,
    csv_file,
    feed,
    frontmatter,
    html,
    iptc7901,
    json_file,
    mediawiki,
    newsml,
    newsml_g2,
    nitf,
    text,
    vendor_xml,
    wire,
    wxr,
)
from services.enrich.formats.finish import finished
from services.enrich.formats.sniff import sniff
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, RawFile, Refusal

Items = Iterator[Article | Refusal]


@dataclass(frozen=True)
class Format:
    """A kind of file: its name in ``provenance.format``, its parser, and what is read of it."""

    name: str
    parse: Callable[[RawFile], Items]
    about: str


@dataclass(frozen=True)
class Parsed:
    """A file's format and its articles, which are read one by one as they are asked for."""

    format: str
    items: Items


_ROWS = (
    Format("text", text.parse, "plain text and page dumps (plain, Markdown, reader-service header)"),
    Format("html", html.parse, "web pages: article, metadata, schema.org"),
    Format("nitf", nitf.parse, "NITF 3.x, with or without namespace"),
    Format(
        "newsml-g2",
        newsml_g2.parse,
        "NewsML-G2 2.x: newsItem, newsMessage; packages and concepts are ignored",
    ),
    Format("newsml", newsml.parse, "NewsML 1.0 to 1.2, one article an item of text"),
    Format("ninjs", json_file.parse, "ninjs 1.x, 2.x, 3.x, Superdesk's flavour, AP Media API"),
    Format("rss", feed.parse, "RSS 0.9x and 2.0, one article an item"),
    Format("atom", feed.parse, "Atom 0.3 and 1.0, one article an entry"),
    Format("rdf", feed.parse, "RSS 0.90 and 1.0 (RDF), one article an item"),
    Format("jsonfeed", json_file.parse, "JSON Feed 1.0 and 1.1"),
    Format("jsonld", json_file.parse, "schema.org articles in JSON-LD"),
    Format("json", json_file.parse, "other JSON: objects, arrays and wrappers, by the usual key names"),
    Format("wxr", wxr.parse, "WordPress exports 1.0 to 1.2: public posts and pages"),
    Format("mediawiki", mediawiki.parse, "MediaWiki exports: pages of the main namespace"),
    Format("frontmatter", frontmatter.parse, "Markdown with front matter in YAML, TOML or JSON"),
    Format("csv", csv_file.parse, "CSV with a header row, by the usual column names"),
    Format("xml", vendor_xml.parse, "other XML: records by the usual element names"),
    Format("iptc7901", iptc7901.parse, "IPTC 7901 wire frames, one article a frame"),
    Format("anpa", anpa.parse, "ANPA 1312 wire transmissions, one article each"),
    Format("wire", wire.parse, "ZCZC frames, tagged bulletins, AsiaNet releases"),
    Format("jsonl", json_file.parse, "JSON lines, one article a line"),
)

FORMATS: dict[str, Format] = {row.name: row for row in _ROWS}


def parse(raw: RawFile) -> Parsed:
    """The articles of a file, in its order; refusals stand for those that could not be read.

    Raises ``ArticleRejected`` when the whole file is of no use and ``FileIgnored`` when it is sound
    but rightly holds no article.
    """
    name = sniff(raw.data)
    if (row := FORMATS.get(name)) is None:
        raise ArticleRejected(Reason.SCHEMA, f"a {name} file; Copydesk does not read these yet")
    return Parsed(name, _settled(_finished(row.parse(raw), raw)))


def _finished(items: Items, raw: RawFile) -> Items:
    """Each article made ready. A file that fails after its first articles is a refusal among them."""
    position = 0
    try:
        for position, item in enumerate(items, start=1):
            if isinstance(item, Refusal):
                yield item
                continue
            try:
                yield finished(item, raw, position)
            except ArticleRejected as rejected:
                yield _refusal(rejected, item.uid or f"#{position}")
    except ArticleRejected as rejected:
        if not position:
            raise
        yield _refusal(rejected, f"after #{position}")


def _settled(items: Items) -> Items:
    """Decide about the file as soon as its first article is known, and not before.

    A file without a single article is refused as a whole, with its commonest reason.
    """
    refused: list[Refusal] = []
    for item in items:
        if isinstance(item, Article):
            return _chain(refused, item, items)
        refused.append(item)
    if not refused:
        raise FileIgnored("no article in the file")
    reason, count = Counter(item.reason for item in refused).most_common(1)[0]
    detail = next(item.detail for item in refused if item.reason is reason)
    raise ArticleRejected(
        reason, detail if len(refused) == 1 else f"{count} of {len(refused)} items: {detail}"
    )


def _chain(refused: list[Refusal], article: Article, rest: Items) -> Items:
    yield from refused
    yield article
    yield from rest


def _refusal(rejected: ArticleRejected, item: str) -> Refusal:
    return Refusal(reason=rejected.reason, detail=rejected.detail, item=item[:200])
