"""Names in bylines."""

import pytest

from services.enrich.clean.names import people


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Ada Byrne", ("Ada Byrne",)),
        ("By Ada Byrne and Tom Okafor, Reuters", ("Ada Byrne", "Tom Okafor")),
        ("Von Hans-Peter Müller", ("Hans-Peter Müller",)),
        ("ADA BYRNE", ("Ada Byrne",)),
        ("Ada Byrne (aby), Tom Okafor (tok)", ("Ada Byrne", "Tom Okafor")),
        ("Anna de Vries, political editor", ("Anna de Vries",)),
        ("By TASS", ()),
        ("By Staff", ()),
        ("Associated Press", ()),
        ("Argus Newsroom", ()),
        ("Sekretariat Partei der Mitte", ()),
        ("Bundesministerium Für Verkehr", ()),
        ("desk@argus.example", ()),
        ("Autor/in: Ada Byrne", ("Ada Byrne",)),
        ("Erstellt von Ada Byrne", ("Ada Byrne",)),
        ("Ada Byrne, Tom Okafor, and Ngozi Eze", ("Ada Byrne", "Tom Okafor", "Ngozi Eze")),
        ("By Ada Byrne And Tom Okafor For The Evening Argus", ("Ada Byrne", "Tom Okafor")),
        ("Ada Byrne @adabyrne", ("Ada Byrne",)),
        ("Ada Byrne (Data Analyst)", ("Ada Byrne",)),
        ("Ada Byrne\nExpert Reviewer", ("Ada Byrne",)),
        ("Ludwig van der Berg", ("Ludwig van der Berg",)),
        ("Frances d'Emilio and Omar al-Khatib", ("Frances d'Emilio", "Omar al-Khatib")),
        ("AB in Tagebuch", ()),
        ("Dago on Sports", ()),
        ("Ada am Samstag", ()),
        ("design: Ada Byrne", ()),
        ("Was sagt Byrne?", ()),
        ("Bild © Byrne", ()),
        ("Verein der Segler e. V.", ()),
        ("https://argus.example/authors/ada", ()),
    ],
)
def test_people_are_told_from_agencies_roles_and_addresses(byline, names):
    assert people([byline]) == names


def test_a_person_named_twice_is_listed_once():
    assert people(["Ada Byrne", "By ADA BYRNE"]) == ("Ada Byrne",)
