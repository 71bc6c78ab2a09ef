"""Limits on one file's work, so that none holds its neighbours up or takes the machine's memory."""

import contextlib
import faulthandler
import math
import resource
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import NoReturn, Self

from services.settings import Settings

_HARD = 1.25  # times the limit that code can handle: the one that it cannot


class DeadlineExceeded(BaseException):
    """The time is over. Not an ``Exception``: no library's ``except Exception`` may swallow it."""


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise ``DeadlineExceeded`` in the body after ``seconds``.

    Works by the alarm signal, hence in main threads only: worker children, the solo pool and
    ``inspect`` all work there. In another thread it sets no limit.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def over(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise DeadlineExceeded

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def watchdog(seconds: float) -> Iterator[None]:
    """End the whole process when the body takes longer, even when it hangs in C code.

    For processes that may be lost: what they were at is known from outside. Their stack goes to
    standard error.
    """
    faulthandler.dump_traceback_later(seconds, exit=True, file=2)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


@contextlib.contextmanager
def memory(megabytes: int) -> Iterator[None]:
    """Let the body take so much memory beyond what the process has; then it meets ``MemoryError``.

    Only the body: threads reserve far more than they use, and those of the bucket's client, started
    under the limit, would fail for no fault of the file.
    """
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    most = pages * resource.getpagesize() + megabytes * 1024**2
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    bounds = [bound for bound in (soft, hard) if bound != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(most, *bounds), hard) if bounds else (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@dataclass(frozen=True)
class Limits:
    """What one file's work may take."""

    seconds: float
    hard_seconds: float = math.inf  # after which the process ends, for code that cannot be interrupted
    megabytes: int | None = None  # beyond what the process has

    @classmethod
    def of(cls, settings: Settings, *, expendable: bool) -> Self:
        """Those of the settings; ``expendable``: the process may be ended for the file's sake."""
        if not expendable:
            return cls(settings.file_seconds)
        return cls(settings.file_seconds, settings.file_seconds * _HARD, settings.file_megabytes)

    def in_child(self) -> Self:
        """For a child that its parent ends after ``hard_seconds``; by itself when no parent is left."""
        return replace(self, hard_seconds=2 * self.hard_seconds)

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the body to them: ``DeadlineExceeded``, ``MemoryError``, or the end of the process."""
        with contextlib.ExitStack() as stack:
            if self.hard_seconds < math.inf:
                stack.enter_context(watchdog(self.hard_seconds))
            if self.megabytes:
                stack.enter_context(memory(self.megabytes))
            stack.enter_context(deadline(self.seconds))
            yield
