"""A worker that lost an acknowledgement meets Redis anew, instead of waiting for ever.

When Redis goes while every process of the pool is at work, nothing listens to the broken connection;
the acknowledgements that follow fail, are logged and forgotten (celery 5.7: "Couldn't ack"), and their
messages count against the prefetch limit for good: the worker lives and takes nothing any more.
"""

from typing import Any

from celery import Celery, bootsteps
from celery.worker import state

_EVERY_SECONDS = 2.0


class MeetAnew(bootsteps.StartStopStep):
    """A step of Celery's consumer: one connection's life long."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **named: Any) -> None:
        super().__init__(consumer, **named)
        self._timer: Any = None
        self._suspected: set[str] = set()

    def start(self, consumer: Any) -> None:
        """Look every few seconds, in the loop that owns the connection."""
        self._suspected = set()
        self._timer = consumer.timer.call_repeatedly(_EVERY_SECONDS, self._look, (consumer,))

    def stop(self, _consumer: Any) -> None:
        """No longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, consumer: Any) -> None:
        qos = consumer.task_consumer.channel.qos
        held = set(qos._delivered) - qos._dirty  # noqa: SLF001  # kombu has no other word for it
        # Twice in a row, because a message is taken and a task ended a moment before each is noted.
        unheard = held - {request.message.delivery_tag for request in state.reserved_requests}
        if unheard & self._suspected:
            # Celery takes it for what it is, a broken connection, and opens another.
            raise ConnectionError(f"{len(unheard)} acknowledgements were lost")
        self._suspected = unheard


def meet_anew_after_lost_acks(app: Celery) -> None:
    """Add the step to the workers of an app."""
    app.steps["consumer"].add(MeetAnew)
