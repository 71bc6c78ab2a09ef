"""Limits on one file's work, so that none holds its neighbours up or takes the machine's memory."""

import contextlib
import faulthandler
import resource
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn


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


def limit_memory(megabytes: int) -> None:
    """Let this process take so much memory beyond what it has; then it meets ``MemoryError``."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    most = pages * resource.getpagesize() + megabytes * 1024**2
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(
        resource.RLIMIT_AS, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard)
    )
