"""How good entities, places and quotations are.

    python -m benchmarks.quality.entities [GOLD_DIR] [--scorer SCRIPT] [--model md]

GOLD_DIR (default: $COPYDESK_GOLD/entities) holds *.jsonl, one {"id", "text"} a line with either
"entities": [{"start", "end", "type"}] (PER, ORG, LOC, MISC) or "places": [{"start", "end", "lat",
"lon"}]. Without ``--scorer`` names are compared exactly as they stand, PER, ORG and LOC, where a place
that can act may be LOC or ORG; with it, predictions are handed to that script as
``SCRIPT GOLD.jsonl PREDICTED.jsonl``. Grouping and quotations are always measured on
benchmarks/gold/entities, which is ours: a guard, not a measurement of the world.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks.quality import marked
from services.enrich import assets
from services.enrich.entities.annotate import Annotator
from services.enrich.entities.annotations import Annotations
from services.enrich.entities.places import kilometres
from services.enrich.entities.record import annotation_record
from services.models import Quote


def main() -> int:
    arguments = _arguments()
    model = assets.model_path(arguments.model, arguments.data_dir)
    if model is None:
        print(f"model {arguments.model}: not installed; run `copydesk models install`", file=sys.stderr)
        return 2
    annotator = Annotator.load([model], assets.gazetteer_path(arguments.data_dir))
    files = sorted(arguments.gold.glob("*.jsonl")) if arguments.gold else []
    with tempfile.TemporaryDirectory() as scratch:
        for path in files:
            _file(path, Path(arguments.out or scratch), annotator, arguments.scorer)
    _ours(annotator)
    return 0


def _file(path: Path, folder: Path, annotator: Annotator, scorer: Path | None) -> None:
    gold = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    start = time.process_time()
    predicted = [annotation_record(row["id"], annotator.annotate(row["text"])) for row in gold]
    seconds = time.process_time() - start
    words = sum(len(row["text"].split()) for row in gold)
    print(f"{path.name}: {len(gold)} texts, {words:,} words, {words / seconds:,.0f} words per CPU second")
    if scorer:
        folder.mkdir(parents=True, exist_ok=True)
        out = folder / path.name
        out.write_text("".join(json.dumps(row) + "\n" for row in predicted), "utf-8")
        subprocess.run(
            [sys.executable, scorer.name, path.resolve(), out.resolve()], check=True, cwd=scorer.parent
        )
    elif any("places" in row for row in gold):
        _places(gold, predicted)
    else:
        _names(gold, predicted)


def _names(gold: list[dict[str, Any]], predicted: list[dict[str, Any]]) -> None:
    right = found = wanted = 0
    for row, guess in zip(gold, predicted, strict=True):
        want = {(e["start"], e["end"]): e["type"] for e in row["entities"] if e["type"] != "MISC"}
        got = {(e["start"], e["end"]): e["type"] for e in guess["entities"] if e["type"] != "MISC"}
        wanted += len(want)
        found += len(got)
        right += sum(want.get(span) in _means(label) for span, label in got.items())
    print(f"  names: {_f1(right, found, wanted)}")


def _means(label: str) -> tuple[str, ...]:
    return ("LOC", "ORG") if label == "GPE" else (label,)


def _places(gold: list[dict[str, Any]], predicted: list[dict[str, Any]]) -> None:
    right = found = wanted = near = 0
    for row, guess in zip(gold, predicted, strict=True):
        want = {(p["start"], p["end"]): p for p in row["places"]}
        got = {(p["start"], p["end"]): p for p in guess["places"]}
        both = want.keys() & got.keys()
        right += len(both)
        found += len(got)
        wanted += len(want)
        near += sum(
            got[k]["lat"] is not None
            and kilometres(got[k]["lat"], got[k]["lon"], want[k]["lat"], want[k]["lon"]) <= 161
            for k in both
        )
    print(f"  places: {_f1(right, found, wanted)}; within 161 km, end to end: {near / max(1, wanted):.1%}")


def _ours(annotator: Annotator) -> None:
    articles = marked.load()
    given = [annotator.link(article.text, article.names) for article in articles]
    ours = [annotator.annotate(article.text) for article in articles]
    print(f"our own gold: {len(articles)} articles, {sum(len(a.quotes) for a in articles)} quotations")
    print(f"  grouping, gold mentions: pairs {_pairs(articles, given)}")
    print(f"  grouping, end to end:    pairs {_pairs(articles, ours)}")
    _quotes(articles, ours)


def _pairs(articles: list[marked.Marked], annotations: list[Annotations]) -> str:
    """Pairs of mentions that are one entity, in gold and as found."""
    right = found = wanted = 0
    for article, annotated in zip(articles, annotations, strict=True):
        keys: dict[str, list[tuple[int, int]]] = {}
        for name, key in zip(article.names, article.keys, strict=True):
            keys.setdefault(key, []).append((name.start, name.end))
        want = {pair for spans in keys.values() for pair in combinations(sorted(spans), 2)}
        got = {
            pair
            for entity in annotated.entities
            for pair in combinations(sorted((m.start, m.end) for m in entity.mentions), 2)
        }
        right += len(want & got)
        found += len(got)
        wanted += len(want)
    return _f1(right, found, wanted)


def _quotes(articles: list[marked.Marked], annotations: list[Annotations]) -> None:
    right = found = wanted = known = 0
    for article, annotated in zip(articles, annotations, strict=True):
        want = {(said.start, said.end): said.speaker for said in article.quotes}
        direct = {_span(quote): quote for quote in annotated.quotes if quote.direct}
        wanted += len(want)
        found += len(direct)
        for span in want.keys() & direct.keys():
            right += 1
            good = _same_speaker(article, annotated, want[span], direct[span])
            known += good
            if os.environ.get("COPYDESK_SHOW") and not good:
                print("   ", article.id, want[span], direct[span].speaker, direct[span].text[:60])
        if os.environ.get("COPYDESK_SHOW"):
            for span in want.keys() ^ direct.keys():
                print(
                    "   ",
                    article.id,
                    "missed" if span in want else "not one",
                    article.text[slice(*span)][:60],
                )
    speakers = f"speaker right in {known / max(1, right):.1%} of them"
    print(f"  quotations: spans {_f1(right, found, wanted)}; {speakers}")


def _span(quote: Quote) -> tuple[int, int]:
    left = len(quote.text) - len(quote.text.lstrip())
    return quote.start + left, quote.start + left + len(quote.text.strip())


def _same_speaker(article: marked.Marked, annotated: Annotations, key: str, quote: Quote) -> bool:
    if quote.speaker is None:
        return False
    if key.startswith("="):
        return quote.speaker.id is None and key[1:].rsplit(maxsplit=1)[-1] in quote.speaker.name
    mentions = {n.start for n, k in zip(article.names, article.keys, strict=True) if k == key}
    entity = next((e for e in annotated.entities if e.id == quote.speaker.id), None)
    return entity is not None and any(m.start in mentions for m in entity.mentions)


def _f1(right: int, found: int, wanted: int) -> str:
    precision, recall = right / max(1, found), right / max(1, wanted)
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return f"P {precision:.1%} R {recall:.1%} F1 {f1:.1%}"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    home = os.environ.get("COPYDESK_GOLD")
    parser.add_argument("gold", type=Path, nargs="?", default=Path(home, "entities") if home else None)
    parser.add_argument("--scorer", type=Path)
    parser.add_argument("--out", help="folder that keeps the predictions")
    parser.add_argument("--model", default=assets.DEFAULT_MODEL)
    parser.add_argument("--data-dir", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
