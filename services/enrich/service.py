"""The enrich service: a Celery worker whose children share the loaded models."""

import functools
import multiprocessing
import os
import signal
import sys
import threading
from multiprocessing.synchronize import Event

from celery import Celery, bootsteps
from celery.signals import worker_shutting_down

from services.app import make_app, queues
from services.bucket import open_bucket
from services.enrich.consumer import outlive_redis
from services.enrich.load import load_tools, warm
from services.enrich.tasks import register
from services.enrich.worker import Worker
from services.heartbeat import Heartbeat
from services.index import open_index
from services.ingest.breaker import open_breaker
from services.ingest.leases import open_leases
from services.patience import patiently
from services.settings import Settings


def run_worker(settings: Settings, *, concurrency: int, lanes: list[str]) -> None:
    """Serve the lanes until told to stop.

    Raises:
        Misconfigured: bucket or index can never be used as they are.
    """
    patiently(open_bucket(settings).prepare, settings.retry_seconds)
    patiently(open_index(settings).prepare, settings.retry_seconds)
    tools = load_tools(settings)
    warm(tools)
    stopping = multiprocessing.get_context("fork").Event()

    @functools.cache
    def worker_of(_pid: int) -> Worker:
        # Connections must not be shared across a fork: each child opens its own.
        return Worker(
            settings,
            bucket=open_bucket(settings),
            index=open_index(settings),
            leases=open_leases(settings),
            breaker=open_breaker(settings),
            tools=tools,
            expendable=True,
            stopping=stopping.is_set,
        )

    app = make_app(settings)
    register(app, lambda: worker_of(os.getpid()))
    _show_life(app, settings)
    outlive_redis(app)
    _stop_in_time(settings, stopping)
    celery = app.Worker(
        pool="prefork",
        concurrency=concurrency,
        queues=queues(lanes),
        loglevel=settings.log_level,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    celery.start()
    sys.exit(celery.exitcode)


def _stop_in_time(settings: Settings, stopping: Event) -> None:
    """On SIGTERM children finish the file they are at; after the grace period all is handed back.

    Celery's warm shutdown waits for whole messages without limit; its cold one, which SIGQUIT
    starts, requeues them at once.
    """

    def begin(**_named: object) -> None:
        if not stopping.is_set():
            stopping.set()
            timer = threading.Timer(settings.grace_seconds, os.kill, (os.getpid(), signal.SIGQUIT))
            timer.daemon = True
            timer.start()

    worker_shutting_down.connect(begin, weak=False)


def _show_life(app: Celery, settings: Settings) -> None:
    """Touch the heartbeat from the worker's own event loop: when that stalls, so does the sign."""
    heartbeat = Heartbeat(settings, "worker")

    class Beat(bootsteps.StartStopStep):
        requires = ("celery.worker.components:Timer",)

        def start(self, parent: object) -> None:
            heartbeat.beat()
            parent.timer.call_repeatedly(5.0, heartbeat.beat)  # type: ignore[attr-defined]  # a WorkController

    app.steps["worker"].add(Beat)
