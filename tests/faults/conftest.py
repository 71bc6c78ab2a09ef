"""What a fault test is given: a desk with a bucket, a Redis and an Elasticsearch behind a proxy."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.desk import Desk

MakeDesk = Callable[..., Desk]


@pytest.fixture
def make_desk(
    elasticsearch_url: str, index_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeDesk]:
    """`make_desk(redis_url)` works in a folder; `make_desk(redis_url, bucket=s3)` in an S3 bucket."""
    made: list[Desk] = []

    def make(
        redis_url: str, *, bucket: object = None, index_url: str = elasticsearch_url, **environment: str
    ) -> Desk:
        where = bucket.environment() if bucket is not None else {"COPYDESK_BUCKET": str(tmp_path / "bucket")}  # type: ignore[attr-defined]
        for name, value in where.items():
            if name.startswith("AWS_"):
                monkeypatch.setenv(name, value)
        desk = Desk(
            {
                "COPYDESK_REDIS_URL": redis_url,
                "COPYDESK_ELASTICSEARCH_URL": index_url,
                "COPYDESK_INDEX": index_name,
                **where,
                **environment,
            },
            tmp_path,
            index_url,
        )
        made.append(desk)
        desk.behind("elasticsearch", "COPYDESK_ELASTICSEARCH_URL", index_url)
        if bucket is not None:
            desk.behind("s3", "COPYDESK_S3_ENDPOINT", where["COPYDESK_S3_ENDPOINT"])
        return desk

    yield make
    for desk in made:
        desk.close()


@pytest.fixture
def desk(make_desk: MakeDesk, redis_url: str) -> Desk:
    """In a folder, on the Redis that all tests share."""
    return make_desk(redis_url)
