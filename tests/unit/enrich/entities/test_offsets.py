"""Offsets are exact in any text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.entities.annotate import Annotator
from services.enrich.entities.gazetteer import Gazetteer
from services.enrich.entities.name import Label, Name, without_overlaps
from services.enrich.entities.quotes import quoted
from services.enrich.entities.recognise import paragraphs
from services.enrich.entities.sentences import Sentences

# Everything that the rules look at, between characters of all kinds.
PIECES = st.sampled_from(
    [
        *("Maria Lopez", "Lopez", "Dr. Ruth Weiss", "Peter Brandt", "John Meyer", "Meyer", "Igor Petrov"),
        *(
            "Paris",
            "Lexington, Ky.",
            "Washington",
            "US",
            "U.S.",
            "France",
            "Syrian",
            "British-German",
            "Raqqa",
        ),
        *("Harbour Trust", "World Weather Council (WWC)", "WWC", "the Harbour Trust's", "Syrian Raqqa"),
        *("said", " said: ", "according to", "he", "she", "the minister", "in ", "of ", ", Texas, "),
        *(
            '"',
            "“",
            "”",
            "‘",
            "’",
            "'",
            "«",
            "»",
            "„",
            "「",
            "」",
            "(",
            ")",
            ",",
            ".",
            "?",
            "!",
            "…",
            "—",
            ":",
        ),
        *(" ", "\n", "\n\n", "\r\n", "\t", "\u00a0", "\u2028", "\x85", "\x00"),
        *(
            "👩‍👩‍👧",
            "🇸🇾",
            "e\u0301",
            "北京",
            "東京タワー",
            "الرقة",
            "ירושלים",
            "\u202e",
            "ﬁ",
            "İstanbul",
            "ß",
            "\ufeff",
        ),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=5), max_size=30).map("".join)


@given(TEXTS)
def test_everything_found_stands_where_it_says(text):
    annotations = _annotator().annotate(text, headline="Lopez in Paris", standfirst=text[:20])
    spans = []
    for entity in annotations.entities:
        assert entity.mentions
        for mention in entity.mentions:
            assert text[mention.start : mention.end] == mention.text
            assert mention.text == mention.text.strip()
            spans.append((mention.start, mention.end))
    spans.sort()
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert len({entity.id for entity in annotations.entities}) == len(annotations.entities)
    ids = {entity.id for entity in annotations.entities}
    assert {place.id for place in annotations.places} <= ids
    for quote in annotations.quotes:
        assert text[quote.start : quote.end] == quote.text
        assert quote.speaker is None or quote.speaker.id is None or quote.speaker.id in ids
    for spot in annotations.spots:
        assert text[spot.start : spot.end] == spot.text


@given(TEXTS)
def test_a_language_without_a_pipeline_has_exact_offsets_too(text):
    for entity in _annotator().annotate(text, language="xx").entities:
        assert all(text[mention.start : mention.end] == mention.text for mention in entity.mentions)


@given(TEXTS)
def test_paragraphs_and_sentences_cover_all_words(text):
    covered = set()
    for start, end in paragraphs(text):
        covered.update(range(start, end))
    assert all(at in covered for at, character in enumerate(text) if character.isalnum())
    sentences = Sentences(text).all()
    assert [start for start, _ in sentences[1:]] == [end for _, end in sentences[:-1]]
    assert (sentences[0][0], sentences[-1][1]) == (0, len(text))


@given(TEXTS)
def test_quotations_come_in_order_and_do_not_overlap(text):
    found = quoted(text)
    assert all(piece.start < piece.end for piece in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10), st.booleans()), max_size=12))
def test_of_overlapping_names_one_stays(spans):
    names = [
        Name(start, start + length, "x" * length, Label.ORG, trusted) for start, length, trusted in spans
    ]
    kept = without_overlaps(names)
    assert all(one.end <= other.start for one, other in pairwise(kept))
    assert bool(kept) == bool(names)


_made: list[Annotator] = []


@pytest.fixture(autouse=True, scope="module")
def _make(annotator: Annotator, gazetteer: Gazetteer) -> None:
    # Hypothesis runs a test many times on one fixture; a module's own is what it allows.
    del gazetteer
    _made[:] = [annotator]


def _annotator() -> Annotator:
    return _made[0]
