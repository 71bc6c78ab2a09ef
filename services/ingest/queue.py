"""The queue in Redis: how long it is, and whether Redis keeps what it is given."""

from typing import TYPE_CHECKING

from services.app import KEY_PREFIX
from services.errors import Misconfigured
from services.ingest.leases import connect, translated

if TYPE_CHECKING:
    import redis


class RedisQueue:
    """One list for each lane."""

    def __init__(self, url: str) -> None:
        self._redis: redis.Redis = connect(url)

    def check(self) -> None:
        """Refuse a Redis that may throw messages away to make room.

        Raises:
            Misconfigured: it evicts keys that do not expire.
            ServiceUnavailable: it does not answer.
        """
        with translated():
            memory = self._redis.info("memory")
        policy = str(memory.get("maxmemory_policy", ""))
        if memory.get("maxmemory") and policy.startswith("allkeys"):
            raise Misconfigured(
                f"the Redis at COPYDESK_REDIS_URL drops what it holds when it is full (maxmemory-policy "
                f"{policy}): set maxmemory-policy to noeviction, or use a Redis of its own for Copydesk"
            )

    def waiting(self, lane: str) -> int:
        """How many messages nobody has taken yet."""
        with translated():
            return int(self._redis.llen(KEY_PREFIX + lane))
