"""What Celery's consumer does not do by itself when Redis is in trouble, as steps of its life."""

from typing import Any

from celery import Celery, bootsteps
from celery.worker import state
from kombu.transport import virtual
from redis.exceptions import OutOfMemoryError

_EVERY_SECONDS = 2.0


class MeetAnew(bootsteps.StartStopStep):
    """A worker that lost an acknowledgement meets Redis anew, instead of waiting for ever.

    When Redis goes while every process of the pool is at work, nothing listens to the broken connection;
    the acknowledgements that follow fail, are logged and forgotten (celery 5.7: "Couldn't ack"), and their
    messages count against the prefetch limit for good: the worker lives and takes nothing any more.
    """

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


class KeepWhatIsTaken(bootsteps.StartStopStep):
    """A message that a full Redis does not note as taken is worked on all the same.

    By then it is out of the queue; the worker would die of the refusal and the message be lost
    (https://github.com/celery/celery/issues/5716), its files left until their leases end. Worked on, they
    are handed back as whenever a service is away.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, consumer: Any) -> None:
        """Before the first message of a connection."""
        qos = consumer.task_consumer.channel.qos
        note = qos.append

        def append(message: Any, delivery_tag: str) -> None:
            try:
                note(message, delivery_tag)
            except OutOfMemoryError:
                virtual.QoS.append(qos, message, delivery_tag)  # in this process only

        qos.append = append


def outlive_redis(app: Celery) -> None:
    """Add the steps to the workers of an app."""
    app.steps["consumer"].update({MeetAnew, KeepWhatIsTaken})
