"""The breaker: while a service is away nobody works, and one message now and then tries, ever more seldom.

Without it a fleet would parse and enrich the same files over and over for an index that is not
there, and knock at it without pause.
"""

import threading
import time
from typing import TYPE_CHECKING, Protocol

from services.ingest.leases import connect, translated
from services.patience import pause

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

    def is_resting(self) -> bool:
        """Whether a service is away and was asked not long ago: nobody may probe yet."""

    def failed(self) -> None:
        """A service did not answer: open, and let the next probe wait its time."""

    def succeeded(self) -> None:
        """All services answered: close."""


class MemoryBreaker:
    """For one process."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._failures = 0
        self._next: float | None = None  # when the next probe may go; None: closed
        self._lock = threading.Lock()

    def allows(self) -> bool:
        """See ``Breaker.allows``."""
        with self._lock:
            if self._next is None:
                return True
            if time.monotonic() < self._next:
                return False
            self._next = time.monotonic() + pause(self._seconds, self._failures)
            return True

    def is_open(self) -> bool:
        """See ``Breaker.is_open``."""
        return self._next is not None

    def is_resting(self) -> bool:
        """See ``Breaker.is_resting``."""
        with self._lock:
            return self._next is not None and time.monotonic() < self._next

    def failed(self) -> None:
        """See ``Breaker.failed``."""
        with self._lock:
            self._failures += 1
            self._next = time.monotonic() + pause(self._seconds, self._failures)

    def succeeded(self) -> None:
        """See ``Breaker.succeeded``."""
        with self._lock:
            self._failures, self._next = 0, None


class RedisBreaker:
    """For a fleet: one key, there while it is open, counts failures; another says that a probe is out."""

    def __init__(self, url: str, seconds: float, name: str = "copydesk:breaker") -> None:
        self._redis: redis.Redis = connect(url)
        self._seconds = seconds
        self._probing = False
        self._open = f"{name}:open"
        self._probe = f"{name}:probe"

    def allows(self) -> bool:
        """See ``Breaker.allows``."""
        with translated():
            failures = self._redis.get(self._open)
            self._probing = failures is not None
            return not self._probing or bool(
                self._redis.set(self._probe, 1, nx=True, px=self._milliseconds(int(failures or 1)))
            )

    def is_open(self) -> bool:
        """See ``Breaker.is_open``."""
        with translated():
            return bool(self._redis.exists(self._open))

    def is_resting(self) -> bool:
        """See ``Breaker.is_resting``."""
        with translated():
            return self._redis.exists(self._open, self._probe) == 2  # both of them

    def failed(self) -> None:
        """See ``Breaker.failed``."""
        with translated():
            if self._probing:
                failures = int(self._redis.incr(self._open))
                self._redis.expire(self._open, _FORGET_SECONDS)
                self._redis.set(self._probe, 1, px=self._milliseconds(failures))
            else:
                # One of perhaps many that were at work when the service went: that is one failure of all.
                self._redis.set(self._open, 1, nx=True, ex=_FORGET_SECONDS)
                self._redis.set(self._probe, 1, nx=True, px=self._milliseconds(1))

    def succeeded(self) -> None:
        """See ``Breaker.succeeded``."""
        if self._probing:
            with translated():
                self._redis.delete(self._open, self._probe)

    def _milliseconds(self, failures: int) -> int:
        return int(pause(self._seconds, failures) * 1000)


def open_breaker(settings: "Settings") -> Breaker:
    """The breaker where the queue is: in Redis, or in the process."""
    if settings.redis_url:
        return RedisBreaker(settings.redis_url, settings.retry_seconds)
    return MemoryBreaker(settings.retry_seconds)
