from pathlib import Path

import pytest

from services.enrich.formats import FORMATS
from services.enrich.formats import names as known
from services.enrich.formats.document import page
from services.enrich.load import load_tools
from services.errors import Misconfigured
from services.settings import Settings
from tests.unit.enrich.formats.reading import LEAD, article, articles

DOCS = Path(__file__).parents[4] / "docs" / "formats.md"


@pytest.fixture
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test teaches is gone after it."""
    for field, names in list(known.SYNONYMS.items()):
        monkeypatch.setitem(known.SYNONYMS, field, names)


@pytest.mark.usefixtures("forgotten")
def test_a_customers_own_names_are_learnt_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "names.toml"
    file.write_text('[names]\nheadline = ["Kopf Zeile"]\nbody = ["fliesstext"]\n', encoding="utf-8")

    known.learn(file)

    story = article('{"kopf_zeile": "Lock to close", "Fliesstext": "' + LEAD + '"}')
    assert (story.headline, story.body) == ("Lock to close", LEAD)
    record = f"<r><KopfZeile>Lock to close</KopfZeile><Fliesstext>{LEAD}</Fliesstext></r>"
    assert article(record).headline == "Lock to close"


@pytest.mark.parametrize(
    "text",
    [
        "[names",
        "names = 3",
        "[name]",
        "headline = ['x']",
        "[names]\nheadlines = ['x']",
        "[names]\nbody = 'x'",
        "[names]\nbody = ['']",
    ],
)
def test_a_wrong_file_is_named_at_the_start(tmp_path: Path, text: str) -> None:
    file = tmp_path / "names.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(Misconfigured, match=r"names\.toml"):
        known.learn(file)


@pytest.mark.usefixtures("forgotten")
def test_a_process_learns_the_names_when_it_loads_its_tools(tmp_path: Path) -> None:
    file = tmp_path / "names.toml"
    file.write_text('[names]\nheadline = ["Kopfzeile"]\n', encoding="utf-8")

    load_tools(Settings.from_env({"COPYDESK_FIELD_NAMES": str(file)}), entities=False)

    assert article('{"Kopfzeile": "Lock to close", "text": "' + LEAD + '"}').headline == "Lock to close"


def test_a_file_of_names_that_is_not_there_stops_the_process_by_its_name(tmp_path: Path) -> None:
    settings = Settings(field_names=tmp_path / "nowhere.toml")

    with pytest.raises(Misconfigured, match=r"nowhere\.toml: No such file"):
        load_tools(settings, entities=False)


def test_the_page_about_formats_is_written_from_the_code() -> None:
    assert DOCS.read_text(encoding="utf-8") == page(), (
        "run: python -m services.enrich.formats.document > docs/formats.md"
    )


def test_every_format_says_what_is_read_and_names_its_standard() -> None:
    for row in FORMATS.values():
        assert row.about
        assert (row.parse is None) != (row.members is None)


@pytest.mark.usefixtures("forgotten")
def test_a_customers_name_may_be_a_path(tmp_path: Path) -> None:
    file = tmp_path / "names.toml"
    file.write_text(
        '[names]\nheadline = ["Kopf.Zeile1"]\nbody = ["Rumpf/Absätze"]\npublished = ["Kopf.Stand"]\n',
        encoding="utf-8",
    )
    known.learn(file)
    try:
        json_story = article(
            '{"Meldung": {"Kopf": {"Zeile1": "Lock to close", "Stand": "2024-09-23"},'
            ' "Rumpf": {"Absätze": ["' + LEAD + '"]}}}'
        )
        many = "".join(
            f"<Meldung><Kopf><Zeile1>{name}</Zeile1></Kopf><Rumpf><Absätze>{LEAD}</Absätze></Rumpf></Meldung>"
            for name in "AB"
        )
        assert [story.headline for story in articles(f"<Dienst>{many}</Dienst>")] == ["A", "B"]
        xml_story = article(
            '<Meldung><Kopf Stand="2024-09-23"><Zeile1>Lock to close</Zeile1></Kopf>'
            f"<Rumpf><Absätze>{LEAD}</Absätze></Rumpf></Meldung>"
        )
    finally:
        known.PATHS.clear()

    for story in (json_story, xml_story):
        assert (story.headline, story.body) == ("Lock to close", LEAD)
        assert story.published is not None
