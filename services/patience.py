"""Waiting out trouble that is not ours: services start in any order, and come back when they can."""

import random
import threading
from collections.abc import Callable
from typing import TypeVar

from services.errors import ServiceUnavailable
from services.telemetry import log

_LOG = log(__name__)
T = TypeVar("T")


def patiently(action: Callable[[], T], seconds: float, stop: threading.Event | None = None) -> T:
    """Call ``action`` until it no longer raises ``ServiceUnavailable``, about ``seconds`` apart.

    Raises:
        ServiceUnavailable: ``stop`` was set while it was still away.
    """
    stop = stop or threading.Event()
    while True:
        try:
            return action()
        except ServiceUnavailable as error:
            _LOG.warning("waiting", cause=str(error))
            # Jitter, so that a fleet does not come back in step.
            if stop.wait(seconds * random.uniform(0.75, 1.25)):  # noqa: S311
                raise
