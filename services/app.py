"""The Celery app; each setting with its reason.

Messages carry the keys of files and nothing else. Losing one loses no file: the bucket still
holds it, and the next listing sends it again.
"""

from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError

from services.bucket import keys
from services.errors import ServiceUnavailable
from services.settings import Settings

#: The one task: work on these keys.
PROCESS = "copydesk.process"

#: Before every key in Redis, which may be shared with others.
KEY_PREFIX = "copydesk:"


def make_app(settings: Settings) -> Celery:
    """An app on the Redis of the settings, or, embedded, on a queue inside the process."""
    app = Celery("copydesk", broker=settings.redis_url or "memory://localhost/", set_as_current=False)
    app.conf.update(
        broker_transport_options=_transport(settings),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # never give up: Redis will be back
        broker_channel_error_retry=True,  # the same when it answers but refuses: a full disk, a failover
        # A message is done when its work is, not when it is taken; a dead child's comes back.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        # Work is idempotent, but running it twice at once is waste.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_prefetch_multiplier=1,  # measured: more gains nothing and holds messages back
        # Nobody asks for results; kept ones would fill Redis.
        task_ignore_result=True,
        result_backend=None,
        task_time_limit=settings.task_seconds,
        worker_proc_alive_timeout=60,  # a child that starts slowly must not be killed in a loop
        worker_max_tasks_per_child=2000,
        # Chatter between workers: more keys in Redis, and nothing here reads it.
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        task_serializer="json",
        accept_content=["json"],
        task_default_queue="live",
        task_create_missing_queues=True,
        broker_heartbeat=0,
    )
    return app


def send(app: Celery, lane: str, names: list[str], *, alone: bool, generation: str) -> None:
    """Queue the keys as one message on a lane.

    ``alone`` marks a file that has failed before; ``generation`` is that of the leases that keep the
    keys from being sent twice.

    Raises:
        ServiceUnavailable: the queue does not answer.
    """
    try:
        app.send_task(PROCESS, args=[names, alone, generation], queue=lane, retry=False)
    except OperationalError as error:
        raise ServiceUnavailable(f"Redis: {error}; waiting for it") from error


def queues(lanes: list[str]) -> str:
    """Celery's ``-Q`` for lanes, most urgent first whatever the order given."""
    return ",".join(lane for lane in keys.LANES if lane in lanes)


def _transport(settings: Settings) -> dict[str, Any]:
    if settings.embedded:
        return {"polling_interval": 0.02}
    return {
        "visibility_timeout": settings.visibility_timeout,
        # Unread messages are looked for every 5 s, not every 100 s.
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "unacked_mutex_expire": 30,  # a worker that died restoring holds the others up 30 s, not 300 s
        "socket_timeout": 5,  # a frozen Redis is an error after 5 s, not a hang
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 10,
        "global_keyprefix": KEY_PREFIX,
        "queue_order_strategy": "priority",  # lanes in the order they are named: live first
    }
