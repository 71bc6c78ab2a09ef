"""Whatever arrives: articles, refusals, or one of two exceptions. Never a crash."""

import json
from time import process_time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from services.enrich.formats import FORMATS, sniff
from services.enrich.formats.dates import parse_date
from services.enrich.formats.encoding import decode, harmless
from services.errors import ArticleRejected, FileIgnored
from services.models import Article, Refusal
from tests.unit.enrich.formats.reading import LEAD, raw, read

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

SEEDS = [
    (
        "<nitf><head><docdata><doc-id id-string='1'/></docdata></head><body><body.content>"
        f"<p>{LEAD}</p></body.content></body></nitf>"
    ),
    f"<rss><channel><item><title>T</title><description>{LEAD}</description></item></channel></rss>",
    json.dumps(
        {"uri": "u", "type": "text", "headline": "H", "body_text": LEAD, "versioncreated": "2024-01-01"}
    ),
    json.dumps({"items": [{"id": 1, "title": "T", "text": LEAD}]}),
    f"<html><head><title>T</title></head><body><h1>T</h1><p>{LEAD}</p></body></html>",
    (
        f"<newsItem guid='1'><itemMeta/><contentSet><inlineXML><html><body><p>{LEAD}</p></body>"
        f"</html></inlineXML></contentSet></newsItem>"
    ),
    (
        f"<NewsML><NewsItem><NewsComponent><ContentItem><DataContent><p>{LEAD}</p></DataContent>"
        f"</ContentItem></NewsComponent></NewsItem></NewsML>"
    ),
    f"<release id='1'><title>T</title><body>{LEAD}</body></release>",
    (
        f"<mediawiki><page><title>T</title><revision><text>[[File:a|[[b]]]] {LEAD}</text></revision>"
        f"</page></mediawiki>"
    ),
    f"---\ntitle: T\n---\n{LEAD}\n",
    f"id,title,text\n1,T,{LEAD}\n",
    (
        f"From: a@test.example\nSubject: T\nMIME-Version: 1.0\nContent-Type: multipart/mixed; "
        f"boundary=b\n\n--b\n\n{LEAD}\n--b--\n"
    ),
    f"\x01tca0123 4 i 211  twa 061\r\n\nLock/\r\n\x02Lock =\r\n\n{LEAD}\r\n\n\x03231015 GMT Sep 24\x04",
    (
        f"\x16\x16\x01W2870\x1fe\r\nr a\x13\x11 BC-Lock 09-23 "
        f"0100\r\n\x02^BC-Lock,1<\r\n^Lock<\r\n\t   {LEAD}\r\n\x03TW-WF-09-23-24 1015GMT"
    ),
    f"ZCZC TWA\n^Lock\n{LEAD}\nNNNN\n",
    "{\\rtf1\\ansi " + LEAD + "\\par}",
    (
        "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj "
        "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj 4 0 obj<</Length "
        "4>>stream\nBT ET\nendstream endobj"
    ),
    (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://test.example/\r\nContent-Type: "
        "application/http\r\nContent-Length: 200\r\n\r\n"
        f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>T</h1><p>{LEAD}</p>\r\n\r\n"
    ),
    f"Headline\n\n{LEAD}\n\n{LEAD}",
]


def check(data: bytes) -> None:
    try:
        items = read(data)
    except (ArticleRejected, FileIgnored):
        return
    assert items
    for item in items:
        assert isinstance(item, (Article, Refusal))
        item.model_dump_json().encode()  # storable: no lone surrogate is left


@QUICK
@given(st.binary(max_size=2_000))
def test_any_bytes(data: bytes) -> None:
    check(data)


