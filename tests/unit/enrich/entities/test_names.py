import pytest

from services.enrich.entities.annotate import Annotator, enrich
from services.enrich.entities.annotations import Tagged
from services.models import Article, Block, BlockKind, Entity, EntityType, Recognition


def found(annotator: Annotator, text: str, **options) -> dict[str, Entity]:
    annotations = annotator.annotate(text, **options)
    for entity in annotations.entities:
        for mention in entity.mentions:
            assert text[mention.start : mention.end] == mention.text
    return {entity.name: entity for entity in annotations.entities}


def forms(entity: Entity) -> list[str]:
    return [mention.text for mention in entity.mentions]


def test_a_lone_surname_is_the_person_named_in_full_before(annotator):
    entities = found(annotator, "Maria Lopez spoke.\n\nLater Lopez left.")
    assert forms(entities["Maria Lopez"]) == ["Maria Lopez", "Lopez"]
    assert entities["Maria Lopez"].id == "person:maria-lopez"


def test_a_surname_that_two_share_goes_to_the_one_named_last(annotator):
    text = "John Meyer met Anna Meyer. Peter Brandt saw it. Meyer left."
    entities = found(annotator, text)
    assert forms(entities["Anna Meyer"]) == ["Anna Meyer", "Meyer"]
    assert forms(entities["John Meyer"]) == ["John Meyer"]


def test_titles_are_no_part_of_a_name(annotator):
    assert forms(found(annotator, "We asked Dr. Ruth Weiss about it.")["Ruth Weiss"]) == ["Ruth Weiss"]


def test_determiner_and_possessive_are_no_part_of_a_name(annotator):
    assert forms(found(annotator, "It was the Harbour Trust's decision.")["Harbour Trust"]) == [
        "Harbour Trust"
    ]


def test_an_organisation_a_rank_and_a_person_in_one_are_taken_apart(annotator):
    entities = found(annotator, "The Eastern Defense Ministry General-Major Igor Petrov spoke. Petrov left.")
    assert entities["Eastern Defense Ministry"].type is EntityType.ORGANISATION
    assert forms(entities["Igor Petrov"]) == ["Igor Petrov", "Petrov"]


def test_a_people_and_a_place_in_one_are_taken_apart(annotator):
    entities = found(annotator, "They bombed Syrian Raqqa.")
    assert entities["Raqqa"].type is EntityType.PLACE
    assert entities["Syrian"].id == "nationality:SY"


def test_the_gazetteer_knows_better_than_a_sentence_that_reads_like_a_team(annotator):
    assert found(annotator, "Raqqa won.")["Raqqa"].type is EntityType.PLACE


def test_a_name_found_once_is_found_everywhere(annotator):
    entities = found(annotator, "Harbour Trust paid. They say Harbour Trust pays late.")
    assert len(entities["Harbour Trust"].mentions) == 2


def test_an_acronym_in_brackets_belongs_to_the_name_before_it(annotator):
    text = "The World Weather Council (WWC) warned. The WWC meets today."
    assert forms(found(annotator, text)["World Weather Council"]) == ["World Weather Council", "WWC", "WWC"]


def test_an_acronym_that_is_a_word_too_needs_its_long_form(annotator):
    text = "Islamic State (IS) fled. IS lost a town."
    assert forms(found(annotator, text)["Islamic State"]) == ["Islamic State", "IS", "IS"]
    assert "IS" not in found(annotator, "IS IT TRUE? It IS.")


def test_company_suffixes_make_no_other_company(annotator):
    entities = found(annotator, "Konstanz Labs Ltd. grew. Konstanz Labs hired.")
    assert len(entities) == 1


def test_demonyms_are_kept_apart_but_know_their_country(annotator):
    entities = found(annotator, "Syrians left Syria with Syrian papers.")
    assert entities["Syrian"].country == "SY"
    assert len(entities["Syrian"].mentions) == 2
    assert entities["Syria"].id == "country:SY"


