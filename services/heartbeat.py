"""A sign of progress that other processes can see: a file touched by the working loop itself."""

import time
from pathlib import Path

from services.errors import ServiceUnavailable
from services.settings import Settings

STALE_SECONDS = 60.0
_EVERY_SECONDS = 5.0


class Heartbeat:
    """Call ``beat`` from the loop that must not stall; it touches the file every few seconds."""

    def __init__(self, settings: Settings, name: str) -> None:
        self.path = _path(settings, name)
        self._last = 0.0

    def beat(self) -> None:
        """Show progress now."""
        now = time.monotonic()
        if now - self._last >= _EVERY_SECONDS:
            self._last = now
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch()


def check(settings: Settings, name: str) -> float:
    """Seconds since the service last made progress.

    Raises:
        ServiceUnavailable: it is not running here, or has stalled.
    """
    path = _path(settings, name)
    try:
        age = time.time() - path.stat().st_mtime
    except FileNotFoundError:
        raise ServiceUnavailable(
            f"{name}: no sign of life in {path}; is `copydesk {name}` running?"
        ) from None
    if age > STALE_SECONDS:
        raise ServiceUnavailable(f"{name}: no progress for {age:.0f} s; see its log, restart it")
    return age


def _path(settings: Settings, name: str) -> Path:
    return settings.heartbeat_dir / name
