"""A limit on one file's work, so that an endless one does not hold its neighbours up."""

import contextlib
import signal
import threading
from collections.abc import Iterator
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
