from services.enrich.entities.annotate import Annotator, enrich
from services.enrich.entities.annotations import Annotations
from services.enrich.entities.record import annotation_record
from services.models import Article, Block, BlockKind, Dateline, Entity, EntityType
from tests.unit.enrich.entities.conftest import recogniser


def ids(annotations: Annotations) -> list[str]:
    return [place.id for place in annotations.places]


def test_a_bare_name_means_the_best_known_place(annotator):
    place = annotator.annotate("She lives in Paris.").places[0]
    assert (place.id, place.country, place.kind) == ("geo:2988507", "FR", "capital")
    assert place.confidence > 0.8


def test_a_qualifier_behind_the_name_decides(annotator):
    assert ids(annotator.annotate("She lives in Paris, Texas."))[0] == "geo:4717560"


def test_the_division_an_article_speaks_of_decides(annotator):
    text = "Kentucky police came from Lexington. Kentucky courts and Lexington lawyers know Paris well."
    assert ids(annotator.annotate(text)) == ["geo:6254925", "geo:4297983", "geo:4303602"]


def test_the_dateline_counts_as_evidence(annotator):
    near = annotator.annotate("Fire in Lexington.", dateline=Dateline(text="BOSTON", place="Massachusetts"))
    assert near.places[0].id == "geo:4297983"  # no such division in this gazetteer: the larger one stays


def test_one_name_has_one_meaning_in_a_document(annotator):
    text = "A mill in Paris, Texas, burned.\n\nParis has another mill."
    assert len(ids(annotator.annotate(text))) == 2  # Paris and Texas


def test_spellings_of_one_place_are_one_place(annotator):
    annotations = annotator.annotate("The US said so. U.S. officials agreed.")
    assert ids(annotations) == ["country:US"]
    assert len(annotations.entities[0].mentions) == 2


def test_a_list_of_countries_is_no_qualifier(annotator):
    assert "country:US" in ids(annotator.annotate("The US, France and Germany agreed."))


def test_a_capital_that_speaks_is_its_government(annotator):
    entity = annotator.annotate("Washington announced sanctions. She flew to Washington.").entities[0]
    assert entity.id == "geo:4140963"
    assert [mention.metonym for mention in entity.mentions] == [True, False]


def test_in_a_list_one_capital_speaks_for_all(annotator):
    entities = annotator.annotate("Now, Washington, Paris and Berlin announce help.").entities
    assert all(mention.metonym for entity in entities for mention in entity.mentions)


def test_a_place_is_called_what_the_article_calls_it(annotator):
    assert annotator.annotate("She fled Raqqa.").entities[0].name == "Raqqa"


def test_the_record_has_an_entry_for_each_mention(annotator: Annotator):
    record = annotation_record("a", annotator.annotate("Maria Lopez left Paris. Lopez hates Paris."))
    assert [(e["start"], e["type"], e["kind"]) for e in record["entities"]] == [
        (0, "PER", "person"),
        (17, "GPE", "place"),
        (24, "PER", "person"),
        (36, "GPE", "place"),
    ]
    assert [(p["start"], p["lat"], p["country"]) for p in record["places"]] == [
        (17, 48.85, "FR"),
        (36, 48.85, "FR"),
    ]


def test_an_article_gets_its_dateline_on_the_map_and_trusts_its_own_tags(annotator):
    article = Article(
        uid="a",
        dateline=Dateline(text="LEXINGTON, Ky., May 3"),
        blocks=(Block(kind=BlockKind.PARAGRAPH, text="Novak Ferrum left Paris."),),
        entities=(Entity(id="x", name="Novak Ferrum", type=EntityType.ORGANISATION),),
    )
    enriched = enrich(article, annotator)
    assert enriched.dateline is not None
    assert enriched.dateline.place == "Lexington"
    assert enriched.dateline.location is not None
    assert enriched.dateline.location.lat == 38.05
    assert [entity.name for entity in enriched.entities] == ["Novak Ferrum", "Paris"]


def test_a_place_around_another_is_not_that_place(gazetteer):
    annotator = Annotator({"en": recogniser({"GPE": ["Kentucky", "northern Kentucky"]})}, gazetteer)
    whole, part = annotator.annotate("Kentucky froze. In northern Kentucky it snowed.").places
    assert (whole.id, whole.kind) == ("geo:6254925", "admin1")
    assert (part.id, part.kind, part.location) == ("place:northern-kentucky", "around", whole.location)


def test_a_place_within_another_name_is_a_spot_but_no_entity(gazetteer):
    annotator = Annotator({"en": recogniser({"ORG": ["University of Kentucky"]})}, gazetteer)
    annotations = annotator.annotate("The University of Kentucky closed.")
    assert [entity.name for entity in annotations.entities] == ["University of Kentucky"]
    assert [(spot.text, spot.via, spot.place.id) for spot in annotations.spots] == [
        ("Kentucky", "within", "geo:6254925")
    ]


def test_a_nationality_points_at_its_country(annotator):
    spots = annotator.annotate("Syrian farmers came.").spots
    assert [(spot.via, spot.place.id) for spot in spots] == [("nationality", "country:SY")]


def test_a_list_of_cities_is_no_qualifier(annotator):
    assert "geo:2950159" in ids(annotator.annotate("They met in Berlin, Washington and Paris."))
