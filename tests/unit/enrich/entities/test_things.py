import pytest

from services.enrich.entities.name import Label, Name
from services.enrich.entities.things import without_things


def people(text, *forms, trusted=False):
    """Every place where one of the forms stands, as a recogniser would have it: a person."""
    names = []
    for form in forms:
        at = text.find(form)
        while at >= 0:
            names.append(Name(at, at + len(form), form, Label.PERSON, trusted))
            at = text.find(form, at + len(form))
    return sorted(names, key=lambda name: name.start)


def left(text, *forms, **options):
    return [name.text for name in without_things(text, people(text, *forms, **options))]


@pytest.mark.parametrize(
    "text",
    [
        "Nobody was killed when the Thalia hit the wall.",
        "The Thalia sank. Its captain said that Thalia had no lights.",
    ],
)
def test_what_has_an_article_like_a_ship_is_no_person(text):
    assert left(text, "Thalia") == []


@pytest.mark.parametrize(
    "text",
    [
        "Thalia left the wall.",
        "Thalia left. Thalia came back. The Thalia of old would have stayed.",
        "Members of the Thalia administration spoke.",
    ],
)
def test_a_person_may_be_spoken_of_with_an_article(text):
    assert "Thalia" in left(text, "Thalia")


def test_a_surname_stays_that_of_the_person_named_in_full():
    text = "Ana Thalia retired. The Thalia went on."
    full, surname = Name(0, 10, "Ana Thalia", Label.PERSON), Name(24, 30, "Thalia", Label.PERSON)
    assert without_things(text, [full, surname]) == [full, surname]


def test_full_names_and_what_the_sender_has_tagged_stay():
    assert left("The Ana Thalia sank.", "Ana Thalia") == ["Ana Thalia"]
    assert left("The Thalia sank.", "Thalia", trusted=True) == ["Thalia"]
