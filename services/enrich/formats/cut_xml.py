"""Feeds and exports in XML cut into their items, without a tree of the whole.

An item is given to its parser between what comes before the first one and what closes the file, so
that its site, its namespaces and its entities are known. What is XML here and what is not is decided
by that parser, for each item: this only finds where items begin and end, past comments, CDATA and
processing instructions (XML 1.0, 2.4 to 2.7).
"""

import contextlib
import html
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from services.enrich.formats import cut
from services.enrich.formats.cut import Cut, Record, too_long
from services.enrich.formats.encoding import decode
from services.errors import ArticleRejected, Reason

#: The elements that are articles, by format.
ITEMS = {
    "rss": "item|entry",
    "atom": "item|entry",
    "rdf": "item|entry",
    "wxr": "item",
    "mediawiki": "page",
}
#: Formats in which several items may share one id, and the last words be the feed's.
_FEEDS = {"rss", "atom", "rdf"}
#: So far a feed is looked through beforehand: as far as a file could be held whole.
AHEAD = 100 << 20
_MOST_BEHIND = 1 << 16
_MOST_IDS = 1_000_000
_LONG_HEAD = 1 << 14
_LONGEST_MARK = 128
_LONGEST_TAG = 1 << 16
_DEEPEST = 256  # lxml's own limit

_ENDS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_TAG_END = re.compile(rb"(?:[^<>\"']++|\"[^<\"]*+\"|'[^<']*+')*+>")
_ELEMENT = re.compile(
    rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)"
    rb"|<(/?)([^\s<>/!?\"']{1,200}+)((?:[^<>\"']++|\"[^<\"]*+\"|'[^<']*+')*+)>",
    re.DOTALL,
)
_DOCTYPE = re.compile(rb"[^\[>]*+(?:\[.*?\]\s*+)?>", re.DOTALL)
# What no parser asks for, and large exports and feeds have by the thousand in their heads.
_UNASKED = re.compile(rb"<(/?)(wp:category|wp:tag|wp:term|items)>")
_ID = re.compile(
    rb"<(?:[\w.-]{1,60}:)?(?:guid|id|identifier)(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[(.*?)(?:\]\]>|\Z)|([^<]*))",
    re.DOTALL,
)
_ABOUT = re.compile(rb"\babout\s*=\s*[\"']([^\"'<>]*)")


def sequence_of(name: str, stream: BinaryIO) -> Cut | None:
    """How to cut a document of the format ``name``; ``None`` when its first item is not found, or is all."""
    stream.seek(0)
    beginning = stream.read(cut.MAX_RECORD)
    at = _behind_doctype(beginning)
    root = next((found for found in _ELEMENT.finditer(beginning, at) if found[2]), None)
    if root is None or root[2].rpartition(b":")[2].decode("latin-1") in ITEMS[name].split("|"):
        return None
    mark = _mark(ITEMS[name].encode(), root[2])
    first = next(_Items(io.BytesIO(beginning), root.end(), mark).found(), None)
    if first is None:
        return None
    head = beginning[: first.start]
    opened = head[at:]
    closing = b"".join(b"</" + name + b">" for name in reversed(_open(opened)))
    begin = len(head)
    if begin > _LONG_HEAD:
        head = _without_unasked(head)

    def records(stream: BinaryIO, at: int, number: int) -> Iterator[Record]:
        behind, repeated = closing, set[int]()
        if name in _FEEDS:
            last, repeated = _looked_through(stream, begin, mark)
            behind = _behind(stream, last, opened) or closing
        for item in _Items(stream, max(at, begin), mark).found():
            number += 1
            if item.refused is not None:
                yield Record(number, item.end, b"", item.refused)
                continue
            data = head + item.data + (behind if item.whole else b"")
            ids = _ids(item.data) if repeated else ()
            yield Record(number, item.end, data, shared=frozenset(i for i in ids if hash(i) in repeated))

    return records


