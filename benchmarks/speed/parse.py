"""How long parsing takes: CPU time for one article, per format.

    python -m benchmarks.speed.parse [DATA_DIR] [--repeat N]

DATA_DIR (default: $COPYDESK_GOLD) holds ``samples/<kind>/<name>``. Each file is read N times and its
fastest run counts, so that a busy machine does not show.
"""

import argparse
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from services.enrich.formats import parse
from services.errors import ArticleRejected, FileIgnored
from services.models import Article, RawFile

_READ_AT = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> int:
    arguments = _arguments()
    if not arguments.data or not (arguments.data / "samples").is_dir():
        print("give a folder with samples/, or set COPYDESK_GOLD to one", file=sys.stderr)
        return 2
    print(f"{'format':12} {'files':>6} {'articles':>9} {'kB each':>8} {'ms each, median':>16} {'slowest':>8}")
    times: dict[str, list[tuple[float, int, int]]] = {}
    for path in sorted((arguments.data / "samples").glob("*/*")):
        raw = RawFile(path.name, path.read_bytes(), _READ_AT)
        name, seconds, count = measured(raw, arguments.repeat)
        if count:
            times.setdefault(name, []).append((seconds / count, count, len(raw.data)))
    for name, entries in sorted(times.items(), key=lambda entry: median(t for t, _, _ in entry[1])):
        articles = sum(count for _, count, _ in entries)
        each = [1000 * seconds for seconds, _, _ in entries]
        size = sum(size for _, _, size in entries) / articles / 1000
        print(f"{name:12} {len(entries):6} {articles:9} {size:8.1f} {median(each):16.2f} {max(each):8.2f}")
    return 0


def measured(raw: RawFile, repeat: int) -> tuple[str, float, int]:
    """The file's format, the CPU seconds of its fastest run, and how many articles it holds."""
    fastest, name, count = float("inf"), "", 0
    for _ in range(repeat):
        start = time.process_time()
        try:
            parsed = parse(raw)
            name, count = parsed.format, sum(isinstance(item, Article) for item in parsed.items)
        except (ArticleRejected, FileIgnored):
            return name, 0, 0
        fastest = min(fastest, time.process_time() - start)
    return name, fastest, count


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="CPU time of parsing one article, per format.")
    default = os.environ.get("COPYDESK_GOLD")
    parser.add_argument("data", nargs="?", type=Path, default=Path(default) if default else None)
    parser.add_argument("--repeat", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
