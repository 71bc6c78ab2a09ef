"""A bucket on S3, or on any server that speaks its protocol.

A move there is a copy and a delete, both only of the bytes that were read. Stores differ in which
conditions they honour; each is found out by trying, and done without where it is not.
"""

import contextlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

from botocore.exceptions import ClientError

from services.bucket import Changed, Entry, keys
from services.bucket.s3_errors import CHANGED, code_of
from services.bucket.s3_objects import Objects
from services.errors import CopydeskError

_COPY_LIMIT = 5 * 1024**3  # CopyObject takes no more; larger ones go in parts
_MOST_DELETES = 1000  # DeleteObjects takes no more
_AT_ONCE = 8  # copies: a store far away takes tens of milliseconds for each


class S3Bucket(Objects):
    """Objects under ``s3://bucket[/prefix]``."""

    shows_unfinished = False
    keeps_plain_names = False

    def prepare(self) -> None:
        """See ``Bucket.prepare``; the bucket itself must exist."""
        with self.translated(""):
            self.client.head_bucket(Bucket=self.name)
            _ = self._deletes_conditionally, self._copies_conditionally, self._deletes_together

    @cached_property
    def _deletes_conditionally(self) -> bool:
        """Whether the store honours If-Match on DELETE; MinIO, for one, ignores it. Found by trying."""
        with self._probe() as probe:
            return _refused_as_asked(
                lambda: self.client.delete_object(Bucket=self.name, Key=probe, IfMatch='"not-this-one"')
            )

    @cached_property
    def _copies_conditionally(self) -> bool:
        """Whether the store honours If-None-Match on a copy, so that none overwrites. Found by trying."""
        with self._probe() as source, self._probe() as taken:
            return _refused_as_asked(
                lambda: self.client.copy_object(
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
        self.client.put_object(Bucket=self.name, Key=probe, Body=b"")
        try:
            yield probe
        finally:
            with contextlib.suppress(ClientError):
                self.client.delete_object(Bucket=self.name, Key=probe)

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
            with self.translated(entry.key):
                self.client.delete_object(Bucket=self.name, Key=self.prefix + entry.key, IfMatch=entry.etag)
            return
        current = self.stat(entry.key)
        if current is not None and current.etag != entry.etag:
            raise Changed(f"{keys.printable(entry.key)}: written anew while it was moved")
        self.delete(entry.key)

    def _take_away_all(self, entries: Sequence[Entry]) -> dict[str, CopydeskError]:
        """Delete what was copied, as ``_take_away`` does; the keys where that was refused, and why."""
        try:
            with self.translated(""):
                errors = self._delete_together({self.prefix + entry.key: entry.etag for entry in entries})
        except CopydeskError as error:
            return {entry.key: error for entry in entries}
        refused = {}
        for name, code in errors.items():
            key = name[len(self.prefix) :]
            try:
                with self.translated(key):
                    raise ClientError({"Error": {"Code": code}}, "DeleteObjects")
            except CopydeskError as error:
                refused[key] = error
        return refused

    def _delete_together(self, etags: Mapping[str, str]) -> dict[str, str]:
        """One request for many deletes, each only of the bytes with that ETag; what was refused, and why."""
        objects: Any = [{"Key": name, "ETag": etag} for name, etag in etags.items()]
        answer = self.client.delete_objects(Bucket=self.name, Delete={"Objects": objects, "Quiet": True})
        return {error["Key"]: error["Code"] for error in answer.get("Errors", ())}

    def _must_be_unique(self, entry: Entry, to: str) -> bool:
        """Whether the name must be one that only these bytes can have, since the copy could overwrite.

        Not in the lanes, where Copydesk works on what it is given and pipelines name their files as they
        please: one of theirs may come to the same name a moment later in any case.
        """
        if to.startswith(tuple(keys.LANES.values())):
            return False
        with self.translated(""):
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
        with self.translated(entry.key):
            if entry.size > _COPY_LIMIT:
                self.client.copy(source, **where, ExtraArgs=conditions)  # type: ignore[arg-type]
            else:
                self.client.copy_object(CopySource=source, **where, **conditions)  # type: ignore[arg-type]


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
        return code_of(error) in CHANGED
    return False
