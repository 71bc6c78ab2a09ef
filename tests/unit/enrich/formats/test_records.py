"""A file cut into records gives what the same file gives when it is read whole."""

import bz2
import collections
import gzip
import io
import json
import lzma
from datetime import UTC, datetime

import pytest

from services.enrich.formats import cut as cut_module
from services.enrich.formats import parse
from services.enrich.formats import records as records_module
from services.enrich.formats.records import sequence
from services.enrich.formats.table import parse_record
from services.errors import ArticleRejected, FileIgnored
from services.models import Article, RawFile
from tests.unit.enrich.formats.sequences import SEQUENCES

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEXT = 'The harbour bridge "{0}" in Newhaven, [old] {{and}} narrow, will close until October, the mayor said.'


def story(number, **more):
    given = {"title": f"Bridge {number} closes", "text": TEXT.format(number) + "\n\nFerries run — instead."}
    return given | more


def jsonl():
    lines = [json.dumps(story(n), ensure_ascii=n % 2 == 0) for n in range(40)]
    lines[3:3] = ["", "{broken", '{"title": "no text"}', "[]"]
    return "\n".join(lines).encode()


def array():
    entries = [json.dumps(story(n), indent=2) for n in range(40)]
    entries[5:5] = ['"a word"', json.dumps({"title": 'quote \\" [ {'}), json.dumps([story(100), story(101)])]
    return ("\ufeff [ " + " ,\n ".join(entries) + "\n]\n").encode()


def table():
    rows = [
        '"Bridge {} closes","{}\r\n\r\nFerries run, instead."'.format(n, TEXT.format(n).replace('"', '""'))
        for n in range(40)
    ]
    return ("title,text\r\n" + "\r\n".join([*rows[:7], "", "only a title,", *rows[7:]])).encode()


def page(number):
    return (
        f"<html><head><title>Bridge {number} closes</title>"
        '<meta property="article:published_time" content="2026-02-01T10:00:00Z"></head><body><article>'
        f"<h1>Bridge {number} closes</h1>" + f"<p>{TEXT.format(number)}</p>" * 4 + "</article></body></html>"
    )


def warc_record(number, kind="response"):
    answer = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{page(number)}".encode()
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: https://example.com/{number}\r\n"
        f"WARC-Date: 2026-02-01T10:00:00Z\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
    )
    return head.encode() + answer + b"\r\n\r\n"


def warc_records():
    return [warc_record(n, "request" if n % 5 == 0 else "response") for n in range(20)]


def warc():
    return b"".join(warc_records())


def arc():
    parts = [b"filedesc://a.arc 0.0.0.0 20260201100000 text/plain 4\n1 0\n\n"]
    for number in range(20):
        answer = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{page(number)}".encode()
        line = f"https://example.com/{number} 127.0.0.1 20260201100000 text/html {len(answer)}\n"
        parts.append(line.encode() + answer + b"\n")
    return b"".join(parts)


FILES = {
    "jsonl": jsonl(),
    "array": array(),
    "csv": table(),
    "warc": warc(),
    "arc": arc(),
    "jsonl.gz": gzip.compress(jsonl()),
    "array.xz": lzma.compress(array()),
    "csv.bz2": bz2.compress(table()[:2000]) + bz2.compress(table()[2000:]),
    "warc.gz, each record a member": b"".join(map(gzip.compress, warc_records())),
    "warc.gz, one member": gzip.compress(warc()),
    **{name: make(40) for name, make in SEQUENCES.items()},
    **{name + " in UTF-16": make(40).decode().encode("utf-16") for name, make in SEQUENCES.items()},
    "jsonl in UTF-16": jsonl().decode().encode("utf-16"),
    "array in UTF-16": array().decode("utf-8-sig").encode("utf-16"),
    "csv in UTF-16": table().decode().encode("utf-16-le"),
    "rss.gz in UTF-16": gzip.compress(SEQUENCES["rss"](40).decode().encode("utf-16-be")),
}


