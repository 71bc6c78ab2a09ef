import multiprocessing
from pathlib import Path

import pytest

from services.enrich.entities.compile import VERSION, Row, compile_gazetteer, version_of
from services.enrich.entities.fold import fold
from services.enrich.entities.gazetteer import Gazetteer
from services.enrich.entities.lexicon import lexicon
from services.enrich.entities.sources import hand_places
from services.enrich.entities.tables import rows
from services.errors import Misconfigured


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("St. Louis", "Saint Louis"),
        ("Deir ez-Zor", "Deir Ez Zor"),
        ("U.S.", "US"),
        ("the Gambia", "Gambia"),
        ("Côte d’Ivoire", "Cote d'Ivoire"),
        ("Łódź", "Lodz"),
    ],
)
def test_spellings_of_one_name_have_one_key(one, other):
    assert fold(one) == fold(other)


def test_a_name_gives_all_its_places_the_most_populous_first(gazetteer):
    assert [place.country for place in gazetteer.lookup("paris")] == ["FR", "US", "US"]


def test_a_name_that_nobody_has_gives_none(gazetteer):
    assert gazetteer.lookup("Zzyzx Hollow") == ()
    assert gazetteer.lookup("…") == ()


def test_a_division_is_found_by_its_code(gazetteer):
    assert gazetteer.admin1_name("US.TX") == "Texas"
    assert gazetteer.admin1_name("XX.00") is None


def test_a_missing_file_says_what_to_run(tmp_path):
    with pytest.raises(Misconfigured, match="copydesk models install"):
        Gazetteer(tmp_path / "gazetteer.sqlite")


def test_an_older_file_is_refused_with_the_remedy(tmp_path, monkeypatch):
    path = tmp_path / "g.sqlite"
    compile_gazetteer(path, [])
    monkeypatch.setattr("services.enrich.entities.gazetteer.VERSION", VERSION + 1)
    with pytest.raises(Misconfigured, match="copydesk models install"):
        Gazetteer(path)


def test_a_file_tells_its_version(tmp_path):
    path = tmp_path / "g.sqlite"
    assert version_of(path) is None
    compile_gazetteer(path, [Row("geo:1", "Aa", "city")])
    assert version_of(path) == VERSION
    path.write_bytes(b"no database")
    assert version_of(path) is None


def _look_up(gazetteer: Gazetteer, pipe) -> None:
    pipe.send(gazetteer.lookup("Berlin")[0].ref)


def test_a_gazetteer_opened_before_a_fork_works_after_it(gazetteer):
    assert gazetteer.lookup("Paris")
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    child = context.Process(target=_look_up, args=(gazetteer, there))
    child.start()
    assert here.recv() == "geo:2950159"
    child.join()


def test_the_hand_tables_are_sound():
    places = list(hand_places())
    assert len({place.ref for place in places}) == len(places)
    for place in places:
        assert place.lat is None or (-90 <= place.lat <= 90 and -180 <= (place.lon or 0) <= 180)
    assert len(list(rows("countries"))) > 240


def test_an_acronym_is_only_known_in_capitals():
    known = lexicon().find("IS")
    assert known is not None
    assert known.id == "group:islamic-state"
    assert lexicon().find("is") is None


def test_the_compiled_file_is_closed_properly(tmp_path):
    path = Path(tmp_path / "g.sqlite")
    compile_gazetteer(path, [Row("geo:1", "Aa", "city")])
    assert list(tmp_path.iterdir()) == [path]