def documents_of(stream: BinaryIO) -> Cut | None:
    """How to cut documents that follow each other with no root around them, as collections of SGML do.

    ``None`` when it is one document, or XML by its own declaration, which allows but one.
    """
    stream.seek(0)
    beginning = stream.read(cut.MAX_RECORD)
    at = _behind_doctype(beginning)
    root = next((found for found in _ELEMENT.finditer(beginning, at) if found[2]), None)
    if root is None or beginning[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml"):
        return None
    mark = _mark(re.escape(root[2]))
    head = beginning[: root.start()]
    first = list(islice(_Items(io.BytesIO(beginning), len(head), mark).found(), 2))
    if len(first) < 2 or not all(item.whole for item in first):
        return None

    def records(stream: BinaryIO, at: int, number: int) -> Iterator[Record]:
        for item in _Items(stream, max(at, len(head)), mark).found():
            number += 1
            yield Record(number, item.end, b"" if item.refused else head + item.data, item.refused)

    return records


def _mark(names: bytes, root: bytes | None = None) -> re.Pattern[bytes]:
    """What has to be seen: all that hides markup, and the tags of these names, and of the document itself."""
    alone = re.escape(root) if root else rb"(?!)"
    return re.compile(
        rb"<(?:!--|!\[CDATA\[|\?|(?P<root>%b)(?=[\s/>])|/?(?:[\w.-]{1,60}:)?(?:%b)(?=[\s/>]))"
        % (alone, names)
    )


@dataclass(frozen=True)
class _Item:
    """An element with all that is in it; not ``whole`` where the file ends in it."""

    start: int
    end: int
    data: bytes
    whole: bool = True
    refused: ArticleRejected | None = None


class _Items:
    """The outermost items of a stream from position ``at`` on, in the memory of one of them."""

    def __init__(self, stream: BinaryIO, at: int, mark: re.Pattern[bytes]) -> None:
        stream.seek(at)
        self._stream = stream
        self._mark = mark
        self._at = at  # of the buffer's first byte
        self._buffer = b""
        self._scanned = 0
        self._start = 0  # of the item in the buffer, unless it is too long
        self._began = 0  # of the item in the stream
        self._depth = 0
        self._refused: ArticleRejected | None = None

    def found(self) -> Iterator[_Item]:
        """One after the other. What makes one too large or too deep ends with it, or with the next."""
        while (mark := self._next_mark()) is not None:
            if end := _ENDS.get(mark.group()):
                if not self._go_behind(mark.end(), end):
                    break
                continue
            if mark["root"]:
                self._scanned += len(mark.group())
                if not self._depth:
                    raise ArticleRejected(Reason.NOT_WELLFORMED, "several documents glued together")
                continue
            size = self._tag_size(mark)
            if size is None:
                self._scanned += len(mark.group())
                continue
            here, behind = self._scanned, self._scanned + size
            if mark.group().startswith(b"</"):
                self._scanned = behind
                if self._depth:
                    self._depth -= 1
                    if not self._depth:
                        yield self._item(behind)
                continue
            if self._depth and here - self._start > cut.MAX_RECORD:
                self._refused = self._refused or too_long()
            if self._depth == _DEEPEST:
                detail = f"elements nested more than {_DEEPEST} deep"
                self._refused = self._refused or ArticleRejected(Reason.TOO_DEEP, detail)
            if self._depth and self._refused is not None:
                yield self._item(here)  # it may have no end at all: the rest of the file is not to go with it
                self._depth = 0
            if not self._depth:
                self._start, self._began = here, self._at + here
            self._scanned = behind
            if self._buffer[behind - 2 : behind] != b"/>":
                self._depth += 1
            elif not self._depth:
                yield self._item(behind)
        if self._depth:
            yield self._item(len(self._buffer), whole=False)

    def _item(self, end: int, *, whole: bool = True) -> _Item:
        if not self._refused and end - self._start > cut.MAX_RECORD:
            self._refused = too_long()
        refused, self._refused = self._refused, None
        data = b"" if refused else self._buffer[self._start : end]
        return _Item(self._began, self._at + end, data, whole, refused)

    def _next_mark(self) -> re.Match[bytes] | None:
        while (found := self._mark.search(self._buffer, self._scanned)) is None:
            # One that the buffer's end cuts is looked at again when there is more.
            cut_one = self._buffer.rfind(b"<", max(self._scanned, len(self._buffer) - _LONGEST_MARK))
            self._scanned = cut_one if cut_one >= 0 else len(self._buffer)
            if not self._read_on():
                self._scanned = len(self._buffer)
                return None
        self._scanned = found.start()
        return found

    def _go_behind(self, position: int, end: bytes) -> bool:
        """Behind the next ``end``, if there is one."""
        self._scanned = position
        while (found := self._buffer.find(end, self._scanned)) < 0:
            self._scanned = max(self._scanned, len(self._buffer) - len(end) + 1)
            if not self._read_on():
                return False
        self._scanned = found + len(end)
        return True

    def _tag_size(self, mark: re.Match[bytes]) -> int | None:
        """How long the tag is that begins at ``_scanned``; ``None`` when it is none."""
        name = len(mark.group())
        while (found := _TAG_END.match(self._buffer, self._scanned + name)) is None:
            if len(self._buffer) - self._scanned > _LONGEST_TAG or not self._read_on():
                return None
        return found.end() - self._scanned

    def _read_on(self) -> bool:
        """Some more of the stream, and away with what is not needed any more."""
        if self._depth and not self._refused and self._scanned - self._start > cut.MAX_RECORD:
            self._refused = too_long()
        needed = self._start if self._depth and not self._refused else self._scanned
        block = self._stream.read(cut.BLOCK)
        self._buffer = self._buffer[needed:] + block
        self._at += needed
        self._scanned -= needed
        self._start -= needed
        return bool(block)


def _behind_doctype(beginning: bytes) -> int:
    start = re.search(rb"<!DOCTYPE\b|<\w", beginning, re.IGNORECASE)
    if start is None or start[0][1:2] != b"!":
        return 0
    doctype = _DOCTYPE.match(beginning, start.end())
    return doctype.end() if doctype else 0


def _without_unasked(head: bytes) -> bytes:
    kept: list[bytes] = []
    position, start, inside = 0, 0, b""
    for found in _UNASKED.finditer(head):
        end, name = found.groups()
        if not inside and not end:
            start, inside = found.start(), name
        elif end and name == inside:
            kept.append(head[position:start])
            position, inside = found.end(), b""
    return b"".join([*kept, head[position:]])


def _open(data: bytes) -> list[bytes]:
    names: list[bytes] = []
    for found in _ELEMENT.finditer(data):
        end, name, rest = found.groups()
        if name is None or (rest.endswith(b"/") and not end):
            continue
        if not end:
            names.append(name)
        elif name in names[-_DEEPEST:]:
            while names.pop() != name:
                pass
    return names[:_DEEPEST]


def _behind(stream: BinaryIO, last: int | None, opened: bytes) -> bytes | None:
    """What stands behind the last item, when that is known and closes what is ``opened``."""
    if last is None:
        return None
    stream.seek(last)
    rest = stream.read(_MOST_BEHIND + 1)
    return rest if len(rest) <= _MOST_BEHIND and not _open(opened + rest) else None


def _looked_through(stream: BinaryIO, begin: int, mark: re.Pattern[bytes]) -> tuple[int | None, set[int]]:
    """Where the last item ends, if that is within reach, and the hashes of ids that several items have."""
    seen: set[int] = set()
    repeated: set[int] = set()
    last: int | None = None
    with contextlib.suppress(ArticleRejected):  # the damage is met again behind the last good item
        for item in _Items(stream, begin, mark).found():
            ids = {hash(each) for each in _ids(item.data)}
            repeated |= ids & seen
            if len(seen) < _MOST_IDS:
                seen |= ids
            last = item.end if item.whole else None
            if item.end > AHEAD:
                return None, repeated
    return last, repeated


def _ids(item: bytes) -> Iterator[str]:
    about = _ABOUT.search(item, 0, item.find(b">") + 1)
    if about:
        yield html.unescape(decode(about[1])).strip()
    for raw, written in _ID.findall(item)[:8]:
        if text := (decode(raw) if raw else html.unescape(decode(written))).strip():
            yield text
