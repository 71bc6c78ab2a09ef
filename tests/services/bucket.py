"""One bucket on the S3-compatible server, and all that a client needs to use it."""

import uuid
from typing import TYPE_CHECKING, Self

from tests.services.s3 import REGION, S3

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Bucket:
    """Empty when made; `close()` removes it with whatever is in it by then."""

    region = REGION

    def __init__(self, server: S3, name: str = "") -> None:
        self.name = name or f"test-{uuid.uuid4().hex[:12]}"
        self.server = server
        self.client: S3Client = server.client()
        self.client.create_bucket(Bucket=self.name)

    @property
    def url(self) -> str:
        return f"s3://{self.name}"

    @property
    def endpoint(self) -> str:
        return self.server.url

    @property
    def access_key(self) -> str:
        return self.server.access_key

    @property
    def secret_key(self) -> str:
        return self.server.secret_key

    def environment(self) -> dict[str, str]:
        """The variables with which Copydesk, or any AWS client, uses this bucket."""
        return {"COPYDESK_BUCKET": self.url, **self.server.environment()}

    def keys(self, prefix: str = "") -> list[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        return [found["Key"] for page in pages for found in page.get("Contents", ())]

    def close(self) -> None:
        for key in self.keys():
            self.client.delete_object(Bucket=self.name, Key=key)
        self.client.delete_bucket(Bucket=self.name)
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
