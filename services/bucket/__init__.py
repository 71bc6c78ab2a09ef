"""The bucket: where files wait, and the truth about what became of each.

Only the operations needed are here. Every key a store accepts is listed, read and moved like
any other. Implementations raise ``Gone`` and ``Changed`` for what people and pipelines do to
files meanwhile, ``ServiceUnavailable`` and ``Misconfigured`` for the store itself.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from services.bucket import keys
from services.errors import CopydeskError, Misconfigured

if TYPE_CHECKING:
    from services.settings import Settings


class Gone(CopydeskError):
    """The file is no longer there: moved by another worker, or taken back by a person."""


class Changed(CopydeskError):
    """The file was written anew since it was read; the new bytes are work of their own."""


class Denied(Misconfigured):
    """One file may not be read or not be taken away, as its sender left it; others may."""


@dataclass(frozen=True)
class Entry:
    """A file as the store lists it. ``etag`` differs whenever the bytes do."""

    key: str
    size: int
    modified: datetime
    etag: str


class TooLarge(CopydeskError):
    """The file is larger than was asked for; ``entry`` tells which it is."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(f"{keys.printable(entry.key)}: {entry.size:,} bytes")
        self.entry = entry


class Bucket(Protocol):
    """What custody needs of a store."""

    #: Whether a file can be seen before it is written to its end (a folder: yes; S3: no).
    shows_unfinished: bool
    #: Whether the first file moved to a name always stands under it, and only later ones are marked apart
    #: (a folder: yes; S3: not where the store cannot refuse to overwrite).
    keeps_plain_names: bool

    def prepare(self) -> None:
        """Make sure the store can be used, creating what may be created.

        Raises:
            Misconfigured: it does not exist or access is denied.
            ServiceUnavailable: it does not answer.
        """

    def list(self, prefix: str, after: str | None = None) -> Iterator[Entry]:
        """Files whose keys start with ``prefix``, in byte order of the keys, from behind ``after`` on."""

    def stat(self, key: str) -> Entry | None:
        """The file under ``key``, or ``None``."""

    def read(self, key: str, limit: int | None = None) -> tuple[Entry, bytes]:
        """The file's bytes and the entry they belong to.

        Raises:
            Gone: there is no such file.
            Denied: it may not be read.
            TooLarge: it has more than ``limit`` bytes; none of them was read.
        """

    def start(self, key: str, most: int) -> bytes:
        """The file's first ``most`` bytes, however large it is.

        Raises:
            Gone: there is no such file.
        """

    def stream(self, entry: Entry) -> io.BufferedReader:
        """The bytes of exactly this ``entry`` as a seekable stream, in the memory of a few megabytes.

        Opening and reading raise ``Gone`` and, when the file was written anew, ``Changed``.
        """

    def folders(self, prefix: str) -> Iterator[str]:
        """What stands directly under ``prefix``, a folder's name that ends in a slash, and has files in it.

        In byte order; each comes with the prefix and a slash at its end.
        """

    def put(self, key: str, data: bytes | BinaryIO) -> None:
        """Write a whole file at once, in place of any earlier one. Nobody sees a part of it.

        Args:
            key: the file's.
            data: its bytes, or a stream of them from its position on: of any length, in bounded memory.

        """

    def vacant(self, entry: Entry, to: str) -> str:
        """``to``, or that name marked apart where other bytes stand under it already, or could come to."""

    def move(self, entry: Entry, to: str) -> str:
        """Move exactly the bytes of ``entry`` and return the key they went to.

        Never overwrites: the file goes to ``vacant(entry, to)``, or to yet another name where other bytes
        came there in between.

        Raises:
            Gone: the file is no longer there.
            Changed: it was written anew; it stays where it is.
            Denied: it may not be taken away; it stays where it is.
        """

    def move_all(self, moves: Sequence[tuple[Entry, str]]) -> Sequence[str | CopydeskError]:
        """Move many files as ``move`` does; for each the key it went to, or what ``move`` would raise."""

    def delete(self, key: str) -> None:
        """Remove a file; one that is not there is no error."""


def open_bucket(settings: "Settings") -> Bucket:
    """The bucket named by ``COPYDESK_BUCKET``: ``s3://bucket[/prefix]`` or a folder."""
    if settings.bucket.startswith("s3://"):
        from services.bucket.s3 import S3Bucket

        # Two tries fit well within the limit on a message: trouble of the store's must not cost an attempt.
        timeout = min(30, settings.task_seconds / 8)
        return S3Bucket(settings.bucket, endpoint=settings.s3_endpoint, timeout_seconds=timeout)
    from services.bucket.folder import FolderBucket

    return FolderBucket(Path(settings.bucket))
