"""Real `copydesk` processes for tests, ended by their own pid."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

COPYDESK = Path(sys.executable).with_name("copydesk")


def run(*arguments: str, env: Mapping[str, str], timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [COPYDESK, *arguments],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@contextmanager
def service(*arguments: str, env: Mapping[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A long-running command; stopped politely at the end, and by force when that takes too long."""
    with log.open("ab") as sink:
        process = subprocess.Popen(
            [COPYDESK, *arguments],
            env={**os.environ, **env},
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()


def eventually(
    condition: Callable[[], object], *, seconds: float, what: str, logs: Path | None = None
) -> None:
    """Wait until ``condition`` is true; fail with what was waited for, and the end of the logs."""
    due = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > due:
            tail = logs.read_text("utf-8", "replace")[-4000:] if logs and logs.exists() else ""
            raise AssertionError(f"after {seconds:g} s still not: {what}\n{tail}")
        time.sleep(0.1)
