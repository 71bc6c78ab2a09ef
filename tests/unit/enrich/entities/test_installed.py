"""The real model and the real gazetteer, on an invented story."""

import pytest

from services.enrich import assets
from services.enrich.entities.annotate import Annotator
from services.enrich.entities.annotations import Annotations
from services.models import EntityType

STORY = (
    "LAGOS, Nigeria (Test Wire) - Lagos State will close its oldest market, Governor Adaeze Okonkwo said "
    "on Monday.\n\n"
    '"We cannot wait for the roof to fall," Okonkwo told reporters in Ikeja. "We have asked the World Bank '
    'for help."\n\n'
    "The World Bank confirmed the request. Nigerian traders, many of whom came from Kano and from Paris, "
    'Texas, are angry. "She has never bought a tomato here," said Musa Ibrahim, a spokesman for the Lagos '
    "Traders Union (LTU).\n\n"
    "Abuja has promised 2 billion naira. The LTU wants ten."
)


@pytest.fixture(scope="module")
def annotations() -> Annotations:
    model, gazetteer = assets.model_path("md"), assets.gazetteer_path()
    if model is None or not gazetteer.is_file():
        pytest.skip("the model or the gazetteer is missing; run `copydesk models install`")
    return Annotator.load([model], gazetteer).annotate(STORY, headline="Governor Okonkwo closes market")


def test_people_and_organisations(annotations):
    found = {entity.id: entity for entity in annotations.entities}
    governor = found["person:adaeze-okonkwo"]
    assert [mention.text for mention in governor.mentions] == ["Adaeze Okonkwo", "Okonkwo"]
    assert governor.role == "Governor"
    assert governor.salience > 0.5
    assert len(found["organisation:world-bank"].mentions) == 2
    union = next(e for e in annotations.entities if e.name == "Lagos Traders Union")
    assert union.type is EntityType.ORGANISATION
    assert len(union.mentions) == 3
    assert found["nationality:NG"].country == "NG"


def test_places_on_the_map(annotations):
    places = {place.id: place for place in annotations.places}
    assert "geo:2332459" in places  # Lagos
    texas = places["geo:4717560"]  # Paris, Texas
    assert (texas.country, texas.admin1) == ("US", "Texas")
    assert places["country:NG"].kind == "country"
    capital = next(e for e in annotations.entities if e.name == "Abuja")
    assert capital.mentions[0].metonym


def test_quotations(annotations):
    direct = [
        (quote.text, quote.speaker.name) for quote in annotations.quotes if quote.direct and quote.speaker
    ]
    assert direct == [
        ("We cannot wait for the roof to fall,", "Adaeze Okonkwo"),
        ("We have asked the World Bank for help.", "Adaeze Okonkwo"),
        ("She has never bought a tomato here,", "Musa Ibrahim"),
    ]