@pytest.fixture(autouse=True)
def short_head(monkeypatch):
    """The files here are no longer than what is looked at first of a large one."""
    monkeypatch.setattr(records_module, "_HEAD", 3000)


def whole(data):
    return list(parse(RawFile("a.file", data, NOW)).items)


def cut(data, at=0, number=0, before=0):
    """The items of all records, each with where the next record begins."""
    found = []
    cut_up = sequence(io.BytesIO(data), 10**9)
    for record in cut_up.records(at, number):
        assert record.refused is None
        try:
            raw = RawFile("a.file", record.data, NOW)
            for item in parse_record(cut_up.format, raw, before, record.shared).items:
                found.append((item, record))
                before += 1
        except FileIgnored:
            pass
        except ArticleRejected:
            found.append((None, record))
            before += 1
    return found


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_records_give_the_articles_that_the_whole_file_gives(data):
    expected = whole(table()) if data.startswith(b"BZ") else whole(data)
    found = [item for item, _ in cut(data)]
    assert len([item for item in expected if isinstance(item, Article)]) >= 16
    assert [item for item in found if isinstance(item, Article)] == [
        item for item in expected if isinstance(item, Article)
    ]
    assert len(found) == len(expected)


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_work_goes_on_behind_any_record(data):
    found = cut(data)
    for place in (0, len(found) // 2, len(found) - 2):
        record = found[place][1]
        if found[place + 1][1] == record:
            continue
        rest = cut(data, record.end, record.number, place + 1)
        assert rest == found[place + 1 :]


@pytest.mark.parametrize("block", [7, 64])
def test_the_cuts_do_not_depend_on_the_blocks_that_are_read(monkeypatch, block):
    expected = cut(FILES["array"])
    monkeypatch.setattr(cut_module, "BLOCK", block)
    assert cut(FILES["array"]) == expected


@pytest.mark.parametrize("kind", ["jsonl", "array", "csv"])
def test_a_record_that_is_too_long_is_refused_alone(monkeypatch, kind):
    long = story("long", text="x y " * 5000)
    data = {
        "jsonl": "\n".join(json.dumps(each) for each in (story(1), long, story(2), story(3))),
        "array": json.dumps([story(1), long, story(2), story(3)]),
        "csv": "title,text\none,text of one\nlong," + "x y " * 5000 + "\ntwo,text\nthree,text\n",
    }[kind].encode()
    monkeypatch.setattr(cut_module, "MAX_RECORD", 4000)
    monkeypatch.setattr(cut_module, "BLOCK", 1000)
    found = list(sequence(io.BytesIO(data), 10**9).records())
    assert [record.number for record in found if record.refused] == [2]
    assert [record.number for record in found] == [1, 2, 3, 4]


def test_what_must_be_held_whole_is_no_sequence():
    for data in (
        b"%PDF-1.7 ...",
        b'{"title": "one"}',
        b"<rss><channel/></rss>",
        b"<entry><title>A</title><entry/></entry>",
        b"A text.\n\nOf two lines.",
    ):
        assert sequence(io.BytesIO(data), 10**9) is None


def test_a_packed_file_may_not_unfold_without_bound():
    packed = gzip.compress(b'{"title": "a", "text": "b"}\n' * 100_000)
    records = sequence(io.BytesIO(packed), 2_000_000).records()
    with pytest.raises(ArticleRejected, match="unpacks to more"):
        list(records)


def test_a_packed_file_that_ends_early_says_so_behind_its_last_whole_record():
    lines = [json.dumps(story(number, salt=str(number * 7919))) for number in range(20_000)]
    packed = gzip.compress("\n".join(lines).encode())
    records = sequence(io.BytesIO(packed[: len(packed) // 2]), 10**9).records()
    seen = []
    with pytest.raises(ArticleRejected, match="ends early"):
        collections.deque(map(seen.append, records), maxlen=0)
    assert 5_000 < len(seen) < 15_000
