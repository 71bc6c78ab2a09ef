"""The services themselves: each answers, and keeps through a kill what it promises to keep."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from elasticsearch import Elasticsearch as Client
from redis import Redis as RedisClient
from redis.exceptions import OutOfMemoryError
from redis.exceptions import TimeoutError as RedisTimeout

from tests.services import S3, Bucket, Elasticsearch, Redis
from tests.services.ports import listens

MANY = 50


def test_each_test_gets_an_empty_redis_database(redis_url: str, redis_service: Redis) -> None:
    with RedisClient.from_url(redis_url) as client:
        client.set("left", "behind")
    with RedisClient.from_url(redis_service.fresh_url()) as client:
        assert client.dbsize() == 0


def test_an_index_with_the_tests_name_is_gone_after_the_test(
    elasticsearch_service: Elasticsearch, index_name: str
) -> None:
    with elasticsearch_service.client() as client:
        client.indices.put_index_template(name=f"{index_name}-template", index_patterns=[f"{index_name}-*"])
        client.indices.create(index=f"{index_name}-v1-000001", aliases={index_name: {}})
        assert client.count(index=index_name)["count"] == 0
        elasticsearch_service.clean(index_name)
        assert not client.indices.exists(index=f"{index_name}-v1-000001")
        assert not client.indices.exists_index_template(name=f"{index_name}-template")


def test_a_bucket_is_empty_and_takes_files(s3: Bucket) -> None:
    assert s3.keys() == []
    s3.client.put_object(Bucket=s3.name, Key="incoming/zażółć.xml", Body=b"<nitf/>")
    assert s3.keys("incoming/") == ["incoming/zażółć.xml"]


def test_a_wrong_secret_is_refused(s3_service: S3) -> None:
    stranger = S3()
    stranger.host, stranger.access_key = s3_service.host, s3_service.access_key
    with pytest.raises(stranger.client().exceptions.ClientError, match="SignatureDoesNotMatch"):
        stranger.client().list_buckets()


def test_a_bucket_that_nobody_made_is_an_error(s3: Bucket) -> None:
    with pytest.raises(s3.client.exceptions.NoSuchBucket):
        s3.client.put_object(Bucket=f"{s3.name}-absent", Key="a", Body=b"a")


def test_the_whole_environment_is_there(copydesk_environment: dict[str, str]) -> None:
    assert {"COPYDESK_REDIS_URL", "COPYDESK_ELASTICSEARCH_URL", "COPYDESK_INDEX"} < set(copydesk_environment)
    assert copydesk_environment["COPYDESK_BUCKET"].startswith("s3://test-")


def test_redis_loses_everything_in_a_kill(own_redis: Callable[..., Redis]) -> None:
    redis = own_redis()
    with redis.client() as client:
        client.set("key", "value")
    redis.kill()
    redis.start()
    with redis.client() as client:
        assert client.get("key") is None


def test_redis_with_an_append_only_file_keeps_all_through_a_kill(own_redis: Callable[..., Redis]) -> None:
    redis = own_redis(appendonly="yes")
    url = redis.url
    with redis.client() as client:
        client.mset({f"key-{n}": n for n in range(MANY)})
    redis.kill()
    redis.start()
    assert redis.url == url
    with redis.client() as client:
        assert client.dbsize() == MANY


def test_redis_can_be_full(own_redis: Callable[..., Redis]) -> None:
    redis = own_redis(maxmemory="10mb", maxmemory_policy="noeviction")

    def fill(client: RedisClient) -> None:
        for n in range(100):
            client.set(f"key-{n}", "x" * 1_000_000)

    with redis.client() as client, pytest.raises(OutOfMemoryError, match="maxmemory"):
        fill(client)


def test_a_frozen_redis_answers_again_when_it_thaws(own_redis: Callable[..., Redis]) -> None:
    redis = own_redis()
    redis.pause()
    with RedisClient.from_url(redis.url, socket_timeout=0.3) as client, pytest.raises(RedisTimeout):
        client.ping()
    redis.resume()
    with redis.client() as client:
        assert client.ping()


def test_elasticsearch_keeps_acknowledged_documents_through_a_kill(
    own_elasticsearch: Callable[[], Elasticsearch],
) -> None:
    elasticsearch = own_elasticsearch()
    url, pid = elasticsearch.url, elasticsearch.pid
    with elasticsearch.client() as client:
        for n in range(MANY):
            client.index(index="articles", id=str(n), document={"headline": "Rain"})
    elasticsearch.kill()
    elasticsearch.start()
    assert elasticsearch.url == url
    assert elasticsearch.pid != pid
    with Client(url) as client:
        client.indices.refresh(index="articles")
        assert client.count(index="articles")["count"] == MANY


def test_s3_keeps_objects_through_a_kill(own_s3: Callable[[], S3]) -> None:
    s3 = own_s3()
    bucket = Bucket(s3)
    for n in range(MANY):
        bucket.client.put_object(Bucket=bucket.name, Key=f"incoming/{n}", Body=b"<nitf/>")
    s3.kill()
    s3.start()
    kept = bucket.keys()
    assert len(kept) == MANY
    for key in kept:
        assert bucket.client.get_object(Bucket=bucket.name, Key=key)["Body"].read() == b"<nitf/>"


@pytest.fixture
def run() -> Iterator[subprocess.Popen[str]]:
    """A Redis and a bucket, started by hand."""
    command = [sys.executable, "-m", "tests.services", "up", "redis", "s3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda it: it.name)
def test_nothing_outlives_a_run_however_it_ends(run: subprocess.Popen[str], ending: signal.Signals) -> None:
    assert run.stderr
    for line in run.stderr:
        if "ready" in line:
            break
    run.send_signal(ending)
    variables = dict(line.removeprefix("export ").strip().split("=", 1) for line in run.stdout or ())
    assert variables["COPYDESK_BUCKET"] == "s3://copydesk"
    addresses = [urlsplit(variables[name]) for name in ("COPYDESK_REDIS_URL", "COPYDESK_S3_ENDPOINT")]
    deadline = time.monotonic() + 30  # a leash needs less than one, the reaper of containers ten
    while any(listens(address.port or 0) for address in addresses):
        assert time.monotonic() < deadline, f"still there: {addresses}"
        time.sleep(0.05)
