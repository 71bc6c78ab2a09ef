"""A newsroom's desk for one test: bucket, services, processes to break, and an account of every file."""

import dataclasses
import json
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from elasticsearch import Elasticsearch, helpers

from services.bucket import Bucket, keys, open_bucket
from services.ingest.evidence import RUNNING, SUSPECTS
from services.models import QuarantineRecord
from services.settings import Settings
from tests.faults.copydesk import TRACES, runs
from tests.faults.proxy import Proxy
from tests.faults.supervised import Supervised
from tests.processes import eventually

#: Everything a person waits minutes for, in seconds; the same relations as the defaults have.
QUICK = {
    "COPYDESK_ENTITIES": "off",
    "COPYDESK_FILE_SECONDS": "2",
    "COPYDESK_TASK_SECONDS": "8",
    "COPYDESK_VISIBILITY_TIMEOUT": "12",
    "COPYDESK_GRACE_SECONDS": "4",
    "COPYDESK_RETRY_SECONDS": "1",
    "COPYDESK_REVIEW_SECONDS": "0.5",
    "COPYDESK_POLL_SECONDS": "0.1",
    "COPYDESK_SETTLE_SECONDS": "0.3",
    "COPYDESK_FILE_MEGABYTES": "512",
    "COPYDESK_LOG_FORMAT": "json",
}
#: The longest that a lost message keeps its files waiting, and a little for the looks in between.
VISIBILITY = 12 + 5


def story(number: int, *, act: str = "", version: int = 1, identity: str = "") -> bytes:
    """A small article in ninjs; ``act`` makes it misbehave (see `tests.faults.copydesk`)."""
    headline = f"Harbour bridge {number} closes for repairs"
    return json.dumps(
        {
            "uri": identity or f"urn:example:harbour:{number}",
            "type": "text",
            "version": str(version),
            "language": "en",
            "headline": f"{headline} [{act}]" if act else headline,
            "body_text": f"The harbour bridge number {number} in Newhaven will close until October, in its "
            f"version {version}, the mayor said.\n\nFerries run instead, at the usual price.",
        }
    ).encode()


