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
    assert not breakers[0].is_resting()
    breakers[0].failed()
    assert all(breaker.is_resting() for breaker in breakers)
    time.sleep(SECONDS * 1.5)
    assert not any(breaker.is_resting() for breaker in breakers)
    assert [breaker.allows() for breaker in breakers] == [True, False]
    assert all(breaker.is_resting() for breaker in breakers)


def test_probes_keep_their_distance_while_it_fails(breakers):
    breakers[0].failed()
    began, probes = time.monotonic(), 0
    while time.monotonic() - began < SECONDS * 5:
        for breaker in breakers:
            if breaker.allows():
                probes += 1
                breaker.failed()
        time.sleep(0.01)
    assert 1 <= probes <= 4


def test_it_is_asked_ever_more_seldom_and_at_once_again_after_it_answered(breakers):
    gaps = []
    breakers[0].failed()
    for _ in range(4):
        began = time.monotonic()
        while not breakers[1].allows():
            time.sleep(0.01)
        gaps.append(time.monotonic() - began)
        breakers[1].failed()
    assert gaps[-1] > 1.5 * gaps[0]  # 1.25 at most, then at least 2.4 times the setting
    while not breakers[0].allows():
        time.sleep(0.01)
    breakers[0].succeeded()
    breakers[0].allows()
    breakers[0].failed()
    time.sleep(SECONDS * 1.3)
    assert breakers[1].allows()


def test_a_probe_that_succeeds_lets_everybody_work(breakers):
    breakers[0].failed()
    time.sleep(SECONDS * 1.5)
    assert breakers[1].allows()
    breakers[1].succeeded()
    for breaker in breakers:
        assert not breaker.is_open()
        assert breaker.allows()
