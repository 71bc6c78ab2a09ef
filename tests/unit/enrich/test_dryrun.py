"""What `copydesk inspect` says of a file."""

import json
import os

import pytest

from services.enrich.dryrun import dry_run
from services.enrich.pipeline import Tools
from services.settings import Settings

SMALL = Settings.from_env({"COPYDESK_MAX_FILE_BYTES": "20000"})


@pytest.fixture
def seen(tmp_path):
    def inspect(name, data):
        (tmp_path / name).write_bytes(data)
        return dry_run(os.fsencode(tmp_path / name), SMALL, Tools())

    return inspect


def line(number):
    text = f"The harbour bridge number {number} will close until October. Ferries run instead."
    return json.dumps({"title": f"Bridge {number}", "text": text, "id": f"urn:example:{number}"}).encode()


def test_of_a_file_that_a_worker_cuts_in_slices_the_first_records_are_shown(seen):
    found = seen("a.jsonl", b"\n".join(map(line, range(1000))))
    assert (found["outcome"], len(found["articles"])) == ("indexed", 100)
    assert "the first 100 records" in found["detail"]


def test_a_bad_record_among_the_first_is_told(seen):
    found = seen("a.jsonl", b"\n".join([line(1), b"{broken", *map(line, range(1000))]))
    assert (found["outcome"], found["reason"], len(found["articles"])) == ("quarantined", "partial", 99)
    assert "line 2" in found["detail"]


def test_a_large_file_that_must_be_held_whole_is_too_large(seen):
    found = seen("a.pdf", b"%PDF-1.7 " + b"x" * 30_000)
    assert (found["outcome"], found["reason"]) == ("quarantined", "too_large")
    assert "the limit is 20,000" in found["detail"]
