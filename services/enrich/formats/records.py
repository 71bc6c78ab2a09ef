"""Files that are a sequence of records, cut into these: a file of any length in the memory of one record.

Each record comes as a small file of the same kind, so that the format's own parser reads it.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from services.enrich.formats import csv_file, json_file
from services.enrich.formats.encoding import decode
from services.enrich.formats.sniff import sniff
from services.enrich.formats.unpack import Unpacked, packing
from services.errors import ArticleRejected, Reason

#: A longer record is refused by itself.
MAX_RECORD = 16 << 20
_HEAD = 1 << 20
_BLOCK = 1 << 20
_JSON = {"json", "jsonl", "ninjs", "jsonld", "jsonfeed"}


@dataclass(frozen=True)
class Record:
    """One record: its number from 1 on, where the next one begins, and itself as a file of its own."""

    number: int
    end: int
    data: bytes
    refused: ArticleRejected | None = None


#: From where on (a record's ``end``), and that record's number.
Cut = Callable[[BinaryIO, int, int], Iterator[Record]]


@dataclass(frozen=True)
class Sequence:
    """How a file is cut: ``format`` names the parser, ``unit`` its records."""

    format: str
    unit: str
    stream: BinaryIO
    cut: Cut

    def records(self, at: int = 0, number: int = 0) -> Iterator[Record]:
        """The records behind position ``at``, which is behind record ``number``."""
        return self.cut(self.stream, at, number)


def sequence(stream: BinaryIO, most: int) -> Sequence | None:
    """How to cut the file in ``stream``, or ``None`` when it must be held whole.

    Args:
        stream: seekable, of any length.
        most: how many bytes it may unpack to.

    Raises:
        ArticleRejected: it is empty, binary or damaged.

    """
    kind = packing(stream.read(16))
    stream.seek(0)
    if kind is not None:
        stream = io.BufferedReader(Unpacked(stream, kind, most), _BLOCK)
    head = stream.read(_HEAD)
    name = sniff(head)
    text = decode(head)
    narrow = not head[:4].count(0) and not head.startswith((b"\xff\xfe", b"\xfe\xff"))
    if name in _JSON and narrow:
        if json_file.is_lines(text.lstrip()):
            return Sequence("jsonl" if name == "json" else name, "line", stream, _lines)
        if text.lstrip("\ufeff \t\r\n").startswith("["):
            return Sequence(_kind_of_first(head, name), "entry", stream, _entries)
    if name == "csv" and narrow:
        separator = csv_file.separator_of(text)
        if separator is not None:
            return Sequence(name, "row", stream, _rows_by(separator))
    if name == "warc":
        arc = head.lstrip().startswith(b"filedesc://")
        return Sequence(name, "record", stream, _arc if arc else _warc)
    return None


def _lines(stream: BinaryIO, at: int, number: int) -> Iterator[Record]:
    stream.seek(at)
    while line := stream.readline(MAX_RECORD):
        number, at = number + 1, at + len(line)
        refused = None
        if len(line) == MAX_RECORD and not line.endswith(b"\n"):
            at += _skip_line(stream)
            line, refused = b"", _too_long()
        if line.strip() or refused:
            yield Record(number, at, line, refused)


def _skip_line(stream: BinaryIO) -> int:
    skipped = 0
    while piece := stream.readline(_BLOCK):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped


def _too_long() -> ArticleRejected:
    return ArticleRejected(Reason.TOO_LARGE, f"more than {MAX_RECORD:,} bytes in one record")


class _TooLong(Exception):  # leads from the reader of lines through csv's
    pass


def _rows_by(separator: str) -> Cut:
    """Where rows end is left to the very reader that will read them: quotes may hold line ends."""

    def rows(stream: BinaryIO, at: int, number: int) -> Iterator[Record]:
        stream.seek(0)
        taken: list[bytes] = []
        size = 0

        def lines() -> Iterator[str]:
            nonlocal size
            while line := stream.readline(MAX_RECORD):
                size += len(line)
                taken.append(line)
                if size >= MAX_RECORD:
                    raise _TooLong
                yield line.replace(b"\0", b"").decode("latin-1")

        next(csv.reader(lines(), delimiter=separator), None)
        header = b"".join(taken)
        at = max(len(header), at)
        taken.clear()
        size = 0
        stream.seek(at)
        reader = csv.reader(lines(), delimiter=separator)
        while True:
            refused = None
            try:
                row = next(reader, None)
                if row is None:
                    return
            except (_TooLong, csv.Error) as error:
                refused = (
                    _too_long()
                    if isinstance(error, _TooLong)
                    else ArticleRejected(Reason.NOT_WELLFORMED, str(error))
                )
                if taken and not taken[-1].endswith(b"\n"):
                    size += _skip_line(stream)
                reader = csv.reader(lines(), delimiter=separator)
                row = [""]
            at, data = at + size, b"".join(taken)
            taken.clear()
            size = 0
            if row or refused:
                number += 1
                yield Record(number, at, b"" if refused else header + data, refused)

    return rows


# A string that the buffer cuts ends with it; it is looked at again when there is more.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\(?:.|\Z))*+(?:"|\Z)|[\[\]{},]', re.DOTALL)


def _entries(stream: BinaryIO, at: int, number: int) -> Iterator[Record]:
    """The entries of a JSON array, told by its strings, brackets and commas alone."""
    stream.seek(at)
    buffer, start, scanned, depth, more, long = b"", 0, 0, 0, True, False
    if at == 0:  # the bracket that opens the array is an entry's end, and counts as none
        while b"[" not in buffer:
            buffer += stream.read(_BLOCK)
        start = scanned = buffer.index(b"[") + 1
    while True:
        token = _TOKEN.search(buffer, scanned)
        if more and (token is None or token.end() == len(buffer)):
            long = long or len(buffer) - start > MAX_RECORD
            if len(buffer) - scanned > 8 * MAX_RECORD:
                raise ArticleRejected(Reason.TOO_LARGE, "a string without end in the JSON array")
            dropped = scanned if long else start
            block = stream.read(_BLOCK)
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
                refused = _too_long() if long or len(entry) > MAX_RECORD else None
                yield Record(number, at + scanned, b"" if refused else b"[" + entry + b"]", refused)
            if last:
                return
            start, long = scanned, False


_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_PAGES = re.compile(rb"^WARC-Type:[ \t]*(?:response|resource)\b", re.IGNORECASE | re.MULTILINE)
_ARC_LINE = re.compile(rb"([^\r\n]+) \S+ \d{8,17} \S+ (\d{1,12})\r?\n")
_ARC_HEAD = b"filedesc://archive 0.0.0.0 19700101000000 text/plain 0\n"


def _warc(stream: BinaryIO, at: int, number: int) -> Iterator[Record]:
    """Records that may hold pages; of a long one its beginning, which is all that is read of a page."""
    stream.seek(at)
    while line := _past_blanks(stream):
        number += 1
        head = [line]
        while line.strip() and sum(map(len, head)) < _HEAD:
            line = stream.readline(_BLOCK)
            head.append(line)
        text = b"".join(head)
        length = _LENGTH.search(text)
        if not text.startswith(b"WARC/") or length is None:
            lost = ArticleRejected(Reason.NOT_WELLFORMED, "no record of a web archive begins here")
            while (line := stream.readline(_BLOCK)) and not line.startswith(b"WARC/"):
                pass
            if line:
                stream.seek(-len(line), 1)
            yield Record(number, stream.tell(), b"", lost)
            continue
        size = int(length[1])
        kept = min(size, MAX_RECORD + _BLOCK) if _PAGES.search(text) else 0
        body = stream.read(kept)
        stream.seek(size - kept, 1)
        if kept:
            if kept < size:
                text = text[: length.start(1)] + str(kept).encode() + text[length.end(1) :]
            yield Record(number, stream.tell(), text + body + b"\r\n\r\n")


def _arc(stream: BinaryIO, at: int, number: int) -> Iterator[Record]:
    stream.seek(at)
    while line := _past_blanks(stream):
        number += 1
        found = _ARC_LINE.fullmatch(line)
        if found is None:
            return  # as where the whole file is read
        size = int(found[2])
        kept = min(size, MAX_RECORD + _BLOCK)
        body = stream.read(kept)
        stream.seek(size - kept, 1)
        line = line[: found.start(2)] + str(len(body)).encode() + b"\n"
        yield Record(number, stream.tell(), _ARC_HEAD + line + body)


def _past_blanks(stream: BinaryIO) -> bytes:
    """The next line that is not blank."""
    while (line := stream.readline(_BLOCK)) and not line.strip():
        pass
    return line


def _kind_of_first(head: bytes, name: str) -> str:
    """Which reader the whole array would have been given to."""
    try:
        first = next(_entries(io.BytesIO(head), 0, 0), None)
        return (
            name if first is None or first.refused else json_file.shape(json_file.loads(decode(first.data)))
        )
    except (ValueError, ArticleRejected):
        return name
