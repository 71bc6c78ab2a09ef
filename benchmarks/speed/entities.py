"""What entities cost: CPU of the whole step against spaCy's recogniser alone, and memory.

    python -m benchmarks.speed.entities [TEXTS.jsonl] [--models md sm] [--words 100000]

TEXTS holds {"text"} lines; without it our own gold articles are repeated. Both run in this process on
the same texts, by turns, so that a busy machine slows both. Memory is the resident size of a fresh
process after loading and after all texts.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path

from benchmarks.quality import marked
from services.enrich import assets
from services.enrich.entities.annotate import Annotator
from services.enrich.entities.gazetteer import Gazetteer
from services.enrich.entities.recognise import load_pipeline, recognise

_ROUNDS = 3


def main() -> int:
    arguments = _arguments()
    if arguments.one:
        return _measure(arguments.one, arguments)
    for model in arguments.models:
        # A process each: what one has loaded must not count for the other.
        command = [
            sys.executable,
            "-m",
            "benchmarks.speed.entities",
            "--one",
            model,
            "--words",
            str(arguments.words),
        ]
        subprocess.run([*command, *filter(None, [arguments.texts])], check=True)
    return 0


def _measure(model: str, arguments: argparse.Namespace) -> int:
    path = assets.model_path(model, arguments.data_dir)
    if path is None:
        print(f"model {model}: not installed; run `copydesk models install`", file=sys.stderr)
        return 2
    texts = _texts(arguments.texts, arguments.words)
    words = sum(len(text.split()) for text in texts)
    nlp = load_pipeline(path)
    annotator = Annotator({nlp.lang: nlp}, Gazetteer(assets.gazetteer_path(arguments.data_dir)))
    loaded = _resident()
    annotator.annotate(texts[0])
    steps: dict[str, Callable[[str], object]] = {
        "ner alone": lambda text: recognise(nlp, text),
        "whole step": annotator.annotate,
    }
    spent = dict.fromkeys(steps, 0.0)
    for _ in range(_ROUNDS):
        for text in texts:
            for name, step in steps.items():
                start = time.process_time()
                step(text)
                spent[name] += time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    alone, whole = (spent[name] / _ROUNDS for name in steps)
    print(f"{model}: {len(texts)} texts, {words:,} words, {_ROUNDS} rounds")
    print(f"  ner alone  {words / alone:8,.0f} words per CPU second")
    print(f"  whole step {words / whole:8,.0f} words per CPU second, {whole / alone:.2f} times ner alone")
    print(f"  resident   {loaded} MB loaded, {peak} MB at its peak")
    return 0


def _texts(path: str | None, words: int) -> Sequence[str]:
    if path:
        source = [json.loads(line)["text"] for line in Path(path).read_text("utf-8").splitlines()]
    else:
        source = [article.text for article in marked.load()]
    texts: list[str] = []
    count = 0
    for text in cycle(source):
        if count >= words or (path and len(texts) == len(source)):
            return texts
        texts.append(text)
        count += len(text.split())
    return texts


def _resident() -> int:
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("texts", nargs="?")
    parser.add_argument("--models", nargs="+", default=["md", "sm"])
    parser.add_argument("--words", type=int, default=20_000)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
