"""Streams that can only be made from their beginning on: to go back in one means to begin again."""

import io
import os
from abc import abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer

_BLOCK = 1 << 18


class Forward(io.RawIOBase):
    """Bytes that come out of others. Seeking forth means to make what lies between."""

    def __init__(self) -> None:
        self._at = 0
        self._begin()

    @abstractmethod
    def _begin(self) -> None:
        """Go back to the beginning."""

    @abstractmethod
    def _next(self, most: int) -> bytes:
        """Between 1 and ``most`` bytes, or none at the end."""

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Yes, at a price."""
        return True

    def tell(self) -> int:
        """How many bytes have come out."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """See the class."""
        if whence == os.SEEK_END:
            raise io.UnsupportedOperation("the length of what comes out is not known")
        target = offset + (self._at if whence == os.SEEK_CUR else 0)
        if target < self._at:
            self._at = 0
            self._begin()
        while self._at < target and self._more(min(_BLOCK, target - self._at)):
            pass
        return self._at

    def readinto(self, buffer: "Buffer") -> int:
        """See ``io.RawIOBase``."""
        view = memoryview(buffer)
        data = self._more(len(view))
        view[: len(data)] = data
        return len(data)

    def _more(self, most: int) -> bytes:
        data = self._next(most)
        self._at += len(data)
        return data
