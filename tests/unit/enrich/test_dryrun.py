"""What `copydesk inspect` says of a file."""

import gzip
import json
import os

import pytest

from services.enrich.dryrun import dry_run
from services.enrich.pipeline import Tools
from services.settings import Settings

SMALL = Settings.from_env({"COPYDESK_MAX_FILE_BYTES": "20000", "COPYDESK_SLICE_ABOVE_BYTES": "10000"})


@pytest.fixture
def seen(tmp_path):
    def inspect(name, data, **how):
        (tmp_path / name).write_bytes(data)
        return dry_run(os.fsencode(tmp_path / name), SMALL, Tools(), **how)

    return inspect


def line(number):
    text = f"The harbour bridge number {number} will close until October. Ferries run instead."
    return json.dumps({"title": f"Bridge {number}", "text": text, "id": f"urn:example:{number}"}).encode()


def lines(count):
    return b"\n".join(map(line, range(count)))


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_of_a_file_that_a_worker_cuts_in_slices_the_same_is_told_as_of_the_whole(tmp_path, pack):
    path = tmp_path / "a.jsonl"
    path.write_bytes(pack(lines(30) + b"\n{broken\n" + lines(100)))
    whole, sliced = (
        dry_run(os.fsencode(path), Settings.from_env({"COPYDESK_SLICE_ABOVE_BYTES": size}), Tools())
        for size in ("1000000", "1000")
    )
    assert len(whole["articles"]) == 130
    for found in (whole, sliced):
        for article in found["articles"]:
            del article["provenance"]["indexed"]
    assert sliced.pop("detail").startswith("130 articles indexed, 1 refused, first line 31: bad_json")
    assert whole.pop("detail").startswith("130 articles indexed, 1 refused, first line 31: bad_json")
    assert sliced == whole


def test_of_a_file_that_is_too_large_to_be_held_all_is_counted_and_a_part_shown(seen):
    found = seen("a.jsonl", lines(1000))
    assert found["outcome"] == "indexed"
    assert found["detail"] == f"{len(found['articles'])} of 1,000 articles are shown"
    assert 100 < len(found["articles"]) < 200


def test_only_the_first_records_are_looked_at_when_asked(seen):
    found = seen("a.jsonl", lines(1000), records=7)
    assert (found["outcome"], len(found["articles"]), found["detail"]) == ("indexed", 7, None)


def test_a_bad_record_far_behind_is_told(seen):
    found = seen("a.jsonl", lines(1000) + b"\n{broken")
    assert (found["outcome"], found["reason"]) == ("quarantined", "partial")
    assert "1,000 articles indexed, 1 refused, first line 1001" in found["detail"]


def test_a_file_of_records_without_an_article_is_ignored(seen):
    found = seen("a.jsonl", b'{"@type": "Person", "name": "A"}\n' * 1000)
    assert (found["outcome"], found["articles"]) == ("ignored", [])


def test_a_large_file_that_must_be_held_whole_is_too_large(seen):
    found = seen("a.pdf", b"%PDF-1.7 " + b"x" * 30_000)
    assert (found["outcome"], found["reason"]) == ("quarantined", "too_large")
    assert "the limit is 20,000" in found["detail"]
