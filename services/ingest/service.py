"""The ingest service: watch both lanes, dispatch what is ready, review what went wrong, wait out trouble."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from services.bucket import Bucket, Changed, Denied, Gone, keys
from services.errors import ServiceUnavailable
from services.heartbeat import Heartbeat
from services.ingest.breaker import Breaker
from services.ingest.dispatch import Dispatch, Send
from services.ingest.evidence import Evidence, Suspect
from services.ingest.leases import Leases
from services.ingest.leftovers import forget_progress
from services.ingest.quarantine import refuse_suspect
from services.ingest.watch import Watch
from services.patience import pause
from services.settings import Settings
from services.telemetry import log

_LOG = log(__name__)
_SWEEP_SECONDS = 60  # what is swept does no harm, and listing it costs a request


@dataclass(frozen=True)
class State:
    """What the last looks saw: files listed in the lanes, and how many are queued or in work."""

    waiting: int
    outstanding: int
    full: bool  # no more may be queued now
    whole: bool  # no listing is in its middle


class Ingest:
    """One process has one; several on the same bucket do no harm, since leases are shared."""

    def __init__(
        self,
        settings: Settings,
        *,
        bucket: Bucket,
        leases: Leases,
        breaker: Breaker,
        send: Send,
        queued: Callable[[str], int] = lambda _lane: 0,
    ) -> None:
        self._settings = settings
        self._bucket = bucket
        self._leases = leases
        self._breaker = breaker
        self._evidence = Evidence(bucket)
        self._heartbeat = Heartbeat(settings, "ingest")
        self._watches = {
            lane: Watch(bucket, prefix, settings.settle_seconds) for lane, prefix in keys.LANES.items()
        }
        self._dispatches = {
            lane: Dispatch(
                leases,
                send,
                queued=queued,
                chunk_size=settings.chunk_size,
                most=settings.max_outstanding if lane == "live" else settings.max_outstanding * 3 // 4,
                seconds=settings.visibility_timeout,
            )
            for lane in keys.LANES
        }  # an archive never fills the last quarter: a breaking story has room at once
        self._reviewed = float("-inf")
        self._swept = float("-inf")
        self._generation: str | None = None  # of the leases
        self._markers: dict[str, float] = {}  # chunk: when first seen
        self._in_work: set[str] = set()
        self._suspects: dict[str, Suspect] = {}

    def run(
        self, stop: threading.Event, *, until_empty: bool = False, stuck: Callable[[], int] = lambda: 0
    ) -> None:
        """Look until stopped, or until nothing waits and nothing is in work but what is ``stuck``.

        Raises:
            Misconfigured: trying again cannot help.
        """
        failures = 0
        while not stop.is_set():
            seconds = self._settings.poll_seconds
            try:
                state = self.look()
            except ServiceUnavailable as error:
                failures += 1
                seconds = pause(self._settings.retry_seconds, failures)
                _LOG.warning("waiting", cause=str(error), retry_seconds=round(seconds, 1))
            else:
                failures = 0
                if until_empty and state.whole and max(state.waiting, state.outstanding) <= stuck():
                    return
                if not state.whole and not state.full:
                    continue
            stop.wait(seconds)

    def look(self) -> State:
        """One look at each lane, the most urgent first.

        Raises:
            ServiceUnavailable: bucket or queue do not answer.
        """
        self._heartbeat.beat()  # waiting for a service is progress, too: restarting would not help
        if time.monotonic() - self._reviewed >= self._settings.review_seconds:
            self._review()
        for lane, watch in self._watches.items():
            found = watch.look()
            if self._leases.generation() != self._generation:
                self._review()  # only the bucket knows now what is in work, and what has to be sent alone
            ready = [entry.key for entry in found if entry.key not in self._in_work]
            if self._breaker.is_open():
                ready = [] if self._breaker.is_resting() else ready[:1]  # enough for a probe
            dispatch = self._dispatches[lane]
            dispatch(lane, [name for name in ready if name not in self._suspects])
            dispatch(lane, [name for name in ready if name in self._suspects], alone=True)
        watches = self._watches.values()
        outstanding = self._leases.outstanding()
        return State(
            waiting=sum(watch.waiting for watch in watches),
            outstanding=outstanding,
            full=outstanding >= self._settings.max_outstanding
            or any(dispatch.is_full(lane) for lane, dispatch in self._dispatches.items()),
            whole=not any(watch.in_the_middle for watch in watches),
        )

    def _review(self) -> None:
        """Find chunks whose worker died, and files that have failed as often as they may."""
        now, generation = time.monotonic(), self._leases.generation()
        markers = self._evidence.markers()
        self._markers = {marker.chunk: self._markers.get(marker.chunk, now) for marker in markers}
        self._in_work = set()
        for marker in markers:
            # By our own clock, not by the store's: hosts need not agree on the time.
            overdue = now - self._markers[marker.chunk] > self._settings.visibility_timeout
            if marker.left_behind or overdue:
                blamed = self._evidence.died(marker)
                self._leases.release(marker.names, chunk=marker.chunk)
                _LOG.warning(
                    "worker lost", chunk=marker.chunk, host=marker.host, pid=marker.pid, files=len(blamed)
                )
            else:
                self._in_work.update(marker.names)
        self._suspects = self._evidence.suspects()
        for suspect in list(self._suspects.values()):
            if suspect.name in self._in_work:
                continue
            if suspect.is_guilty(self._settings.max_attempts):
                self._refuse(suspect)
            elif self._bucket.stat(suspect.name) is None:
                self._evidence.clear([suspect.name])
        if now - self._swept >= _SWEEP_SECONDS:
            for name in forget_progress(self._bucket, self._in_work):
                _LOG.info("taken away", key=keys.printable(name), cause="in the middle of work on it")
            self._swept = now
        self._reviewed, self._generation = now, generation

    def _refuse(self, suspect: Suspect) -> None:
        try:
            where = refuse_suspect(self._bucket, self._evidence, suspect)
            if where is not None:
                reason = suspect.failures[-1].reason
                _LOG.info(
                    "quarantined",
                    key=keys.printable(suspect.name),
                    where=keys.printable(where),
                    reason=reason,
                )
        except Denied as error:
            _LOG.error("denied", key=keys.printable(suspect.name), cause=str(error))
            self._leases.postpone([suspect.name], self._settings.visibility_timeout)
            return
        except (Gone, Changed):
            pass  # what a person or pipeline did to it is newer than what is known of it
        self._leases.release([suspect.name])