@QUICK
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=8)), max_size=4))
def test_sound_files_with_holes_and_noise_in_them(seed: str, damages: list[tuple[int, bytes]]) -> None:
    data = seed.encode()
    for place, noise in damages:
        data = data[:place] + noise + data[place + len(noise) // 2 :]
    check(data)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "uri",
                    "guid",
                    "type",
                    "headline",
                    "headlines",
                    "body_html",
                    "bodies",
                    "text",
                    "title",
                    "items",
                    "data",
                    "hits",
                    "authors",
                    "author",
                    "subject",
                    "@type",
                    "@graph",
                    "version",
                    "pubstatus",
                    "associations",
                    "url",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@QUICK
@given(JSON)
@example({"subject": True, "headlines": None, "uri": ""})
@example({"version": "https://jsonfeed.org/version/1.1", "items": [{"tags": True, "content_text": "Words."}]})
def test_any_json(document: object) -> None:
    check(json.dumps(document).encode())


@QUICK
@given(st.binary(max_size=300))
def test_decoding_and_cleaning_never_fail_and_settle_at_once(data: bytes) -> None:
    text = harmless(decode(data))

    text.encode()
    assert harmless(text) == text


TROUBLE = "A\u00c2\u00c3\u00e2\u00ef\u0302\u0301\u20ac\u201a\u0178\u00a0\u0080\x00\u200b\u212b\u0345\ud800 "


@QUICK
@given(st.text(max_size=60) | st.text(TROUBLE, max_size=12))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)


@QUICK
@given(st.text(max_size=60) | st.integers() | st.floats() | st.dates().map(str) | st.datetimes().map(str))
def test_any_date_is_aware_or_none(value: object) -> None:
    moment = parse_date(value)

    assert moment is None or moment.tzinfo is not None


def test_every_sniffed_format_has_a_row() -> None:
    for seed in SEEDS:
        assert sniff(seed.encode()) in FORMATS


@pytest.mark.parametrize(
    "data", [b"", b" \t\r\n", b"\xef\xbb\xbf", b"\x89PNG\r\n\x1a\n" + bytes(100), bytes(range(256)) * 40]
)
def test_what_holds_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(ArticleRejected):
        read(data)


def test_the_key_is_the_identity_when_the_file_names_none() -> None:
    (story,) = read(f"Lock to close\n\n{LEAD}\n\n{LEAD}")

    assert isinstance(story, Article)
    assert story.uid == raw("").key


@pytest.mark.parametrize(
    "data",
    [
        "ZCZC\n" + "\n" * 300_000,
        "ZCZC\n" + " " * 300_000,
        '{"title": "T", "text": "' + " " * 300_000 + 'x", "keywords": "' + " " * 300_000 + '"}',
        "<html><body>" + "<script type='application/ld+json'>" * 20_000,
        "\x16\x16\x01" + "a b " * 100_000 + "\x02x",
        "\x01" + "eca 12 4 i 2 a " * 50_000 + "\x02x" + "\x03" + "1 " * 100_000,
        "<nitf><head><meta name='keywords' content='" + " " * 300_000 + "'/></head><body/></nitf>",
        "<a>" + "&x" * 200_000 + "</a>",
        "<a>" + "<![CDATA[" * 100_000,
        "<rss><channel>" + "<item><title>" + "a" * 300_000 + "</title></item></channel></rss>",
        "From: a@test.example\nSubject: x\n\n" + "embargo" + " " * 300_000,
        "---\n" + "a: b\n" * 20_000 + "x",
        "[" * 200_000,
        "{" * 200_000,
        '{"a":' * 50_000,
        "<mediawiki><page><revision><text>" + "{{[[File:" * 50_000 + "</text></revision></page></mediawiki>",
        '<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><item><title>T</title><description>'
        + "[caption " * 30_000
        + "[caption]" * 30_000
        + "</description></item></channel></rss>",
        "<mediawiki><page><revision><text>" + "\n" * 200_000 + "</text></revision></page></mediawiki>",
        "<mediawiki><page><revision><text>" + "[[de:" * 50_000 + "</text></revision></page></mediawiki>",
        "{\\rtf1" + "\\v {" * 400 + "x" * 300_000,
        "{\\rtf1" + "{" * 400 + "x" * 300_000,
        "a,title,text\n" + '"' * 300_000,
        "%PDF-1.4\n" + "/FlateDecode>>stream\n" * 20_000,
    ],
    ids=lambda data: repr(data[:18]),
)
def test_no_file_takes_time_out_of_proportion(data: str) -> None:
    start = process_time()

    check(data.encode())

    assert process_time() - start < 5
