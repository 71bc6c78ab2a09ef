import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Status
from tests.unit.enrich.formats.reading import LEAD, article, articles, read

FLAT = {
    "uri": "urn:test:1",
    "type": "text",
    "version": "2",
    "versioncreated": "2024-09-23T12:15:00+02:00",
    "firstcreated": "2024-09-23T10:00:00Z",
    "pubstatus": "usable",
    "headline": "Lock to close",
    "byline": "Ana Example",
    "language": "en",
    "body_html": f"<p>{LEAD}</p>",
    "body_text": LEAD,
    "urgency": 4,
    "located": "Harrowby",
    "subject": [{"code": "04015000", "name": "transport"}, {"code": "x1", "scheme": "own", "name": "locks"}],
}


def ninjs(**changes: Any) -> str:
    return json.dumps({key: value for key, value in (FLAT | changes).items() if value is not None})


def test_version_1_is_read() -> None:
    story = article(ninjs())

    assert (story.uid, story.version, story.headline, story.body) == (
        "urn:test:1",
        "2",
        "Lock to close",
        LEAD,
    )
    assert story.updated == datetime(2024, 9, 23, 10, 15, tzinfo=UTC)
    assert story.published == datetime(2024, 9, 23, 10, tzinfo=UTC)
    assert [(subject.scheme, subject.code) for subject in story.subjects] == [
        ("subj", "04015000"),
        ("own", None),
    ]


@pytest.mark.parametrize("camel", [False, True])
def test_versions_2_and_3_say_the_same_in_lists_of_roles(camel: bool) -> None:
    story = {
        "uri": "urn:test:1",
        "type": "text",
        "by": "Ana Example",
        "headlines": [{"role": "main", "value": "Lock to close"}],
        ("versionCreated" if camel else "versioncreated"): "2024-09-23T10:15:00Z",
        "bodies": [
            {
                "role": "main",
                ("contentType" if camel else "contenttype"): "text/html",
                "value": f"<p>{LEAD}</p>",
            },
            {"role": "main", ("contentType" if camel else "contenttype"): "text/plain", "value": LEAD},
        ],
        "subjects": [{"uri": "http://cv.iptc.org/newscodes/mediatopic/20000892", "name": "sport"}],
    }

    read_back = article(json.dumps(story))

    assert (read_back.headline, read_back.byline, read_back.body) == ("Lock to close", "Ana Example", LEAD)
    assert [(subject.scheme, subject.code) for subject in read_back.subjects] == [("medtop", "20000892")]


def test_superdesks_guid_is_the_identity() -> None:
    assert article(ninjs(uri=None, guid="tag:test:7")).uid == "tag:test:7"


@pytest.mark.parametrize("written", ["canceled", "cancelled", "stat:canceled"])
def test_a_kill_needs_nothing_but_its_id(written: str) -> None:
    kill = article(json.dumps({"uri": "urn:test:1", "pubstatus": written}))

    assert (kill.uid, kill.status, kill.body) == ("urn:test:1", Status.CANCELED, "")


def test_an_embargo_is_read_and_an_unreadable_one_withholds() -> None:
    assert article(ninjs(embargoed="2024-09-24T06:00:00Z")).embargo == datetime(2024, 9, 24, 6, tzinfo=UTC)
    assert article(ninjs(embargoed="Next Monday")).status is Status.WITHHELD


def test_an_item_with_only_a_description_is_a_short_item() -> None:
    assert (
        article(ninjs(body_html=None, body_text=None, description_text="The lock closes.")).body
        == "The lock closes."
    )


@pytest.mark.parametrize("kind", ["picture", "video", "audio", "graphic", "event"])
def test_what_is_no_text_is_ignored(kind: str) -> None:
    with pytest.raises(FileIgnored):
        read(ninjs(type=kind))


def test_a_body_of_the_wrong_type_is_named() -> None:
    with pytest.raises(ArticleRejected) as rejected:
        read('{"uri": "urn:x:1", "type": "text", "headline": "H", "body_text": {"a": 1}}')
    assert rejected.value.reason is Reason.TYPE_MISMATCH


def test_items_in_a_wrapper_are_found() -> None:
    stories = articles(json.dumps({"total": 2, "item": [FLAT, FLAT | {"uri": "urn:test:2"}]}))

    assert [story.uid for story in stories] == ["urn:test:1", "urn:test:2"]


def test_an_address_with_a_signed_query_is_no_identity() -> None:
    story = article(ninjs(uri="https://api.test.example/content/1?sig=abc", altids={"itemid": "f00"}))

    assert story.uid == "f00"


def test_topics_have_the_names_of_their_newest_release() -> None:
    codes = [{"code": "medtop:20001358"}, {"uri": "http://cv.iptc.org/newscodes/mediatopic/20001289"}]

    (added, renamed) = article(ninjs(subject=codes)).subjects

    assert (added.scheme, added.code, added.name) == ("medtop", "20001358", "public health")
    assert (renamed.code, renamed.name) == ("20001289", "sales channel")


def test_a_composite_of_nothing_but_links_is_ignored() -> None:
    package = {"type": "composite", "body_html": None, "body_text": None, "associations": {"a": {"uri": "x"}}}
    with pytest.raises(FileIgnored):
        read(ninjs(**package))
