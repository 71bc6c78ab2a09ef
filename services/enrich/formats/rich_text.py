"""Article bodies that content systems keep as trees in JSON, told by their common habits.

Portable Text (Sanity), Contentful, ProseMirror (Tiptap, Storyblok), Lexical, Slate, Draft.js,
Editor.js, ANS 0.10 (Arc XP) and kin differ in names only: a node has a type, children, and leaves
with text.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from services.enrich.clean.delivered import trimmed
from services.enrich.formats.content import blocks_from, line_from
from services.models import Block, BlockKind

_MAX_DEPTH = 60
_MAX_BLOCKS = 20_000
_MARKED = re.compile(r"[<&\n\r\t*_|#>•]|^\s*[-–]")  # may be markup, or more than one paragraph
_TYPES = ("listitem", "style", "type", "nodetype", "tag", "typename", "name", "kind", "component")
_CHILDREN = (
    "children", "content", "contentelements", "blocks", "elements", "items", "paragraphs", "components",
    "contents", "nodes", "root", "document", "data", "model", "paragraph", "body", "sections", "textblock",
)  # fmt: skip
_TEXTS = ("text", "html", "value", "processed", "rendered", "content", "p", "textvalue")
_WITHIN = tuple(dict.fromkeys((*_CHILDREN, *_TEXTS)))  # each but once: a tree is walked in its size
_HEADING = re.compile(r"head(?:ing|er|line)|^h[1-6]$|crosshead|subhead|subtitle|^title")
_LIST = re.compile(r"list|bullet|^[ou]l$|^li$|^number")
_QUOTE = re.compile(r"quote")
_FIELDS = re.compile(r"^(?:headline|title|timestamp|byline|dateline|author|topiclist|metadata|standfirst)s?$")
_CUT = re.compile(
    r"image|photo|picture|video|audio|gallery|embed|iframe|advert|^ads?$|promo|interstitial|related|newsletter"
    r"|script|reference|asset|media|slideshow|carousel|social|tweet|instagram|button|form$|divider|separator"
    r"|^hr$|thematicbreak|horizontalrule|spacer"
)
_RAW = re.compile(r"raw|html|code")
_BREAK = re.compile(r"^(?:hardbreak|linebreak|br|softbreak)$")


def rich_blocks(value: Any) -> tuple[Block, ...]:
    """The blocks of a body that is text, a list of paragraphs, or a tree of either."""
    if isinstance(value, str):
        return blocks_from(value)
    return trimmed(tuple(islice(_walk(value, BlockKind.PARAGRAPH, 0), _MAX_BLOCKS)))


def has_words(value: Any) -> bool:
    """Whether there is any text in such a body; looks no further than the first."""
    return any(block.kept for block in islice(_walk(value, BlockKind.PARAGRAPH, 0), _MAX_BLOCKS))


def _fold(key: str) -> str:
    return re.sub(r"[\s_-]", "", key.lower())


def _walk(value: Any, kind: BlockKind, depth: int) -> Iterator[Block]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, str):
        yield from _text(value, kind)
    elif isinstance(value, list):
        for entry in value:
            yield from _walk(entry, kind, depth + 1)
    elif isinstance(value, dict):
        yield from _node({_fold(key): inner for key, inner in value.items()}, kind, depth)


def _node(node: dict[str, Any], kind: BlockKind, depth: int) -> Iterator[Block]:
    name = _name(node)
    if _FIELDS.match(name) and depth:
        return  # the headline or byline said again as a block: fields of their own
    if _CUT.search(name):
        yield from _beside(node, name)
        return
    kind = _kind(name, kind)
    if _is_table(node):
        yield from _table(node)
        return
    if (words := _inline(node)) is not None:
        yield from _text(words, kind)
        return
    text = next((node[key] for key in _TEXTS if isinstance(node.get(key), str) and node[key].strip()), None)
    if text is not None:
        title = node.get("heading") or node.get("title") or node.get("subheading")
        if isinstance(title, str) and title.strip() and kind is BlockKind.PARAGRAPH:
            yield from _text(title, BlockKind.HEADING)
        yield from _text(text, kind)
        return
    for key in _WITHIN:
        if isinstance(node.get(key), (list, dict)) and node[key]:
            found = _walk(node[key], kind, depth + 1)
            if (head := next(found, None)) is not None:
                yield head
                yield from found
                return
    if len(node) == 1:  # {"en-US": …}
        yield from _walk(next(iter(node.values())), kind, depth + 1)


def _name(node: dict[str, Any]) -> str:
    """What the node is. A style or list mark says more than the type it refines."""
    if node.get("text") is not None and isinstance(node.get("level"), int) and "type" not in node:
        return "heading"
    for key in _TYPES:
        value = node.get(key)
        if isinstance(value, str) and _fold(value) not in {"", "normal", "default", "block", "text"}:
            return _fold(value)[:60] if len(value) < 60 else ""
    return ""


def _kind(name: str, kind: BlockKind) -> BlockKind:
    if _QUOTE.search(name):
        return BlockKind.QUOTE
    if _HEADING.search(name):
        return BlockKind.HEADING
    if kind is BlockKind.PARAGRAPH and _LIST.search(name):
        return BlockKind.LIST_ITEM
    return kind


def _inline(node: dict[str, Any]) -> str | None:
    """The joined words of a node whose children are all leaves or links; else ``None``."""
    for key in ("children", "content", "elements", "contents"):
        children = node.get(key)
        if not isinstance(children, list) or not children:
            continue
        words = [_leaf(child, 0) for child in children]
        if any(word is None for word in words):
            return None
        if key == "children" or _name(node) or _typed(node):
            return "".join(word or "" for word in words)
    return None


def _typed(node: dict[str, Any]) -> bool:
    return any(isinstance(node.get(key), str) for key in _TYPES) or "elements" in node


def _leaf(child: Any, depth: int) -> str | None:
    """The words of an inline node: a span, or a link around spans."""
    if isinstance(child, str):
        return child
    if not isinstance(child, dict) or depth > 4:
        return None
    node = {_fold(key): inner for key, inner in child.items()}
    if isinstance(run := node.get("textrun"), dict):
        return str(run.get("content") or "")
    kind = _fold(str(node.get("type") or node.get("nodetype") or ""))
    if _BREAK.match(kind):
        return "\n"
    for key in ("text", "value"):
        if isinstance(node.get(key), str):
            return str(node[key]) if kind in {"", "text", "span", "textnode", "mention", "fragment"} else None
    if kind in {
        "link",
        "hyperlink",
        "autolink",
        "entryhyperlink",
        "assethyperlink",
        "a",
        "inline",
        "mention",
    }:
        inner = node.get("children") or node.get("content")
        words = [_leaf(entry, depth + 1) for entry in inner] if isinstance(inner, list) else [None]
        return None if None in words else "".join(filter(None, words))
    return None


def _text(text: str, kind: BlockKind) -> Iterator[Block]:
    if not _MARKED.search(text):
        if words := " ".join(text.split()):
            yield Block(kind=kind, text=words)
        return
    for block in blocks_from(text):
        plain = block.kept and block.kind is BlockKind.PARAGRAPH
        yield block.model_copy(update={"kind": kind}) if plain and kind is not BlockKind.PARAGRAPH else block


def _beside(node: dict[str, Any], name: str) -> Iterator[Block]:
    """Captions and links are shown as cut; pieces of raw HTML may hold the story itself."""
    caption = next(
        (line for key in ("caption", "title", "content") if (line := line_from(node.get(key)))), None
    )
    if caption and re.search("image|photo|picture|gallery|asset|media|video", name):
        yield Block(kind=BlockKind.CAPTION, text=caption, kept=False)
    elif caption and re.search("interstitial|related|promo", name):
        yield Block(kind=BlockKind.RELATED, text=caption, kept=False)


def _is_table(node: dict[str, Any]) -> bool:
    return isinstance(node.get("rows"), list) and isinstance(node["rows"][:1], list) and bool(node["rows"])


def _table(node: dict[str, Any]) -> Iterator[Block]:
    rows = [node["header"]] if isinstance(node.get("header"), list) else []
    lines = []
    for row in (*rows, *node["rows"]):
        cells = row if isinstance(row, list) else (row.get("cells") if isinstance(row, dict) else None)
        words = (
            [" ".join(b.text for b in rich_blocks(cell)) for cell in cells] if isinstance(cells, list) else []
        )
        if any(words):
            lines.append(" | ".join(words))
    if lines:
        yield Block(kind=BlockKind.TABLE, text="\n".join(lines))
