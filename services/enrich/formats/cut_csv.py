"""Tables cut into rows."""

import csv
from collections.abc import Iterator
from typing import BinaryIO

from services.enrich.formats import cut
from services.enrich.formats.cut import Cut, Record, skip_line, too_long
from services.errors import ArticleRejected, Reason


class _TooLong(Exception):  # leads from the reader of lines through csv's
    pass


def rows_by(separator: str) -> Cut:
    """Each row, below the header.

    Where rows end is left to the very reader that will read them: quotes may hold line ends.
    """

    def rows(stream: BinaryIO, at: int, number: int) -> Iterator[Record]:
        stream.seek(0)
        taken: list[bytes] = []
        size = 0

        def lines() -> Iterator[str]:
            nonlocal size
            while line := stream.readline(cut.MAX_RECORD):
                size += len(line)
                taken.append(line)
                if size >= cut.MAX_RECORD:
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
                    too_long()
                    if isinstance(error, _TooLong)
                    else ArticleRejected(Reason.NOT_WELLFORMED, str(error))
                )
                if taken and not taken[-1].endswith(b"\n"):
                    size += skip_line(stream)
                reader = csv.reader(lines(), delimiter=separator)
                row = [""]
            at, data = at + size, b"".join(taken)
            taken.clear()
            size = 0
            if row or refused:
                number += 1
                yield Record(number, at, b"" if refused else header + data, refused)

    return rows
