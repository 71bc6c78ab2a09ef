import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import ServiceUnavailable
from services.ingest.dispatch import Dispatch, chunks
from services.ingest.leases import MemoryLeases


@pytest.fixture
def sent():
    return []


@pytest.fixture
def dispatch(sent):
    def send(lane, names, *, alone, **_more):
        sent.append((lane, names))
        assert not alone or len(names) == 1

    leases = MemoryLeases()
    return Dispatch(leases, send, chunk_size=4, most=10, seconds=60), leases


def test_a_key_is_sent_once_while_its_lease_lasts(dispatch, sent):
    send, leases = dispatch
    assert send("live", ["a"]) == 1
    assert send("live", ["a"]) == 0
    leases.release(["a"])
    assert send("live", ["a"]) == 1
    assert sent == [("live", ["a"]), ("live", ["a"])]


def test_few_files_travel_alone_so_that_workers_share_them(dispatch, sent):
    send, _ = dispatch
    send("live", ["a", "b", "c"])
    assert [names for _, names in sent] == [["a"], ["b"], ["c"]]


def test_a_file_that_has_failed_before_travels_alone_also_under_backlog(dispatch, sent):
    send, _ = dispatch
    send("live", [str(number) for number in range(10)], alone=True)
    assert len(sent) == 10


def test_no_more_than_the_bound_is_ever_out(dispatch):
    send, leases = dispatch
    assert send("backfill", [str(number) for number in range(100)]) == 10
    assert leases.outstanding() == 10
    assert send("live", ["x"]) == 0


def test_keys_that_could_not_be_sent_are_given_back():
    leases = MemoryLeases()

    def broken(_lane, names, *, alone, **_more):
        assert not alone
        if names == ["b"]:
            raise ServiceUnavailable("Redis is away")

    dispatch = Dispatch(leases, broken, chunk_size=4, most=10, seconds=60)
    with pytest.raises(ServiceUnavailable):
        dispatch("live", ["a", "b", "c"])
    assert list(leases.take(["a", "b", "c"], 60, 10)) == ["b", "c"]


def test_an_ingest_that_dies_before_it_has_sent_a_message_holds_its_files_up_for_a_moment_only(monkeypatch):
    monkeypatch.setattr("services.ingest.dispatch._SENDING_SECONDS", 0.05)
    leases = MemoryLeases()

    def killed(_lane, names, **_more):
        if names == ["b"]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Dispatch(leases, killed, chunk_size=1, most=10, seconds=60)("live", ["a", "b"])
    time.sleep(0.1)
    assert list(leases.take(["a", "b"], 60, 10)) == ["b"]


@given(st.lists(st.text()), st.integers(1, 64))
def test_chunks_hold_every_key_once_and_in_order(names, most):
    parts = chunks(names, most)
    assert [name for part in parts for name in part] == names
    assert all(1 <= len(part) <= most for part in parts)


def test_a_queue_that_nobody_empties_does_not_grow_by_the_same_files_again():
    sent = []
    dispatch = Dispatch(
        MemoryLeases(),
        lambda _lane, names, **_: sent.append(names),
        chunk_size=4,
        most=1000,
        seconds=0.01,
        queued=lambda _lane: len(sent),
    )
    for _ in range(500):
        dispatch("live", [str(number) for number in range(40)])
        time.sleep(0.0001)
    assert len(sent) <= 1000 / 4 + 8
