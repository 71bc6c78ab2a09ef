"""Dispatch: lease the keys that are ready and send them to the workers, keys only."""

from collections.abc import Callable, Sequence
from typing import Protocol

from services.errors import CopydeskError
from services.ingest.leases import Leases

_LEAST_MESSAGES = 32
#: Of a lease until its message is sent: who dies in between holds its files up no longer than this.
_SENDING_SECONDS = 30.0


class Send(Protocol):
    """Queues keys as one message on a lane; ``alone`` marks a file that has failed before.

    ``generation`` is that of the leases that the message relies on.
    """

    def __call__(self, lane: str, names: list[str], *, alone: bool, generation: str) -> None:
        """Raises ``ServiceUnavailable`` when the queue does not answer."""


class Dispatch:
    """Sends what is not out yet, within the bound on outstanding work."""

    def __init__(
        self,
        leases: Leases,
        send: Send,
        *,
        chunk_size: int,
        most: int,
        seconds: float,
        queued: Callable[[str], int] = lambda _lane: 0,
    ) -> None:
        self._leases = leases
        self._send = send
        self._queued = queued
        self._most_messages = max(_LEAST_MESSAGES, most // chunk_size)
        self._chunk_size = chunk_size
        self._most = most
        self._seconds = seconds

    def __call__(self, lane: str, ready: Sequence[str], *, alone: bool = False) -> int:
        """Send the keys in chunks, or each ``alone``, and return how many went out.

        Raises:
            ServiceUnavailable: the queue does not answer; keys not sent are given back.
        """
        if not ready or self.is_full(lane):
            return 0
        moment = min(self._seconds, _SENDING_SECONDS)
        taken = self._leases.take(ready, moment, self._most, longest=self._seconds)
        unsent = list(taken)
        try:
            generation = self._leases.generation() if taken else ""
            for chunk in chunks(unsent, 1 if alone else self._chunk_size):
                self._send(lane, chunk, alone=alone, generation=generation)
                del unsent[: len(chunk)]
                self._leases.prolong({name: taken[name] for name in chunk}, self._seconds)
        except CopydeskError:
            self._leases.release(unsent)
            raise
        return len(taken)

    def is_full(self, lane: str) -> bool:
        """Whether enough messages wait on a lane.

        Leases end and messages do not: where no worker comes, the queue would grow by the same files
        again and again.
        """
        return self._queued(lane) >= self._most_messages


def chunks(names: Sequence[str], most: int) -> list[list[str]]:
    """One key a message when few wait, so that workers share them; ``most`` under backlog."""
    size = min(most, max(1, len(names) // 8))
    return [list(names[start : start + size]) for start in range(0, len(names), size)]
