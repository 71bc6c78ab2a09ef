"""From HTML to pieces: each run of text a reader sees as one paragraph, with what its markup says.

The walk is iterative and reads each element once, so a page costs what its size says and no nesting
can exhaust the stack.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import chain

from lxml import etree, html

from services.errors import ArticleRejected, Reason

MAX_CHARACTERS = 20_000_000
MAX_PIECES = 50_000

#: Elements whose text is no part of the page a reader sees.
DROPPED = frozenset(
    ("script", "style", "noscript", "template", "svg", "math", "object", "iframe", "canvas", "select",
     "textarea", "audio", "video", "map", "head", "datalist", "dialog", "progress", "meter")
)  # fmt: skip
_BLOCK = frozenset(
    ("address", "article",
     "aside", "blockquote", "body", "button", "caption", "center", "dd", "details", "dir",
     "div",
     "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
     "header",
     "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "option", "p", "pre", "section",
     "summary",
     "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "amp-story")
)  # fmt: skip
#: What class, id, role and itemprop of an element or one around it hint at. The order is the bit order.
HINTS: dict[str, list[str]] = tomllib.loads(files(__package__).joinpath("hints.toml").read_text("utf-8"))
_HINT = re.compile("|".join(f"(?P<{name}>{'|'.join(words)})" for name, words in HINTS.items()))
_ANY_HINT = re.compile("|".join(chain.from_iterable(HINTS.values())))  # which says no sooner
_HINT_BITS = {name: 1 << position for position, name in enumerate(HINTS)}
#: Ancestors that matter by their tag alone; bits above those of the hints.
TAGS = ("article", "main", "aside", "nav", "header", "footer", "figure", "figcaption", "form", "table",
        "ul", "ol", "li", "blockquote", "button", "a", "section", "details", "dl", "p", "td", "label",
        "time")  # fmt: skip
_TAG_BITS = {name: 1 << (len(HINTS) + position) for position, name in enumerate(TAGS)}
_INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BREAK = "\u2028"
_STRONG = frozenset(("b", "strong", "em", "i", "u"))
_TELLING = ("class", "id", "role", "itemprop", "data-component", "data-testid")
_SPACE = re.compile(r"[ \t\n\r\f\v\u00a0\u200b\ufeff]+")
_ELEMENTS = etree.ElementDefaultClassLookup(element=html.HtmlElement)


@dataclass(slots=True)
class Holder:
    """A block element on the way down: what it and all around it hint at."""

    tag: str
    above: "Holder | None"
    own: int
    around: int
    depth: int
    signature: str


@dataclass(slots=True)
class Piece:
    """One run of text with its surroundings."""

    text: str
    holder: Holder
    own: int  # hints of its element, and of inline elements that hold most of it
    linked: int = 0  # characters inside links
    links: int = 0
    strong: int = 0  # characters in bold or italics
    part: int = 0  # which part of its element, where line breaks divide it
    target: str | None = None  # where its first link leads

    @property
    def tag(self) -> str:
        """The innermost element that makes a block of its own."""
        return self.holder.tag


def parse(source: str) -> html.HtmlElement:
    """The page as a tree, or a rejection when it is too large or too deep for any honest page."""
    if len(source) > MAX_CHARACTERS:
        raise ArticleRejected(
            Reason.TOO_LARGE, f"{len(source):,} characters of HTML; at most {MAX_CHARACTERS:,} are read"
        )
    # lxml takes bytes or declared-free text only: a page that names another encoding is text already.
    data = source.replace("\x00", "").encode("utf-8", "replace")
    # huge_tree lifts the nesting limit from 255 to 2,048 levels; beyond it libxml2 stops reading.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    # lxml's own choice of a class by tag is a call of Python for each element that is touched; nothing here
    # or in trafilatura asks what only a form or an input can answer.
    parser.set_element_class_lookup(_ELEMENTS)
    try:
        tree = html.document_fromstring(data, parser=parser) if data.strip() else None
    except etree.ParserError:
        tree = None
    if any("depth" in entry.message.lower() for entry in parser.error_log):
        raise ArticleRejected(Reason.TOO_DEEP, "elements are nested more than 2,048 levels deep")
    if tree is None:
        raise ArticleRejected(Reason.NO_TEXT, "the page has no content")
    return tree


_SUBWORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]{2,}")
#: Words that mean something else together with the next: "article-body", "read-more".
_PAIRED = frozenset(
    [
        "article",
        "story",
        "body",
        "post",
        "entry",
        "content",
        "main",
        "rich",
        "read",
        "more",
        "most",
        "also",
        "tag",
        "image",
        "photo",
        "media",
        "sign",
        "key",
        "next",
        "up",
        "skip",
        "facts",
        "table",
        "screen",
        "sr",
        "print",
        "visually",
        "d",
        "cmp",
        "section",
        "column",
        "paragraph",
        "print",
        "only",
        "off",
    ]
)


@lru_cache(maxsize=8192)
def hints(words: str) -> int:
    """Bits of what an element's class, id and the like hint at."""
    bits = 0
    last = ""
    for word in _SUBWORD.findall(words):
        bits |= _hint(word)
        if last in _PAIRED:
            bits |= _hint(f"{last}-{word}")
        last = word.lower()
    return bits


