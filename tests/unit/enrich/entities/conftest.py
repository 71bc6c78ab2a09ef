"""A gazetteer of a dozen places and a recogniser that knows a list of names: the rules, without a model."""

from pathlib import Path

import pytest
import spacy
from spacy.language import Language

from services.enrich.entities.annotate import Annotator
from services.enrich.entities.compile import Row, compile_gazetteer
from services.enrich.entities.gazetteer import Gazetteer
from services.enrich.entities.sources import hand_places

PLACES = (
    Row(
        "geo:2988507", "Paris", "capital", 48.85, 2.35, "FR", "FR.11", None, 2_138_551, alternates=("Parigi",)
    ),
    Row("geo:4717560", "Paris", "city", 33.66, -95.56, "US", "US.TX", "4717569", 24_782),
    Row("geo:4303602", "Paris", "city", 38.21, -84.25, "US", "US.KY", "4285000", 9_846),
    Row("geo:4297983", "Lexington", "city", 38.05, -84.48, "US", "US.KY", "4285001", 318_449),
    Row("geo:4929022", "Lexington", "city", 42.45, -71.22, "US", "US.MA", None, 33_304),
    Row("geo:4736286", "Texas", "admin1", 31.25, -99.25, "US", "US.TX", None, 22_000_000),
    Row("geo:6254925", "Kentucky", "admin1", 38.2, -84.88, "US", "US.KY", None, 4_000_000, names=("Ky.",)),
    Row(
        "geo:4140963",
        "Washington",
        "capital",
        38.9,
        -77.04,
        "US",
        "US.DC",
        None,
        689_545,
        usual=("Washington",),
    ),
    Row("geo:5815135", "Washington", "admin1", 47.5, -120.5, "US", "US.WA", None, 6_544_495),
    Row("geo:172955", "Ar Raqqah", "city", 35.95, 39.01, "SY", "SY.04", None, 531_952, alternates=("Raqqa",)),
    Row("geo:2950159", "Berlin", "capital", 52.52, 13.41, "DE", "DE.16", None, 3_426_354),
    Row("geo:2971316", "Us", "city", 49.1, 1.97, "FR", "FR.11", None, 1_248),
)
NAMES = {
    "PERSON": ["Maria Lopez", "Peter Brandt", "Igor Petrov", "John Meyer", "Anna Meyer", "Dr. Ruth Weiss"],
    "ORG": [
        *(
            "Raqqa",
            "Harbour Trust",
            "Northern Grid Corp",
            "World Weather Council",
            "Meyer",
            "Islamic State",
            "Konstanz Labs Ltd.",
        ),
        *("Eastern Defense Ministry General-Major Igor Petrov", "Syrian Raqqa", "the Harbour Trust's"),
    ],
    "GPE": [
        "Paris",
        "Lexington",
        "Washington",
        "Berlin",
        "US",
        "U.S.",
        "France",
        "Germany",
        "Kentucky",
        "Syria",
    ],
    "NORP": ["Syrian", "Syrians", "German", "British"],
}


def recogniser(names: dict[str, list[str]] = NAMES) -> Language:
    """A pipeline that finds exactly these names, with the labels given."""
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns(
        [{"label": label, "pattern": name} for label, forms in names.items() for name in forms]
    )
    return nlp


@pytest.fixture(scope="session")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    path: Path = tmp_path_factory.mktemp("gazetteer") / "gazetteer.sqlite"
    compile_gazetteer(path, [*hand_places(), *PLACES])
    return Gazetteer(path)


@pytest.fixture(scope="session")
def annotator(gazetteer: Gazetteer) -> Annotator:
    return Annotator({"en": recogniser()}, gazetteer)
