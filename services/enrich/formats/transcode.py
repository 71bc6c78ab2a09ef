"""UTF-16 and its kin as UTF-8, as a stream: then files are cut by their bytes, whatever they are in."""

import codecs
from typing import BinaryIO

from services.enrich.formats.forward import Forward

_BLOCK = 1 << 18


class Transcoded(Forward):
    """The text of a stream that is in ``encoding``, in UTF-8."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._encoding = encoding
        super().__init__()

    def _begin(self) -> None:
        self._stream.seek(0)
        self._decoder = codecs.getincrementaldecoder(self._encoding)("replace")
        self._pending = b""

    def _next(self, most: int) -> bytes:
        while not self._pending:
            block = self._stream.read(_BLOCK)
            self._pending = self._decoder.decode(block, final=not block).encode()
            if not block:
                break
        data, self._pending = self._pending[:most], self._pending[most:]
        return data
