"""Crash evidence, kept in the bucket: what was begun and not finished, and which files failed how often.

A worker writes one marker for a chunk before its work and removes it afterwards. A marker that
outlives its worker tells which files may have killed it: each of them becomes a suspect, is sent
alone from then on, and is refused when it has failed often enough. Attempts so survive SIGKILL
and a flushed Redis alike.

A suspect is worked on in a child process of its own, which dies of it and not the worker: when the
worker dies, too, somebody has killed it from outside. `Fault` tells the one from the other.
"""

import hashlib
import json
import os
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from services.bucket import Bucket, Gone, keys
from services.errors import Reason

RUNNING = keys.OWN + "running/"
SUSPECTS = keys.OWN + "suspects/"

# A file that again and again takes the worker with it, as by memory that the kernel then claims from the
# wrong process, must come to its end, too.
_DEATHS_AROUND_IT = 5  # times COPYDESK_MAX_ATTEMPTS


class Fault(StrEnum):
    """Whose doing a failure was, as far as can be seen."""

    OWN = "own"  # the file's: its own run failed, or the child died that worked on nothing else
    SHARED = "shared"  # a worker died at it, perhaps by one of its neighbours, perhaps from outside
    OUTSIDE = "outside"  # the worker died while only a child of it was at the file


@dataclass(frozen=True)
class Marker:
    """A chunk in work: by which process, on which keys."""

    chunk: str
    names: tuple[str, ...]
    host: str
    pid: int
    born: str  # when that process started, so that a new one with its pid is not taken for it
    fault: Fault  # what it says of each file when that process dies

    @property
    def left_behind(self) -> bool:
        """Whether its process is known to be gone. Of other hosts nothing is known."""
        return self.host == _HOST and _birth(self.pid) != self.born


@dataclass(frozen=True)
class Failure:
    """One run that did not end as it should."""

    run: str  # names the run, so that two processes that find it count it once
    reason: Reason
    detail: str
    at: str
    traceback: str | None = None
    fault: Fault = Fault.OWN


@dataclass(frozen=True)
class Suspect:
    """A file that failed, or that was in work when a process died."""

    name: str
    etag: str
    failures: tuple[Failure, ...]

    @property
    def attempts(self) -> int:
        """How often it has failed, not counting what came from outside."""
        return len(self.failures) - self._number(Fault.OUTSIDE)

    def is_guilty(self, most: int) -> bool:
        """Whether it has failed so often that it must be refused.

        The death of a worker that was at several files is an attempt of each, but never proof: of the
        failures one at least must be the file's own.
        """
        if self._number(Fault.OUTSIDE) >= _DEATHS_AROUND_IT * most:
            return True
        return self.attempts >= most and self._number(Fault.OWN) > 0

    def _number(self, fault: Fault) -> int:
        return sum(failure.fault is fault for failure in self.failures)


