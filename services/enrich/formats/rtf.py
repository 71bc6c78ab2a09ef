"""Rich Text Format 1.x: its text, without styles, pictures and fields."""

import re
from collections.abc import Iterator

from services.enrich.formats.markup import tidied
from services.errors import ArticleRejected, Reason
from services.models import Article, Block, BlockKind, RawFile

_TOKEN = re.compile(
    rb"\\(?P<word>[a-z]{1,32})(?P<number>-?\d{1,10})?[ ]?|\\'(?P<hex>[0-9a-fA-F]{2})"
    rb"|\\(?P<symbol>[^a-z])|(?P<brace>[{}])|(?P<text>[^\\{}\r\n]+)|[\r\n]+",
    re.IGNORECASE,
)
_DESTINATIONS = frozenset(
    b"fonttbl colortbl stylesheet pict object header headerl headerr headerf footer footerl footerr footerf "
    b"footnote themedata datastore latentstyles listtable listoverridetable rsidtbl generator xmlnstbl "
    b"fldinst annotation revtbl mmathPr info".split()
)
_CHARACTERS = {
    b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"cell": " | ", b"tab": "\t",
    b"emdash": "—", b"endash": "–", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”",
    b"bullet": "•",
}  # fmt: skip
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"\n": "\n", b"\r": "\n", b"{": "{", b"}": "}", b"\\": "\\"}
_HIDING = {b"v", b"deleted"}  # hidden text, and text that a revision took out
_MAX_DEPTH = 500


def parse(raw: RawFile) -> Iterator[Article]:
    """One article a document."""
    yield read(raw.data)


def read(data: bytes) -> Article:
    """The article in an RTF document."""
    text, title, author = _text(data)
    blocks = [
        Block(kind=BlockKind.PARAGRAPH, text=line.strip()) for line in text.split("\n") if line.strip(" \t|")
    ]
    if not title and len(blocks) > 1 and len(blocks[0].text) < 200 and blocks[0].text[-1] not in ".!?":
        title = blocks[0].text
        blocks[0] = Block(kind=BlockKind.HEADLINE, text=title, kept=False)
    return Article(uid="", headline=title, byline=author, blocks=tidied(blocks))


def _text(data: bytes) -> tuple[str, str | None, str | None]:
    reader = _Reader(data)
    for token in _TOKEN.finditer(data):
        reader.take(token)
    reader.flush()
    text, title, author = (reader.joined(name) for name in ("text", "title", "author"))
    return text, title.strip() or None, author.strip() or None


class _Reader:
    """Groups open and close; each has a target for its text, and a count of fallback characters."""

    def __init__(self, data: bytes) -> None:
        codepage = re.search(rb"\\ansicpg(\d{3,5})", data[:2000])
        self.encoding = f"cp{codepage.group(1).decode()}" if codepage else "cp1252"
        try:
            b" ".decode(self.encoding)
        except LookupError:
            self.encoding = "cp1252"
        self.out: dict[str, list[str]] = {"text": [], "title": [], "author": [], "skip": [], "hidden": []}
        self.groups: list[tuple[str, int]] = []
        self.target, self.width = "text", 1
        self.pending = b""  # bytes of one character may stand in several escapes
        self.fallback = 0  # characters to leave out after \\u: they are for older readers
        self.optional = False

    def take(self, token: re.Match[bytes]) -> None:
        if code := token.group("hex"):
            if self.fallback:
                self.fallback -= 1
            else:
                self.pending += bytes([int(code, 16)])
            return
        self.flush()
        if brace := token.group("brace"):
            self.group(opening=brace == b"{")
        elif symbol := token.group("symbol"):
            self.optional = symbol == b"*"
            self.put(_SYMBOLS.get(symbol, ""))
        elif text := token.group("text"):
            words = text.decode(self.encoding, "replace")
            self.put(words[self.fallback :])
            self.fallback = max(self.fallback - len(words), 0)
        elif word := token.group("word"):
            self.control(word, token.group("number"))

    def group(self, *, opening: bool) -> None:
        self.optional = False
        if opening:
            self.groups.append((self.target, self.width))
            if len(self.groups) > _MAX_DEPTH:
                raise ArticleRejected(Reason.TOO_DEEP, f"groups nested more than {_MAX_DEPTH} deep")
        elif self.groups:
            self.target, self.width = self.groups.pop()

    def control(self, word: bytes, number: bytes | None) -> None:
        if self.optional or word in _DESTINATIONS:
            self.target = "skip"
        elif word in {b"title", b"author"}:
            self.target = word.decode()
        elif word in _HIDING and number != b"0":
            self.target = "hidden" if self.target == "text" else self.target
        elif self.target == "hidden" and word in {*_HIDING, b"plain"}:
            self.target = "text"
        elif word == b"uc":
            self.width = min(max(int(number or 1), 0), 8)
        elif word == b"u" and number:
            self.put(chr(int(number) % 65536))
            self.fallback = self.width
        else:
            self.put(_CHARACTERS.get(word, ""))
        self.optional = False

    def put(self, text: str) -> None:
        self.out[self.target].append(text)

    def flush(self) -> None:
        if self.pending:
            self.put(self.pending.decode(self.encoding, "replace"))
            self.pending = b""

    def joined(self, name: str) -> str:
        """Characters beyond the basic plane are written as two: they become one here."""
        return "".join(self.out[name]).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
