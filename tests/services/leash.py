"""Run one server that must not outlive the run that asked for it, however that run ends.

A test run can be interrupted, killed with SIGKILL or cut off by CI, and then no clean-up of its own
happens. So every server has this small parent, which watches the run and ends the server's whole process
group (Elasticsearch is two Java processes) and its folder when the run is gone.

PR_SET_PDEATHSIG would be shorter and is wrong here: it fires when the *thread* that started the child
ends (services start in parallel, in threads), a change of user clears it, and only Linux has it.

Runs as a script under `python -I`, so it imports the standard library only.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

LOOKS_EVERY_SECONDS = 0.2


def end_group(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def lives(run: int) -> bool:
    """Tell whether the run is still there: a process whose parent died gets another parent."""
    return os.getppid() == run


def watch(run: int, child: subprocess.Popen[bytes]) -> None:
    while lives(run):
        time.sleep(LOOKS_EVERY_SECONDS)
    end_group(child)


def main(run: str, user: str, folder: str, log: str, *command: str) -> int:
    account = {"user": int(user), "group": int(user), "extra_groups": []} if user else {}
    with Path(log).open("ab") as output:
        child = subprocess.Popen(  # type: ignore[call-overload]
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **account,
        )
    signal.signal(signal.SIGTERM, lambda *_: end_group(child))
    threading.Thread(target=watch, args=(int(run), child), daemon=True).start()
    print(child.pid, flush=True)  # noqa: T201
    status = int(child.wait())
    end_group(child)  # a launcher that was killed leaves its server behind
    if not lives(int(run)):
        shutil.rmtree(folder, ignore_errors=True)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
