"""What cleaning costs beside trafilatura's precision mode: ``python -m benchmarks.speed.cleaning GOLD_DIR``.

CPU time per page, all in one run and in turn, over pages and the dumps of the same pages.
"""

import argparse
import gzip
import json
import time
from collections.abc import Callable
from pathlib import Path

import trafilatura

from services.enrich.clean.html import clean_page
from services.enrich.clean.text import clean_dump
from services.errors import ArticleRejected


def tried(clean: Callable[[str], object]) -> Callable[[str], object]:
    def run(source: str) -> object:
        try:
            return clean(source)
        except ArticleRejected:
            return None

    return run


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gold", type=Path)
    parser.add_argument("--pages", type=int, default=40, help="pages of each set")
    parser.add_argument("--rendering", default="inscriptis")
    options = parser.parse_args()
    pages: list[str] = []
    dumps: list[str] = []
    for path in sorted(options.gold.glob(f"*/text/{options.rendering}.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for row, _ in zip(map(json.loads, file), range(options.pages), strict=False):
                dumps.append(row["text"])
                page = path.parent.parent / "html" / f"{row['id']}.html.gz"
                pages.append(gzip.decompress(page.read_bytes()).decode("utf-8"))
    ways: dict[str, tuple[Callable[[str], object], list[str]]] = {
        "trafilatura precision": (lambda page: trafilatura.extract(page, favor_precision=True), pages),
        "clean_page": (tried(clean_page), pages),
        "clean_dump": (tried(clean_dump), dumps),
    }
    spent = dict.fromkeys(ways, 0.0)
    for run, source in ways.values():  # models load once a worker's life
        run(source[0])
    for number in range(len(pages)):
        for name, (run, source) in ways.items():
            begun = time.process_time()
            run(source[number])
            spent[name] += time.process_time() - begun
    base = spent["trafilatura precision"]
    for name, seconds in spent.items():
        print(f"{name:24} {1000 * seconds / len(pages):7.1f} ms a page  {seconds / base:5.2f} x")


if __name__ == "__main__":
    main()
