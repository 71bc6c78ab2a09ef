"""Waiting out trouble that is not ours: services start in any order, and come back when they can."""

import itertools
import random
import threading
from collections.abc import Callable
from typing import TypeVar

from services.errors import ServiceUnavailable
from services.telemetry import log

_LOG = log(__name__)
T = TypeVar("T")

#: How much longer each pause is than the last one, and how many times the first the longest may be: what
#: is overloaded gets room, and what comes back after hours is met within seconds all the same.
_GROWTH = 1.5
_LONGEST = 3.0


def pause(seconds: float, failures: int) -> float:
    """How long to wait before the next try after so many failed ones in a row, the first being 1.

    From ``seconds`` to three times that. Never less: "at most one try every 5 s" is a promise. With
    jitter, so that a fleet does not come back in step.
    """
    grown = min(_GROWTH ** min(failures - 1, 20), _LONGEST / 1.25)
    return seconds * grown * random.uniform(1.0, 1.25)  # noqa: S311


def patiently(action: Callable[[], T], seconds: float, stop: threading.Event | None = None) -> T:
    """Call ``action`` until it no longer raises ``ServiceUnavailable``; the first pause takes ``seconds``.

    Raises:
        ServiceUnavailable: ``stop`` was set while it was still away.
    """
    stop = stop or threading.Event()
    for failures in itertools.count(1):
        try:
            return action()
        except ServiceUnavailable as error:
            _LOG.warning("waiting", cause=str(error))
            if stop.wait(pause(seconds, failures)):
                raise
    raise AssertionError  # for the type checker: the count has no end
