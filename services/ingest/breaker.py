"""The breaker: while a service is away nobody works, and one message every few seconds tries.

Without it a fleet would parse and enrich the same files over and over for an index that is not
there, and knock at it without pause.
"""

import random
import threading
import time
from typing import TYPE_CHECKING, Protocol

from services.ingest.leases import connect, translated

if TYPE_CHECKING:
    import redis

    from services.settings import Settings

_FORGET_SECONDS = 3600  # an open breaker that nobody confirms closes by itself


class Breaker(Protocol):
    """Shared by all processes on one queue."""

    def allows(self) -> bool:
        """Whether to work now: always while closed, as the one probe in its turn while open."""

    def is_open(self) -> bool:
        """Whether a service is away; asking takes nobody's turn."""

    def failed(self) -> None:
        """A service did not answer: open, and let the next probe wait its time."""

    def succeeded(self) -> None:
        """All services answered: close."""


class MemoryBreaker:
    """For one process."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next: float | None = None  # when the next probe may go; None: closed
        self._lock = threading.Lock()

    def allows(self) -> bool:
        """See ``Breaker.allows``."""
        with self._lock:
            if self._next is None:
                return True
            if time.monotonic() < self._next:
                return False
            self._next = time.monotonic() + _jittered(self._seconds)
            return True

    def is_open(self) -> bool:
        """See ``Breaker.is_open``."""
        return self._next is not None

    def failed(self) -> None:
        """See ``Breaker.failed``."""
        with self._lock:
            self._next = time.monotonic() + _jittered(self._seconds)

    def succeeded(self) -> None:
        """See ``Breaker.succeeded``."""
        self._next = None


class RedisBreaker:
    """For a fleet: one key says it is open, another, which expires, that a probe is out."""

    def __init__(self, url: str, seconds: float, name: str = "copydesk:breaker") -> None:
        self._redis: redis.Redis = connect(url)
        self._seconds = seconds
        self._probing = False
        self._open = f"{name}:open"
        self._probe = f"{name}:probe"

    def allows(self) -> bool:
        """See ``Breaker.allows``."""
        with translated():
            self._probing = bool(self._redis.exists(self._open))
            return not self._probing or bool(
                self._redis.set(self._probe, 1, nx=True, px=self._milliseconds())
            )

    def is_open(self) -> bool:
        """See ``Breaker.is_open``."""
        with translated():
            return bool(self._redis.exists(self._open))

    def failed(self) -> None:
        """See ``Breaker.failed``."""
        with translated():
            self._redis.set(self._open, 1, ex=_FORGET_SECONDS)
            self._redis.set(self._probe, 1, nx=True, px=self._milliseconds())

    def succeeded(self) -> None:
        """See ``Breaker.succeeded``."""
        if self._probing:
            with translated():
                self._redis.delete(self._open)

    def _milliseconds(self) -> int:
        return int(_jittered(self._seconds) * 1000)


def open_breaker(settings: "Settings") -> Breaker:
    """The breaker where the queue is: in Redis, or in the process."""
    if settings.redis_url:
        return RedisBreaker(settings.redis_url, settings.retry_seconds)
    return MemoryBreaker(settings.retry_seconds)


def _jittered(seconds: float) -> float:
    # Never sooner than asked for: "at most one probe every 5 s" is a promise.
    return seconds * random.uniform(1.0, 1.25)  # noqa: S311
