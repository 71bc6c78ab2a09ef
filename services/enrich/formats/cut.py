"""Records of a file that is a sequence of them: any length in the memory of one record.

Each record comes as a small file of the same kind, so that the format's own parser reads it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from services.errors import ArticleRejected, Reason

#: A longer record is refused by itself.
MAX_RECORD = 16 << 20
BLOCK = 1 << 20


@dataclass(frozen=True)
class Record:
    """One record: its number from 1 on, where the next one begins, and itself as a file of its own.

    ``shared`` are those of its ids that other records of the file have, too.
    """

    number: int
    end: int
    data: bytes
    refused: ArticleRejected | None = None
    shared: frozenset[str] = frozenset()


#: From where on (a record's ``end``), and that record's number.
Cut = Callable[[BinaryIO, int, int], Iterator[Record]]


def too_long() -> ArticleRejected:
    """What a record is refused for that is longer than ``MAX_RECORD``."""
    return ArticleRejected(Reason.TOO_LARGE, f"more than {MAX_RECORD:,} bytes in one record")


def skip_line(stream: BinaryIO) -> int:
    """Read on to where the line ends, and return how many bytes that took."""
    skipped = 0
    while piece := stream.readline(BLOCK):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped
