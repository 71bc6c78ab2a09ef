"""How well formats are read: every field of every article, against records written by hand.

    python -m benchmarks.quality.formats [DATA_DIR] [--scorer SCRIPT] [--hostile DIR] [--errors N]

DATA_DIR (default: $COPYDESK_GOLD) holds ``samples/<kind>/<name>`` and ``gold/*.json``, one record a
file: {"file": "<kind>/<name>", "kind", "n_articles", "articles": [{field: value}]}. Without
``--scorer`` each field is compared as plain text; with it, the predictions are handed to that script
as ``SCRIPT GOLD_DIR PREDICTED.jsonl``. DATA_DIR/hostile/expected.jsonl says what should become of
each file in the folder given as ``--hostile``.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from multiprocessing import Pool
from pathlib import Path
from typing import Any

from services.enrich.clean.language import detect
from services.enrich.formats import parse
from services.errors import ArticleRejected, FileIgnored
from services.models import Article, RawFile

# Dates later than a year after the file's are dropped: the samples' own times do not matter here.
_READ_AT = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> int:
    arguments = _arguments()
    if not arguments.data or not (arguments.data / "samples").is_dir():
        print("give a folder with samples/ and gold/, or set COPYDESK_GOLD to one", file=sys.stderr)
        return 2
    samples = arguments.data / "samples"
    files = sorted(path for path in samples.glob("*/*") if path.is_file())
    results = list(_run(files, arguments))
    predicted = arguments.out or arguments.data.name + "-formats.jsonl"
    with Path(predicted).open("w", encoding="utf-8") as out:
        for path, result in zip(files, results, strict=True):
            print(json.dumps({"file": str(path.relative_to(samples)), **result}), file=out)
    _report(files, results)
    if arguments.scorer:
        command = [sys.executable, arguments.scorer, str(arguments.data / "gold"), str(predicted)]
        subprocess.run([*command, "--errors", str(arguments.errors)], check=True)
    if arguments.hostile:
        _hostile(arguments)
    return 0


def read(path: Path, seconds: float = 20) -> dict[str, Any]:
    """What becomes of one file, as plain data."""
    signal.signal(signal.SIGALRM, _too_late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    start = time.process_time()
    result: dict[str, Any] = {"outcome": "indexed", "articles": [], "refused": []}
    try:
        parsed = parse(RawFile(path.name, path.read_bytes(), _READ_AT))
        result["format"] = parsed.format
        for item in parsed.items:
            if isinstance(item, Article):
                result["articles"].append(_plain(item))
            else:
                result["refused"].append(f"{item.reason}: {item.detail} ({item.item})"[:200])
    except ArticleRejected as rejected:
        result |= {"outcome": "quarantined", "reason": str(rejected.reason), "detail": rejected.detail}
    except FileIgnored as ignored:
        result |= {"outcome": "ignored", "detail": ignored.detail}
    except TimeoutError:
        result |= {"outcome": "timeout", "detail": f"more than {seconds} s"}
    except Exception as error:  # noqa: BLE001  # a crash is a result here
        result |= {"outcome": "crash", "detail": f"{type(error).__name__}: {error}"[:300]}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    result["seconds"] = round(time.process_time() - start, 4)
    return result


def _plain(article: Article) -> dict[str, Any]:
    record = article.model_dump(mode="json", exclude={"entities", "places", "quotes"})
    # As the pipeline does: what the file declares is checked against its text.
    record["language"] = detect(article.body, article.language)
    record["dateline"] = article.dateline.text if article.dateline else None
    return record


def _too_late(*_: object) -> None:
    raise TimeoutError


def _run(files: list[Path], arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    with Pool(arguments.jobs, maxtasksperchild=200) as pool:
        yield from pool.imap(read, files, chunksize=4)


def _report(files: list[Path], results: list[dict[str, Any]]) -> None:
    outcomes: dict[str, Counter[str]] = {}
    for path, result in zip(files, results, strict=True):
        what = result["outcome"] + (f":{result['reason']}" if "reason" in result else "")
        outcomes.setdefault(path.parent.name, Counter())[what] += 1
    for kind, counts in outcomes.items():
        print(f"{kind:24}", ", ".join(f"{what} {count}" for what, count in counts.most_common()))
    for path, result in zip(files, results, strict=True):
        if result["outcome"] in {"crash", "timeout"}:
            print("  FAILED", path.parent.name, path.name, result["detail"])


def _hostile(arguments: argparse.Namespace) -> None:
    """Outcomes of attacks: the right fate, no forbidden text, within time and memory."""
    expected = (arguments.data / "hostile" / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in expected]
    right = 0
    with Pool(arguments.jobs, maxtasksperchild=1) as pool:
        results = pool.imap(_attack, [(arguments.hostile / record["file"], record) for record in records])
        for record, (faults, result) in zip(records, results, strict=True):
            right += not faults
            if faults:
                print("  ", record["file"][:50], "; ".join(faults), "|", result.get("detail", "")[:100])
    print(f"hostile: {right} of {len(records)} as expected")


def _attack(job: tuple[Path, dict[str, Any]]) -> tuple[list[str], dict[str, Any]]:
    path, record = job
    megabytes = record["limits"]["mb"]
    _limit_memory(megabytes)
    result = read(path, record["limits"]["seconds"])
    faults = []
    outcome, wanted = result["outcome"], record["outcome"]
    killed = any(article["status"] == "canceled" for article in result["articles"])
    fates = {"either": {"indexed", "quarantined"}, "kill": {"indexed"}}.get(wanted, {wanted})
    if outcome not in fates:
        faults.append(f"{outcome}:{result.get('reason')} instead of {wanted}")
    if wanted == "kill" and not killed:
        faults.append("not a kill")
    if wanted == "quarantined" and record["reason"] and result.get("reason") != record["reason"]:
        faults.append(f"reason {result.get('reason')} instead of {record['reason']}")
    if outcome == "indexed":
        if record["articles"] is not None and len(result["articles"]) != record["articles"]:
            faults.append(f"{len(result['articles'])} articles instead of {record['articles']}")
        text = json.dumps(result["articles"], ensure_ascii=False)
        whole = " ".join(json.loads(json.dumps(text)).replace("\\n", " ").replace('\\"', '"').split())
        faults += [f"lacks {must[:40]!r}" for must in record["must"] if " ".join(must.split()) not in whole]
        faults += [f"holds {bad!r}" for bad in record["must_not"] if bad in text]
    return faults, result


def _limit_memory(megabytes: int) -> None:
    import resource

    # The interpreter with its libraries comes on top of what a file may take.
    limit = (megabytes + 1024) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Quality of parsing, per format and field.")
    default = os.environ.get("COPYDESK_GOLD")
    parser.add_argument("data", nargs="?", type=Path, default=Path(default) if default else None)
    parser.add_argument("--scorer", help="script that scores the predictions")
    parser.add_argument("--hostile", type=Path, help="folder with the unpacked hostile files")
    parser.add_argument("--out", help="where to write the predictions")
    parser.add_argument("--errors", type=int, default=0, help="how many wrong fields the scorer shows")
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
