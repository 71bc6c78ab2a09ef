"""A server as a local process: started under a leash, killed, frozen, and started again on its data."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

LEASH = Path(__file__).with_name("leash.py")
STOPS_WITHIN_SECONDS = 15
TAIL_LINES = 30


class Process:
    """One command and the folder that holds its data and log until `close()`."""

    def __init__(self, title: str, port: int = 0) -> None:
        self.port = port
        self.address = f"127.0.0.1:{port}"
        self.folder = Path(tempfile.mkdtemp(prefix=f"copydesk-{title.lower()}-"))
        self.log = self.folder / "log"
        self.command: Sequence[str] = ()
        self.environment: Mapping[str, str] = {}
        self.directory = self.folder
        self.user: int | None = None
        self.stop_signal = signal.SIGTERM
        # What kill() and pause() hit; where a launcher is in between, its service points it at the child.
        self.pid: int | None = None
        self._main: int | None = None
        self._leash: subprocess.Popen[str] | None = None

    def start(self) -> None:
        assert not self.alive(), f"{self.command[0]} is already running"
        user = "" if self.user is None else str(self.user)
        with self.log.open("ab") as log:
            self._leash = subprocess.Popen(
                [sys.executable, "-I", LEASH, str(os.getpid()), user, self.folder, self.log, *self.command],
                cwd=self.directory,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl+C in the terminal is for the run, which then ends us in order
                text=True,
            )
        assert self._leash.stdout
        with self._leash.stdout as pid:
            self.pid = self._main = int(pid.readline() or 0) or None

    def alive(self) -> bool:
        return self._leash is not None and self._leash.poll() is None

    def wait(self, seconds: float) -> int:
        """Give it so long to end by itself, and return its exit status."""
        assert self._leash, "it was never started"
        return self._leash.wait(seconds)

    def stop(self) -> None:
        """End it the way an operator would; data stays."""
        self._end(self._main, self.stop_signal)

    def kill(self) -> None:
        """SIGKILL, as the kernel does when memory is short; data stays."""
        self._end(self.pid, signal.SIGKILL)

    def pause(self) -> None:
        """Freeze it: connections stay open and nothing answers."""
        self._signal(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """Kill it and delete its folder."""
        if self.alive():
            self._end(self._main, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def tail(self) -> str:
        """What it said last."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-TAIL_LINES:])

    def _end(self, pid: int | None, how: signal.Signals) -> None:
        assert self._leash, "it was never started"
        self._signal(pid, how)
        self._signal(pid, signal.SIGCONT)  # a frozen process hears nothing but SIGKILL
        try:
            self._leash.wait(STOPS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self._leash.terminate()  # the leash then ends the whole group
            self._leash.wait(STOPS_WITHIN_SECONDS)

    @staticmethod
    def _signal(pid: int | None, what: signal.Signals) -> None:
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, what)
