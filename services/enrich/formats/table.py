"""The table of formats, and the one way in: bytes to articles.

To add a format: one file with ``parse(raw) -> Iterator[Article | Refusal]``, one row here, one sign
in ``sniff``, one example with its expected record.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.enrich.formats import (
    anpa,
    archive,
    csv_file,
    eml,
    epub,
    feed,
    frontmatter,
    html,
    iptc7901,
    json_file,
    mediawiki,
    newsml,
    newsml_g2,
    nitf,
    office,
    pdf,
    rtf,
    text,
    vendor_xml,
    warc,
    wire,
    wxr,
)
from services.enrich.formats.archive import Budget
from services.enrich.formats.finish import finished
from services.enrich.formats.sniff import sniff
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, RawFile, Refusal

Items = Iterator[Article | Refusal]


@dataclass(frozen=True)
class Format:
    """A kind of file: its name in ``provenance.format``, how it is read, and what of it is read.

    ``parse`` makes articles; a container has ``members`` instead, each a file in its own right.
    """

    name: str
    about: str
    parse: Callable[[RawFile], Items] | None = None
    members: Callable[[RawFile, Budget], archive.Members] | None = None
    wraps_one: bool = False  # a mere compression: the file inside says what it is


@dataclass(frozen=True)
class Parsed:
    """A file's format and its articles, which are read one by one as they are asked for."""

    format: str
    items: Items


_ROWS = (
    Format("text", "plain text and page dumps (plain, Markdown, reader-service header)", text.parse),
    Format("html", "web pages: the article, its metadata and schema.org data", html.parse),
    Format("frontmatter", "Markdown with front matter in YAML, TOML or JSON", frontmatter.parse),
    Format("nitf", "NITF 3.x, with or without namespace", nitf.parse),
    Format(
        "newsml-g2",
        "NewsML-G2 2.x: each newsItem of text; packages and concepts are ignored",
        newsml_g2.parse,
    ),
    Format("newsml", "NewsML 1.0 to 1.2: each NewsItem of text", newsml.parse),
    Format("ninjs", "ninjs 1.x, 2.x, 3.x, Superdesk's flavour, AP Media API", json_file.parse),
    Format("rss", "RSS 0.9x and 2.0: each item", feed.parse),
    Format("atom", "Atom 0.3 and 1.0: each entry", feed.parse),
    Format("rdf", "RSS 0.90 and 1.0 (RDF): each item", feed.parse),
    Format("jsonfeed", "JSON Feed 1.0 and 1.1: each item", json_file.parse),
    Format("jsonld", "schema.org articles in JSON-LD: alone, in lists and graphs", json_file.parse),
    Format("json", "other JSON: objects, arrays and wrappers, by the usual key names", json_file.parse),
    Format("jsonl", "JSON lines: each line", json_file.parse),
    Format("csv", "CSV with a header row: each row, by the usual column names", csv_file.parse),
    Format(
        "xml",
        "other XML: each record, by the usual element names; SGML documents one after another",
        vendor_xml.parse,
    ),
    Format("wxr", "WordPress exports 1.0 to 1.2: each public post and page", wxr.parse),
    Format("mediawiki", "MediaWiki exports: each page of the main namespace", mediawiki.parse),
    Format("iptc7901", "IPTC 7901 wire frames: each frame", iptc7901.parse),
    Format("anpa", "ANPA 1312 wire transmissions: each transmission", anpa.parse),
    Format("wire", "ZCZC frames, tagged bulletins, AsiaNet releases", wire.parse),
    Format("email", "e-mail: the letter, or the release attached to it", eml.parse),
    Format("docx", "Word documents (OOXML)", office.parse_docx),
    Format("odt", "OpenDocument texts", office.parse_odt),
    Format("rtf", "Rich Text Format", rtf.parse),
    Format("pdf", "PDF with text; pictures of pages are refused", pdf.parse),
    Format("epub", "EPUB 2 and 3: the book as one article", epub.parse),
    Format("warc", "WARC and ARC, compressed or not: each page of HTML fetched with success", warc.parse),
    Format("gzip", "gzip around any of these", members=archive.open_gzip, wraps_one=True),
    Format("bzip2", "bzip2 around any of these", members=archive.open_bzip2, wraps_one=True),
    Format("xz", "xz around any of these", members=archive.open_xz, wraps_one=True),
    Format("zip", "zip bundles: each member, nested up to three layers", members=archive.open_zip),
    Format("tar", "tar bundles: each regular file", members=archive.open_tar),
)

FORMATS: dict[str, Format] = {row.name: row for row in _ROWS}


def parse(raw: RawFile) -> Parsed:
    """The articles of a file, in its order; refusals stand for those that could not be read.

    Raises ``ArticleRejected`` when the whole file is of no use and ``FileIgnored`` when it is sound
    but rightly holds no article.
    """
    return _parse(raw, Budget())


def parse_record(name: str, raw: RawFile, before: int, shared: frozenset[str] = frozenset()) -> Parsed:
    """The articles of one record of a file in format ``name``, ``before`` of whose items came before.

    ``shared`` are those of its ids that other records have, too.
    """
    row = FORMATS[name]
    assert row.parse is not None
    items = feed.parse(raw, shared) if shared else row.parse(raw)
    return Parsed(name, _finished(items, raw, before))


def _parse(raw: RawFile, budget: Budget) -> Parsed:
    name = sniff(raw.data)
    row = FORMATS.get(name)
    if row is not None and row.members is not None and row.wraps_one:
        budget.deeper()
        (member,) = row.members(raw, budget)
        assert isinstance(member, RawFile)
        return _parse(member, budget)
    if row is not None and row.members is not None:
        return Parsed(name, _settled(_unpacked(row.members(raw, budget), budget)))
    if row is None or row.parse is None:
        raise ArticleRejected(Reason.SCHEMA, f"Copydesk does not read {name} files; see docs/formats.md")
    return Parsed(name, _settled(_finished(row.parse(raw), raw)))


def _unpacked(members: archive.Members, budget: Budget) -> Items:
    """The articles of each member, which is judged alone; a bomb condemns the whole file."""
    layer = budget.depth - 1
    for member in members:
        if isinstance(member, Refusal):
            yield member
            continue
        budget.depth = layer + 1
        budget.deeper()
        try:
            yield from _parse(member, budget).items
        except ArticleRejected as rejected:
            if rejected.reason is Reason.ARCHIVE_BOMB:
                raise
            yield _refusal(rejected, member.key)
        except FileIgnored:
            continue


def _finished(items: Items, raw: RawFile, before: int = 0) -> Items:
    """Each article made ready. A file that fails after its first articles is a refusal among them."""
    for place, item in _numbered(items):
        position = before + (place or 1) if before else place
        if isinstance(item, Refusal):
            yield item
            continue
        try:
            yield finished(item, raw, position)
        except ArticleRejected as rejected:
            yield _refusal(rejected, item.uid or f"{raw.key}#{position or 1}")


def _numbered(items: Items) -> Iterator[tuple[int | None, Article | Refusal]]:
    """Items with their place in the file; the only item of a file has none."""
    held: Article | Refusal | None = None
    position = 0
    try:
        for item in items:
            if held is not None:
                yield position, held
            held, position = item, position + 1
    except ArticleRejected as rejected:
        if held is None:
            raise
        yield position, held
        yield position + 1, _refusal(rejected, f"after #{position}")
        return
    if held is not None:
        yield (position if position > 1 else None), held


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
