"""Leases: which keys are queued or in work, so that the next listing does not queue them again.

Hints only. Losing them costs a second message for a key, never a file: work is idempotent.

A key may be in several messages: a lease ends while its message waits, or a message comes back whose
acknowledgement was lost. So whoever begins claims its keys, and what is in work elsewhere it leaves alone.
Messages that a worker holds outlive a flushed Redis, leases do not: each names the generation of its own.
"""

import contextlib
import hashlib
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import redis

from services.bucket import keys
from services.errors import Misconfigured, ServiceUnavailable

if TYPE_CHECKING:
    from services.settings import Settings


class Leases(Protocol):
    """Keys with a time until which nobody else should take them."""

    def take(self, names: Sequence[str], seconds: float, most: int) -> list[str]:
        """Lease those of ``names`` that are free, in order, until ``most`` are out; return them."""

    def claim(self, chunk: str, names: Sequence[str], seconds: float) -> list[str]:
        """Lease for the work of ``chunk`` those of ``names`` that are in nobody else's; return them."""

    def postpone(self, names: Iterable[str], seconds: float, *, chunk: str = "") -> None:
        """Leave the keys alone for ``seconds`` from now on; not those in work by another than ``chunk``."""

    def release(self, names: Iterable[str], *, chunk: str = "") -> None:
        """Give the keys back; not those in work by another than ``chunk``."""

    def outstanding(self) -> int:
        """How many keys are leased."""

    def generation(self) -> str:
        """A name for these leases; another one says that all that were known by the last are lost."""


class MemoryLeases:
    """For one process: the embedded mode and tests."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._at_work: dict[str, str] = {}  # key: the chunk that has claimed it
        self._lock = threading.Lock()

    def take(self, names: Sequence[str], seconds: float, most: int) -> list[str]:
        """See ``Leases.take``."""
        now = time.monotonic()
        with self._lock:
            self._until = {name: until for name, until in self._until.items() if until > now}
            free = [name for name in names if name not in self._until][: max(0, most - len(self._until))]
            self._until.update(dict.fromkeys(free, now + seconds))
            for name in free:
                self._at_work.pop(name, None)
        return free

    def claim(self, chunk: str, names: Sequence[str], seconds: float) -> list[str]:
        """See ``Leases.claim``."""
        with self._lock:
            claimed = self._not_elsewhere(names, chunk)
            self._until.update(dict.fromkeys(claimed, time.monotonic() + seconds))
            self._at_work.update(dict.fromkeys(claimed, chunk))
        return claimed

    def postpone(self, names: Iterable[str], seconds: float, *, chunk: str = "") -> None:
        """See ``Leases.postpone``."""
        with self._lock:
            for name in self._not_elsewhere(names, chunk):
                self._until[name] = time.monotonic() + seconds
                self._at_work.pop(name, None)

    def release(self, names: Iterable[str], *, chunk: str = "") -> None:
        """See ``Leases.release``."""
        with self._lock:
            for name in self._not_elsewhere(names, chunk):
                self._until.pop(name, None)
                self._at_work.pop(name, None)

    def _not_elsewhere(self, names: Iterable[str], chunk: str) -> list[str]:
        now = time.monotonic()
        return [
            name
            for name in names
            if self._at_work.get(name, chunk) == chunk or self._until.get(name, now) <= now
        ]

    def outstanding(self) -> int:
        """See ``Leases.outstanding``."""
        now = time.monotonic()
        with self._lock:
            return sum(until > now for until in self._until.values())

    def generation(self) -> str:
        """See ``Leases.generation``: they last as long as the process."""
        return ""


# One round trip each, and Redis's own clock: hosts need not agree on the time.
# KEYS[1]: digests of the keys by the end of their lease. KEYS[2]: before a digest, the name of its claim.
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
    redis.call('DEL', KEYS[2] .. ARGV[i])
    room = room - 1
    taken[#taken + 1] = i - 2
  end
end
return taken
"""
)
_CLAIM = (
    _NOW
    + """
local claimed = {}
for i = 3, #ARGV do
  local claim = KEYS[2] .. ARGV[i]
  local holder = redis.call('GET', claim)
  if not holder or holder == ARGV[2] then
    redis.call('SET', claim, ARGV[2], 'PX', math.ceil(ARGV[1] * 1000))
    redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i])
    claimed[#claimed + 1] = i - 2
  end
end
return claimed
"""
)
# Those in work elsewhere are left alone. Without seconds: released.
_GIVE_BACK = (
    _NOW
    + """
for i = 3, #ARGV do
  local claim = KEYS[2] .. ARGV[i]
  local holder = redis.call('GET', claim)
  if not holder or holder == ARGV[2] then
    redis.call('DEL', claim)
    if ARGV[1] == '' then
      redis.call('ZREM', KEYS[1], ARGV[i])
    else
      redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i])
    end
  end
end
"""
)
_COUNT = _NOW + "return redis.call('ZCOUNT', KEYS[1], now, '+inf')"
_SLICE = 1000  # Lua unpacks its arguments on a bounded stack


class RedisLeases:
    """For a fleet: digests of the keys in a sorted set, by the end of their lease; a key for each claim."""

    def __init__(self, url: str, name: str = "copydesk:leases") -> None:
        self._name = name
        self._keys = [name, f"{name}:at-work:"]
        self._generation = f"{name}:generation"
        self._redis = connect(url)
        self._take = self._redis.register_script(_TAKE)
        self._claim = self._redis.register_script(_CLAIM)
        self._give_back = self._redis.register_script(_GIVE_BACK)
        self._count = self._redis.register_script(_COUNT)

    def take(self, names: Sequence[str], seconds: float, most: int) -> list[str]:
        """See ``Leases.take``."""
        return self._chosen(self._take, names, seconds, most)

    def claim(self, chunk: str, names: Sequence[str], seconds: float) -> list[str]:
        """See ``Leases.claim``."""
        return self._chosen(self._claim, names, seconds, chunk)

    def postpone(self, names: Iterable[str], seconds: float, *, chunk: str = "") -> None:
        """See ``Leases.postpone``."""
        self._chosen(self._give_back, list(names), seconds, chunk)

    def release(self, names: Iterable[str], *, chunk: str = "") -> None:
        """See ``Leases.release``."""
        self._chosen(self._give_back, list(names), "", chunk)

    def _chosen(self, script: Any, names: Sequence[str], *arguments: float | str) -> list[str]:
        """Run a script on the names; return those whose places it answers with."""
        chosen: list[str] = []
        for start in range(0, len(names), _SLICE):
            part = names[start : start + _SLICE]
            with translated():
                found = script(keys=self._keys, args=[*arguments, *map(_digest, part)])
            chosen += [part[int(position) - 1] for position in found or ()]
        return chosen

    def outstanding(self) -> int:
        """See ``Leases.outstanding``."""
        with translated():
            return int(self._count(keys=[self._name]))

    def generation(self) -> str:
        """See ``Leases.generation``: whoever finds no name gives one."""
        with translated():
            while not (found := self._redis.get(self._generation)):
                self._redis.set(self._generation, uuid.uuid4().hex, nx=True)
        return found.decode() if isinstance(found, bytes) else found


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
