"""The whole way on real parts: two processes, Redis, Elasticsearch, and a bucket of each kind."""

import json
import signal

import pytest

from services.bucket import keys, open_bucket
from services.settings import Settings
from tests.processes import eventually, run, service

STORY = {
    "uri": "urn:example:harbour-1",
    "type": "text",
    "version": "1",
    "language": "en",
    "headline": "Harbour bridge closes for repairs",
    "body_text": "NEWHAVEN — The harbour bridge will close until October, Mayor Anna Brightwater said.\n\n"
    '"Ferries will run instead," Brightwater told reporters in London on Monday.',
}


@pytest.fixture(params=["folder", "s3"])
def environment(request, copydesk_environment, tmp_path, monkeypatch):
    environment = copydesk_environment | {"COPYDESK_HEARTBEAT_DIR": str(tmp_path / "heartbeat")}
    if request.param == "folder":
        environment["COPYDESK_BUCKET"] = str(tmp_path / "bucket")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


@pytest.fixture
def bucket(environment):
    bucket = open_bucket(Settings.from_env(environment))
    bucket.prepare()
    return bucket


@pytest.fixture
def stack(environment, tmp_path):
    log = tmp_path / "stack.log"
    with (
        service("ingest", env=environment, log=log) as ingest,
        service("worker", "--concurrency", "1", env=environment, log=log) as worker,
    ):
        yield {"ingest": ingest, "worker": worker, "log": log}


def listed(bucket, prefix):
    return [entry.key for entry in bucket.list(prefix)]


def search(environment, *words):
    done = run("search", "--json", *words, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_dropped_file_is_found_by_a_search_and_a_bad_one_quarantined(environment, bucket, stack):
    bucket.put("incoming/desk/harbour.json", json.dumps(STORY).encode())
    bucket.put("incoming-backfill/old/empty.txt", b"")
    eventually(
        lambda: not listed(bucket, keys.LIVE) and not listed(bucket, keys.BACKFILL),
        seconds=60,
        what="both lanes are empty",
        logs=stack["log"],
    )
    assert listed(bucket, keys.QUARANTINE) == [
        "quarantine/empty/old/empty.txt",
        "quarantine/empty/old/empty.txt.reason.json",
    ]
    eventually(lambda: search(environment, "harbour")["total"], seconds=10, what="the article can be found")
    (hit,) = search(environment, "harbour bridge")["hits"]
    assert hit["headline"] == STORY["headline"]
    assert "Anna Brightwater" in hit["people"]
    assert ("London", "GB") in {(place["name"], place["country"]) for place in hit["places"]}

    where = json.loads(run("status", "--json", "desk/harbour.json", env=environment).stdout)
    assert where["state"] == "indexed"
    assert where["documents"] == [hit["id"]]
    for name in ("ingest", "worker"):
        assert run("health", name, env=environment).returncode == 0

    for name in ("ingest", "worker"):
        stack[name].send_signal(signal.SIGTERM)
        assert stack[name].wait(30) == 0, stack["log"].read_text()


def test_a_worker_says_what_is_missing():
    done = run("worker", env={"COPYDESK_REDIS_URL": ""})
    assert done.returncode == 2
    assert "COPYDESK_REDIS_URL" in done.stderr
    assert "Traceback" not in done.stderr