class Evidence:
    """Markers and suspects of one bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._read: dict[str, tuple[str, Any]] = {}  # key: etag, value

    def begin(self, chunk: str, names: Sequence[str], fault: Fault = Fault.SHARED) -> None:
        """Leave a marker before work on ``names`` begins; ``fault``: what this process's death would say."""
        pid = os.getpid()
        marker = {"names": list(names), "host": _HOST, "pid": pid, "born": _birth(pid), "fault": fault}
        self._put(_marker_key(chunk), marker)

    def end(self, chunk: str) -> None:
        """Remove the marker: whatever became of the files, no process died on them."""
        self._bucket.delete(_marker_key(chunk))

    def marker(self, chunk: str) -> Marker | None:
        """The marker that an earlier run of this chunk has left."""
        try:
            return _as_marker(chunk, json.loads(self._bucket.read(_marker_key(chunk))[1]))
        except Gone:
            return None

    def markers(self) -> list[Marker]:
        """All chunks in work, and those whose worker died."""
        return [_as_marker(_stem(key), value) for key, value in self._listed(RUNNING)]

    def suspects(self) -> dict[str, Suspect]:
        """All suspects by their key."""
        found = (_as_suspect(value) for _, value in self._listed(SUSPECTS))
        return {suspect.name: suspect for suspect in found}

    def suspect(self, name: str) -> Suspect | None:
        """What is held against one key."""
        try:
            return _as_suspect(json.loads(self._bucket.read(_suspect_key(name))[1]))
        except Gone:
            return None

    def blame(self, name: str, failure: Failure) -> Suspect | None:
        """Hold a failed run against a key, and return all that is held against it now.

        ``None`` when the file is no longer there. Bytes written anew start with a clean slate.
        """
        entry = self._bucket.stat(name)
        if entry is None:
            return None
        before = self.suspect(name)
        failures = before.failures if before is not None and before.etag == entry.etag else ()
        if all(known.run != failure.run for known in failures):
            failures = (*failures, failure)
        suspect = Suspect(name, entry.etag, failures)
        self._put(
            _suspect_key(name),
            {"name": name, "etag": entry.etag, "failures": [vars(failure) for failure in failures]},
        )
        return suspect

    def died(self, marker: Marker) -> list[str]:
        """Blame the files of a dead chunk that are still there, drop its marker, and return them."""
        failure = Failure(
            run=marker.chunk,
            reason=Reason.WORKER_LOST,
            detail=f"process {marker.pid} on {marker.host} died while it worked on {len(marker.names)} files",
            at=datetime.now(UTC).isoformat(),
            fault=marker.fault,
        )
        blamed = [name for name in marker.names if self.blame(name, failure) is not None]
        self.end(marker.chunk)
        return blamed

    def clear(self, names: Iterable[str]) -> None:
        """Hold nothing against these keys any more: they came to their end."""
        for name in names:
            self._bucket.delete(_suspect_key(name))

    def _listed(self, prefix: str) -> list[tuple[str, Any]]:
        """Every record under a prefix; those that have not changed are not read again."""
        before, now, found = self._read, {}, []
        for entry in self._bucket.list(prefix):
            known = before.get(entry.key)
            try:
                value = (
                    known[1]
                    if known is not None and known[0] == entry.etag
                    else json.loads(self._bucket.read(entry.key)[1])
                )
            except Gone:
                continue
            now[entry.key] = (entry.etag, value)
            found.append((entry.key, value))
        self._read = {key: read for key, read in before.items() if not key.startswith(prefix)} | now
        return found

    def _put(self, key: str, value: dict[str, Any]) -> None:
        # ASCII: keys that are not UTF-8 stand in it, too.
        self._bucket.put(key, json.dumps(value, ensure_ascii=True).encode())


def _marker_key(chunk: str) -> str:
    return f"{RUNNING}{chunk}.json"


def _suspect_key(name: str) -> str:
    return f"{SUSPECTS}{hashlib.sha256(keys.encode(name)).hexdigest()[:40]}.json"


def _stem(key: str) -> str:
    return key.rpartition("/")[2].removesuffix(".json")


def _as_marker(chunk: str, value: dict[str, Any]) -> Marker:
    fault = Fault(value.get("fault", Fault.SHARED))
    return Marker(chunk, tuple(value["names"]), value["host"], value["pid"], value["born"], fault)


def _as_suspect(value: dict[str, Any]) -> Suspect:
    return Suspect(value["name"], value["etag"], tuple(map(_as_failure, value["failures"])))


def _as_failure(value: dict[str, Any]) -> Failure:
    kinds = {"reason": Reason(value["reason"]), "fault": Fault(value.get("fault", Fault.OWN))}
    return Failure(**(value | kinds))


def _birth(pid: int) -> str:
    """When a process of this host started, in the kernel's ticks; empty when there is none."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return ""
    fields = status.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]


def _host() -> str:
    """Which machine or container, and which boot of it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        boot = ""
    return f"{socket.gethostname()}/{boot}"


_HOST = _host()
