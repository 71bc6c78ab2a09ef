import json
from datetime import UTC, date, datetime

import pytest

from services.bucket import keys, open_bucket
from services.enrich.clean.recurring import PageLine
from services.enrich.learning import MOST_PAGES, Seen, learn, local, processed, seen
from services.models import RawFile
from services.settings import Settings

CALL = "Support independent reporting from the harbour with a gift this autumn."


def story(number, *, site="example.com", call=CALL):
    own = [f"Ferry {number} carried {number * 7 + each} cars on day {each} of the week." for each in range(6)]
    return {
        "uri": f"urn:example:{number}",
        "type": "text",
        "version": "1",
        "headline": f"Ferry {number} sails again",
        "body_text": "\n\n".join([*own, call]),
        **({"link": f"https://{site}/{number}", "url": f"https://{site}/{number}"} if site else {}),
    }


def page(number, *names, site="example.com", kept=False):
    return Seen(site, str(number), tuple(PageLine(name, f"line {name}", 80, kept, True) for name in names))


@pytest.fixture
def settings(tmp_path):
    return Settings.from_env({"COPYDESK_BUCKET": str(tmp_path / "bucket")})


@pytest.fixture
def bucket(settings):
    bucket = open_bucket(settings)
    bucket.prepare()
    return bucket


def file(bucket, day, name, *stories):
    data = "\n".join(map(json.dumps, stories)).encode()
    bucket.put(keys.processed_key(keys.LIVE + name, day), data)


def test_sites_are_learnt_apart_and_a_page_that_comes_again_counts_once():
    pages = [page(number, "a", site=site) for site in ("one.example", "two.example") for number in range(5)]
    again = [page(0, "a", "b", site="one.example")] * 20
    one, two = learn([*pages, *again])
    assert (one.site, one.articles, [line.hash for line in one.lines]) == ("one.example", 5, ["a"])
    assert (two.site, two.articles, [line.hash for line in two.lines]) == ("two.example", 5, ["a"])
    assert [site.site for site in learn(pages, "two.example")] == ["two.example"]


def test_only_the_first_pages_of_a_site_are_looked_at():
    pages = [page(number, "new") for number in range(MOST_PAGES)]
    older = [page(f"old {number}", "old") for number in range(10 * MOST_PAGES)]
    (site,) = learn([*pages, *older])
    assert (site.articles, [line.hash for line in site.lines]) == (MOST_PAGES, ["new"])


def test_processed_files_are_read_from_the_newest_day_backwards(bucket, settings):
    for day in (1, 2, 3):
        file(bucket, date(2026, 5, day), f"wire/{day}.json", story(day, site=None))
    bucket.put("processed/2026/05/03/wire/index.html.ignored.json", b"{}")
    found = list(processed(settings, days=2, jobs=1))
    assert [(each.site, each.uid) for each in found] == [
        ("wire/", "urn:example:3"),
        ("wire/", "urn:example:2"),
    ]


def test_a_file_that_cannot_be_read_hides_no_other(bucket, settings):
    day = date(2026, 5, 1)
    bucket.put(keys.processed_key("incoming/wire/a.bin", day), b"\x7fELF\x00\x01\x02\x03" * 50)
    bucket.put(keys.processed_key("incoming/wire/b.json", day), b'{"uri": ')
    file(bucket, day, "wire/c.json", story(1, site=None))
    assert [each.uid for each in processed(settings, days=1, jobs=2)] == ["urn:example:1"]


def test_files_at_hand_belong_to_the_named_site_where_they_name_none(tmp_path, settings):
    (tmp_path / "a.json").write_text(json.dumps(story(1, site=None)))
    (tmp_path / "b.json").write_text(json.dumps(story(2)))
    paths = [
        ("a.json", tmp_path / "a.json"),
        ("b.json", tmp_path / "b.json"),
        ("c.json", tmp_path / "c.json"),
    ]
    found = list(local(iter(paths), settings, site="wire/", jobs=1))
    assert [(each.site, each.uid) for each in found] == [
        ("wire/", "urn:example:1"),
        ("example.com", "urn:example:2"),
    ]


def test_every_article_of_a_file_is_a_page():
    lines = "\n".join(json.dumps(story(number)) for number in range(3)).encode()
    found = seen(RawFile("wire/a.jsonl", lines, datetime(2026, 5, 1, tzinfo=UTC)), 10)
    assert [each.uid for each in found] == [f"urn:example:{number}" for number in range(3)]
    assert CALL in {line.sample for line in found[0].lines}
