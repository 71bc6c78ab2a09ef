"""Leases: which keys are queued or in work, so that the next listing does not queue them again.

Hints only. Losing them costs a second message for a key, never a file: work is idempotent.
"""

import contextlib
import hashlib
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

import redis

from services.bucket import keys
from services.errors import Misconfigured, ServiceUnavailable

if TYPE_CHECKING:
    from services.settings import Settings


class Leases(Protocol):
    """Keys with a time until which nobody else should take them."""

    def take(self, names: Sequence[str], seconds: float, most: int) -> list[str]:
        """Lease those of ``names`` that are free, in order, until ``most`` are out; return them."""

    def postpone(self, names: Iterable[str], seconds: float) -> None:
        """Leave the keys alone for ``seconds`` from now on."""

    def release(self, names: Iterable[str]) -> None:
        """Give the keys back."""

    def outstanding(self) -> int:
        """How many keys are leased."""


class MemoryLeases:
    """For one process: the embedded mode and tests."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, names: Sequence[str], seconds: float, most: int) -> list[str]:
        """See ``Leases.take``."""
        now = time.monotonic()
        with self._lock:
            self._until = {name: until for name, until in self._until.items() if until > now}
            free = [name for name in names if name not in self._until][: max(0, most - len(self._until))]
            self._until.update(dict.fromkeys(free, now + seconds))
        return free

    def postpone(self, names: Iterable[str], seconds: float) -> None:
        """See ``Leases.postpone``."""
        with self._lock:
            self._until.update(dict.fromkeys(names, time.monotonic() + seconds))

    def release(self, names: Iterable[str]) -> None:
        """See ``Leases.release``."""
        with self._lock:
            for name in names:
                self._until.pop(name, None)

    def outstanding(self) -> int:
        """See ``Leases.outstanding``."""
        now = time.monotonic()
        with self._lock:
            return sum(until > now for until in self._until.values())


# One round trip each, and Redis's own clock: hosts need not agree on the time.
_NOW = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1e6
"""
_TAKE = (
    _NOW
    + """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
-- Longer than any lease lasts: the clock was set back since.
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + ARGV[1] + 1, '+inf')
local room = ARGV[2] - redis.call('ZCARD', KEYS[1])
local taken = {}
for i = 3, #ARGV do
  if room > 0 and redis.call('ZADD', KEYS[1], 'NX', now + ARGV[1], ARGV[i]) == 1 then
    room = room - 1
    taken[#taken + 1] = i - 2
  end
end
return taken
"""
)
_POSTPONE = _NOW + "for i = 2, #ARGV do redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i]) end"
_COUNT = _NOW + "return redis.call('ZCOUNT', KEYS[1], now, '+inf')"
_SLICE = 1000  # Lua unpacks its arguments on a bounded stack


class RedisLeases:
    """For a fleet: one sorted set, digests of the keys scored by the time their lease ends."""

    def __init__(self, url: str, name: str = "copydesk:leases") -> None:
        self._name = name
        self._redis = connect(url)
        self._take = self._redis.register_script(_TAKE)
        self._postpone = self._redis.register_script(_POSTPONE)
        self._count = self._redis.register_script(_COUNT)

    def take(self, names: Sequence[str], seconds: float, most: int) -> list[str]:
        """See ``Leases.take``."""
        taken: list[str] = []
        for start in range(0, len(names), _SLICE):
            part = names[start : start + _SLICE]
            with translated():
                found = self._take(keys=[self._name], args=[seconds, most, *map(_digest, part)])
            taken += [part[int(position) - 1] for position in found]
        return taken

    def postpone(self, names: Iterable[str], seconds: float) -> None:
        """See ``Leases.postpone``."""
        digests = [_digest(name) for name in names]
        for start in range(0, len(digests), _SLICE):
            with translated():
                self._postpone(keys=[self._name], args=[seconds, *digests[start : start + _SLICE]])

    def release(self, names: Iterable[str]) -> None:
        """See ``Leases.release``."""
        digests = [_digest(name) for name in names]
        if digests:
            with translated():
                self._redis.zrem(self._name, *digests)

    def outstanding(self) -> int:
        """See ``Leases.outstanding``."""
        with translated():
            return int(self._count(keys=[self._name]))


def open_leases(settings: "Settings") -> Leases:
    """Leases where the queue is: in Redis, or in the process."""
    return RedisLeases(settings.redis_url) if settings.redis_url else MemoryLeases()


def connect(url: str) -> "redis.Redis":
    """A client that gives up after 5 s; it connects when it is first used.

    Raises:
        Misconfigured: the address is none.
    """
    try:
        return redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5, health_check_interval=10)
    except ValueError as error:
        raise Misconfigured(f"COPYDESK_REDIS_URL: {error}; write redis://host:6379/0") from None


def _digest(name: str) -> bytes:
    return hashlib.blake2b(keys.encode(name), digest_size=16).digest()


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Client exceptions into ours, once."""
    try:
        yield
    except (redis.AuthenticationError, redis.exceptions.NoPermissionError) as error:
        raise Misconfigured(f"Redis: {error}; check user and password in COPYDESK_REDIS_URL") from error
    except redis.RedisError as error:
        raise ServiceUnavailable(f"Redis: {error}; waiting for it") from error
