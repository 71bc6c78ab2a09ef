"""A `copydesk` process that is started again whenever it ends, as systemd or Kubernetes would."""

import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from tests.services.process import Process

ROOT = Path(__file__).parents[2]
RESTARTS_AFTER_SECONDS = 0.5


class Supervised:
    """`copydesk ARGUMENTS`. Its whole process group goes when its main process does: so do cgroups."""

    def __init__(self, *arguments: str, environment: Mapping[str, str], log: Path) -> None:
        self.name = arguments[0]
        self.starts = 0
        self._process = Process(self.name)
        self._process.command = (sys.executable, "-m", "tests.faults.copydesk", *arguments)
        self._process.environment = environment
        self._process.directory = ROOT
        self._process.log = log
        self._over = threading.Event()
        self._process.start()
        self._thread = threading.Thread(target=self._look_after, daemon=True)
        self._thread.start()

    def _look_after(self) -> None:
        while True:
            self.starts += 1
            self._process.wait(10**6)
            if self._over.wait(RESTARTS_AFTER_SECONDS):
                return
            self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid
        return self._process.pid

    @property
    def children(self) -> list[int]:
        """The processes of the worker's pool."""
        try:
            return [
                int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
            ]
        except OSError:
            return []

    def kill(self) -> None:
        """SIGKILL, to the main process first."""
        send(self.pid, signal.SIGKILL)

    def kill_child(self) -> bool:
        """SIGKILL to one process of the pool; the one that was started first."""
        children = self.children
        return bool(children) and send(min(children), signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM: it ends in its own time, and is started again."""
        send(self.pid, signal.SIGTERM)

    def ends(self, pid: int, seconds: float) -> float:
        """Wait until the process that had this pid is gone; after how long it was."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self._process.pid != pid or not self._process.alive():
                return time.monotonic() - began
            time.sleep(0.02)
        message = f"{self.name}: still there after {seconds:g} s"
        raise AssertionError(message)

    def close(self) -> None:
        """Stop it for good, politely."""
        self._over.set()
        if self._process.alive():
            self._process.stop()
        self._thread.join(20)
        self._process.close()


def send(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
