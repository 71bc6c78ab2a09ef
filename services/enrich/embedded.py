"""Everything in one process: ingest in a thread, Celery's worker in the main thread."""

import functools
import signal
import threading
from collections.abc import Callable
from types import FrameType

import celery.worker.state
from celery import Celery

from services.app import make_app, queues, send
from services.bucket import Bucket, keys
from services.enrich.load import load_tools
from services.enrich.tasks import register
from services.enrich.worker import Worker
from services.errors import Misconfigured
from services.index import open_index
from services.ingest.breaker import open_breaker
from services.ingest.leases import open_leases
from services.ingest.service import Ingest
from services.models import Receipt
from services.patience import patiently
from services.settings import Settings

_MOST_NAMES = 5  # in a message


def run_embedded(
    settings: Settings, bucket: Bucket, report: Callable[[Receipt], None], *, until_empty: bool
) -> None:
    """Watch and work until interrupted, or until nothing waits.

    The worker has the main thread because limits on a file's time need its signals.

    Raises:
        Misconfigured: trying again cannot help.
    """
    index = open_index(settings)
    patiently(index.prepare, settings.retry_seconds)
    leases, breaker = open_leases(settings), open_breaker(settings)
    app = make_app(settings)
    stop = threading.Event()
    worker = Worker(
        settings,
        bucket=bucket,
        index=index,
        leases=leases,
        breaker=breaker,
        tools=load_tools(settings),
        report=report,
        stopping=stop.is_set,
    )
    register(app, lambda: worker)
    ingest = Ingest(
        settings, bucket=bucket, leases=leases, breaker=breaker, send=functools.partial(send, app)
    )
    failures: list[BaseException] = []

    def watch() -> None:
        try:
            ingest.run(stop, until_empty=until_empty, stuck=lambda: len(worker.denied))
        except BaseException as error:  # noqa: BLE001  # raised again by the main thread
            failures.append(error)
        _stop_worker()

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        _stop_worker()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupted)
    thread = threading.Thread(target=watch, name="ingest")
    thread.start()
    try:
        _work(app)
    finally:
        stop.set()
        thread.join()
        celery.worker.state.should_stop = None
    if failures:
        raise failures[0]
    if until_empty and worker.denied:
        named = ", ".join(keys.shown(name) for name in sorted(worker.denied)[:_MOST_NAMES])
        raise Misconfigured(
            f"files that may not be read or taken away wait where they are: {len(worker.denied)} ({named}); "
            "let the user of this process read and write the bucket, and run again"
        )


def _work(app: Celery) -> None:
    app.WorkController(
        app=app,
        pool="solo",
        concurrency=1,
        queues=queues(list(keys.LANES)),
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    ).start()


def _stop_worker() -> None:
    state = celery.worker.state
    state.should_stop = 0  # type: ignore[assignment]  # an exit code; Celery looks between two messages
