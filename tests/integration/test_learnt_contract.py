"""What is learnt of sites, kept in a folder and on a real S3-compatible server alike."""

from datetime import UTC, datetime

import pytest

from services.bucket import keys
from services.enrich import learnt
from services.enrich.clean.recurring import Line, Site
from services.enrich.learnt import FURNITURE, Sites, Watched
from services.errors import Misconfigured

HOSTILE = [
    "../../etc/passwd/",
    "a/b",
    "CON",
    "//",
    "ferry\x1b[1m\n/",
    "münchen.example",
    "x" * 900,
    "..",
    "",
    "\\xff/",
]


def site(name, *hashes):
    lines = tuple(Line(hash=each, sample=f"line {each}", articles=7, kept=0) for each in hashes)
    return Site(site=name, articles=9, learnt=datetime(2026, 5, 1, tzinfo=UTC), by="copydesk/1", lines=lines)


def test_a_record_is_a_readable_file_named_for_its_site(bucket):
    assert Sites(bucket).write(site("example.com", "ab")) == ".copydesk/furniture/example.com.json"
    assert b'"sample": "line ab"' in bucket.read(".copydesk/furniture/example.com.json")[1]
    assert Sites(bucket).read("example.com") == site("example.com", "ab")


def test_any_name_of_a_site_gives_a_file_of_its_own_where_all_records_are(bucket):
    sites = Sites(bucket)
    for name in HOSTILE:
        sites.write(site(name, "ab"))
    assert all(entry.key.count("/") == 2 for entry in bucket.list(keys.OWN))
    assert sorted(each.site for each in sites.all()) == sorted(HOSTILE)
    assert all(sites.read(name) == site(name, "ab") for name in HOSTILE)
    assert [sites.remove(name) for name in HOSTILE] == [True] * len(HOSTILE)
    assert list(bucket.list(FURNITURE)) == []


def test_a_damaged_record_is_named_and_hides_no_other(bucket):
    sites = Sites(bucket)
    sites.write(site("example.com", "ab"))
    for number, data in enumerate(
        (b"", b"{", b'{"site": "a"}', b"[" * 100_000, b"\xff\xfe", b" " * 2_000_000)
    ):
        bucket.put(f"{FURNITURE}bad{number}.json", data)
        with pytest.raises(
            Misconfigured, match=rf"bad{number}\.json: .*learn the site anew, or remove the file"
        ):
            sites.read(f"bad{number}")
    bucket.put(f"{FURNITURE}note.txt", b"a person's own")
    assert [each.site for each in sites.all()] == ["example.com"]
    assert set(Watched(bucket).furniture().sites) == {"example.com"}
    assert sites.remove("bad1")
    assert sites.remove_all() == 6
    assert [entry.key for entry in bucket.list(FURNITURE)] == [f"{FURNITURE}note.txt"]


def test_what_changes_is_seen_and_the_rest_is_not_read_again(bucket, monkeypatch):
    monkeypatch.setattr(learnt, "_REFRESH_SECONDS", 0)
    sites, watched = Sites(bucket), Watched(bucket)
    assert watched.furniture().sites == {}
    sites.write(site("example.com", "ab"))
    sites.write(site("example.org", "cd"))
    assert watched.furniture().sites == {"example.com": {"ab": True}, "example.org": {"cd": True}}
    read = []
    plain = type(bucket).read
    monkeypatch.setattr(
        type(bucket), "read", lambda self, key, limit=None: (read.append(key), plain(self, key, limit))[1]
    )
    sites.write(site("example.org", "ef"))
    assert watched.furniture().sites["example.org"] == {"ef": True}
    assert read == [f"{FURNITURE}example.org.json"]
    sites.remove("example.com")
    assert set(watched.furniture().sites) == {"example.org"}
