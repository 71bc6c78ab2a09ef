"""Furniture of a site, from pages that were processed to the article it no longer stands in."""

import contextlib
import json
import shutil
from pathlib import Path

import pytest

from services.index.sqlite import SQLiteIndex
from tests.processes import run

CALL = "Support independent reporting from the harbour with a gift this autumn."


@pytest.fixture
def env(tmp_path):
    return {
        "COPYDESK_BUCKET": str(tmp_path / "bucket"),
        "COPYDESK_HEARTBEAT_DIR": str(tmp_path / "heartbeat"),
        "COPYDESK_ENTITIES": "off",
    }


def story(number):
    own = [f"Ferry {number} carried {number * 7 + each} cars on day {each} of the week." for each in range(6)]
    return {
        "uri": f"urn:example:{number}",
        "type": "text",
        "version": "1",
        "headline": f"Ferry {number} sails again",
        "body_text": "\n\n".join([*own[:3], CALL, *own[3:]]),
    }


@pytest.fixture(scope="module")
def processed(tmp_path_factory):
    """A bucket in which twelve articles of one sender are processed."""
    folder = tmp_path_factory.mktemp("processed")
    env = {"COPYDESK_BUCKET": str(folder / "bucket"), "COPYDESK_ENTITIES": "off"}
    files = [folder / f"{number}.json" for number in range(12)]
    for number, file in enumerate(files):
        file.write_text(json.dumps(story(number)))
    assert run("drop", "--prefix", "wire", *map(str, files), env=env).returncode == 0
    assert run("run", "--once", env=env).returncode == 0
    return folder / "bucket"


@pytest.fixture
def bucket(env, processed):
    return Path(shutil.copytree(processed, env["COPYDESK_BUCKET"]))


def work_on(env, tmp_path, number, **more):
    file = tmp_path / f"{number}.json"
    file.write_text(json.dumps(story(number)))
    assert run("drop", "--prefix", "wire", str(file), env=env).returncode == 0
    assert run("run", "--once", env=env | more).returncode == 0
    (article,) = stored(env, [number])
    return article


def stored(env, numbers=range(12)):
    index = SQLiteIndex(Path(env["COPYDESK_BUCKET"], ".copydesk/index.sqlite"))
    with contextlib.closing(index):
        return [document.source for each in numbers for document in index.by_key(f"wire/{each}.json")]


def test_a_line_that_is_learnt_leaves_later_bodies_and_stays_among_what_was_cut(env, bucket, tmp_path):
    tried = run("furniture", "learn", "--dry-run", env=env)
    assert tried.stdout.startswith("wire/: 1 line on most of 12 articles, learnt "), tried.stderr
    assert run("furniture", "list", env=env).stdout == ""

    assert run("furniture", "learn", env=env).stderr.endswith("set COPYDESK_FURNITURE=on for the workers\n")
    (record,) = (bucket / ".copydesk/furniture").glob("wire~*.json")
    assert json.loads(record.read_text())["lines"][0]["sample"] == CALL
    shown = run("furniture", "show", "wire/", env=env)
    assert f"12 of 12  taken for text  12  {CALL}" in shown.stdout

    assert CALL in work_on(env, tmp_path, 20)["body"]  # not asked for
    article = work_on(env, tmp_path, 21, COPYDESK_FURNITURE="on")
    assert CALL not in article["body"]
    assert {"kind": "recurring", "text": CALL, "kept": False} in article["blocks"]
    assert "furniture/1" in article["provenance"]["pipeline"]

    line = json.loads(run("furniture", "show", "--json", "wire/", env=env).stdout)["lines"][0]["hash"]
    assert run("furniture", "keep", "wire/", line, env=env).returncode == 0
    assert run("furniture", "learn", "--site", "wire/", env=env).returncode == 0
    assert "spared" in run("furniture", "show", "wire/", env=env).stdout
    assert CALL in work_on(env, tmp_path, 22, COPYDESK_FURNITURE="on")["body"]


