"""Feeds and exports cut into items: wherever the blocks end, and whatever stands in the file."""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrich.formats import cut, parse
from services.enrich.formats.records import sequence
from services.enrich.formats.table import parse_record
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, RawFile
from tests.unit.enrich.formats import sequences

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OPENING = b'<rss version="2.0"><channel><title>Tide</title>'
CLOSING = b"</channel></rss>"


def item(number, more=""):
    text = f"The bridge number {number} will close until October, the mayor said on Monday."
    return (
        f"<item><guid>urn:{number}</guid><title>Bridge {number}</title><description>{text}</description>"
        f"{more}</item>"
    ).encode()


def records_of(data, at=0, number=0):
    return list(sequence(io.BytesIO(data), 10**9).records(at, number))


def articles_of(data):
    found, before = [], 0
    cut_up = sequence(io.BytesIO(data), 10**9)
    for record in cut_up.records():
        raw = RawFile("a.file", record.data, NOW)
        try:
            items = list(parse_record(cut_up.format, raw, before, record.shared).items)
        except (ArticleRejected, FileIgnored):
            items = []
        before += len(items)
        found += [each for each in items if isinstance(each, Article)]
    return found


def whole(data):
    return [each for each in parse(RawFile("a.file", data, NOW)).items if isinstance(each, Article)]


@pytest.fixture(scope="module", params=["rss", "atom", "wxr", "mediawiki", "sgml"])
def document(request):
    data = sequences.SEQUENCES[request.param](6)
    return data, records_of(data)


@given(block=st.integers(1, 3000))
@settings(max_examples=60, deadline=None)
def test_the_cuts_are_the_same_wherever_blocks_end(document, block):
    data, expected = document
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cut, "BLOCK", block)
        assert records_of(data) == expected


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_work_goes_on_behind_any_item(document, data):
    whole_file, expected = document
    place = data.draw(st.integers(0, len(expected) - 1))
    assert records_of(whole_file, expected[place].end, expected[place].number) == expected[place + 1 :]


@given(kept=st.integers(600, 4000))
@settings(max_examples=60, deadline=None)
def test_a_feed_that_ends_anywhere_keeps_what_came_through(kept):
    data = sequences.rss(9)[:kept]
    try:
        expected = whole(data)
    except ArticleRejected:
        expected = []
    if sequence(io.BytesIO(data), 10**9) is None:
        assert expected == []
        return
    without = {"repaired": None}  # the whole is told to be repaired, and of the items only the last
    assert [each.model_copy(update=without) for each in articles_of(data)] == [
        each.model_copy(update=without) for each in expected
    ]


def told(record):
    return record.number, record.end, record.data, record.refused and record.refused.reason


PIECES = st.sampled_from(
    b"<item> </item> <item/> <entry_a='>'> </entry> <!-- --> <![CDATA[ ]]> <? ?> <title> </title> "
    b"a_word < > ' \" <item_ </item &x; </channel> <x:item> </x:item> <items> \xff <! \n".replace(
        b"_", b"\t"
    ).split(b" ")
)


@given(pieces=st.lists(PIECES, max_size=40), block=st.integers(1, 60), longest=st.integers(5, 400))
@settings(max_examples=300, deadline=None)
def test_whatever_stands_there_the_cuts_end_and_can_be_gone_on_behind(pieces, block, longest):
    data = OPENING + item(1) + b"".join(pieces) + item(2) + CLOSING
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cut, "BLOCK", block)
        records = sequence(io.BytesIO(data), 10**9).records
        patch.setattr(cut, "MAX_RECORD", longest)
        found = list(records())
        ends = [record.end for record in found]
        assert ends == sorted(set(ends))
        assert [record.number for record in found] == list(range(1, len(found) + 1))
        for record in found:
            assert [told(each) for each in records(record.end, record.number)] == [
                told(each) for each in found[record.number :]
            ]
        patch.setattr(cut, "BLOCK", 1 << 20)
        assert [told(each) for each in records()] == [told(each) for each in found]


@pytest.mark.parametrize("block", [50, 1000, 1 << 20])
def test_a_long_item_is_refused_alone(monkeypatch, block):
    middle = item(2, more="<x><![CDATA[" + "<item> " * 2000 + "]]></x>")
    data = OPENING + item(1) + middle + item(3) + CLOSING
    records = sequence(io.BytesIO(data), 10**9).records()
    monkeypatch.setattr(cut, "BLOCK", block)
    monkeypatch.setattr(cut, "MAX_RECORD", 4000)
    found = list(records)
    assert [(record.number, record.refused and record.refused.reason) for record in found] == [
        (1, None),
        (2, Reason.TOO_LARGE),
        (3, None),
    ]


def test_an_item_without_an_end_does_not_take_the_rest_of_the_file_with_it(monkeypatch):
    monkeypatch.setattr(cut, "BLOCK", 300)
    data = OPENING + item(1) + b"<item><title>No end" + b"".join(item(n) for n in range(2, 60)) + CLOSING
    records = sequence(io.BytesIO(data), 10**9).records()
    monkeypatch.setattr(cut, "MAX_RECORD", 2000)
    found = list(records)
    assert sum(record.refused is not None for record in found) == 1
    assert len(found) > 30


def test_items_inside_items_without_number_are_refused():
    data = OPENING + b"<item>" * 100_000 + item(1) + CLOSING
    found = records_of(data)
    assert {record.refused.reason for record in found if record.refused} == {Reason.TOO_DEEP}
    assert found[-1].data.count(b"<title>Bridge") == 1


def test_an_item_asks_for_no_other_file_and_is_no_bomb():
    bomb = b'<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY x SYSTEM "file:///etc/passwd">' + b"".join(
        b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 20) for n in range(8)
    )
    data = bomb + b"]>" + OPENING + item(1) + item(2, "<x>&i;</x>") + item(3, "<x>&x;</x>") + CLOSING
    reasons = []
    for record in records_of(data):
        try:
            list(parse_record("rss", RawFile("a", record.data, NOW), 0).items)
            reasons.append(None)
        except ArticleRejected as rejected:
            reasons.append(rejected.reason)
    assert reasons == [None, Reason.ENTITY_BOMB, Reason.EXTERNAL_ENTITY]


def test_a_second_document_behind_the_first_is_refused_and_the_first_kept():
    first = OPENING + item(1) + item(2) + CLOSING
    records = sequence(io.BytesIO(first + first), 10**9).records()
    seen = [next(records), next(records)]
    assert [record.number for record in seen] == [1, 2]
    with pytest.raises(ArticleRejected, match="glued"):
        next(records)
