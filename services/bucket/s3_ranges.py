"""An object of an S3-compatible store as a file, read block by block."""

import io
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer


class Ranges(io.RawIOBase):
    """What ``block`` gives from a position, up to a number of bytes; ``size`` bytes in all."""

    def __init__(self, block: Callable[[int, int], bytes], size: int) -> None:
        self._block = block
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        """See ``io.IOBase``."""
        return True

    def seekable(self) -> bool:
        """See ``io.IOBase``."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """See ``io.IOBase``."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """See ``io.IOBase``."""
        return self._at

    def readinto(self, buffer: "Buffer") -> int:
        """See ``io.RawIOBase``."""
        view = memoryview(buffer)
        data = self._block(self._at, len(view))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)
