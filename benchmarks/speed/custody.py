"""What custody costs: articles a second with markers and moves, against the same pipeline without them.

    python -m benchmarks.speed.custody [--articles 256] [--rounds 5] [--bucket folder s3] [--no-entities]

One worker in this process, chunks of 32, a real Elasticsearch and, for `s3`, a real S3-compatible
server. Rounds with and without alternate, so that what else the machine does meets both; medians.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
import uuid
from contextlib import ExitStack
from pathlib import Path

from benchmarks.speed.latency import TEXT
from services.bucket import Bucket, Entry, keys, open_bucket
from services.enrich.load import load_tools
from services.enrich.pipeline import Tools
from services.enrich.worker import Worker
from services.index import Index, open_index
from services.ingest.breaker import MemoryBreaker
from services.ingest.leases import MemoryLeases
from services.settings import Settings
from tests.services import S3, Elasticsearch
from tests.services import Bucket as S3Bucket
from tests.services.starter import Starter

CHUNK = 32


class ReadOnly:
    """A bucket that is read and never written: custody stubbed out."""

    def __init__(self, bucket: Bucket) -> None:
        self.shows_unfinished = bucket.shows_unfinished
        self.prepare = bucket.prepare
        self.list = bucket.list
        self.stat = bucket.stat
        self.read = bucket.read

    def put(self, key: str, data: bytes) -> None:
        """See ``Bucket.put``."""

    def vacant(self, _entry: Entry, to: str) -> str:
        """See ``Bucket.vacant``."""
        return to

    def move(self, _entry: Entry, to: str) -> str:
        """See ``Bucket.move``."""
        return to

    def delete(self, key: str) -> None:
        """See ``Bucket.delete``."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--bucket", nargs="+", choices=["folder", "s3"], default=["folder", "s3"])
    parser.add_argument("--no-entities", action="store_true")
    asked = parser.parse_args()
    print("| bucket | with custody, articles/s | without | cost |\n|---|---|---|---|")
    with Starter([Elasticsearch(), S3()]) as starter, ExitStack() as stack:
        for kind in (Elasticsearch, S3):
            starter.begin(kind)
        tools = load_tools(Settings.from_env(), entities=not asked.no_entities)
        for name in asked.bucket:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            store = stack.enter_context(S3Bucket(starter.get(S3)))
            environment = store.environment() if name == "s3" else {"COPYDESK_BUCKET": str(folder)}
            os.environ.update(store.environment())  # boto3 reads its credentials there
            settings = Settings.from_env(
                environment
                | {
                    "COPYDESK_ELASTICSEARCH_URL": starter.get(Elasticsearch).url,
                    "COPYDESK_INDEX": f"custody-{name}",
                }
            )
            bucket, index = open_bucket(settings), open_index(settings)
            bucket.prepare()
            index.prepare()
            rates: dict[bool, list[float]] = {True: [], False: []}
            measure(settings, bucket, index, tools, CHUNK)  # connections open, caches fill
            for _ in range(asked.rounds):
                rates[False].append(measure(settings, ReadOnly(bucket), index, tools, asked.articles, bucket))
                rates[True].append(measure(settings, bucket, index, tools, asked.articles))
            kept, bare = statistics.median(rates[True]), statistics.median(rates[False])
            print(f"| {name} | {kept:.1f} | {bare:.1f} | {1 - kept / bare:.1%} |", flush=True)
            index.close()


def measure(
    settings: Settings,
    bucket: Bucket,
    index: Index,
    tools: Tools,
    articles: int,
    writable: Bucket | None = None,
) -> float:
    """Articles a second of one worker, from read to settled."""
    writable = writable or bucket
    names = []
    for _ in range(articles):
        uid = f"urn:uuid:{uuid.uuid4()}"
        names.append(f"{keys.LIVE}{uid.replace(':', '-')}.json")
        story = {"uri": uid, "type": "text", "headline": "Harbour bridge closes", "body_text": TEXT}
        writable.put(names[-1], json.dumps(story).encode())
    outcomes: list[str] = []
    worker = Worker(
        settings,
        bucket=bucket,
        index=index,
        leases=MemoryLeases(),
        breaker=MemoryBreaker(60),
        tools=tools,
        report=lambda receipt: outcomes.append(receipt.outcome),
    )
    began = time.perf_counter()
    for start in range(0, articles, CHUNK):
        worker.work(uuid.uuid4().hex, names[start : start + CHUNK])
    seconds = time.perf_counter() - began
    assert outcomes == ["indexed"] * articles
    for name in names:
        writable.delete(name)
    return articles / seconds


if __name__ == "__main__":
    main()
