"""Which language a text is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.clean.language import detect, normal

GERMAN = "Der Gemeinderat von Unterwexel beschloss am Dienstag, die alte Brücke ein Jahr lang zu sperren. "
ENGLISH = (
    "The council of Lower Wexley voted on Tuesday to close the old bridge for eighteen months of repairs. "
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (GERMAN * 2, "de"),
        (ENGLISH * 2, "en"),
        ("住民は渡し船を求めている。町長は記者団に対し、冬までには船を用意すると述べた。", "ja"),
        ("주민들은 우회로 때문에 등굣길이 삼십 분 늘어난다며 배를 마련해 달라고 요청했다.", "ko"),
        ("Οι κάτοικοι είπαν ότι η παράκαμψη θα προσθέσει μισή ώρα στον δρόμο για το σχολείο.", "el"),
    ],
)
def test_the_language_of_a_text_is_found(text, code):
    assert detect(text) == code


def test_a_declared_language_stands_in_its_own_spelling_unless_the_text_plainly_differs():
    assert detect(GERMAN * 3, "de_at") == "de-AT"
    assert detect(GERMAN * 5, "en") == "de"


def test_too_little_text_says_nothing():
    assert detect("Ja.") is None
    assert detect("Ja.", "de") == "de"


@pytest.mark.parametrize(
    ("tag", "canonical"),
    [
        ("en_us", "en-US"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("DE", "de"),
        ("und", None),
        ("english please", None),
        ("", None),
    ],
)
def test_declared_tags_are_spelled_as_bcp_47_does(tag, canonical):
    assert normal(tag) == canonical


@given(st.text(max_size=300), st.none() | st.text(max_size=12))
def test_any_text_has_a_language_or_none(text, declared):
    found = detect(text, declared)
    assert found is None or normal(found) == found
