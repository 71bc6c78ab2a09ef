"""From drop to searchable, file by file, on an idle stack of real services.

    python -m benchmarks.speed.latency [--drops 200] [--bucket folder s3]

Starts Redis, Elasticsearch and an S3-compatible server as the tests do, then `copydesk ingest` and
`copydesk worker`; drops one article at a time, at odd moments, and asks the alias for its id every
20 ms until it is found. Prints p50, p99 and the slowest.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import time
import uuid
from contextlib import ExitStack
from pathlib import Path

from elasticsearch import Elasticsearch as Client

from services.bucket import open_bucket
from services.settings import Settings
from tests.processes import service
from tests.services import S3, Bucket, Elasticsearch, Redis
from tests.services.starter import Starter

TEXT = (
    "NEWHAVEN — The harbour bridge will close until October, Mayor Anna Brightwater said on Monday.\n\n"
    "“Ferries will run instead,” Brightwater told reporters in London. The council of East Sussex has set "
    "aside two million pounds for the work, which the Harbour Trust had asked for since 2019.\n\n"
) * 4


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--drops", type=int, default=200)
    parser.add_argument("--bucket", nargs="+", choices=["folder", "s3"], default=["folder", "s3"])
    asked = parser.parse_args()
    print("| bucket | drops | p50 s | p99 s | slowest s |\n|---|---|---|---|---|")
    with Starter([Redis(), Elasticsearch(), S3()]) as starter, tempfile.TemporaryDirectory() as folder:
        for kind in (Redis, Elasticsearch, S3):
            starter.begin(kind)
        for bucket in asked.bucket:
            seconds = sorted(measure(starter, bucket, asked.drops, Path(folder)))
            p99 = statistics.quantiles(seconds, n=100, method="inclusive")[98]
            p50 = statistics.median(seconds)
            print(f"| {bucket} | {asked.drops} | {p50:.2f} | {p99:.2f} | {seconds[-1]:.2f} |", flush=True)


def measure(starter: Starter, kind: str, drops: int, folder: Path) -> list[float]:
    """Seconds from each drop to its first hit."""
    index = f"latency-{kind}"
    with ExitStack() as stack:
        store = stack.enter_context(Bucket(starter.get(S3)))
        environment = {
            **store.environment(),
            "COPYDESK_REDIS_URL": starter.get(Redis).fresh_url(),
            "COPYDESK_ELASTICSEARCH_URL": starter.get(Elasticsearch).url,
            "COPYDESK_INDEX": index,
            "COPYDESK_HEARTBEAT_DIR": str(folder / "heartbeat"),
        }
        if kind == "folder":
            environment["COPYDESK_BUCKET"] = str(folder / "bucket")
        os.environ.update(environment)
        bucket = open_bucket(Settings.from_env())
        bucket.prepare()
        log = folder / f"{kind}.log"
        stack.enter_context(service("ingest", env=environment, log=log))
        stack.enter_context(service("worker", "--concurrency", "1", env=environment, log=log))
        client = stack.enter_context(Client(starter.get(Elasticsearch).url))
        unready = client.options(ignore_status=(404, 503))  # until the worker has made the index

        def drop_and_find() -> float:
            uid = f"urn:uuid:{uuid.uuid4()}"
            story = {"uri": uid, "type": "text", "headline": "Harbour bridge closes", "body_text": TEXT}
            began = time.perf_counter()
            bucket.put(f"incoming/{uid.replace(':', '-')}.json", json.dumps(story).encode())
            while time.perf_counter() - began < 120:
                found = unready.count(index=index, query={"term": {"uid": uid}})
                if found.get("count"):
                    return time.perf_counter() - began
                time.sleep(0.02)
            raise SystemExit(f"not found within 120 s; the services said:\n{log.read_text()[-4000:]}")

        for _ in range(3):  # the models load, connections open
            drop_and_find()
        seconds = []
        for _ in range(drops):
            time.sleep(random.uniform(0, 1))  # out of step with polls and refreshes
            seconds.append(drop_and_find())
        return seconds


if __name__ == "__main__":
    main()
