"""The ingest service: watch both lanes, dispatch what is ready, wait out trouble."""

import threading
from dataclasses import dataclass

from services.bucket import Bucket, keys
from services.errors import ServiceUnavailable
from services.heartbeat import Heartbeat
from services.ingest.dispatch import Dispatch, Send
from services.ingest.leases import Leases
from services.ingest.watch import Watch
from services.settings import Settings
from services.telemetry import log

_LOG = log(__name__)


@dataclass(frozen=True)
class State:
    """What the last looks saw: files listed in the lanes, and how many are queued or in work."""

    waiting: int
    outstanding: int
    whole: bool  # no listing is in its middle


class Ingest:
    """One process has one; several on the same bucket do no harm, since leases are shared."""

    def __init__(self, settings: Settings, bucket: Bucket, leases: Leases, send: Send) -> None:
        self._settings = settings
        self._leases = leases
        self._heartbeat = Heartbeat(settings, "ingest")
        self._watches = {
            lane: Watch(bucket, prefix, settings.settle_seconds) for lane, prefix in keys.LANES.items()
        }
        self._dispatch = Dispatch(
            leases,
            send,
            chunk_size=settings.chunk_size,
            most=settings.max_outstanding,
            seconds=settings.visibility_timeout,
        )

    def look(self) -> State:
        """One look at each lane, the most urgent first.

        Raises:
            ServiceUnavailable: bucket or queue do not answer.
        """
        for lane, watch in self._watches.items():
            sent = self._dispatch(lane, [entry.key for entry in watch.look()])
            if sent:
                _LOG.debug("sent", lane=lane, files=sent)
        self._heartbeat.beat()
        watches = self._watches.values()
        return State(
            waiting=sum(watch.waiting for watch in watches),
            outstanding=self._leases.outstanding(),
            whole=not any(watch.in_the_middle for watch in watches),
        )

    def run(self, stop: threading.Event, *, until_empty: bool = False) -> None:
        """Look until stopped, or until nothing waits and nothing is in work.

        Raises:
            Misconfigured: trying again cannot help.
        """
        while not stop.is_set():
            pause = self._settings.poll_seconds
            try:
                state = self.look()
            except ServiceUnavailable as error:
                _LOG.warning("waiting", cause=str(error), retry_seconds=self._settings.retry_seconds)
                pause = self._settings.retry_seconds
            else:
                if until_empty and state.whole and not state.waiting and not state.outstanding:
                    return
                if not state.whole and state.outstanding < self._settings.max_outstanding:
                    continue
            stop.wait(pause)
