import json
import types
import typing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from services.index.document import (
    DERIVED,
    MAX_ENTITIES,
    document_id,
    external_version,
    to_article,
    to_document,
)
from services.index.mapping import MAPPING
from services.index.strict import objection
from services.models import (
    Article,
    Block,
    BlockKind,
    Entity,
    EntityType,
    Mention,
    Place,
    Point,
    Provenance,
    Quote,
    Status,
)

NOON = datetime(2024, 5, 4, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def provenance(key: str = "desk/a.xml") -> Provenance:
    return Provenance(key=key, sha256="0", format="nitf", pipeline="p", received=NOON, indexed=NOON)


def article(**fields: Any) -> Article:
    fields.setdefault("uid", "1")
    return Article(**fields)


def version(text: str | None = None, **fields: Any) -> int:
    return external_version(article(version=text, **fields), NOON)


# The mapping.


def unmapped(model: type[BaseModel], mapping: dict[str, Any], path: str = "") -> list[str]:
    """Fields of a model that the mapping lacks."""
    missing = []
    types_of = {name: field.annotation for name, field in model.model_fields.items()}
    types_of |= {name: field.return_type for name, field in model.model_computed_fields.items()}
    for name, annotation in types_of.items():
        field = mapping.get("properties", {}).get(name)
        if field is None:
            missing.append(path + name)
        elif (
            field.get("enabled", True) and field.get("type") != "geo_point"
        ):  # which holds lat and lon itself
            for inner in models_in(annotation):
                missing += unmapped(inner, field, f"{path}{name}.")
    return missing


def models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return [annotation] if issubclass(annotation, BaseModel) else []
    return [model for argument in typing.get_args(annotation) for model in models_in(argument)]


def test_every_field_of_an_article_is_mapped():
    assert unmapped(Article, MAPPING) == []


def test_every_field_of_its_provenance_is_mapped():
    assert unmapped(Provenance, MAPPING["properties"]["provenance"]) == []


def test_nothing_is_mapped_that_no_document_has():
    assert MAPPING["properties"].keys() == {
        *Article.model_fields,
        *Article.model_computed_fields,
        *DERIVED,
    }


def test_no_keyword_can_be_longer_than_a_term():
    def keywords(mapping: dict[str, Any]) -> list[dict[str, Any]]:
        inner = [*mapping.get("properties", {}).values(), *mapping.get("fields", {}).values()]
        found = [field for each in inner for field in keywords(each)]
        return found + ([mapping] if mapping.get("type") == "keyword" else [])

    assert all(field["ignore_above"] * 4 <= 32_766 for field in keywords(MAPPING))


# Identity.


@pytest.mark.parametrize(
    "uid",
    [
        "urn:newsml:reuters.com:20240101:1",
        "tag:reuters.com,2024:x",
        "https://a.example/1",
        "HTTP://A.example/1",
    ],
)
def test_a_uri_is_the_same_article_whoever_delivers_it(uid):
    ids = {document_id(article(uid=uid, provider=provider)) for provider in (None, "AP", "dpa")}
    assert len(ids) == 1


def test_any_other_uid_belongs_to_its_provider():
    ids = {document_id(article(uid="1234", provider=provider)) for provider in (None, "AP", "dpa")}
    assert len(ids) == 3


def test_without_a_provider_the_source_owns_the_uid():
    assert document_id(article(source="AP")) == document_id(article(provider="AP", source="Example"))


def test_provider_and_uid_cannot_run_into_each_other():
    assert document_id(article(uid="b", provider="a")) != document_id(article(uid="ab"))


def test_an_id_is_the_same_in_every_release():
    assert document_id(article(uid="urn:test:1")) == "e69b0f28500095c478f6289305daaa60"


# Versions.


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("1", "2"),
        ("9", "10"),
        ("2", "2147483646"),
        ("1N", "2U"),
        ("v9", "v10"),
        ("1.9", "2.0"),
        (None, "1"),
        ("first", "1"),
        ("20240101", "20240102"),
        ("2024-01-01", "2024-01-02"),
        ("2024-01-01T10:00:00Z", "2024-01-01T10:00:01Z"),
        ("20240101T100000+0100", "20240101T100001+0100"),
        ("20240101100000", "20240101100001"),
        ("202401011000", "202401011001"),
        ("1704103200000", "1704103201000"),
    ],
)
def test_the_provider_s_version_decides_before_any_time(older, newer):
    assert version(older, updated=NOON + 1000 * SECOND) < version(newer, updated=NOON)


@pytest.mark.parametrize("text", [None, "", "final", "1.9", "3"])
def test_of_one_version_the_later_time_decides(text):
    assert version(text, updated=NOON) < version(text, updated=NOON + SECOND)


def test_the_time_is_updated_else_published_else_received():
    later = NOON + SECOND
    assert (
        version(published=later, updated=NOON)
        == version(updated=NOON)
        == version(published=NOON)
        == version()
    )