class Desk:
    """`start` processes, `drop` files, break things, then ask for `conserved`."""

    def __init__(self, environment: Mapping[str, str], folder: Path, elasticsearch_url: str) -> None:
        self.folder = folder
        self.log = folder / "log"
        self.traces = folder / "traces"
        self.traces.mkdir(exist_ok=True)
        self.environment = {
            **QUICK,
            "COPYDESK_HEARTBEAT_DIR": str(folder / "heartbeat"),
            TRACES: str(self.traces),
            **environment,
        }
        self.settings = Settings.from_env(self.environment)
        self.bucket: Bucket = open_bucket(self.settings)
        self.bucket.prepare()
        self.elasticsearch = Elasticsearch(elasticsearch_url, request_timeout=30)
        self.proxies: dict[str, Proxy] = {}
        self.dropped: set[str] = set()
        self._stack = ExitStack()
        self._stack.callback(self.elasticsearch.close)

    def close(self) -> None:
        self._stack.close()

    # -- processes ---------------------------------------------------------------------------------------

    def behind(self, proxy_of: str, variable: str, url: str) -> Proxy:
        """Put a proxy before a service: processes started from now on see only the proxy."""
        proxy = Proxy(url)
        self._stack.callback(proxy.close)
        self.environment[variable] = proxy.url
        self.proxies[proxy_of] = proxy
        return proxy

    def start(self, *arguments: str, **more: str) -> Supervised:
        """Start `copydesk ARGUMENTS`; it is started again whenever it ends, until the test does."""
        process = Supervised(*arguments, environment=self.environment | more, log=self.log)
        self._stack.callback(process.close)
        return process

    def ingest(self, **more: str) -> Supervised:
        return self.start("ingest", **more)

    def worker(self, concurrency: int = 2, **more: str) -> Supervised:
        return self.start("worker", "--concurrency", str(concurrency), **more)

    def said(self, event: str) -> list[dict[str, object]]:
        """Lines in the log of all processes with this event."""
        lines = self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []
        wanted = f'"event": "{event}"'
        return [json.loads(line) for line in lines if wanted in line and line.startswith("{")]

    # -- files -------------------------------------------------------------------------------------------

    def drop(self, name: str, data: bytes, lane: str = keys.LIVE) -> None:
        self.bucket.put(lane + name, data)
        self.dropped.add(name)

    def drop_stories(
        self, numbers: Iterable[int], act: str = "", prefix: str = "story", lane: str = keys.LIVE
    ) -> list[str]:
        names = []
        for number in numbers:
            names.append(f"{prefix}-{number}.json")
            self.drop(names[-1], story(number, act=act), lane)
        return names

    def waiting(self) -> int:
        return sum(1 for lane in keys.LANES.values() for _ in self.bucket.list(lane))

    def done(self) -> int:
        return len(self.dropped) - self.waiting()

    def settled(self, seconds: float) -> None:
        """Wait until no file waits any more."""
        self.eventually(lambda: not self.waiting(), seconds, "no file waits")

    def eventually(self, condition: Callable[[], object], seconds: float, what: str) -> None:
        eventually(condition, seconds=seconds, what=what, logs=self.log)

    def quarantined(self) -> dict[str, QuarantineRecord]:
        """The records of refused files, by the name they were dropped under."""
        found = {}
        for entry in self.bucket.list(keys.QUARANTINE):
            if entry.key.endswith(keys.REASON_SUFFIX):
                record = QuarantineRecord.model_validate_json(self.bucket.read(entry.key)[1])
                found[keys.relative(record.key)] = record
        return found

    def documents(self) -> dict[str, list[dict[str, object]]]:
        """What is indexed, by the name of the file it came from."""
        everything = f"{self.settings.index}-all"
        self.elasticsearch.indices.refresh(index=everything)
        found: dict[str, list[dict[str, object]]] = {}
        for hit in helpers.scan(self.elasticsearch, index=everything, size=1000):
            found.setdefault(hit["_source"]["provenance"]["key"], []).append(hit["_source"])
        return found

    def is_waiting(self, name: str) -> bool:
        return any(self.bucket.stat(lane + name) is not None for lane in keys.LANES.values())

    def runs(self, number: int, act: str) -> int:
        """How often a misbehaving story was worked on."""
        return runs(self.traces, json.loads(story(number, act=act))["headline"])

    def check_conserved(self, refused_names: Collection[str] | None = None, **quarantined: int) -> None:
        """Every dropped file is in one place only: indexed once and processed, or quarantined with a reason.

        Args:
            refused_names: which are expected in quarantine, for whatever reason.
            quarantined: else how many are expected there, by reason.

        """
        assert not self.waiting()
        records = self.quarantined()
        refused = [
            entry.key.split("/", 2)[1:]
            for entry in self.bucket.list(keys.QUARANTINE)
            if not entry.key.endswith(keys.REASON_SUFFIX)
        ]
        why = [f"{name}: {record.reason}: {record.detail}" for name, record in records.items()]
        if refused_names is None:
            assert Counter(reason for reason, _ in refused) == quarantined, why[:5]
        else:
            assert sorted(records) == sorted(refused_names), why[:5]
        assert sorted(name for _, name in refused) == sorted(records)
        assert all(record.attempts <= self.settings.max_attempts for record in records.values())
        processed = [entry.key.split("/", 4)[4] for entry in self.bucket.list(keys.PROCESSED)]
        assert sorted(processed + [name for _, name in refused]) == sorted(self.dropped)
        documents = self.documents()
        assert sorted(documents) == sorted(processed)
        assert {name: len(found) for name, found in documents.items() if len(found) > 1} == {}
        self.eventually(
            lambda: not [*self.bucket.list(RUNNING), *self.bucket.list(SUSPECTS)], 15, "no evidence is left"
        )


@dataclasses.dataclass
class Every:
    """Do something again and again beside the test, as ``with Every(3, action):``."""

    seconds: float
    action: Callable[[], object]
    times: int = 10**6
    count: int = 0

    def __enter__(self) -> Self:
        self._over = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def _run(self) -> None:
        try:
            while self.count < self.times and not self._over.wait(self.seconds):
                self.action()
                self.count += 1
        except BaseException as error:  # noqa: BLE001  # the test raises it
            self._error = error

    def finish(self, seconds: float) -> None:
        """Wait until it has been done so many times, or has failed."""
        self._thread.join(seconds)
        assert not self._thread.is_alive(), f"done {self.count} of {self.times} times after {seconds:g} s"

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(60)
        if self._error is not None:
            raise self._error
