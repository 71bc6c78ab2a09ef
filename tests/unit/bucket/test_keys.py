from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.bucket import keys
from services.errors import Reason

DAY = date(2026, 11, 25)
raw_names = st.binary(min_size=1, max_size=1024).filter(lambda name: b"\0" not in name).map(keys.decode)


def test_a_key_loses_its_lane_and_nothing_else():
    assert keys.relative("incoming/a/incoming/b.xml") == "a/incoming/b.xml"
    assert keys.relative("incoming-backfill/b.xml") == "b.xml"
    assert keys.relative("b.xml") == "b.xml"


def test_an_indexed_file_goes_to_the_folder_of_its_day():
    assert keys.processed_key("incoming/desk/b.xml", DAY) == "processed/2026/11/25/desk/b.xml"


def test_a_refused_file_goes_to_the_folder_of_its_reason():
    assert keys.quarantine_key("incoming/desk/b.xml", Reason.EMPTY) == "quarantine/empty/desk/b.xml"


def test_a_mark_stands_before_the_suffix():
    assert keys.with_mark("a.b/c.xml", "1f") == "a.b/c~1f.xml"
    assert keys.with_mark("a.b/c", "1f") == "a.b/c~1f"


def test_a_dropped_file_is_never_taken_for_one_of_our_records():
    key = keys.quarantine_key("incoming/a.xml" + keys.REASON_SUFFIX, Reason.EMPTY)
    assert not key.endswith(keys.REASON_SUFFIX)


@given(raw_names)
def test_every_name_keeps_its_bytes(name):
    assert keys.decode(keys.encode(name)) == name


@given(raw_names)
def test_every_name_can_be_shown_as_json(name):
    keys.printable(name).encode("utf-8")


@given(st.lists(raw_names, min_size=1, max_size=6).map("/".join))
def test_the_next_key_of_any_name_fits_its_store(name):
    for key in (keys.processed_key("incoming/" + name, DAY), keys.quarantine_key(name, Reason.WORKER_LOST)):
        longest = keys.encode(keys.with_mark(key, "0" * 16) + keys.REASON_SUFFIX)
        assert len(longest) <= 1024
        assert all(len(segment) <= 255 for segment in longest.split(b"/"))


@given(raw_names, raw_names)
def test_long_names_that_differ_stay_apart(one, other):
    long = "x" * 300
    if one != other:
        assert keys.processed_key(long + one, DAY) != keys.processed_key(long + other, DAY)
