"""From a tree that is known to be the article (NITF, XHTML in NewsML, a book's chapter) to blocks.

Web pages and feeds' HTML go through ``services.enrich.clean`` instead; here nothing has to be
guessed, so this is one quick walk.
"""

import re

from services.enrich.formats.xml import Element, local, text_of
from services.models import Block, BlockKind

_BLOCKS = {
    "p", "div", "section", "article", "block", "center", "address", "pre", "bq", "blockquote", "body", "main",
    "li", "dt", "dd", "figure", "header", "footer", "details", "summary", "fn", "nitf-table", "body.content",
    "html", "headline", "paragraph", "para", "caption", "tr", "td", "th", "hl1", "nitf", "aside",
}  # fmt: skip
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6", "hl2", "hedline"}
_DROPPED = {
    "script", "style", "noscript", "iframe", "form", "head", "button", "svg", "object", "embed", "template",
    "img", "audio", "video", "input", "select", "media-reference", "media-metadata", "media-object", "link",
    "lang", "nav", "picture", "math", "canvas", "media-producer",
}  # fmt: skip
_NOTES = re.compile(r"(?:^|\s)(?:notepad|np-public|closingline|slugline|publicationDate|genre)\b")
_CAPTIONS = {"media-caption", "figcaption"}
_ESCAPED_EMBED = re.compile(
    r"^<(?:script|iframe|div|blockquote|img|embed|object|a|figure|style)\b[^>]*>", re.IGNORECASE
)
_ESCAPED_PAGE = re.compile(
    r"\s*<(?:!doctype|html|body|p|h[1-6]|ul|ol|table|br|div|article|section)\b", re.IGNORECASE
)
_PARAGRAPH_END = re.compile(r"</(?:p|li|h[1-6]|td)\s*>|<br\b[^>]*>", re.IGNORECASE)
_RULE = re.compile(r"^[\s_*=~.·•–—-]{2,}$")
_SIGN_OFF = re.compile(
    r"""^(?:ends?|[A-Z]{2,5}(?:\s[A-Z]{2,4})?(?:\s[a-z]{2,3}(?:/[a-z]{2,3})*)?|
        /[\w .-]{2,20}/|\(\s*©?\s*[A-Z][\w .]{1,20}\)|
        (?:[^\W\d_A-Z]{1,4}(?:\s[^\W\d_A-Z]{1,3})?[/-])+[^\W\d_A-Z]{1,4}|==\s?\w+|-30-|[*#]{2,})$""",
    re.VERBOSE,
)
_SPACES = re.compile(r"[ \t\r\f\v\u00a0]*\n[ \t\r\f\v\u00a0]*")


def blocks_of(root: Element, *, line_break: str = "\n") -> tuple[Block, ...]:
    """The blocks under ``root`` in document order. ``line_break`` is what ``<br/>`` stands for."""
    walk = _Walk(line_break)
    walk.visit(root)
    walk.flush()
    return tidied(walk.blocks)


def is_escaped_page(text: str) -> bool:
    """Whether a tree's text is markup itself: HTML that was escaped, or put into CDATA."""
    return bool(_ESCAPED_PAGE.match(text) and _PARAGRAPH_END.search(text))


def tidied(blocks: list[Block]) -> tuple[Block, ...]:
    """Rules and agencies' sign-offs ("ends", "AFP sn", "/ritzau/") are shown as cut."""
    result = [
        block.model_copy(update={"kind": BlockKind.OTHER, "kept": False})
        if _RULE.match(block.text)
        else block
        for block in blocks
    ]
    for index in range(len(result) - 1, 0, -1):
        block = result[index]
        if not block.kept:
            continue
        if not _SIGN_OFF.match(block.text):
            break
        result[index] = block.model_copy(update={"kind": BlockKind.AUTHOR_FOOTER, "kept": False})
    return tuple(result)


