"""How the memory of processes grows while they are killed and started again."""

import statistics
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.supervised import Supervised

#: What a process needs to have met everything once; its growth until then is no leak.
WARM_UP_SECONDS = 20.0


@dataclass
class Memory:
    """Samples of resident memory, by process."""

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
                    if (size := resident(pid)) is not None:
                        self.samples[role, pid].append((now, size))

    def slope(self, role: str) -> tuple[float, float]:
        """Kilobytes a second that processes of a kind grow by, and the seconds that were looked at.

        Least squares with one slope for all of them and each its own level, since none lives for long.
        """
        above = below = seconds = 0.0
        for (kind, _), all_of_it in self.samples.items():
            warm = [(at, size) for at, size in all_of_it if at - all_of_it[0][0] >= WARM_UP_SECONDS]
            if kind != role or len(warm) < 2:
                continue
            middle, level = (statistics.fmean(column) for column in zip(*warm, strict=True))
            above += sum((at - middle) * (size - level) for at, size in warm)
            below += sum((at - middle) ** 2 for at, _ in warm)
            seconds += warm[-1][0] - warm[0][0]
        return (above / below if below else 0.0), seconds


def resident(pid: int) -> float | None:
    """Kilobytes; `None` when the process is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except OSError:
        return None
    found = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return float(found[0].split()[1]) if found else None
