"""Articles out of HTML: whole web pages, and the trusted body of a feed or a JSON item."""

from collections.abc import Sequence

from services.enrich.clean import choice, dom, header, language, metadata, walls
from services.enrich.clean.blocks import Candidate, settle
from services.enrich.clean.choice import Verdict
from services.enrich.clean.dom import Piece
from services.enrich.clean.page import Page
from services.enrich.clean.text import clean_plain
from services.errors import ArticleRejected, Reason
from services.models import Block, BlockKind, Subject

_SHAPES = {"li": BlockKind.LIST_ITEM, "dd": BlockKind.LIST_ITEM, "dt": BlockKind.LIST_ITEM,
           "blockquote": BlockKind.QUOTE, "figcaption": BlockKind.CAPTION, "caption": BlockKind.CAPTION,
           "td": BlockKind.TABLE, "th": BlockKind.TABLE,
           **{f"h{level}": BlockKind.HEADING for level in range(1, 7)}}  # fmt: skip
_BEHIND = 4  # blocks, with the first of the body, that may still name the date
_DATE_LINE = 80
_NEAR = 8  # blocks between headline and body that may name author and date
_FEED_NOISE = ("feedflare", "mc_embed", "sharedaddy", "jp-relatedposts", "wp-block-jetpack-subscriptions")


def clean_page(html: str, *, url: str | None = None) -> Page:
    """The article of a whole web page.

    Args:
        html: the page.
        url: where it came from, when the page does not say so itself.

    """
    tree = dom.parse(html)
    about = metadata.read(tree, url)
    found = dom.pieces(tree)
    verdicts = choice.choose_pieces(found, about, tree)
    blocks: tuple[Block, ...]
    stated = about.body or "\n\n".join(about.updates)
    if Verdict.BODY not in verdicts and len(stated) > 200:
        blocks = clean_plain(stated)
    else:
        candidates = [
            Candidate(
                piece.text,
                shape=_shape(piece),
                linked=piece.linked / max(1, len(piece.text)),
                kept=verdict is Verdict.BODY,
                kind=BlockKind.COMMENT if verdict is Verdict.COMMENT else None,
            )
            for piece, verdict in zip(found, verdicts, strict=True)
        ]
        _name_fields(candidates, about)
        _read_printed(candidates, about)
        blocks = settle(candidates)
    body = "\n".join(block.text for block in blocks if block.kept)
    walls.check(body, found, about)
    return Page(
        blocks=blocks,
        headline=about.headline,
        kicker=about.kicker,
        standfirst=about.standfirst,
        byline=about.byline,
        authors=about.authors,
        published=about.published,
        updated=about.updated,
        language=language.detect(body, about.language),
        source=about.source,
        url=about.url,
        subjects=(Subject(scheme="section", name=about.section),) if about.section else (),
        keywords=about.keywords,
    )


def clean_fragment(html: str) -> tuple[Block, ...]:
    """All of a body that is known to be the article, in labelled blocks. Machinery of feeds is left out."""
    if not html.strip():
        return ()
    try:
        tree = dom.parse(html)
    except ArticleRejected as error:
        if error.reason is Reason.NO_TEXT:
            return ()
        raise
    for name in _FEED_NOISE:
        for element in tree.xpath(f"//*[contains(@class,'{name}')]"):
            element.drop_tree()
    return tuple(
        Block(kind=_shape(piece), text=piece.text) for piece in dom.pieces(tree) if _has_words(piece.text)
    )


def _has_words(text: str) -> bool:
    return any(map(str.isalnum, text))


def _shape(piece: Piece) -> BlockKind:
    holder: dom.Holder | None = piece.holder
    shape = _SHAPES.get(piece.tag)
    if shape in (BlockKind.HEADING, BlockKind.CAPTION, BlockKind.TABLE):
        return shape
    while holder is not None:
        if holder.tag == "blockquote":
            return BlockKind.QUOTE
        if holder.tag == "figcaption":
            return BlockKind.CAPTION
        if holder.tag == "li" and shape is None:
            shape = BlockKind.LIST_ITEM
        holder = holder.above
    return shape or BlockKind.PARAGRAPH


def _key(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _read_printed(candidates: Sequence[Candidate], about: metadata.Metadata) -> None:
    """What only the printed lines between headline and body say: often the author, sometimes the date."""
    first = next((position for position, item in enumerate(candidates) if item.kept), len(candidates))
    titles = [position for position in range(first) if candidates[position].kind is BlockKind.HEADLINE]
    start = max(titles[-1] + 1 if titles else first - _NEAR, first - 2 * _NEAR, 0)
    printed = header.read_near(candidates, start, min(first + 3, len(candidates)))
    if not about.authors and printed.authors:
        about.authors = printed.authors
        about.byline = printed.byline
    # Away from the headline a date may be anything's: today's, a comment's, another story's.
    if about.published is None and titles:
        top = next(above for above in range(titles[-1], -1, -1) if above - 1 not in titles)
        places = [(start, min(start + _NEAR, first)), (max(0, top - 1), top)]
        if about.byline or printed.byline:  # the first paragraph may stand above them
            last = max((position for position, item in enumerate(candidates) if item.kept), default=first)
            places.insert(1, (first, min(first + _BEHIND, last)))
        read = (header.read_near(candidates, *place, longest=_DATE_LINE).published for place in places)
        about.published = next(filter(None, read), None)
        about.updated = about.updated or printed.updated


def _name_fields(candidates: Sequence[Candidate], about: metadata.Metadata) -> None:
    titles = {_key(title) for title in about.titles}
    standfirst = _key(about.standfirst or "")
    firsts = {key[:1] for key in (*titles, standfirst)}
    for item in candidates:
        if next(filter(str.isalnum, item.text), "") not in firsts:
            continue  # as most are, told by a letter
        key = _key(item.text)
        if key in titles:
            item.kind, item.kept = BlockKind.HEADLINE, False
        elif not item.kept and standfirst and key == standfirst:
            item.kind = BlockKind.STANDFIRST
