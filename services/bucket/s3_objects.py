"""The objects of a bucket on S3, or on any server that speaks its protocol, through boto3.

boto3 because it handles every key and brings the credential chain that operators expect; its
own retries are kept short, since waiting is decided in one place (see ``ingest.service``).
"""

import contextlib
import functools
import io
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, BinaryIO

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

from services.bucket import Changed, Entry, Gone, TooLarge, keys
from services.bucket.s3_errors import code_of, translated
from services.bucket.s3_ranges import Ranges
from services.errors import Misconfigured

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_BLOCK = 8 << 20
_UPLOAD = TransferConfig(multipart_threshold=64 << 20, multipart_chunksize=8 << 20, max_concurrency=4)


class Objects:
    """Those under ``s3://bucket[/prefix]``, one at a time."""

    def __init__(self, url: str, *, endpoint: str | None = None, timeout_seconds: float = 30) -> None:
        name, _, prefix = url.removeprefix("s3://").partition("/")
        if not name:
            raise Misconfigured(
                f"COPYDESK_BUCKET={url}: no bucket named; write s3://bucket or s3://bucket/prefix"
            )
        self.name = name
        self.prefix = prefix.rstrip("/") + "/" if prefix else ""
        self.endpoint = endpoint
        self._timeout_seconds = timeout_seconds

    @functools.cached_property
    def client(self) -> "S3Client":
        """Made when it is first used: none is shared across a fork."""
        config = Config(
            connect_timeout=5,
            read_timeout=self._timeout_seconds,
            retries={"mode": "standard", "total_max_attempts": 2},
            max_pool_connections=32,
            # Path style is what every S3-compatible server understands; AWS wants it for none.
            s3={"addressing_style": "path"} if self.endpoint else {},
            # Newer checksum trailers are refused by several S3-compatible servers.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        with self.translated(""):
            return boto3.session.Session().client("s3", endpoint_url=self.endpoint, config=config)

    def list(self, prefix: str, after: str | None = None) -> Iterator[Entry]:
        """See ``Bucket.list``."""
        asked: dict[str, Any] = {"Bucket": self.name, "Prefix": self.prefix + prefix}
        if after is not None:
            asked["StartAfter"] = self.prefix + after
        for page in self._pages(prefix, asked):
            for found in page.get("Contents", ()):
                if not found["Key"].endswith("/") or found["Size"]:  # consoles make empty "folders"
                    yield Entry(
                        found["Key"][len(self.prefix) :], found["Size"], found["LastModified"], found["ETag"]
                    )

    def _pages(self, prefix: str, asked: dict[str, Any]) -> Iterator[Any]:
        pages = iter(self.client.get_paginator("list_objects_v2").paginate(**asked))
        while True:
            with self.translated(prefix):
                page = next(pages, None)
            if page is None:
                return
            yield page

    def stat(self, key: str) -> Entry | None:
        """See ``Bucket.stat``."""
        try:
            with self.translated(key):
                found = self.client.head_object(Bucket=self.name, Key=self.prefix + key)
        except Gone:
            return None
        return Entry(key, found["ContentLength"], found["LastModified"], found["ETag"])

    def read(self, key: str, limit: int | None = None) -> tuple[Entry, bytes]:
        """See ``Bucket.read``."""
        with self.translated(key, reading=True):
            found = self.client.get_object(Bucket=self.name, Key=self.prefix + key)
            entry = Entry(key, found["ContentLength"], found["LastModified"], found["ETag"])
            with contextlib.closing(found["Body"]) as body:
                if limit is not None and entry.size > limit:
                    raise TooLarge(entry)
                return entry, body.read()

    def start(self, key: str, most: int) -> bytes:
        """See ``Bucket.start``."""
        name = self.prefix + key
        with self.translated(key, reading=True):
            try:
                found = self.client.get_object(Bucket=self.name, Key=name, Range=f"bytes=0-{most - 1}")
            except ClientError as error:
                if code_of(error) not in ("416", "InvalidRange"):
                    raise
                return b""  # no range fits into an empty file
            with contextlib.closing(found["Body"]) as body:
                return body.read(most)

    def stream(self, entry: Entry) -> io.BufferedReader:
        """See ``Bucket.stream``."""
        return io.BufferedReader(Ranges(functools.partial(self._block, entry), entry.size), _BLOCK)

    def _block(self, entry: Entry, start: int, most: int) -> bytes:
        """Up to ``most`` bytes from ``start`` on, of exactly this entry.

        A request for each block: one long answer would be cut by the store while articles are made of it.
        """
        end = min(start + most, entry.size) - 1
        if start > end:
            return b""
        with self.translated(entry.key, reading=True):
            found = self.client.get_object(
                Bucket=self.name,
                Key=self.prefix + entry.key,
                Range=f"bytes={start}-{end}",
                IfMatch=entry.etag,
            )
            with contextlib.closing(found["Body"]) as body:
                if found["ETag"] != entry.etag:  # from a store that does not know If-Match
                    raise Changed(f"{keys.printable(entry.key)}: written anew since it was read")
                return body.read()

    def folders(self, prefix: str) -> Iterator[str]:
        """See ``Bucket.folders``."""
        asked = {"Bucket": self.name, "Prefix": self.prefix + prefix, "Delimiter": "/"}
        for page in self._pages(prefix, asked):
            for found in page.get("CommonPrefixes", ()):
                yield found["Prefix"][len(self.prefix) :]

    def put(self, key: str, data: bytes | BinaryIO) -> None:
        """See ``Bucket.put``. What is long goes in parts; the store shows it when all are there.

        Parts of an upload whose process was killed stay in the store, unseen, until a lifecycle rule of
        the bucket (AbortIncompleteMultipartUpload) or a person takes them away.
        """
        with self.translated(key):
            if isinstance(data, bytes):
                self.client.put_object(Bucket=self.name, Key=self.prefix + key, Body=data)
            else:
                self.client.upload_fileobj(data, self.name, self.prefix + key, Config=_UPLOAD)

    def delete(self, key: str) -> None:
        """See ``Bucket.delete``."""
        with contextlib.suppress(Gone), self.translated(key):
            self.client.delete_object(Bucket=self.name, Key=self.prefix + key)

    def translated(self, key: str, *, reading: bool = False) -> AbstractContextManager[None]:
        """Client exceptions about an object into ours; about the bucket itself where ``key`` is empty."""
        what = f"s3://{self.name}/{self.prefix}{keys.printable(key)}"
        return translated(what, of_an_object=bool(key), reading=reading)
