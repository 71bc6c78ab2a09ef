from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.index.query import MARK_END, MARK_START, Fragment, Query, best_fragments, fold, fragment

TEXT = st.text(alphabet=st.characters(exclude_characters=MARK_START + MARK_END))


@pytest.mark.parametrize(
    ("words", "phrases"),
    [
        ("", []),
        ("  ", []),
        ("two words", ["two", "words"]),
        ('a "quoted phrase" b', ["a", "quoted phrase", "b"]),
        ("„deutsche Anführung“ «guillemets d'ici»", ["deutsche Anführung", "guillemets d'ici"]),
        ('never "closed at all', ["never", "closed", "at", "all"]),
        ('"" "!" ?', []),
        ("O'Brien's", ["O'Brien's"]),
        ("東京 대전", ["東京", "대전"]),
    ],
)
def test_words_and_quoted_phrases_are_told_apart(words, phrases):
    assert Query(words=words).phrases == phrases


def test_words_of_which_none_can_be_found_are_not_the_same_as_no_words():
    assert Query(words="?!").asks_nothing
    assert not Query(words=" ").asks_nothing


def test_nobody_pages_deeper_than_the_index_allows():
    Query(size=1000, offset=9000)
    with pytest.raises(ValidationError, match="narrow by since and until"):
        Query(size=1000, offset=9001)


def test_a_search_has_a_bounded_number_of_words():
    Query(words="word " * 64)
    with pytest.raises(ValidationError, match="at most 64"):
        Query(words="word " * 65)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValidationError):
        Query(since=datetime(2024, 1, 1))  # noqa: DTZ001  # the point
    assert Query(since=datetime(2024, 1, 1, tzinfo=UTC)).since is not None


@pytest.mark.parametrize(
    ("name", "folded"),
    [("Ana María", "ana maria"), ("ÉCOLE", "ecole"), ("Škoda", "skoda"), ("習近平", "習近平")],
)
def test_names_are_compared_without_case_and_accents(name, folded):
    assert fold(name) == folded


def test_marks_become_offsets_and_those_that_touch_become_one():
    marked = f"a {MARK_START}bc{MARK_END}{MARK_START}d{MARK_END} e{MARK_START}{MARK_END}"
    assert fragment(marked) == Fragment(text="a bcd e", marks=((2, 5),))


@given(st.lists(st.tuples(TEXT, TEXT), max_size=20))
def test_marks_enclose_what_was_marked(parts):
    whole = fragment("".join(f"{plain}{MARK_START}{word}{MARK_END}" for plain, word in parts))
    assert whole.text == "".join(plain + word for plain, word in parts)
    assert "".join(whole.text[start:end] for start, end in whole.marks) == "".join(word for _, word in parts)


@given(st.lists(st.tuples(st.text("xy .\n東"), st.sampled_from(["war", "Pax", "平和"])), max_size=20))
def test_fragments_are_pieces_of_the_text_with_its_marks(parts):
    whole = fragment("".join(f"{plain} {MARK_START}{word}{MARK_END} " for plain, word in parts))
    pieces = best_fragments(whole)
    assert len(pieces) <= 3
    assert bool(whole.marks) == any(piece.marks for piece in pieces)
    for piece in pieces:
        assert piece.text in whole.text
        assert {piece.text[start:end] for start, end in piece.marks} <= {"war", "Pax", "平和"}


def test_pieces_with_most_different_words_are_preferred_and_keep_their_order():
    filler = "nothing here to see " * 20
    marked = "".join(
        f"{filler}{MARK_START}{first}{MARK_END} and {MARK_START}{second}{MARK_END} "
        for first, second in [
            ("war", "war"),
            ("war", "peace"),
            ("war", "war"),
            ("peace", "war"),
            ("war", "war"),
        ]
    )
    pieces = best_fragments(fragment(marked))
    assert [{piece.text[start:end] for start, end in piece.marks} for piece in pieces].count(
        {"war", "peace"}
    ) == 2
    assert all(len(piece.text) <= 170 for piece in pieces)


def test_a_body_without_a_match_shows_how_it_begins():
    (piece,) = best_fragments(Fragment(text="word " * 100))
    assert piece.text.startswith("word word")
    assert len(piece.text) < 170
    assert piece.marks == ()
    assert best_fragments(Fragment(text="")) == []
