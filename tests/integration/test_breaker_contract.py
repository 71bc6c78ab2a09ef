"""The same cases against a breaker in memory and in a real Redis."""

import time

import pytest

from services.ingest.breaker import MemoryBreaker, RedisBreaker

SECONDS = 0.2


@pytest.fixture(params=["memory", "redis"])
def breakers(request):
    """Two processes' view of one breaker."""
    if request.param == "memory":
        breaker = MemoryBreaker(SECONDS)
        return breaker, breaker
    url = request.getfixturevalue("redis_url")
    return RedisBreaker(url, SECONDS), RedisBreaker(url, SECONDS)


def test_while_closed_everybody_works(breakers):
    for breaker in breakers:
        assert not breaker.is_open()
        assert breaker.allows()


def test_a_failure_stops_everybody(breakers):
    breakers[0].failed()
    for breaker in breakers:
        assert breaker.is_open()
        assert not breaker.allows()


def test_after_a_while_one_may_probe_and_no_other(breakers):
    breakers[0].failed()
    time.sleep(SECONDS * 1.5)
    assert [breaker.allows() for breaker in breakers] == [True, False]


def test_probes_keep_their_distance_while_it_fails(breakers):
    breakers[0].failed()
    began, probes = time.monotonic(), 0
    while time.monotonic() - began < SECONDS * 5:
        for breaker in breakers:
            if breaker.allows():
                probes += 1
                breaker.failed()
        time.sleep(0.01)
    assert 1 <= probes <= 5


def test_a_probe_that_succeeds_lets_everybody_work(breakers):
    breakers[0].failed()
    time.sleep(SECONDS * 1.5)
    assert breakers[1].allows()
    breakers[1].succeeded()
    for breaker in breakers:
        assert not breaker.is_open()
        assert breaker.allows()
