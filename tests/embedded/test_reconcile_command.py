"""The proof that nothing is lost, on all the examples, and the remedy when something is."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.processes import run

EXAMPLES = Path(__file__).parents[2] / "examples" / "files"


@pytest.fixture
def env(tmp_path):
    return {
        "COPYDESK_BUCKET": str(tmp_path / "bucket"),
        "COPYDESK_HEARTBEAT_DIR": str(tmp_path / "heartbeat"),
    }


def reconcile(env, *options):
    done = run("reconcile", "--json", *options, env=env)
    *problems, last = map(json.loads, done.stdout.splitlines())
    return done.returncode, problems, last["counts"]


def test_all_examples_are_accounted_for_and_a_lost_article_comes_back(env, tmp_path):
    run("drop", str(EXAMPLES), env=env)
    run("run", "--once", env=env, timeout=300)
    dropped = sum(1 for path in EXAMPLES.iterdir() if path.is_file())
    for options in ((), ("--verify",)):
        code, problems, counts = reconcile(env, *options)
        assert (code, problems) == (0, [])
        ends = ("indexed", "superseded", "ignored", "quarantined", "waiting")
        assert sum(counts[end] for end in ends) == dropped

    found = json.loads(run("search", "--json", "ferry", env=env).stdout)
    lost = found["hits"][0]["id"]
    with closing(sqlite3.connect(tmp_path / "bucket" / ".copydesk" / "index.sqlite")) as index:
        index.execute("DELETE FROM documents WHERE id = ?", (lost,))
        index.commit()
    code, problems, counts = reconcile(env, "--verify", "--repair")
    assert (code, counts["moved_back"]) == (1, 1)
    assert problems[0]["problem"] == "missing"
    assert lost in problems[0]["documents"]
    assert run("run", "--once", env=env).returncode == 0
    assert reconcile(env, "--verify")[:2] == (0, [])
    said = run("reconcile", env=env).stdout
    assert f"{dropped:,} files" in said
    assert "all agree" in said
