"""How long Copydesk takes to recover from each fault.

    python -m benchmarks.faults [--runs 5] [--quick] [--bucket folder] [NAME…]

Starts Redis, Elasticsearch and an S3-compatible server as the tests do, then one `copydesk ingest` and
one `copydesk worker` of two processes, with the default settings (`--quick`: with the tests' short
ones, entities off in both). Each run drops 100 articles, brings the fault about in their midst, and when
it is over drops one more. Prints, over all runs, after how many seconds that one was indexed, and after
how many seconds everything was: p50 and the slowest.
"""

import argparse
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from services.bucket import keys
from services.settings import PREFIX, Settings
from tests.faults.desk import QUICK, Desk
from tests.faults.proxy import answering, cutting, losing, passing
from tests.faults.supervised import Supervised
from tests.services import S3, Bucket, Elasticsearch, Redis
from tests.services.starter import Starter

LIMIT_SECONDS = 900


class Stack:
    """What a fault may break."""

    def __init__(self, desk: Desk, redis: Redis, ingest: Supervised, worker: Supervised) -> None:
        self.desk, self.redis, self.ingest, self.worker = desk, redis, ingest, worker


def redis_away(stack: Stack) -> None:
    stack.redis.kill()
    time.sleep(10)
    stack.redis.start()


def redis_frozen(stack: Stack) -> None:
    stack.redis.pause()
    time.sleep(20)
    stack.redis.resume()


def redis_flushed(stack: Stack) -> None:
    with stack.redis.client() as client:
        client.flushall()


def index_away(stack: Stack) -> None:
    proxy = stack.desk.proxies["elasticsearch"]
    proxy.down()
    time.sleep(20)
    proxy.up()


def behaving(name: str, *behaviours: object) -> Callable[[Stack], None]:
    def fault(stack: Stack) -> None:
        proxy = stack.desk.proxies[name]
        for behaviour in behaviours:
            proxy.behaviour = behaviour  # type: ignore[assignment]
            time.sleep(20 / len(behaviours))
        proxy.behaviour = passing

    return fault


FAULTS: dict[str, Callable[[Stack], object]] = {
    "none": lambda _stack: None,
    "pool process killed": lambda stack: stack.worker.kill_child(),
    "worker killed": lambda stack: stack.worker.kill(),
    "worker stopped and started": lambda stack: stack.worker.terminate(),
    "ingest killed": lambda stack: stack.ingest.kill(),
    "Redis killed, 10 s, nothing kept": redis_away,
    "Redis frozen, 20 s": redis_frozen,
    "Redis flushed": redis_flushed,
    "Elasticsearch refuses connections, 20 s": index_away,
    "Elasticsearch answers 429 and 503, 20 s": behaving("elasticsearch", answering(429), answering(503)),
    "Elasticsearch loses its answers, 20 s": behaving("elasticsearch", losing),
    "S3 answers 503 and breaks off, 20 s": behaving("s3", answering(503), cutting),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--bucket", choices=["folder", "s3"], default="s3")
    parser.add_argument(
        "faults", nargs="*", metavar="NAME", help="parts of faults' names; all of them if none"
    )
    asked = parser.parse_args()
    chosen = {
        name: fault
        for name, fault in FAULTS.items()
        if not asked.faults or any(part.lower() in name.lower() for part in asked.faults)
    }
    print("| fault | next article p50 s | slowest s | all done p50 s | slowest s |\n|---|---|---|---|---|")
    with Starter([Elasticsearch(), S3()]) as starter:
        for kind in (Elasticsearch, S3):
            starter.begin(kind)
        for name, fault in chosen.items():
            if name.startswith("S3") and asked.bucket != "s3":
                continue
            took = [run(starter, asked.bucket, fault, quick=asked.quick) for _ in range(asked.runs)]
            cells = [
                f"{choose(column):.1f}" for column in zip(*took, strict=True) for choose in (median, max)
            ]
            print(f"| {name} | {' | '.join(cells)} |", flush=True)


median = statistics.median


def run(starter: Starter, kind: str, fault: Callable[[Stack], object], *, quick: bool) -> tuple[float, float]:
    """Seconds from the end of the fault to the next article's end, and to everybody's."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        store = stack.enter_context(Bucket(starter.get(S3)))
        os.environ.update(store.environment())  # boto3 reads its credentials there
        redis = stack.enter_context(Redis(own=True))
        environment = {} if quick else defaults()
        environment |= {
            **store.environment(),
            "COPYDESK_REDIS_URL": redis.url,
            "COPYDESK_ELASTICSEARCH_URL": starter.get(Elasticsearch).url,
            "COPYDESK_INDEX": f"faults-{uuid.uuid4().hex[:8]}",
        }
        if kind == "folder":
            environment["COPYDESK_BUCKET"] = str(folder / "bucket")
        desk = Desk(environment, folder, starter.get(Elasticsearch).url)
        stack.callback(desk.close)
        desk.behind("elasticsearch", "COPYDESK_ELASTICSEARCH_URL", starter.get(Elasticsearch).url)
        desk.behind("s3", "COPYDESK_S3_ENDPOINT", starter.get(S3).url)
        ingest, worker = desk.ingest(), desk.worker()
        desk.drop_stories(range(5))
        desk.settled(120)  # all is loaded and connected
        desk.drop_stories(range(5, 105), "slow 0.05")
        desk.eventually(lambda: desk.done() > 10, 60, "work has begun")
        fault(Stack(desk, redis, ingest, worker))
        began = time.monotonic()
        (probe,) = desk.drop_stories([1000])
        desk.eventually(
            lambda: desk.bucket.stat(keys.LIVE + probe) is None, LIMIT_SECONDS, "the next is done"
        )
        following = time.monotonic() - began
        desk.settled(LIMIT_SECONDS)
        took = time.monotonic() - began
        desk.check_conserved()
        starter.get(Elasticsearch).clean(environment["COPYDESK_INDEX"])
        return following, took


def defaults() -> dict[str, str]:
    """What the tests shorten, at its default again; entities stay off."""
    fields = {name: Settings.model_fields[name.removeprefix(PREFIX).lower()] for name in QUICK}
    return {name: str(field.default) for name, field in fields.items() if name != f"{PREFIX}ENTITIES"}


if __name__ == "__main__":
    main()
