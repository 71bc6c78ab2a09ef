"""The same cases against leases in memory and in a real Redis."""

import time

import pytest

from services.errors import Misconfigured, ServiceUnavailable
from services.ingest.leases import MemoryLeases, RedisLeases


@pytest.fixture(params=["memory", "redis"])
def leases(request):
    if request.param == "memory":
        return MemoryLeases()
    return RedisLeases(request.getfixturevalue("redis_url"))


def test_a_key_is_taken_once(leases):
    assert list(leases.take(["a", "b"], 60, 10)) == ["a", "b"]
    assert list(leases.take(["a", "b", "c"], 60, 10)) == ["c"]
    assert leases.outstanding() == 3


def test_a_released_key_can_be_taken_again(leases):
    leases.take(["a", "b"], 60, 10)
    leases.release(["a", "unknown"])
    assert list(leases.take(["a", "b"], 60, 10)) == ["a"]


def test_a_lease_ends_by_itself(leases):
    leases.take(["a"], 0.1, 10)
    time.sleep(0.2)
    assert leases.outstanding() == 0
    assert list(leases.take(["a"], 60, 10)) == ["a"]


def test_a_postponed_key_is_left_alone_that_long(leases):
    leases.take(["a"], 60, 10)
    leases.postpone(["a"], 0.1)
    assert list(leases.take(["a"], 60, 10)) == []
    time.sleep(1.1)
    assert list(leases.take(["a"], 60, 10)) == ["a"]


def test_what_was_taken_for_a_moment_can_be_leased_for_longer(leases):
    taken = leases.take(["a", "b"], 0.2, 10, longest=60)
    leases.prolong({"a": taken["a"]}, 60)
    time.sleep(0.3)
    assert list(leases.take(["a", "b"], 60, 10)) == ["b"]


def test_what_somebody_has_met_since_it_was_taken_is_not_leased_for_longer(leases):
    names = ["done", "put off", "in work", "taken anew"]
    taken = leases.take(names, 10, 10, longest=60)
    leases.release(["done", "taken anew"])
    leases.postpone(["put off"], 0.1)
    leases.claim("chunk", ["in work"], 0.1)
    leases.take(["taken anew"], 0.1, 10, longest=60)
    leases.prolong(taken, 60)
    time.sleep(0.2)
    assert leases.outstanding() == 0
    assert list(leases.take(names, 60, 10)) == names


def test_never_more_are_out_than_asked(leases):
    names = [f"key-{number}" for number in range(5000)]
    assert list(leases.take(names, 60, 2500)) == names[:2500]
    assert list(leases.take(names, 60, 2500)) == []
    leases.release(names[:100])
    assert len(leases.take(names, 60, 2500)) == 100


def test_any_key_can_be_leased(leases):
    odd = ["caf\udce9.xml", "a\nb", "", "ü" * 1000]
    assert list(leases.take(odd, 60, 10)) == odd
    leases.release(odd)
    assert leases.outstanding() == 0


def test_a_redis_that_does_not_answer_is_waited_for():
    with pytest.raises(ServiceUnavailable, match="Redis"):
        RedisLeases("redis://127.0.0.1:9/0").outstanding()


def test_an_address_that_is_none_is_a_configuration_error():
    with pytest.raises(Misconfigured, match="COPYDESK_REDIS_URL"):
        RedisLeases("localhost:6379")


def test_leases_have_one_generation_for_everybody_until_they_are_lost(redis_service, redis_url):
    leases, others = RedisLeases(redis_url), RedisLeases(redis_url)
    first = leases.generation()
    assert others.generation() == leases.generation() == first
    with redis_service.client(int(redis_url.rpartition("/")[2])) as client:
        client.flushdb()
    assert others.generation() == leases.generation() != first


def test_leases_made_before_the_clock_was_set_back_hold_nothing_up(redis_service, redis_url):
    leases = RedisLeases(redis_url)
    assert list(leases.take(["a"], 60, 10)) == ["a"]
    with redis_service.client(int(redis_url.rpartition("/")[2])) as client:
        client.zincrby("copydesk:leases", 3600, client.zrange("copydesk:leases", 0, 0)[0])
    assert list(leases.take(["a"], 60, 10)) == ["a"]


def test_a_key_in_two_messages_is_worked_on_by_one_of_them(leases):
    leases.take(["a", "b"], 60, 10)
    assert leases.claim("first", ["a", "b"], 60) == ["a", "b"]
    assert leases.claim("second", ["a", "c"], 60) == ["c"]
    assert leases.claim("first", ["a"], 60) == ["a"]
    assert leases.outstanding() == 3


def test_what_is_in_work_is_given_back_by_its_own_chunk_only(leases):
    leases.claim("first", ["a", "b"], 60)
    leases.release(["a"])
    leases.release(["a"], chunk="second")
    leases.postpone(["b"], 0.1, chunk="second")
    time.sleep(0.2)
    assert list(leases.take(["a", "b"], 60, 10)) == []
    leases.postpone(["b"], 0.1, chunk="first")
    leases.release(["a"], chunk="first")
    time.sleep(0.2)
    assert list(leases.take(["a", "b"], 60, 10)) == ["a", "b"]
    assert leases.claim("second", ["a", "b"], 60) == ["a", "b"]


def test_a_claim_ends_with_its_lease(leases):
    leases.claim("first", ["a", "b"], 0.1)
    time.sleep(0.2)
    assert leases.claim("second", ["b"], 60) == ["b"]
    assert list(leases.take(["a"], 60, 10)) == ["a"]
    assert leases.claim("second", ["a"], 60) == ["a"]