def test_versions_between_two_tenths_are_told_apart_by_time():
    assert version("1.9", updated=NOON) < version("1.10", updated=NOON + SECOND)


@given(
    text=st.one_of(st.none(), st.text(), st.integers().map(str), st.datetimes().map(str)),
    updated=st.none() | st.datetimes(timezones=st.just(UTC)),
    status=st.sampled_from(Status),
)
def test_any_version_is_a_long_that_elasticsearch_takes(text, updated, status):
    assert 0 <= version(text, updated=updated, status=status) < 2**63


@given(first=st.integers(0, 2**31 - 1), second=st.integers(0, 2**31 - 1))
def test_numbers_never_fall(first, second):
    assert (version(str(first)) < version(str(second))) == (first < second)


def test_a_version_with_more_digits_than_python_reads_is_the_highest():
    assert version("9" * 10_000) >> 32 == 2**31 - 1


@pytest.mark.parametrize("story", [None, "1", "7"])
def test_a_kill_without_a_version_wins_over_every_copy(story):
    assert version(None, status=Status.CANCELED) > version(story, updated=NOON + timedelta(days=999))


def test_a_kill_with_a_version_wins_up_to_it_and_a_higher_one_brings_the_article_back():
    kill = version("2", status=Status.CANCELED)
    assert version("1") < version("2", updated=NOON + timedelta(days=999)) < kill < version("3")


def test_withheld_is_an_ordinary_version_that_the_next_one_lifts():
    assert version(updated=NOON, status=Status.WITHHELD) < version(updated=NOON + SECOND)


# Documents.


def entity(name: str, kind: EntityType, **fields: Any) -> Entity:
    return Entity(id=f"{kind}:{name}", name=name, type=kind, **fields)


def test_facets_are_the_names_once_each_in_their_order():
    source = to_document(
        article(
            entities=(
                entity("Zoe", EntityType.PERSON),
                entity("Ann", EntityType.PERSON),
                Entity(id="person:zoe-2", name="Zoe", type=EntityType.PERSON),
                entity("UN", EntityType.ORGANISATION),
                entity("Hezbollah", EntityType.GROUP),
                entity("Idlib", EntityType.PLACE, country="SY"),
                entity("Cup", EntityType.EVENT),
            ),
            places=(
                Place(id="1", name="Lyon", country="FR", location=Point(lat=1, lon=2)),
                Place(id="2", name="Idlib", country="SY"),
            ),
        ),
        provenance(),
    ).source
    assert source["people"] == ["Zoe", "Ann"]
    assert source["organisations"] == ["UN"]
    assert source["groups"] == ["Hezbollah"]
    assert source["countries"] == ["FR", "SY"]
    assert source["entity_ids"][-1] == "event:Cup"
    assert source["places"][0]["location"] == {"lat": 1, "lon": 2}


def test_the_most_salient_entities_stay_in_their_order():
    many = tuple(
        entity(str(n), EntityType.PERSON, salience=1.0 if n % 2 else 0.0) for n in range(2 * MAX_ENTITIES)
    )
    kept = to_document(article(entities=many), provenance()).source
    assert [each["name"] for each in kept["entities"]] == [str(n) for n in range(1, 2 * MAX_ENTITIES, 2)]
    assert len(kept["people"]) == MAX_ENTITIES


def test_a_tombstone_says_what_was_killed_and_nothing_of_what_it_said():
    killed = article(
        status=Status.CANCELED,
        headline="Minister resigns",
        standfirst="secret",
        keywords=("secret",),
        editorial_note="KILL: wrong name",
        blocks=(Block(kind=BlockKind.PARAGRAPH, text="secret"),),
        entities=(entity("secret", EntityType.PERSON),),
        quotes=(Quote(text="secret", start=0, end=6),),
    )
    source = to_document(killed, provenance()).source
    assert "secret" not in json.dumps(source)
    assert source["headline"] == "Minister resigns"
    assert source["editorial_note"] == "KILL: wrong name"
    assert to_article(source).status is Status.CANCELED


def test_what_utf_8_cannot_hold_is_replaced_and_offsets_stay_right():
    text = "A \ud800\udfff lone surrogate"
    made = to_document(
        article(
            uid="\udfff",
            headline="\ud800",
            blocks=(Block(kind=BlockKind.PARAGRAPH, text=text),),
            entities=(entity("x", EntityType.PERSON, mentions=(Mention(start=5, end=9, text="lone"),)),),
        ),
        provenance("desk/\udcff.xml"),
    )
    assert json.loads(made.encoded) == made.source
    assert made.source["body"][5:9] == "lone"
    assert made.source["provenance"]["key"] == "desk/\\xff.xml"


@given(
    st.builds(Article, uid=st.text(min_size=1), headline=st.text(), keywords=st.lists(st.text()).map(tuple))
)
def test_any_article_makes_a_document_that_the_mapping_takes_and_gives_it_back(any_article):
    made = to_document(any_article, provenance())
    assert objection(made.source) is None
    assert to_article(made.source) == any_article
