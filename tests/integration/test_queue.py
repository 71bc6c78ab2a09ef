import pytest

from services.errors import Misconfigured
from services.ingest.queue import RedisQueue


def test_a_queue_tells_how_many_messages_wait_on_a_lane(redis_service, redis_url):
    queue = RedisQueue(redis_url)
    assert queue.waiting("live") == 0
    with redis_service.client(int(redis_url.rpartition("/")[2])) as client:
        client.lpush("copydesk:live", "a message", "another")
    assert queue.waiting("live") == 2
    assert queue.waiting("backfill") == 0


def test_a_redis_that_evicts_is_refused_only_where_it_has_a_limit(own_redis):
    server = own_redis(maxmemory_policy="allkeys-lru")
    queue = RedisQueue(server.url)
    queue.check()
    with server.client() as client:
        client.config_set("maxmemory", "100mb")
        with pytest.raises(Misconfigured, match="noeviction"):
            queue.check()
        client.config_set("maxmemory-policy", "noeviction")
    queue.check()
