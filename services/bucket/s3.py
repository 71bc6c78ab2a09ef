"""A bucket on S3, or on any server that speaks its protocol, through boto3.

boto3 because it handles every key and brings the credential chain that operators expect; its
own retries are kept short, since waiting is decided in one place (see ``ingest.service``).
"""

import contextlib
import io
import os
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
)

from services.bucket import Changed, Entry, Gone, TooLarge, keys
from services.errors import CopydeskError, Misconfigured, ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from typing_extensions import Buffer

_BLOCK = 8 << 20
_UPLOAD = TransferConfig(multipart_threshold=64 << 20, multipart_chunksize=8 << 20, max_concurrency=4)
_COPY_LIMIT = 5 * 1024**3  # CopyObject takes no more; larger ones go in parts
_MOST_DELETES = 1000  # DeleteObjects takes no more
_AT_ONCE = 8  # copies: a store far away takes tens of milliseconds for each
_MISSING = {"404", "NoSuchKey", "NotFound"}
# 409: another request writes that very name at this moment.
_CHANGED = {"409", "412", "ConditionalRequestConflict", "PreconditionFailed"}
_REFUSED = {
    "301",
    "401",
    "403",
    "AccessDenied",
    "AllAccessDisabled",
    "AuthorizationHeaderMalformed",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidBucketName",
    "NoSuchBucket",
    "PermanentRedirect",
    "SignatureDoesNotMatch",
}


