"""JSON lines, arrays and what wraps an array, cut into their objects."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import BinaryIO

from services.enrich.formats import cut, json_file
from services.enrich.formats.cut import Cut, Record, skip_line, too_long
from services.enrich.formats.encoding import decode
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import RawFile

#: So far an array is followed, to learn what comes behind it: as far as a file could be held whole.
AHEAD = 100 << 20
_MOST_BEHIND = 1 << 16
_DEEPEST = 4
_PROBED = 3


def lines(stream: BinaryIO, at: int, number: int) -> Iterator[Record]:
    """Each line that is not blank."""
    stream.seek(at)
    while line := stream.readline(cut.MAX_RECORD):
        number, at = number + 1, at + len(line)
        refused = None
        if len(line) == cut.MAX_RECORD and not line.endswith(b"\n"):
            at += skip_line(stream)
            line, refused = b"", too_long()
        if line.strip() or refused:
            yield Record(number, at, line, refused)


# A string that the buffer cuts ends with it; it is looked at again when there is more.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\(?:.|\Z))*+(?:"|\Z)|[\[\]{},]', re.DOTALL)


def entries(begin: int, head: bytes = b"[", tail: bytes = b"]") -> Cut:
    """The entries of the array behind position ``begin``, each between ``head`` and ``tail``.

    They are told by strings, brackets and commas alone.
    """

    def found(stream: BinaryIO, at: int, number: int) -> Iterator[Record]:
        at = max(at, begin)
        stream.seek(at)
        buffer, start, scanned, depth, more, long = b"", 0, 0, 0, True, False
        while True:
            token = _TOKEN.search(buffer, scanned)
            if more and (token is None or token.end() == len(buffer)):
                long = long or len(buffer) - start > cut.MAX_RECORD
                if len(buffer) - scanned > 8 * cut.MAX_RECORD:
                    raise ArticleRejected(Reason.TOO_LARGE, "a string without end in the JSON array")
                dropped = scanned if long else start
                block = stream.read(cut.BLOCK)
                more = bool(block)
                buffer = buffer[dropped:] + block
                at, scanned, start = at + dropped, scanned - dropped, 0
                continue
            if token is None:
                if long or buffer[start:].strip():
                    early = ArticleRejected(Reason.BAD_JSON, "the array ends early")
                    yield Record(number + 1, at + len(buffer), b"", early)
                return
            scanned = token.end()
            if token[0] in (b"[", b"{"):
                depth += 1
            elif depth and token[0] in (b"]", b"}"):
                depth -= 1
            elif not depth and token[0] in (b",", b"]"):
                entry = buffer[start : token.start()]
                last = token[0] == b"]"
                if long or entry.strip() or not last:
                    number += 1
                    refused = too_long() if long or len(entry) > cut.MAX_RECORD else None
                    yield Record(number, at + scanned, b"" if refused else head + entry + tail, refused)
                if last:
                    return
                start, long = scanned, False

    return found


def array(head: bytes) -> Cut:
    """The entries of the array that a file that begins with ``head`` is."""
    return entries(head.index(b"[") + 1)


def wrapped(head: bytes, stream: BinaryIO) -> Cut | None:
    """The entries of the one large array in an object, each as if it were the only one.

    ``None`` when there is none, or when the rest of the object has something to say of its own.
    """
    opened = _opened(head)
    if opened is None:
        return None
    begin, depth = opened
    first = [record.data[1:-1] for record in islice(entries(begin)(io.BytesIO(head), 0, 0), _PROBED)]
    probe = b",".join(filter(None, first))
    tail = _behind(stream, begin) or b"]" + b"}" * depth
    if len(tail) > _MOST_BEHIND:
        return None
    once = _count(head[:begin] + probe + tail)
    twice = _count(head[:begin] + probe + b"," + probe + tail)
    return entries(begin, head[:begin], tail) if once and twice == 2 * once else None


def _opened(head: bytes) -> tuple[int, int] | None:
    """Behind which position the outermost array goes on beyond ``head``, and in how many objects.

    Only one that ended an entry counts: one of a single endless entry is better not cut.
    """
    open_ones: list[tuple[bytes, int]] = []
    entered: set[int] = set()
    for token in _TOKEN.finditer(head):
        if token[0] in (b"[", b"{"):
            open_ones.append((token[0], token.end()))
        elif token[0] in (b"]", b"}") and open_ones:
            open_ones.pop()
        elif token[0] == b"," and open_ones:
            entered.add(open_ones[-1][1])
    for depth, (bracket, begin) in enumerate(open_ones[: _DEEPEST + 1]):
        if bracket == b"[":
            return (begin, depth) if begin in entered else None
    return None


def _behind(stream: BinaryIO, begin: int) -> bytes | None:
    """What stands behind the array, its bracket included, unless that is too far away or missing."""
    end = begin
    try:
        for record in entries(begin)(stream, 0, 0):
            end = record.end
            if end > AHEAD:
                return None
        stream.seek(end - 1)
        rest = stream.read(_MOST_BEHIND + 1).lstrip(b", \t\r\n")
    except ArticleRejected:
        return None  # damaged further on: what comes before that is good
    return rest if rest.startswith(b"]") else None


def _count(data: bytes) -> int:
    """How many articles and refusals come of a document."""
    try:
        return sum(1 for _ in json_file.parse(RawFile("probe", data, datetime.now(UTC))))
    except (ArticleRejected, FileIgnored):
        return 0


def kind(records: Iterator[Record], name: str) -> str:
    """Which reader the whole document would have been given to, by its first record."""
    try:
        first = next(records, None)
        return (
            name if first is None or first.refused else json_file.shape(json_file.loads(decode(first.data)))
        )
    except (ValueError, ArticleRejected):
        return name
