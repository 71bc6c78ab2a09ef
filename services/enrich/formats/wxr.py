"""WordPress eXtended RSS 1.0 to 1.2: the posts and pages of a site's export that are public."""

import re
from collections.abc import Iterator

from services.enrich.formats.content import blocks_from, line_from
from services.enrich.formats.dates import parse_date
from services.enrich.formats.feed import Fields
from services.enrich.formats.xml import Element, children, first, read_xml, text_of
from services.errors import FileIgnored
from services.models import Article, Block, BlockKind, RawFile, Refusal

_TYPES = {"post", "page", None}
_PUBLIC = {"publish", "future", "inherit", None}
_CAPTION = re.compile(
    r"\[(?:wp_)?caption\b[^\[\]]*\](?P<picture>(?:[^\[<]|<(?!/?p\b))*?)\[/(?:wp_)?caption\]", re.IGNORECASE
)
# Attributes are checked apart: a single pattern for both would try every way to part a broken one.
_SHORTCODE = re.compile(r"\[/?[a-zA-Z][\w-]*(\s[^\[\]]{0,2000})?/?\]")
_ATTRIBUTES = re.compile(r"(?:\s+[\w-]+=(?:\"[^\"]*\"|'[^']*'|[^\s\"'][^\s]*))*\s*/?")


def parse(raw: RawFile) -> Iterator[Article | Refusal]:
    """One article for each public post or page; attachments, menus and drafts are none."""
    tree = read_xml(raw.data, lenient=True)
    yield from tree.told(_articles(tree.root))


def _articles(root: Element) -> Iterator[Article]:
    channel = next(root.iter("{*}channel"), root)
    site = Fields(channel)
    names = {
        text_of(first(author, "author_login")): text_of(first(author, "author_display_name"))
        for author in children(channel, "author")
    }
    items = [Fields(item) for item in root.iter("{*}item")]
    public = [item for item in items if _is_public(item)]
    if not public:
        raise FileIgnored("a WordPress export without a public post")
    for item in public:
        yield _article(item, site, names)


def _is_public(item: Fields) -> bool:
    return (
        item.text("wp:post_type") in _TYPES
        and item.text("wp:status") in _PUBLIC
        and not item.text("wp:post_password")
    )


def _article(item: Fields, site: Fields, names: dict[str | None, str | None]) -> Article:
    login = item.text("dc:creator")
    url = item.text("link")
    excerpt = item.text("excerpt:encoded")
    content = item.text("content:encoded") or item.text("description") or excerpt or ""
    published = parse_date(item.text("wp:post_date_gmt")) or parse_date(item.text("pubDate"))
    published = published or parse_date(item.text("wp:post_date"))
    sections = [
        line_from("".join(map(str, element.itertext()))) for element in item.named.get("category", ())
    ]
    return Article(
        uid=item.text("guid") or url or "",
        headline=line_from(item.text("title")),
        standfirst=line_from(excerpt) if content != excerpt else None,
        byline=names.get(login) or login,
        published=published,
        updated=parse_date(item.text("wp:post_modified_gmt")) or parse_date(item.text("wp:post_modified")),
        embargo=published if item.text("wp:status") == "future" else None,
        language=site.text("language"),
        source=line_from(site.text("title")),
        url=url,
        keywords=tuple(section for section in sections if section),
        blocks=(*blocks_from(_paragraphs(content), html=True), *_captions(content))
        if content.strip()
        else (),
    )


def _captions(content: str) -> Iterator[Block]:
    """Pictures' captions, which are no paragraphs of the story."""
    for found in _CAPTION.finditer(content):
        if text := line_from(found.group("picture")):
            yield Block(kind=BlockKind.CAPTION, text=text, kept=False)


def _paragraphs(content: str) -> str:
    """WordPress stores blank lines and adds the paragraphs when it shows the page."""
    content = _SHORTCODE.sub(_without_shortcode, _CAPTION.sub("", content))
    if re.search(r"<p[\s>]", content, re.IGNORECASE):
        return content
    parts = re.split(r"\n[ \t\r]*\n", content.replace("\r\n", "\n"))
    return "".join(part if _is_block(part) else f"<p>{part}</p>" for part in parts if part.strip())


def _without_shortcode(found: re.Match[str]) -> str:
    """Nothing for ``[gallery ids="1,2"]``; words in brackets stay."""
    return "" if _ATTRIBUTES.fullmatch(found.group(1) or "") else found.group()


def _is_block(part: str) -> bool:
    return bool(
        re.match(r"\s*<(?:h\d|ul|ol|table|blockquote|div|figure|pre|!--|section)\b", part, re.IGNORECASE)
    )
