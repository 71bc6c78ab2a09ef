from hypothesis import given
from hypothesis import strategies as st

from services.bucket import keys

raw_names = st.binary(min_size=1, max_size=64).filter(lambda name: b"\0" not in name).map(keys.decode)


@given(raw_names)
def test_what_is_printed_or_shown_of_a_key_leads_back_to_it(name):
    if "\\" in name:
        return  # an escape of the name's own: one of the readings, but which is for the caller to say
    assert name in keys.readings(keys.printable(name))
    assert name in keys.readings(keys.shown(name))


@given(raw_names)
def test_what_is_shown_cannot_move_the_cursor(name):
    assert keys.shown(name).isprintable() or not any(
        ord(char) < 0xA0 for char in keys.shown(name) if char < " "
    )
    assert "\x1b" not in keys.shown(name)
    assert "\n" not in keys.shown(name)


def test_a_backslash_of_the_name_itself_is_a_reading_too():
    assert keys.readings("a\\xff.xml") == ["a\\xff.xml", "a\udcff.xml"]


def test_a_mark_can_be_taken_off_again():
    for key in ("a.b/c.xml", "a.b/c", "c.tar.gz"):
        assert keys.without_mark(keys.with_mark(key, "0123456789ab")) == key


def test_a_name_without_a_mark_keeps_its_tildes():
    for key in ("~a.xml", "a~b.xml", "a~0123456789abc.xml", "a~0123456789ab/b.xml"):
        assert keys.without_mark(key) == key
