"""How the memory of processes grows while they are killed and started again.

What a process keeps is what it comes back to between two files: a file that takes a lot is no leak. So the
lowest of some seconds is looked at, and only memory of its own, not the pages of models and libraries that
come in when they are first read.
"""

import statistics
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.supervised import Supervised

#: What a process needs to have met everything once; its growth until then is no leak.
WARM_UP_SECONDS = 20.0
#: Longer than any one file may take.
WINDOW_SECONDS = 10.0


@dataclass
class Memory:
    """Samples of memory, by process."""

    processes: list[Supervised]
    samples: dict[tuple[str, int], list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def sample(self) -> None:
        """Look at every process, and at those of the workers' pools."""
        now = time.monotonic()
        for process in self.processes:
            for role, pids in ((process.name, [process.pid]), ("pool", process.children)):
                for pid in pids:
                    if (size := own(pid)) is not None:
                        self.samples[role, pid].append((now, size))

    def slope(self, role: str) -> tuple[float, float]:
        """Kilobytes a second that processes of a kind grow by, and the seconds that were looked at.

        Least squares with one slope for all of them and each its own level, since none lives for long.
        """
        above = below = seconds = 0.0
        for (kind, _), all_of_it in self.samples.items():
            warm = floor([(at, size) for at, size in all_of_it if at - all_of_it[0][0] >= WARM_UP_SECONDS])
            if kind != role or len(warm) < 2:
                continue
            middle, level = (statistics.fmean(column) for column in zip(*warm, strict=True))
            above += sum((at - middle) * (size - level) for at, size in warm)
            below += sum((at - middle) ** 2 for at, _ in warm)
            seconds += warm[-1][0] - warm[0][0]
        return (above / below if below else 0.0), seconds


def floor(samples: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The lowest sample of each window, in their order."""
    windows: dict[int, tuple[float, float]] = {}
    for at, size in samples:
        window = int((at - samples[0][0]) // WINDOW_SECONDS)
        windows[window] = min(windows.get(window, (at, size)), (at, size), key=lambda sample: sample[1])
    return [windows[window] for window in sorted(windows)]


def own(pid: int) -> float | None:
    """Kilobytes of a process that no file holds (Linux's RssAnon); `None` when the process is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except OSError:
        return None
    found = [line for line in status.splitlines() if line.startswith("RssAnon:")]
    return float(found[0].split()[1]) if found else None
