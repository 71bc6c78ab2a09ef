"""Word (OOXML, ECMA-376) and OpenDocument text: paragraphs, headings, lists and tables in their order.

Headers, footers, comments and deleted text are no part of the article; the dates of the file are not
the article's.
"""

import zipfile
from collections.abc import Iterator

from services.enrich.formats.archive import Budget, opened_zip, zip_member
from services.enrich.formats.markup import tidied
from services.enrich.formats.xml import (
    Element,
    attribute,
    children,
    every,
    find,
    first,
    local,
    read_xml,
    text_of,
)
from services.errors import ArticleRejected, Reason
from services.models import Article, Block, BlockKind, RawFile

_SKIPPED = {
    "del",
    "moveFrom",
    "instrText",
    "delText",
    "annotation",
    "note",
    "tracked-changes",
    "fldData",
    "pict",
    "AlternateContent",
}


def parse_docx(raw: RawFile) -> Iterator[Article]:
    """One article a document."""
    yield read_docx(raw.data)


def read_docx(data: bytes) -> Article:
    """The article in a Word document."""
    with opened_zip(data) as archive:
        main = _part(archive, "word/document.xml")
        core = _part(archive, "docProps/core.xml")
    if main is None:
        raise ArticleRejected(Reason.SCHEMA, "no word/document.xml; expected a Word document")
    body = find(main, "body")
    blocks, title = _word_blocks(body if body is not None else main)
    return _article(blocks, title, core)


def parse_odt(raw: RawFile) -> Iterator[Article]:
    """One article a document."""
    with opened_zip(raw.data) as archive:
        content = _part(archive, "content.xml")
        meta = _part(archive, "meta.xml")
    body = find(content, "text")
    if body is None:
        raise ArticleRejected(Reason.SCHEMA, "no text in content.xml; expected an OpenDocument text")
    yield _article(list(_open_document_blocks(body)), None, meta)


def _part(archive: zipfile.ZipFile, name: str) -> Element | None:
    try:
        entry = archive.getinfo(name)
    except KeyError:
        return None
    return read_xml(zip_member(archive, entry, Budget())).root


def _article(blocks: list[Block], title: str | None, core: Element | None) -> Article:
    """The first heading or bold line is the headline; the title among the properties is mostly empty."""
    headline = title or text_of(find(core, "title"))
    if headline is None and blocks and blocks[0].kind is BlockKind.HEADING:
        headline = blocks[0].text
    if headline and blocks and blocks[0].text == headline and len(blocks) > 1:
        blocks[0] = Block(kind=BlockKind.HEADLINE, text=headline, kept=False)
    return Article(
        uid=text_of(find(core, "identifier")) or "",
        headline=headline,
        byline=text_of(find(core, "creator")) if core is not None else None,
        language=text_of(find(core, "language")),
        keywords=tuple((text_of(find(core, "keywords")) or "").replace(";", ",").split(",")),
        blocks=tidied(blocks),
    )


def _word_blocks(body: Element) -> tuple[list[Block], str | None]:
    blocks: list[Block] = []
    title = None
    for element in body:
        name = local(element)
        if name == "sdt":
            inner, found = _word_blocks(first(element, "sdtContent") or element)
            blocks += inner
            title = title or found
        elif name == "tbl":
            if table := _table(element):
                blocks.append(table)
        elif name == "p" and (text := _word_text(element).strip()):
            style = (attribute(first(element, "pPr", "pStyle"), "val") or "").lower()
            is_title = style in {"title", "titel", "titre"} or (
                not blocks and title is None and _bold(element)
            )
            if is_title and title is None and len(text) < 300:
                title = text
            blocks.append(Block(kind=_kind(style, element, is_title=is_title), text=text))
    return blocks, title


def _kind(style: str, paragraph: Element, *, is_title: bool) -> BlockKind:
    if is_title or style.startswith(("heading", "berschrift", "titre", "title", "subtitle")):
        return BlockKind.HEADING
    if style.startswith("list") or first(paragraph, "pPr", "numPr") is not None:
        return BlockKind.LIST_ITEM
    return BlockKind.QUOTE if "quote" in style else BlockKind.PARAGRAPH


def _bold(paragraph: Element) -> bool:
    """Whether every run of text is bold."""
    runs = [run for run in children(paragraph, "r") if text_of(run)]
    return bool(runs) and all(
        (mark := first(run, "rPr", "b")) is not None and attribute(mark, "val") not in {"0", "false"}
        for run in runs
    )


def _word_text(element: Element) -> str:
    """Text of the runs, also inside links and insertions."""
    parts = []
    for child in element:
        name = local(child)
        if name in _SKIPPED or name.endswith("Pr"):
            continue
        if name == "t":
            parts.append(child.text or "")
        elif name in {"tab", "ptab"}:
            parts.append("\t")
        elif name in {"br", "cr"}:
            parts.append("\n")
        elif name == "noBreakHyphen":
            parts.append("-")
        else:
            parts.append(_word_text(child))
    return "".join(parts)


def _table(table: Element) -> Block | None:
    rows = []
    for row in children(table, "tr", "table-row"):
        cells = [
            " ".join(filter(None, (_word_text(p).strip() or text_of(p) for p in every(cell, "p"))))
            for cell in children(row, "tc", "table-cell")
        ]
        if any(cells):
            rows.append(" | ".join(cells))
    return Block(kind=BlockKind.TABLE, text="\n".join(rows)) if rows else None


def _open_document_blocks(body: Element) -> Iterator[Block]:
    for element in body:
        name = local(element)
        if name == "table":
            if table := _table(element):
                yield table
        elif name in {"p", "h"}:
            if text := " ".join(_open_document_text(element).split()):
                yield Block(kind=BlockKind.HEADING if name == "h" else BlockKind.PARAGRAPH, text=text)
        elif name == "list":
            yield from (
                Block(kind=BlockKind.LIST_ITEM, text=text)
                for item in every(element, "p")
                if (text := " ".join(_open_document_text(item).split()))
            )
        elif name not in _SKIPPED:
            yield from _open_document_blocks(element)


def _open_document_text(element: Element) -> str:
    """Text without the remarks in the margin; blanks, tabs and line ends are elements here."""
    parts = [element.text or ""]
    for child in element:
        name = local(child)
        if name in {"s", "tab", "line-break"}:
            parts.append(" ")
        elif name not in _SKIPPED:
            parts.append(_open_document_text(child))
        parts.append(child.tail or "")
    return "".join(parts)
