"""Status, quarantine and reconcile on an object store and a real Elasticsearch."""

import json

import pytest
from elasticsearch import Elasticsearch

from services.bucket import open_bucket
from services.settings import Settings
from tests.processes import run

TEXT = "The harbour bridge will close until October, Mayor Anna Brightwater said in London on Monday."


@pytest.fixture
def environment(copydesk_environment, tmp_path, monkeypatch):
    environment = copydesk_environment | {
        "COPYDESK_REDIS_URL": "",  # one process will do
        "COPYDESK_HEARTBEAT_DIR": str(tmp_path / "heartbeat"),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


def lines(*arguments, env):
    done = run(*arguments, env=env)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_operators_see_prove_and_repair_what_is_there(environment):
    bucket = open_bucket(Settings.from_env(environment))
    bucket.prepare()
    for number in range(3):
        story = {"uri": f"urn:test:{number}", "type": "text", "headline": "Bridge", "body_text": TEXT}
        bucket.put(f"incoming/desk/ü %2F#{number}.json", json.dumps(story).encode())
    bucket.put("incoming/again.txt", f"Undated bridge\n\n{TEXT}".encode())
    bucket.put("incoming-backfill/bad.json", b'{"headline": ')
    assert run("run", "--once", env=environment).returncode == 1

    code, (where,) = lines("status", "--json", "desk/ü %2F#1.json", env=environment)
    assert (code, where["state"], len(where["documents"])) == (0, "indexed", 1)
    assert bucket.stat(where["where"])
    _, (counts,) = lines("status", "--json", env=environment)
    assert (counts["documents"], sum(counts["quarantined"].values())) == (4, 1)

    for options in ((), ("--verify",)):
        code, found = lines("reconcile", "--json", *options, env=environment)
        assert (code, len(found)) == (0, 1), found
        assert found[-1]["counts"]["indexed"] == 4

    with Elasticsearch(environment["COPYDESK_ELASTICSEARCH_URL"]) as client:
        client.delete(index=f"{environment['COPYDESK_INDEX']}-all", id=where["documents"][0], refresh=True)
    code, found = lines("reconcile", "--json", "--repair", env=environment)
    assert code == 1
    assert [(each["problem"], each["moved_to"]) for each in found[:-1]] == [
        ("missing", "incoming-backfill/desk/ü %2F#1.json")
    ]
    assert run("run", "--once", env=environment).returncode == 0
    assert lines("reconcile", "--json", "--verify", env=environment)[0] == 0

    _, (refused,) = lines("quarantine", "list", "--json", env=environment)
    assert refused["key"] == "incoming-backfill/bad.json"
    assert run("quarantine", "replay", "--reason", refused["reason"], env=environment).returncode == 0
    assert [entry.key for entry in bucket.list("incoming-backfill/")] == ["incoming-backfill/bad.json"]
    assert list(bucket.list("quarantine/")) == []
