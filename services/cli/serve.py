"""`copydesk ingest`, `copydesk worker`, `copydesk health`: the two services, and whether they live."""

import functools
import os
import signal
import threading

import click

from services.bucket import keys, open_bucket
from services.errors import Misconfigured
from services.heartbeat import check
from services.patience import patiently
from services.settings import Settings


def _needs_redis(settings: Settings, command: str) -> str:
    if settings.redis_url is None:
        raise Misconfigured(
            f"`copydesk {command}` needs a Redis to reach its other half: set COPYDESK_REDIS_URL "
            "(redis://host:6379/0), or use `copydesk run`, which is both in one process"
        )
    return settings.redis_url


@click.command()
@click.pass_obj
def ingest(settings: Settings) -> None:
    """Watch the bucket and queue what waits there (a service; stop with SIGTERM)."""
    from services.app import make_app, send
    from services.ingest.breaker import open_breaker
    from services.ingest.leases import open_leases
    from services.ingest.queue import RedisQueue
    from services.ingest.service import Ingest

    queue = RedisQueue(_needs_redis(settings, "ingest"))
    patiently(queue.check, settings.retry_seconds)
    bucket = open_bucket(settings)
    patiently(bucket.prepare, settings.retry_seconds)
    app = make_app(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    service = Ingest(
        settings,
        bucket=bucket,
        leases=open_leases(settings),
        breaker=open_breaker(settings),
        send=functools.partial(send, app),
        queued=queue.waiting,
    )
    service.run(stop)


@click.command()
@click.option(
    "--concurrency",
    type=click.IntRange(1),
    default=os.cpu_count(),
    show_default="cores",
    help="Processes that work side by side.",
)
@click.option(
    "--lane",
    default=",".join(keys.LANES),
    show_default=True,
    help="Lanes to serve; the live lane always comes first.",
)
@click.pass_obj
def worker(settings: Settings, concurrency: int, lane: str) -> None:
    """Clean, enrich and index what is queued (a service; stop with SIGTERM)."""
    redis_url = _needs_redis(settings, "worker")
    lanes = [name.strip() for name in lane.split(",")]
    if unknown := sorted(set(lanes) - set(keys.LANES)):
        raise click.BadParameter(
            f"{', '.join(unknown)}: lanes are {', '.join(keys.LANES)}", param_hint="--lane"
        )
    from services.enrich.service import run_worker
    from services.ingest.queue import RedisQueue

    patiently(RedisQueue(redis_url).check, settings.retry_seconds)
    run_worker(settings, concurrency=concurrency, lanes=lanes)


@click.command()
@click.argument("service", type=click.Choice(["ingest", "worker"]))
@click.pass_obj
def health(settings: Settings, service: str) -> None:
    """Whether SERVICE on this host has made progress lately (exit code 3: it has not)."""
    click.echo(f"{service}: progress {check(settings, service):.0f} s ago")
