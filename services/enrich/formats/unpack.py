"""gzip, bzip2 and xz undone as a stream: any length in the memory of two blocks."""

import bz2
import lzma
import zlib
from typing import BinaryIO, Protocol

from services.enrich.formats.forward import Forward
from services.errors import ArticleRejected, Reason

_BLOCK = 1 << 18
_MAGIC = {b"\x1f\x8b": "gzip", b"BZ": "bzip2", b"\xfd7": "xz"}


def packing(head: bytes) -> str | None:
    """Which compression a file that begins so is in."""
    return _MAGIC.get(head[:2])


class _Engine(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes: ...


def _engine(kind: str) -> _Engine:
    if kind == "gzip":
        return zlib.decompressobj(wbits=31)
    if kind == "bzip2":
        return bz2.BZ2Decompressor()
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=128 << 20)


class Unpacked(Forward):
    """What is in a compressed stream; several members after another are one file (RFC 1952).

    Args:
        packed: the compressed stream.
        kind: `gzip`, `bzip2` or `xz`.
        most: how many bytes may come out before it is refused.

    Reading raises ``ArticleRejected`` for damage, and for more than is bearable.

    """

    def __init__(self, packed: BinaryIO, kind: str, most: int) -> None:
        self._packed = packed
        self._kind = kind
        self._most = most
        super().__init__()

    def _begin(self) -> None:
        self._packed.seek(0)
        self._engine: _Engine | None = None
        self._pending = b""

    def _next(self, most: int) -> bytes:
        while True:
            try:
                data = self._step(most)
            except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
                raise ArticleRejected(Reason.NOT_WELLFORMED, f"damaged {self._kind}: {error}") from None
            if data is None:
                return b""
            if data:
                if self._at + len(data) > self._most:
                    raise ArticleRejected(Reason.TOO_LARGE, f"it unpacks to more than {self._most:,} bytes")
                return data

    def _step(self, most: int) -> bytes | None:
        """Some bytes more, none yet, or ``None`` at the end."""
        engine = self._engine
        if engine is None or engine.eof:
            rest = engine.unused_data if engine is not None else b""
            self._pending = rest or self._packed.read(_BLOCK)
            if packing(self._pending) != self._kind:
                return None  # the end, or what tape drives fill up their blocks with
            self._engine = engine = _engine(self._kind)
        if not self._pending and getattr(engine, "needs_input", True):
            self._pending = self._packed.read(_BLOCK)
            if not self._pending:
                raise ArticleRejected(Reason.TRUNCATED, f"the {self._kind} file ends early")
        data = engine.decompress(self._pending, most)
        self._pending = getattr(engine, "unconsumed_tail", b"")
        return data
