"""What custody costs: articles a second with markers and moves, against the same pipeline without them.

    python -m benchmarks.speed.custody [--articles 256] [--rounds 9] [--bucket folder s3] [--no-entities]

One worker in this process, chunks of 32, a real Elasticsearch and, for `s3`, a real S3-compatible
server. Within a round chunks with and without custody take turns, so that whatever else the machine
does meets both alike; each round gives one cost in time on the wall and one in processor time of the
worker. Prints medians and, in brackets, the lowest and highest round; then what a file costs the bucket.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.speed.latency import TEXT
from services.bucket import Bucket, Entry, keys, open_bucket
from services.bucket.s3 import S3Bucket
from services.enrich.load import load_tools
from services.enrich.worker import Worker
from services.index import open_index
from services.ingest.breaker import MemoryBreaker
from services.ingest.leases import MemoryLeases
from services.settings import Settings
from tests.services import S3, Elasticsearch
from tests.services import Bucket as Store
from tests.services.starter import Starter

CHUNK = 32


class ReadOnly:
    """A bucket that is read and never written: custody stubbed out."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bucket, name)

    def put(self, key: str, data: bytes) -> None:
        """See ``Bucket.put``."""

    def vacant(self, _entry: Entry, to: str) -> str:
        """See ``Bucket.vacant``."""
        return to

    def move(self, _entry: Entry, to: str) -> str:
        """See ``Bucket.move``."""
        return to

    def move_all(self, moves: Sequence[tuple[Entry, str]]) -> list[str]:
        """See ``Bucket.move_all``."""
        return [to for _, to in moves]

    def delete(self, key: str) -> None:
        """See ``Bucket.delete``."""


class Bench:
    """A bucket, a worker with custody of its files, and one without."""

    def __init__(self, settings: Settings, *, entities: bool) -> None:
        self.bucket = open_bucket(settings)
        self.index = open_index(settings)
        self.bucket.prepare()
        self.index.prepare()
        tools = load_tools(settings, entities=entities)
        self.indexed = 0

        def worker(bucket: Bucket) -> Worker:
            return Worker(
                settings,
                bucket=bucket,
                index=self.index,
                leases=MemoryLeases(),
                breaker=MemoryBreaker(60),
                tools=tools,
                report=lambda receipt: self._count(receipt.outcome),
            )

        self.kept, self.bare = worker(self.bucket), worker(ReadOnly(self.bucket))

    def _count(self, outcome: str) -> None:
        self.indexed += outcome == "indexed"

    def chunk(self, worker: Worker) -> tuple[float, float]:
        """Seconds on the wall and of the processor for one chunk, from read to settled."""
        names = []
        for _ in range(CHUNK):
            uid = f"urn:uuid:{uuid.uuid4()}"
            names.append(f"{keys.LIVE}{uid.replace(':', '-')}.json")
            story = {"uri": uid, "type": "text", "headline": "Harbour bridge closes", "body_text": TEXT}
            self.bucket.put(names[-1], json.dumps(story).encode())
        before = self.indexed
        wall, cpu = time.perf_counter(), time.process_time()
        worker.work(uuid.uuid4().hex, names)
        took = time.perf_counter() - wall, time.process_time() - cpu
        assert self.indexed == before + CHUNK
        for name in names:
            self.bucket.delete(name)
        return took

    def round(self, chunks: int) -> tuple[tuple[float, float], tuple[float, float]]:
        """Seconds on the wall and of the processor: all chunks with custody, and as many without."""
        kept, bare = [], []
        for number in range(chunks):
            for worker in (self.kept, self.bare) if number % 2 else (self.bare, self.kept):
                (kept if worker is self.kept else bare).append(self.chunk(worker))
        return total(kept), total(bare)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=256, help="in a round, with custody and without")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--bucket", nargs="+", choices=["folder", "s3"], default=["folder", "s3"])
    parser.add_argument("--no-entities", action="store_true")
    asked = parser.parse_args()
    print("| bucket | rounds | with custody, articles/s | without | cost, wall | cost, processor |")
    print("|---|---|---|---|---|---|")
    costs = []
    with Starter([Elasticsearch(), S3()]) as starter, ExitStack() as stack:
        for kind in (Elasticsearch, S3):
            starter.begin(kind)
        for name in asked.bucket:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            store = stack.enter_context(Store(starter.get(S3)))
            environment = store.environment() if name == "s3" else {"COPYDESK_BUCKET": str(folder)}
            os.environ.update(store.environment())  # boto3 reads its credentials there
            settings = Settings.from_env(
                environment
                | {
                    "COPYDESK_ELASTICSEARCH_URL": starter.get(Elasticsearch).url,
                    "COPYDESK_INDEX": f"custody-{name}",
                }
            )
            bench = Bench(settings, entities=not asked.no_entities)
            bench.round(2)  # connections open, caches fill
            chunks = max(1, asked.articles // CHUNK)
            rounds = [bench.round(chunks) for _ in range(asked.rounds)]
            print(f"| {name} | {asked.rounds} | {row(rounds, chunks * CHUNK)} |", flush=True)
            costs.append(f"{name}: {requests(bench)}")
            bench.index.close()
    print("\nto the bucket, for a chunk of 32:", *costs, sep="\n")


def row(rounds: list[tuple[tuple[float, float], tuple[float, float]]], articles: int) -> str:
    """Cells of the table: rates, and what part of the time custody takes."""
    kept = [articles / wall for (wall, _), _ in rounds]
    bare = [articles / wall for _, (wall, _) in rounds]
    cells = [f"{statistics.median(rates):.1f} ({min(rates):.1f}–{max(rates):.1f})" for rates in (kept, bare)]
    for which in (0, 1):
        parts = [1 - without[which] / with_[which] for with_, without in rounds]
        cells.append(f"{statistics.median(parts):.1%} ({min(parts):.1%}–{max(parts):.1%})")
    return " | ".join(cells)


def requests(bench: Bench) -> str:
    """What the two workers ask of the bucket beyond each other, by kind."""
    counts = []
    for worker in (bench.kept, bench.bare):
        with counted(bench.bucket) as seen:
            bench.chunk(worker)
        counts.append(seen)
    more = counts[0] - counts[1]
    return ", ".join(f"{number} {kind}" for kind, number in sorted(more.items()))


@contextmanager
def counted(bucket: Bucket) -> Iterator[Counter[str]]:
    """Count requests to an object store, system calls on names and syncs in a folder."""
    seen: Counter[str] = Counter()
    with ExitStack() as stack:
        if isinstance(bucket, S3Bucket):
            events = bucket.client.meta.events

            def count(model: Any, **_: object) -> None:
                seen[model.name] += 1

            events.register("before-call.s3", count)
            stack.callback(events.unregister, "before-call.s3", count)
        else:
            for name in ("fsync", "link", "lstat", "mkdir", "rename", "replace", "stat", "unlink"):
                stack.callback(setattr, os, name, getattr(os, name))
                setattr(os, name, counting(name, getattr(os, name), seen))
        yield seen


def counting(name: str, function: Callable[..., Any], seen: Counter[str]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        seen[name] += 1
        return function(*arguments, **named)

    return call


def total(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    return sum(wall for wall, _ in pairs), sum(cpu for _, cpu in pairs)


if __name__ == "__main__":
    main()
