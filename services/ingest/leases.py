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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import redis

from services.bucket import keys
from services.errors import Misconfigured, ServiceUnavailable

if TYPE_CHECKING:
    from services.settings import Settings


class Leases(Protocol):
    """Keys with a time until which nobody else should take them."""

    def take(self, names: Sequence[str], seconds: float, most: int, *, longest: float = 0) -> dict[str, str]:
        """Lease those of ``names`` that are free, in order, until ``most`` are out.

        Returns them, each with the end of its lease, by which ``prolong`` knows it. ``longest``: seconds
        that any lease may last, where that is more than ``seconds``.
        """

    def prolong(self, taken: Mapping[str, str], seconds: float) -> None:
        """Lease for ``seconds`` from now on what was taken, except what anybody has met since."""

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

    def take(self, names: Sequence[str], seconds: float, most: int, *, longest: float = 0) -> dict[str, str]:  # noqa: ARG002  # no clock is set back here
        """See ``Leases.take``."""
        now = time.monotonic()
        with self._lock:
            self._until = {name: until for name, until in self._until.items() if until > now}
            free = [name for name in names if name not in self._until][: max(0, most - len(self._until))]
            self._until.update(dict.fromkeys(free, now + seconds))
            for name in free:
                self._at_work.pop(name, None)
        return dict.fromkeys(free, repr(now + seconds))

    def prolong(self, taken: Mapping[str, str], seconds: float) -> None:
        """See ``Leases.prolong``."""
        with self._lock:
            for name, until in taken.items():
                if repr(self._until.get(name)) == until:
                    self._until[name] = time.monotonic() + seconds

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
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + ARGV[3] + 1, '+inf')
local room = ARGV[2] - redis.call('ZCARD', KEYS[1])
local taken = {''}
for i = 4, #ARGV do
  if room > 0 and redis.call('ZADD', KEYS[1], 'NX', now + ARGV[1], ARGV[i]) == 1 then
    redis.call('DEL', KEYS[2] .. ARGV[i])
    room = room - 1
    taken[1] = redis.call('ZSCORE', KEYS[1], ARGV[i])
    taken[#taken + 1] = i - 3
  end
end
return taken
"""
)
_PROLONG = (
    _NOW
    + """
for i = 2, #ARGV, 2 do
  if redis.call('ZSCORE', KEYS[1], ARGV[i]) == ARGV[i + 1] then
    redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i])
  end
end
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
_MOST_NAMES = 1000  # in one script: Lua unpacks its arguments on a bounded stack


class RedisLeases:
    """For a fleet: digests of the keys in a sorted set, by the end of their lease; a key for each claim."""

    def __init__(self, url: str, name: str = "copydesk:leases") -> None:
        self._name = name
        self._keys = [name, f"{name}:at-work:"]
        self._generation = f"{name}:generation"
        self._redis = connect(url)
        self._take = self._redis.register_script(_TAKE)
        self._prolong = self._redis.register_script(_PROLONG)
        self._claim = self._redis.register_script(_CLAIM)
        self._give_back = self._redis.register_script(_GIVE_BACK)
        self._count = self._redis.register_script(_COUNT)

    def take(self, names: Sequence[str], seconds: float, most: int, *, longest: float = 0) -> dict[str, str]:
        """See ``Leases.take``."""
        taken: dict[str, str] = {}
        for part in _parts(names):
            until, *places = self._run(self._take, part, seconds, most, max(seconds, longest))
            taken |= {part[place - 1]: until.decode() for place in places}
        return taken

    def prolong(self, taken: Mapping[str, str], seconds: float) -> None:
        """See ``Leases.prolong``."""
        for part in _parts(list(taken)):
            with translated():
                known = (each for name in part for each in (_digest(name), taken[name]))
                self._prolong(keys=self._keys, args=[seconds, *known])

    def claim(self, chunk: str, names: Sequence[str], seconds: float) -> list[str]:
        """See ``Leases.claim``."""
        return [
            part[place - 1]
            for part in _parts(names)
            for place in self._run(self._claim, part, seconds, chunk)
        ]

    def postpone(self, names: Iterable[str], seconds: float, *, chunk: str = "") -> None:
        """See ``Leases.postpone``."""
        for part in _parts(list(names)):
            self._run(self._give_back, part, seconds, chunk)

    def release(self, names: Iterable[str], *, chunk: str = "") -> None:
        """See ``Leases.release``."""
        for part in _parts(list(names)):
            self._run(self._give_back, part, "", chunk)

    def _run(self, script: Any, names: Sequence[str], *arguments: float | str) -> Any:
        with translated():
            return script(keys=self._keys, args=[*arguments, *map(_digest, names)])

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


def _parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), _MOST_NAMES):
        yield names[start : start + _MOST_NAMES]


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