class _Walk:
    def __init__(self, line_break: str) -> None:
        self.blocks: list[Block] = []
        self.buffer: list[str] = []
        self.kind = BlockKind.PARAGRAPH
        self.line_break = line_break
        self.preformatted = 0

    def visit(self, element: Element) -> None:
        """Recursion is bounded: lxml refuses more than 256 levels."""
        name = local(element).lower()
        if not name or name in _DROPPED or _hidden(element) or self.noted(element):
            pass
        elif name == "br":
            self.line()
        elif name == "hr":
            self.flush()
        elif name == "table":
            self.table(element)
        elif name in _CAPTIONS:
            self.flush()
            if caption := text_of(element):
                self.blocks.append(Block(kind=BlockKind.CAPTION, text=caption, kept=False))
        elif name in _HEADINGS:
            self.enclosed(element, BlockKind.HEADING)
        elif name == "li":
            self.enclosed(element, BlockKind.LIST_ITEM)
        elif name in {"bq", "blockquote"}:
            self.enclosed(element, BlockKind.QUOTE)
        elif name == "pre":
            self.flush()
            self.preformatted += 1
            self.inside(element)
            self.flush()
            self.preformatted -= 1
        elif name in _BLOCKS:
            self.enclosed(element, self.kind)
        else:
            self.inside(element)

    def noted(self, element: Element) -> bool:
        """Agencies' notes to editors inside the text: shown as cut, or gone when they are private."""
        classes = element.get("class") or ""
        if "nonpublic" in classes:
            return True
        if not _NOTES.search(classes):
            return False
        self.flush()
        if note := text_of(element):
            self.blocks.append(Block(kind=BlockKind.EDITORIAL_NOTE, text=note, kept=False))
        return True

    def inside(self, element: Element) -> None:
        self.text(element.text)
        for child in element:
            self.visit(child)
            self.text(child.tail)

    def enclosed(self, element: Element, kind: BlockKind) -> None:
        self.flush()
        outer, self.kind = self.kind, kind
        self.inside(element)
        self.flush()
        self.kind = outer

    def text(self, text: str | None) -> None:
        if text:
            self.buffer.append(text if self.preformatted else " ".join(f".{text}.".split())[1:-1])

    def line(self) -> None:
        if self.buffer and self.buffer[-1] == "\n\n":
            return
        previous = next((part for part in reversed(self.buffer) if part.strip(" ")), "")
        if previous in {self.line_break, "\n"} and previous != " ":
            self.buffer.append("\n\n")
        else:
            self.buffer.append(self.line_break)

    def flush(self) -> None:
        whole, self.buffer = "".join(self.buffer), []
        if not whole or whole.isspace():
            return
        if self.preformatted:
            self.blocks += [
                Block(kind=BlockKind.PARAGRAPH, text=part.strip("\n").rstrip())
                for part in re.split(r"\n[ \t]*\n", whole.expandtabs())
                if part.strip()
            ]
            return
        parts = re.split(r"\n\s*\n", _SPACES.sub("\n", whole)) if "\n" in whole else [whole]
        for part in parts:
            text = "\n".join(" ".join(line.split()) for line in part.split("\n")).strip()
            if not text:
                continue
            if _ESCAPED_EMBED.match(text):
                address = re.search(r"https?://[^\s\"'<>]+", text)
                shown = address.group() if address else f"embed code of {len(text)} characters"
                self.blocks.append(Block(kind=BlockKind.EMBED, text=shown, kept=False))
            else:
                self.blocks.append(Block(kind=self.kind, text=text))

    def table(self, table: Element) -> None:
        self.flush()
        rows = []
        for row in table.iter("{*}tr"):
            cells = [text_of(cell) or "" for cell in row if local(cell) in {"td", "th"}]
            if any(cells):
                rows.append(" | ".join(cells))
        if rows:
            self.blocks.append(Block(kind=BlockKind.TABLE, text="\n".join(rows)))


def _hidden(element: Element) -> bool:
    if element.get("hidden") is not None:
        return True
    style = element.get("style")
    return style is not None and bool(
        re.search(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", style, re.IGNORECASE)
    )