def test_two_peoples_joined_by_a_hyphen_are_one_name(annotator):
    assert "British-German" in found(annotator, "A British-German plan.")


def test_a_word_that_is_also_written_small_is_no_name_at_the_start_of_a_sentence(gazetteer):
    from tests.unit.enrich.entities.conftest import recogniser

    annotator = Annotator({"en": recogniser({"ORG": ["Bravura"]})}, gazetteer)
    assert not found(annotator, "Bravura statements\n\nHe noted the bravura of it.")


def test_names_that_the_file_tags_come_first(annotator):
    entities = found(
        annotator, "Novak Ferrum closed.", tagged=[Tagged("Novak Ferrum", EntityType.ORGANISATION)]
    )
    assert entities["Novak Ferrum"].type is EntityType.ORGANISATION


def test_a_language_without_a_pipeline_gets_its_places(annotator):
    entities = found(annotator, "Il treno da Parigi a Berlin parte oggi.", language="it")
    assert {entity.id for entity in entities.values()} == {"geo:2988507", "geo:2950159"}


def test_a_script_without_spaces_gets_its_places_too(annotator):
    assert {entity.id for entity in found(annotator, "在法国Paris和德国", language="zh").values()} >= {
        "country:FR"
    }


def test_text_without_words_has_nothing(annotator):
    assert annotator.annotate(" \n\t").entities == ()


def test_what_an_article_is_about_has_more_salience_than_what_it_mentions(annotator):
    text = "Maria Lopez won. Lopez thanked all.\n\nLopez also thanked Peter Brandt."
    entities = found(annotator, text, headline="Lopez wins")
    assert entities["Maria Lopez"].salience > 0.7
    assert entities["Peter Brandt"].salience < 0.3


def test_a_role_is_kept_as_written(annotator):
    assert (
        found(annotator, "US Secretary of State Peter Brandt left.")["Peter Brandt"].role
        == "US Secretary of State"
    )
    assert (
        found(annotator, "Peter Brandt, head of the trust, left.")["Peter Brandt"].role == "head of the trust"
    )


def test_a_dateline_in_capitals_is_a_town(annotator):
    entities = found(annotator, "LEXINGTON, Ky. (Test Wire) - A mill burned. Lexington police came.")
    assert forms(entities["LEXINGTON"]) == ["LEXINGTON", "Lexington"]


def test_a_headline_in_capitals_is_no_dateline(annotator):
    assert "LEXINGTON" not in found(annotator, "LEXINGTON - FIRE DESTROYS THE OLD MILL\n\nNobody was hurt.")


def test_two_teams_and_their_goals_are_two_names(annotator):
    assert set(found(annotator, "Results: Ostvale 2 Westmoor Town 1")) == {"Ostvale", "Westmoor Town"}


def test_a_nickname_is_part_of_a_name(annotator):
    assert 'Maria Lopez "Chispa" Ortega' in found(annotator, 'Maria Lopez "Chispa" Ortega won.')


def test_a_long_name_that_was_overlooked_is_found_by_its_acronym(annotator):
    entities = found(annotator, "the Dawn Liberation Front (DLF) fled. The DLF lost.")
    assert entities["Dawn Liberation Front"].type is EntityType.GROUP
    assert len(entities["Dawn Liberation Front"].mentions) == 3


def test_seas_and_rivers_are_found_as_they_stand(annotator):
    assert found(annotator, "He swam the English Channel.")["English Channel"].id == "region:english-channel"


@pytest.mark.parametrize(
    ("language", "how"),
    [("en-GB", Recognition.MODEL), (None, Recognition.MODEL), ("sw", Recognition.GAZETTEER)],
)
def test_an_article_says_how_its_names_were_found(annotator, language, how):
    block = Block(kind=BlockKind.PARAGRAPH, text="Maria Lopez spoke in Dresden.")
    article = enrich(Article(uid="a", language=language, blocks=(block,)), annotator)
    assert article.recognition is how
    assert ("Maria Lopez" in {entity.name for entity in article.entities}) == (how is Recognition.MODEL)