@lru_cache(maxsize=50_000)
def _hint(word: str) -> int:
    """The bits of one word: pages share these, so each is looked at once in a worker's life."""
    lowered = word.lower()
    bits = 0
    if _ANY_HINT.search(lowered):
        for found in _HINT.finditer(lowered):
            bits |= _HINT_BITS[found.lastgroup or ""]
    return bits


def pieces(tree: html.HtmlElement) -> list[Piece]:
    """All visible runs of text, in the order of the page."""
    root = tree.find("body")
    walker = _Walker()
    walker.walk(tree if root is None else root)
    return walker.out


class _Walker:
    """The state of one walk."""

    def __init__(self) -> None:
        self.out: list[Piece] = []
        self.parts: list[str] = []
        self.inline: list[tuple[int, int]] = []  # hints of inline elements, characters they held
        self.size = self.linked = self.links = self.strong = 0
        self.target: str | None = None

    def walk(self, root: html.HtmlElement) -> None:
        holder = Holder("body", None, 0, 0, 0, "body")
        stack: list[tuple[html.HtmlElement, Iterator[html.HtmlElement], Holder, str, int, int]] = []
        stack.append((root, iter(root), holder, "b", 0, 0))
        link_depth = strong_depth = 0
        self._text(root.text, in_link=False, in_strong=False)
        while stack:
            element, children, holder, state, bits, start = stack[-1]
            child = next(children, None)
            if child is None:
                stack.pop()
                if state == "b":
                    self._flush(holder)
                elif state == "a":
                    link_depth -= 1
                elif state == "s":
                    strong_depth -= 1
                if bits:
                    self.inline.append((bits, self.size - start))
                if stack:
                    self._text(element.tail, in_link=link_depth > 0, in_strong=strong_depth > 0)
                continue
            tag = child.tag
            attributes = dict(child.items())
            if tag == "br":
                self.parts.append(_BREAK)
            elif isinstance(tag, str) and tag not in DROPPED and not _invisible(attributes):
                state, bits = "", 0
                inner = holder
                if tag in _BLOCK:
                    self._flush(holder)
                    state, inner = "b", _holder(tag, attributes, holder)
                else:
                    if tag == "a":
                        state = "a"
                        link_depth += 1
                        self.links += 1
                        self.target = self.target or attributes.get("href")
                    elif tag in _STRONG:
                        state = "s"
                        strong_depth += 1
                    if attributes:
                        bits = hints(_words(attributes)) | _TAG_BITS.get(tag, 0)
                self._text(child.text, in_link=link_depth > 0, in_strong=strong_depth > 0)
                stack.append((child, iter(child), inner, state, bits, self.size))
                continue
            self._text(child.tail, in_link=link_depth > 0, in_strong=strong_depth > 0)

    def _text(self, text: str | None, *, in_link: bool, in_strong: bool) -> None:
        if not text:
            return
        self.parts.append(text)
        size = len(text) if not text.isspace() else 0
        self.size += size
        if in_link:
            self.linked += size
        if in_strong:
            self.strong += size

    def _flush(self, holder: Holder) -> None:
        if not self.parts:
            return
        if not self.size:  # spaces between elements
            self.parts.clear()
            self.inline = []
            self.links, self.target = 0, None
            return
        text, size, linked, strong = "".join(self.parts), self.size, self.linked, self.strong
        links, target, inline = self.links, self.target, self.inline
        self.parts.clear()
        self.inline = []
        self.size = self.linked = self.links = self.strong = 0
        self.target = None
        own = holder.own
        for bits, held in inline:
            if held * 5 >= size * 3:
                own |= bits
        for part, line in enumerate(_divide(text)):
            if len(self.out) >= MAX_PIECES:
                raise ArticleRejected(
                    Reason.TOO_LARGE, f"more than {MAX_PIECES:,} pieces of text on one page"
                )
            share = min(1.0, len(line) / size)
            self.out.append(
                Piece(line, holder, own, int(linked * share), links if part == 0 else 0, int(strong * share),
                      part, target if part == 0 else None)
            )  # fmt: skip


def _words(attributes: Mapping[str, str]) -> str:
    return " ".join([attributes[name] for name in _TELLING if name in attributes])[:160]


def _invisible(attributes: Mapping[str, str]) -> bool:
    style = attributes.get("style")
    return "hidden" in attributes or (style is not None and _INVISIBLE.search(style) is not None)


def _holder(tag: str, attributes: Mapping[str, str], above: Holder) -> Holder:
    own = _TAG_BITS.get(tag, 0)
    signature = tag
    if attributes:
        own |= hints(_words(attributes))
        signature = f"{tag}.{attributes.get('class', '')[:60]}"
    return Holder(tag, above, own, above.around | own, above.depth + 1, signature)


def _divide(text: str) -> Iterator[str]:
    """Paragraphs made with line breaks: two in a row, or one between two sentences of some length."""
    if _BREAK not in text:
        if clean := _SPACE.sub(" ", text).strip():
            yield clean
        return
    lines = [_SPACE.sub(" ", line).strip() for line in text.split(_BREAK)]
    held = ""
    for line in lines:
        if not line:
            if held:
                yield held
            held = ""
        elif held and (len(held) > 60 and len(line) > 60 and not line[0].islower()):
            yield held
            held = line
        else:
            held = f"{held} {line}" if held else line
    if held:
        yield held
