"""What a large backlog costs ingest: seconds to the first message in the queue, and memory over time.

    python -m benchmarks.speed.backlog [--files 200000] [--seconds 90] [--bucket folder]

Fills a lane with small files an hour old, starts a Redis and then `copydesk ingest` in a process of its
own, with the default settings and no worker, and looks at it for a while: ingest queues what it may and
goes on listing, slice after slice. `--bucket s3` does it on a real S3-compatible server, which takes
some minutes to fill: name fewer files. Memory is the resident size of the process.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from services.bucket import keys, open_bucket
from services.bucket.folder import FolderBucket
from services.settings import Settings
from tests.processes import COPYDESK
from tests.services import S3, Redis
from tests.services import Bucket as Store

QUEUE = "copydesk:live"  # as Redis knows it
PATIENCE_SECONDS = 120


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=200_000)
    parser.add_argument("--seconds", type=int, default=90, help="how long to look on")
    parser.add_argument("--bucket", choices=["folder", "s3"], default="folder")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = {"COPYDESK_BUCKET": str(folder / "bucket")}
        if asked.bucket == "s3":
            server = S3().start()
            stack.callback(server.close)  # with all that is in it
            environment = Store(server).environment()
        os.environ.update(environment)
        fill(Settings.from_env(), asked.files)
        redis = stack.enter_context(Redis(own=True))
        environment |= {"COPYDESK_REDIS_URL": redis.url, "COPYDESK_HEARTBEAT_DIR": str(folder)}
        first, worked, early, late, peak = look_on(redis, environment, asked.seconds)
    print("| bucket | files waiting | first message s | processor s | MB then | MB at the end | peak MB |")
    print("|---|---|---|---|---|---|---|")
    cells = f"{first:.1f} | {worked:.1f} | {early:.0f} | {late:.0f} | {peak:.0f}"
    print(f"| {asked.bucket} | {asked.files:,} | {cells} |")


def fill(settings: Settings, files: int) -> None:
    """Files in 20 folders, as desks and agencies have them."""
    bucket = open_bucket(settings)
    bucket.prepare()
    names = (f"{keys.LIVE}desk-{number % 20:02}/{number:07}.json" for number in range(files))
    if not isinstance(bucket, FolderBucket):
        with ThreadPoolExecutor(16) as pool:
            for _ in pool.map(lambda name: bucket.put(name, b"{}"), names):
                pass
        return
    hour_ago = time.time() - 3600
    for number in range(20):
        Path(settings.bucket, f"{keys.LIVE}desk-{number:02}").mkdir()
    for name in names:
        path = Path(settings.bucket, name)
        path.write_bytes(b"{}")
        os.utime(path, (hour_ago, hour_ago))


def look_on(redis: Redis, environment: dict[str, str], seconds: float) -> tuple[float, ...]:
    """From the start to the first message, seconds by the clock and of the processor; then megabytes."""
    began = time.monotonic()
    process = subprocess.Popen([COPYDESK, "ingest"], env={**os.environ, **environment}, stdout=sys.stderr)
    try:
        with redis.client() as client:
            while not client.llen(QUEUE):
                if process.poll() is not None or time.monotonic() - began > PATIENCE_SECONDS:
                    raise SystemExit("nothing was queued")
                time.sleep(0.02)
        first = time.monotonic() - began
        worked, early = processor_seconds(process.pid), megabytes(process.pid)
        time.sleep(seconds)
        late = megabytes(process.pid)
        # Not the usage that the kernel gives of an ended child: it counts what this process was at the fork.
        peak = megabytes(process.pid, "VmHWM")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
    return first, worked, early, late, peak


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(pid: int, field: str = "VmRSS") -> float:
    status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    (size,) = (line.split()[1] for line in status.splitlines() if line.startswith(f"{field}:"))
    return int(size) / 1024


if __name__ == "__main__":
    main()
