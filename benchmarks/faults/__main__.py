"""How long Copydesk takes to recover from each fault.

    python -m benchmarks.faults [--runs 5] [--quick] [--bucket folder] [NAME…]

Starts Redis, Elasticsearch and an S3-compatible server as the tests do, then for each fault one
`copydesk ingest` and one `copydesk worker` of two processes, with the default settings (`--quick`: with
the tests' short ones, entities off). Each run drops 100 articles, brings the fault about in their midst,
and when it is over drops one more. Prints, over all runs, after how many seconds that one was indexed,
and after how many seconds everything was: p50 and the slowest. Then every file is accounted for.

NAME is any part of a fault's name; `--list` prints them. A run that did not recover is said, is not in
the figures, and makes the exit code 1.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.faults.faults import ALL, Fault, Stack
from services.bucket import keys
from services.settings import PREFIX, Settings
from tests.faults.desk import QUICK, Desk
from tests.services import S3, Bucket, Elasticsearch, Redis
from tests.services.starter import Starter

LIMIT_SECONDS = 900
ARTICLES = 100


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--bucket", choices=["folder", "s3"], default="s3")
    parser.add_argument("--list", action="store_true", help="print the faults' names")
    parser.add_argument("names", nargs="*", metavar="NAME", help="parts of faults' names; all if none")
    asked = parser.parse_args()
    chosen = [
        fault
        for fault in ALL
        if (asked.bucket == "s3" or not fault.name.startswith("S3"))
        and (not asked.names or any(part.lower() in fault.name.lower() for part in asked.names))
    ]
    if asked.list:
        print(*(fault.name for fault in chosen), sep="\n")
        return 0
    good = True
    print("| fault | runs | next article p50 s | max | all done p50 s | max |\n|---|---|---|---|---|---|")
    with Starter([Elasticsearch(), S3()]) as starter:
        for kind in (Elasticsearch, S3):
            starter.begin(kind)
        for fault in chosen:
            took = list(runs(starter, asked.bucket, fault, asked.runs, quick=asked.quick))
            good = good and len(took) == asked.runs
            columns = list(zip(*took, strict=True)) or [(float("nan"),)] * 2
            cells = [f"{choose(column):.1f}" for column in columns for choose in (statistics.median, max)]
            print(f"| {fault.name} | {len(took)} | {' | '.join(cells)} |", flush=True)
    return 0 if good else 1


def runs(
    starter: Starter, kind: str, fault: Fault, times: int, *, quick: bool
) -> Iterator[tuple[float, float]]:
    """Seconds from the end of the fault to the next article's end, and to everybody's; run by run."""
    with stack_for(starter, kind, fault, quick=quick) as stack:
        for number in range(times):
            try:
                yield run(stack, fault, number)
            except AssertionError as error:
                print(f"{fault.name}, run {number + 1}: {error}", file=sys.stderr, flush=True)
                return  # what is left of it would disturb the next


@contextmanager
def stack_for(starter: Starter, kind: str, fault: Fault, *, quick: bool) -> Iterator[Stack]:
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
        stack.callback(starter.get(Elasticsearch).clean, environment["COPYDESK_INDEX"])
        stack.callback(desk.close)
        desk.behind("elasticsearch", "COPYDESK_ELASTICSEARCH_URL", starter.get(Elasticsearch).url)
        desk.behind("s3", "COPYDESK_S3_ENDPOINT", starter.get(S3).url)
        ingest, worker = desk.ingest(), desk.worker(**fault.worker)
        desk.drop_stories(range(5), prefix="first")
        desk.settled(120)  # all is loaded and connected
        yield Stack(desk, redis, ingest, worker)


def run(stack: Stack, fault: Fault, number: int) -> tuple[float, float]:
    desk, first = stack.desk, 1000 * (number + 1)
    before = desk.done()
    desk.drop_stories(range(first, first + ARTICLES), "slow 0.05")
    desk.eventually(lambda: desk.done() > before + ARTICLES / 10, 60, "work has begun")
    fault.strike(stack)
    began = time.monotonic()
    (probe,) = desk.drop_stories([first + ARTICLES])
    desk.eventually(lambda: desk.bucket.stat(keys.LIVE + probe) is None, LIMIT_SECONDS, "the next is done")
    following = time.monotonic() - began
    desk.settled(LIMIT_SECONDS)
    took = time.monotonic() - began
    desk.check_conserved()
    print(f"{fault.name}, run {number + 1}: {following:.1f} s, {took:.1f} s", file=sys.stderr, flush=True)
    return following, took


def defaults() -> dict[str, str]:
    """What the tests shorten or leave out, at its default again."""
    return {name: str(Settings.model_fields[name.removeprefix(PREFIX).lower()].default) for name in QUICK}


if __name__ == "__main__":
    sys.exit(main())
