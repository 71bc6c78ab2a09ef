"""Refused files, as an operator deals with them."""

import json
from pathlib import Path

import pytest

from tests.processes import run


@pytest.fixture
def env(tmp_path):
    return {
        "COPYDESK_BUCKET": str(tmp_path / "bucket"),
        "COPYDESK_HEARTBEAT_DIR": str(tmp_path / "heartbeat"),
    }


@pytest.fixture
def desk(env, tmp_path):
    """A bucket with two refused files, one of them with a name that no terminal should see."""
    for name, data in (
        ("empty.html", b""),
        ("zürich\x1b[1m.bin", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20),
    ):
        (tmp_path / name).write_bytes(data)
        run("drop", "--prefix", "desk", str(tmp_path / name), env=env)
    run("run", "--once", env=env)
    return Path(env["COPYDESK_BUCKET"])


def test_refused_files_are_listed_shown_replayed_and_dropped(env, desk):
    rows = [json.loads(line) for line in run("quarantine", "list", "--json", env=env).stdout.splitlines()]
    assert [(row["key"], row["reason"]) for row in rows] == [
        ("incoming/desk/zürich\x1b[1m.bin", "binary"),
        ("incoming/desk/empty.html", "empty"),
    ]
    listed = run("quarantine", "list", "--newer-than", "1h", "desk/z*", env=env)
    assert "zürich\\x1b[1m.bin" in listed.stdout
    assert "empty" not in listed.stdout

    shown = run("quarantine", "show", "incoming/desk/zürich\\x1b[1m.bin", env=env)
    assert shown.returncode == 0, shown.stderr
    assert "remedy" in shown.stdout
    assert "89 50 4e 47" in shown.stdout
    assert "\x1b" not in shown.stdout

    replayed = run("quarantine", "replay", "--reason", "binary", env=env)
    assert replayed.stdout == "1 file moved back to be worked on again\n"
    assert (desk / "incoming/desk/zürich\x1b[1m.bin").exists()

    unsure = run("quarantine", "drop", "empty.html", "desk/empty.html", env=env)
    assert unsure.returncode == 1  # nobody there to say yes
    assert (desk / "quarantine/empty/desk/empty.html").exists()
    assert run("quarantine", "drop", "--yes", "desk/empty.html", env=env).returncode == 0
    assert run("quarantine", "list", env=env).stdout == ""


def test_what_is_not_there_and_what_is_not_said_are_told_apart(env, desk):
    assert desk.exists()
    for command in ("replay", "drop"):
        unsaid = run("quarantine", command, env=env)
        assert unsaid.returncode == 2
        assert "--all" in unsaid.stderr
        absent = run("quarantine", command, "nothing-*", env=env)
        assert absent.returncode == 1
        assert "quarantine list" in absent.stderr
    assert run("quarantine", "show", "nothing.xml", env=env).returncode == 1
    wrong = run("quarantine", "list", "--older-than", "soon", env=env)
    assert wrong.returncode == 2
    assert "2h" in wrong.stderr
