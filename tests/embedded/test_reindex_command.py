"""The embedded index written anew, from what it holds and from the files it came from."""

import json
import sqlite3
from contextlib import closing

import pytest

from tests.processes import run

STORY = "Harbour bridge closes\n\nThe harbour bridge in Dresden will close until October, Anna Bright said.\n"


@pytest.fixture
def env(tmp_path):
    env = {
        "COPYDESK_BUCKET": str(tmp_path / "bucket"),
        "COPYDESK_HEARTBEAT_DIR": str(tmp_path / "heartbeat"),
    }
    (tmp_path / "harbour.txt").write_text(STORY)
    run("drop", str(tmp_path / "harbour.txt"), env=env)
    assert run("run", "--once", env=env).returncode == 0
    return env


def change(tmp_path, statement):
    with closing(sqlite3.connect(tmp_path / "bucket" / ".copydesk" / "index.sqlite")) as index:
        index.execute(statement)
        index.commit()


def hit(env):
    (found,) = json.loads(run("search", "--json", "harbour", env=env).stdout)["hits"]
    return found


def test_stored_articles_are_enriched_anew_and_files_are_read_anew(env, tmp_path):
    people = hit(env)["people"]
    assert people
    change(tmp_path, "UPDATE documents SET source = json_remove(source, '$.people', '$.entities')")
    assert not hit(env).get("people")

    assert run("reindex", env=env).stdout == "1 document written\n"
    assert not hit(env).get("people")  # copied as it is
    assert run("reindex", "--reenrich", "--jobs", "1", env=env).returncode == 0
    assert hit(env)["people"] == people

    change(tmp_path, "UPDATE documents SET source = json_set(source, '$.headline', 'A wrong one')")
    assert run("reindex", "--from-processed", "--jobs", "1", env=env).returncode == 0
    assert hit(env)["headline"] == "Harbour bridge closes"
    assert run("reconcile", "--verify", env=env).returncode == 0


def test_what_cannot_be_is_said(env, tmp_path):
    both = run("reindex", "--reenrich", "--from-processed", env=env)
    assert both.returncode == 2
    nowhere = run("reindex", env=env | {"COPYDESK_BUCKET": str(tmp_path / "nowhere")})
    assert nowhere.returncode == 2
    assert "COPYDESK_BUCKET" in nowhere.stderr
    (tmp_path / "bucket" / ".copydesk" / "index.sqlite.next").write_bytes(b"")
    cut_short = run("reindex", env=env)
    assert cut_short.returncode == 2
    assert "--discard" in cut_short.stderr
    assert run("reindex", "--discard", env=env).returncode == 0