class S3Bucket:
    """Objects under ``s3://bucket[/prefix]``."""

    shows_unfinished = False
    keeps_plain_names = False

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

    @cached_property
    def _client(self) -> "S3Client":
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
        with self._translated(""):
            return boto3.session.Session().client("s3", endpoint_url=self.endpoint, config=config)

    @cached_property
    def _deletes_conditionally(self) -> bool:
        """Whether the store honours If-Match on DELETE; MinIO, for one, ignores it. Found by trying."""
        with self._probe() as probe:
            return _refused_as_asked(
                lambda: self._client.delete_object(Bucket=self.name, Key=probe, IfMatch='"not-this-one"')
            )

    @cached_property
    def _copies_conditionally(self) -> bool:
        """Whether the store honours If-None-Match on a copy, so that none overwrites. Found by trying."""
        with self._probe() as source, self._probe() as taken:
            return _refused_as_asked(
                lambda: self._client.copy_object(
                    Bucket=self.name,
                    Key=taken,
                    CopySource={"Bucket": self.name, "Key": source},
                    IfNoneMatch="*",
                )
            )

    @cached_property
    def _deletes_together(self) -> bool:
        """Whether the store honours ETags when it is asked to delete many at once. Found by trying."""
        with self._probe() as first, self._probe() as second:
            errors: dict[str, str] = {}

            def delete() -> None:
                errors.update(self._delete_together(dict.fromkeys((first, second), '"not-this-one"')))

            return not _refused_as_asked(delete) and set(errors) == {first, second}

    @contextlib.contextmanager
    def _probe(self) -> Iterator[str]:
        """An object to try things on."""
        probe = self.prefix + keys.OWN + "probe-" + uuid.uuid4().hex
        self._client.put_object(Bucket=self.name, Key=probe, Body=b"")
        try:
            yield probe
        finally:
            with contextlib.suppress(ClientError):
                self._client.delete_object(Bucket=self.name, Key=probe)

    def prepare(self) -> None:
        """See ``Bucket.prepare``; the bucket itself must exist."""
        with self._translated(""):
            self._client.head_bucket(Bucket=self.name)
            _ = self._deletes_conditionally, self._copies_conditionally, self._deletes_together

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
        pages = iter(self._client.get_paginator("list_objects_v2").paginate(**asked))
        while True:
            with self._translated(prefix):
                page = next(pages, None)
            if page is None:
                return
            yield page

    def stat(self, key: str) -> Entry | None:
        """See ``Bucket.stat``."""
        try:
            with self._translated(key):
                found = self._client.head_object(Bucket=self.name, Key=self.prefix + key)
        except Gone:
            return None
        return Entry(key, found["ContentLength"], found["LastModified"], found["ETag"])

    def read(self, key: str, limit: int | None = None) -> tuple[Entry, bytes]:
        """See ``Bucket.read``."""
        with self._translated(key):
            found = self._client.get_object(Bucket=self.name, Key=self.prefix + key)
            entry = Entry(key, found["ContentLength"], found["LastModified"], found["ETag"])
            with contextlib.closing(found["Body"]) as body:
                if limit is not None and entry.size > limit:
                    raise TooLarge(entry)
                return entry, body.read()

    def start(self, key: str, most: int) -> bytes:
        """See ``Bucket.start``."""
        name = self.prefix + key
        with self._translated(key):
            try:
                found = self._client.get_object(Bucket=self.name, Key=name, Range=f"bytes=0-{most - 1}")
            except ClientError as error:
                if _code(error) not in ("416", "InvalidRange"):
                    raise
                return b""  # no range fits into an empty file
            with contextlib.closing(found["Body"]) as body:
                return body.read(most)

    def stream(self, entry: Entry) -> io.BufferedReader:
        """See ``Bucket.stream``."""
        return io.BufferedReader(_Ranges(self, entry), _BLOCK)

    def block(self, entry: Entry, start: int, most: int) -> bytes:
        """Up to ``most`` bytes from ``start`` on, of exactly this entry.

        A request for each block: one long answer would be cut by the store while articles are made of it.
        """
        end = min(start + most, entry.size) - 1
        if start > end:
            return b""
        with self._translated(entry.key):
            found = self._client.get_object(
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
        with self._translated(key):
            if isinstance(data, bytes):
                self._client.put_object(Bucket=self.name, Key=self.prefix + key, Body=data)
            else:
                self._client.upload_fileobj(data, self.name, self.prefix + key, Config=_UPLOAD)

    def vacant(self, entry: Entry, to: str) -> str:
        """See ``Bucket.vacant``."""
        if self._must_be_unique(entry, to):
            return _apart(entry, to)
        standing = self.stat(to)
        return to if standing is None or standing.etag == entry.etag else _apart(entry, to)

    def move(self, entry: Entry, to: str) -> str:
        """See ``Bucket.move``: a copy and a delete, both only of the bytes that were read."""
        target = self._copied(entry, to)
        self._take_away(entry)
        return target

    def move_all(self, moves: Sequence[tuple[Entry, str]]) -> Sequence[str | CopydeskError]:
        """See ``Bucket.move_all``: several copies at once, then one request for all the deletes."""
        if not moves:
            return []
        later = [len(moves) > 1 and _fits_xml(entry.key) and self._deletes_together for entry, _ in moves]

        def moved(move: tuple[Entry, str], later: bool) -> str | CopydeskError:
            try:
                return (self._copied if later else self.move)(*move)
            except CopydeskError as error:
                return error

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = list(pool.map(moved, moves, later))
        copied = [
            place
            for place, where in enumerate(found)
            if later[place] and not isinstance(where, CopydeskError)
        ]
        for start in range(0, len(copied), _MOST_DELETES):
            places = copied[start : start + _MOST_DELETES]
            refused = self._take_away_all([moves[place][0] for place in places])
            for place in places:
                found[place] = refused.get(moves[place][0].key, found[place])
        return found

    def _copied(self, entry: Entry, to: str) -> str:
        """Copy the bytes that were read, and return where."""
        if not self._must_be_unique(entry, to) and self._copies_conditionally:
            return self._copy_without_overwriting(entry, to)
        target = self.vacant(entry, to)
        self._copy(entry, target)
        return target

    def _take_away(self, entry: Entry) -> None:
        """Delete the bytes that were copied, and no others."""
        if self._deletes_conditionally:
            with self._translated(entry.key):
                self._client.delete_object(Bucket=self.name, Key=self.prefix + entry.key, IfMatch=entry.etag)
            return
        current = self.stat(entry.key)
        if current is not None and current.etag != entry.etag:
            raise Changed(f"{keys.printable(entry.key)}: written anew while it was moved")
        self.delete(entry.key)

    def _take_away_all(self, entries: Sequence[Entry]) -> dict[str, CopydeskError]:
        """Delete what was copied, as ``_take_away`` does; the keys where that was refused, and why."""
        try:
            with self._translated(""):
                errors = self._delete_together({self.prefix + entry.key: entry.etag for entry in entries})
        except CopydeskError as error:
            return {entry.key: error for entry in entries}
        refused = {}
        for name, code in errors.items():
            key = name[len(self.prefix) :]
            try:
                with self._translated(key):
                    raise ClientError({"Error": {"Code": code}}, "DeleteObjects")
            except CopydeskError as error:
                refused[key] = error
        return refused

    def _delete_together(self, etags: Mapping[str, str]) -> dict[str, str]:
        """One request for many deletes, each only of the bytes with that ETag; what was refused, and why."""
        objects: Any = [{"Key": name, "ETag": etag} for name, etag in etags.items()]
        answer = self._client.delete_objects(Bucket=self.name, Delete={"Objects": objects, "Quiet": True})
        return {error["Key"]: error["Code"] for error in answer.get("Errors", ())}

    def _must_be_unique(self, entry: Entry, to: str) -> bool:
        """Whether the name must be one that only these bytes can have, since the copy could overwrite.

        Not in the lanes, where Copydesk works on what it is given and pipelines name their files as they
        please: one of theirs may come to the same name a moment later in any case.
        """
        if to.startswith(tuple(keys.LANES.values())):
            return False
        with self._translated(""):
            return entry.size > _COPY_LIMIT or not self._copies_conditionally

    def _copy_without_overwriting(self, entry: Entry, to: str) -> str:
        """Copy to the first name that is free, or that has these bytes already from a move cut short."""
        target, apart = to, _apart(entry, to)
        while True:
            try:
                self._copy(entry, target, IfNoneMatch="*")
            except Changed:
                standing = self.stat(target)
                if standing is None:
                    raise  # it was the source that is no longer as it was read
                if standing.etag == entry.etag:
                    return target
            else:
                return target
            target, apart = apart, keys.with_mark(to, uuid.uuid4().hex[:12])

    def _copy(self, entry: Entry, target: str, **conditions: str) -> None:
        source = {"Bucket": self.name, "Key": self.prefix + entry.key}
        where = {"Bucket": self.name, "Key": self.prefix + target}
        conditions["CopySourceIfMatch"] = entry.etag
        with self._translated(entry.key):
            if entry.size > _COPY_LIMIT:
                self._client.copy(source, **where, ExtraArgs=conditions)  # type: ignore[arg-type]
            else:
                self._client.copy_object(CopySource=source, **where, **conditions)  # type: ignore[arg-type]

    def delete(self, key: str) -> None:
        """See ``Bucket.delete``."""
        with contextlib.suppress(Gone), self._translated(key):
            self._client.delete_object(Bucket=self.name, Key=self.prefix + key)

    @contextlib.contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        """Client exceptions into ours, once."""
        what = f"s3://{self.name}/{self.prefix}{keys.printable(key)}"
        try:
            yield
        except ClientError as error:
            code = _code(error)
            if code == "404" and not key:
                code = "NoSuchBucket"
            if code in _REFUSED:
                raise Misconfigured(
                    f"{what}: {_message(error)} ({code}); check COPYDESK_BUCKET, COPYDESK_S3_ENDPOINT and "
                    "the AWS_… credentials, and that the bucket exists"
                ) from error
            if code in _MISSING:
                raise Gone(f"{what}: no longer there") from error
            if code in _CHANGED:
                raise Changed(f"{what}: written anew since it was read") from error
            raise ServiceUnavailable(f"{what}: {_message(error)} ({code}); waiting for the store") from error
        except (NoCredentialsError, NoRegionError, PartialCredentialsError, ValueError) as error:
            raise Misconfigured(
                f"{what}: {error}; set the AWS_… variables and COPYDESK_S3_ENDPOINT"
            ) from error
        except ParamValidationError as error:
            raise Gone(f"{what}: no object can have this name") from error
        except BotoCoreError as error:
            raise ServiceUnavailable(f"{what}: {error}; waiting for the store") from error


def _apart(entry: Entry, to: str) -> str:
    """The name marked with what the bytes are: the same for the same bytes, however often it is asked."""
    mark = entry.etag.strip('"')[:12]
    return to if to == keys.with_mark(keys.without_mark(to), mark) else keys.with_mark(to, mark)


def _fits_xml(key: str) -> bool:
    """Whether a key can stand in a request's body; in an address anything can."""
    return not any(char < " " or char in "\x7f\ufffe\uffff" or "\ud800" <= char <= "\udfff" for char in key)


def _refused_as_asked(request: Callable[[], object]) -> bool:
    """Whether the store refused what a condition forbade.

    Raises:
        ClientError: the store itself is in trouble, and nothing is known.
    """
    try:
        request()
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status in (403, 429) or (status >= 500 and status != 501):  # 501: it knows no such condition
            raise
        return _code(error) in _CHANGED
    return False


class _Ranges(io.RawIOBase):
    """An object read block by block."""

    def __init__(self, bucket: S3Bucket, entry: Entry) -> None:
        self._bucket = bucket
        self._entry = entry
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._entry.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "Buffer") -> int:
        view = memoryview(buffer)
        data = self._bucket.block(self._entry, self._at, len(view))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _message(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Message") or error)
