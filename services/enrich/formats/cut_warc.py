"""Archives of the web cut into their records."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from services.enrich.formats import cut
from services.enrich.formats.cut import Record
from services.errors import ArticleRejected, Reason

_HEAD = 1 << 20
_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_PAGES = re.compile(rb"^WARC-Type:[ \t]*(?:response|resource)\b", re.IGNORECASE | re.MULTILINE)
_ARC_LINE = re.compile(rb"([^\r\n]+) \S+ \d{8,17} \S+ (\d{1,12})\r?\n")
_ARC_HEAD = b"filedesc://archive 0.0.0.0 19700101000000 text/plain 0\n"


def warc(stream: BinaryIO, at: int, number: int) -> Iterator[Record]:
    """Records that may hold pages; of a long one its beginning, which is all that is read of a page."""
    stream.seek(at)
    while line := _past_blanks(stream):
        number += 1
        head = [line]
        while line.strip() and sum(map(len, head)) < _HEAD:
            line = stream.readline(cut.BLOCK)
            head.append(line)
        text = b"".join(head)
        length = _LENGTH.search(text)
        if not text.startswith(b"WARC/") or length is None:
            lost = ArticleRejected(Reason.NOT_WELLFORMED, "no record of a web archive begins here")
            while (line := stream.readline(cut.BLOCK)) and not line.startswith(b"WARC/"):
                pass
            if line:
                stream.seek(-len(line), 1)
            yield Record(number, stream.tell(), b"", lost)
            continue
        size = int(length[1])
        kept = min(size, cut.MAX_RECORD + cut.BLOCK) if _PAGES.search(text) else 0
        body = stream.read(kept)
        stream.seek(size - kept, 1)
        if kept:
            if kept < size:
                text = text[: length.start(1)] + str(kept).encode() + text[length.end(1) :]
            yield Record(number, stream.tell(), text + body + b"\r\n\r\n")


def arc(stream: BinaryIO, at: int, number: int) -> Iterator[Record]:
    """Records of the format before WARC."""
    stream.seek(at)
    while line := _past_blanks(stream):
        number += 1
        found = _ARC_LINE.fullmatch(line)
        if found is None:
            return  # as where the whole file is read
        size = int(found[2])
        kept = min(size, cut.MAX_RECORD + cut.BLOCK)
        body = stream.read(kept)
        stream.seek(size - kept, 1)
        line = line[: found.start(2)] + str(len(body)).encode() + b"\n"
        yield Record(number, stream.tell(), _ARC_HEAD + line + body)


def _past_blanks(stream: BinaryIO) -> bytes:
    """The next line that is not blank."""
    while (line := stream.readline(cut.BLOCK)) and not line.strip():
        pass
    return line
