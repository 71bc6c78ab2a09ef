"""Files that are a sequence of records: which files are, and how each kind is cut."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from services.enrich.formats import csv_file, cut_csv, cut_json, cut_warc, cut_xml, json_file
from services.enrich.formats.cut import BLOCK, Cut, Record
from services.enrich.formats.encoding import decode, wide_encoding
from services.enrich.formats.sniff import sniff
from services.enrich.formats.transcode import Transcoded
from services.enrich.formats.unpack import Unpacked, packing
from services.errors import ArticleRejected

_HEAD = 1 << 20
_JSON = {"json", "jsonl", "ninjs", "jsonld", "jsonfeed"}


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

    def sound(self, at: int = 0, number: int = 0) -> Iterator[Record]:
        """The same; damage that ends the file is a last record, which is refused for it."""
        found = self.records(at, number)
        while True:
            try:
                record = next(found, None)
            except ArticleRejected as rejected:
                record = Record(number + 1, at, b"", rejected)
            if record is None:
                return
            at, number = record.end, record.number
            yield record


def sequence(stream: BinaryIO, most: int) -> Sequence | None:
    """How to cut the file in ``stream``, or ``None`` when it must be held whole.

    Args:
        stream: seekable, of any length.
        most: how many bytes it may unpack to.

    Raises:
        ArticleRejected: it is empty, binary or damaged.

    """
    packed = packing(stream.read(16))
    stream.seek(0)
    if packed is not None:
        stream = io.BufferedReader(Unpacked(stream, packed, most), BLOCK)
    head = stream.read(_HEAD)
    name = sniff(head)
    if (wide := wide_encoding(head)) is not None and name != "warc":
        stream = io.BufferedReader(Transcoded(stream, wide), BLOCK)
        head = stream.read(_HEAD)
    if name in _JSON:
        return _json(name, head, stream)
    if name == "csv":
        separator = csv_file.separator_of(decode(head))
        return Sequence(name, "row", stream, cut_csv.rows_by(separator)) if separator else None
    if name == "warc":
        arc = head.lstrip().startswith(b"filedesc://")
        return Sequence(name, "record", stream, cut_warc.arc if arc else cut_warc.warc)
    if name == "xml" and (cut := cut_xml.documents_of(stream)) is not None:
        return Sequence(name, "document", stream, cut)
    if name in cut_xml.ITEMS and (cut := cut_xml.sequence_of(name, stream)) is not None:
        return Sequence(name, "page" if name == "mediawiki" else "item", stream, cut)
    return None


def _json(name: str, head: bytes, stream: BinaryIO) -> Sequence | None:
    text = decode(head).lstrip("\ufeff \t\r\n")
    if json_file.is_lines(text):
        return Sequence("jsonl" if name == "json" else name, "line", stream, cut_json.lines)
    cut = cut_json.array(head) if text.startswith("[") else cut_json.wrapped(head, stream)
    if cut is None:
        return None
    first = cut(io.BytesIO(head), 0, 0)
    return Sequence(cut_json.kind(first, name), "entry", stream, cut)