@pytest.mark.usefixtures("bucket")
def test_what_is_learnt_or_forgotten_reaches_what_is_indexed_by_a_reindex(env):
    assert run("furniture", "learn", env=env).returncode == 0
    on = env | {"COPYDESK_FURNITURE": "on"}
    assert run("reindex", "--reenrich", env=on).returncode == 0
    assert [CALL in each["body"] for each in stored(env)] == [False] * 12
    assert run("furniture", "reset", "wire/", env=env).stdout == "wire/: forgotten\n"
    assert run("reindex", "--from-processed", env=on).returncode == 0
    assert [CALL in each["body"] for each in stored(env)] == [True] * 12


def test_a_damaged_record_is_warned_of_and_no_file_is_lost(env, bucket, tmp_path):
    assert run("furniture", "learn", env=env).returncode == 0
    (record,) = (bucket / ".copydesk/furniture").glob("wire~*.json")
    record.write_bytes(record.read_bytes()[:100])
    assert CALL in work_on(env, tmp_path, 21, COPYDESK_FURNITURE="on")["body"]
    listed = run("furniture", "list", env=env)
    assert (listed.returncode, listed.stdout) == (0, "")
    assert record.name in listed.stderr
    shown = run("furniture", "show", "wire/", env=env)
    assert shown.returncode == 2
    assert "learn the site anew" in shown.stderr
    assert run("furniture", "learn", env=env).returncode == 0
    assert CALL in run("furniture", "show", "wire/", env=env).stdout


@pytest.mark.usefixtures("bucket")
def test_a_single_file_is_only_measured_by_a_record_that_is_named(env, tmp_path):
    assert run("furniture", "learn", env=env).returncode == 0
    record, file = tmp_path / "record.json", tmp_path / "30.json"
    record.write_text(run("furniture", "show", "--json", "wire/", env=env).stdout)
    file.write_text(json.dumps(story(30)))
    on = env | {"COPYDESK_FURNITURE": "on"}
    assert CALL in json.loads(run("inspect", str(file), env=on).stdout)["articles"][0]["body"]
    found = run("inspect", "--furniture", str(record), str(file), env=env)
    assert CALL not in json.loads(found.stdout)["articles"][0]["body"]
    wrong = run("inspect", "--furniture", str(file), str(file), env=env)
    assert wrong.returncode == 2
    assert "no record of a site's furniture" in wrong.stderr


def test_files_at_hand_can_be_learnt_from(env, tmp_path):
    folder = tmp_path / "crawl" / "wire"
    folder.mkdir(parents=True)
    for number in range(12):
        (folder / f"{number}.json").write_text(json.dumps(story(number)))
    found = run("furniture", "learn", str(folder.parent), env=env)
    assert found.stdout.startswith("wire/: 1 line on most of 12 articles"), found.stderr
    named = run("furniture", "learn", "--site", "example.com", str(folder), env=env)
    assert named.stdout.startswith("example.com: 1 line on most of 12 articles")
    odd = run("furniture", "learn", "--site", "\udcff\x1b[1m/", str(folder), env=env)
    assert odd.stdout.startswith("\\xff\\x1b[1m/: 1 line on most of 12 articles")
    assert run("furniture", "reset", "\udcff\x1b[1m/", env=env).stdout == "\\xff\\x1b[1m/: forgotten\n"
    few = run("furniture", "learn", "--site", "example.com", str(folder / "1.json"), env=env)
    assert few.stdout == "1 site with fewer than 5 articles: nothing learnt\n"
    listed = [json.loads(line) for line in run("furniture", "list", "--json", env=env).stdout.splitlines()]
    assert [each["site"] for each in listed] == ["example.com", "wire/"]
    assert run("furniture", "reset", "--all", env=env).stdout == "2 sites forgotten\n"


@pytest.mark.usefixtures("bucket")
def test_what_is_not_there_and_what_is_not_said_are_told_apart(env):
    assert (
        "no page of example.org in the processed files"
        in run("furniture", "learn", "--site", "example.org", env=env).stderr
    )
    assert run("furniture", "show", "example.org", env=env).returncode == 2
    assert run("furniture", "keep", "example.org", "ab", env=env).returncode == 2
    assert run("furniture", "reset", "example.org", env=env).returncode == 1
    assert run("furniture", "reset", env=env).returncode == 2
    assert run("furniture", "reset", "--all", "example.org", env=env).returncode == 2
