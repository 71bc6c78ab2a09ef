"""`copydesk reindex` beside a working ingest and worker, on a real Elasticsearch."""

import json
import threading

import pytest
from elasticsearch import ApiError, Elasticsearch

from services.bucket import open_bucket
from services.settings import Settings
from tests.processes import eventually, run, service

TEXT = "The harbour bridge will close until October, Mayor Anna Brightwater said in London on Monday."


@pytest.fixture
def environment(copydesk_environment, tmp_path, monkeypatch):
    environment = copydesk_environment | {
        "COPYDESK_HEARTBEAT_DIR": str(tmp_path / "heartbeat"),
        "COPYDESK_BUCKET": str(tmp_path / "bucket"),
        "COPYDESK_RETRY_SECONDS": "0.5",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


def test_nothing_is_lost_or_hidden_while_the_index_is_written_anew(environment, tmp_path):
    bucket = open_bucket(Settings.from_env(environment))
    bucket.prepare()
    alias = environment["COPYDESK_INDEX"]
    log = tmp_path / "stack.log"
    stop = threading.Event()
    dropped = 0
    totals: list[int] = []

    def drop() -> None:
        nonlocal dropped
        while not stop.is_set():
            story = {"uri": f"urn:test:{dropped}", "type": "text", "headline": "Bridge", "body_text": TEXT}
            bucket.put(f"incoming/{dropped:05}.json", json.dumps(story).encode())
            dropped += 1
            try:
                totals.append(client.count(index=alias)["count"])
            except ApiError as error:
                # An index that was just made has no shard to search yet; later there is always one.
                if error.status_code != 503 or any(totals):
                    raise
            stop.wait(0.1)

    with (
        Elasticsearch(environment["COPYDESK_ELASTICSEARCH_URL"]) as client,
        service("ingest", env=environment, log=log),
        service("worker", "--concurrency", "1", env=environment, log=log),
    ):
        eventually(
            lambda: client.indices.exists_alias(name=alias), seconds=90, what="there is an index", logs=log
        )
        dropping = threading.Thread(target=drop)
        dropping.start()
        try:
            eventually(lambda: totals[-1:] > [5], seconds=90, what="some articles are found", logs=log)
            for options in ([], ["--reenrich", "--jobs", "1"], ["--from-processed", "--jobs", "1"]):
                done = run("reindex", *options, env=environment)
                assert done.returncode == 0, done.stderr
            before = totals[-1]
            eventually(lambda: totals[-1] > before, seconds=60, what="writing goes on", logs=log)
        finally:
            stop.set()
            dropping.join()
        eventually(
            lambda: client.count(index=alias)["count"] == dropped, seconds=90, what="all is found", logs=log
        )
        assert list(client.indices.get_alias(name=alias)) == [f"{alias}-v1-000004"]
    assert totals == sorted(totals)
    proved = run("reconcile", "--verify", env=environment)
    assert proved.returncode == 0, proved.stdout
    assert list(bucket.list("quarantine/")) == []
