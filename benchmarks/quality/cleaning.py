"""How well pages and dumps are cleaned: ``python -m benchmarks.quality.cleaning GOLD_DIR``.

GOLD_DIR holds a folder a set: ``gold.jsonl`` ({"id", "body" or "blocks" or "with" and "without", "title",
"authors", "date"}), ``html/<id>.html.gz`` and, for dumps, ``text/<rendering>.jsonl.gz`` ({"id", "text"}).
Bodies are scored by four-word shingles, metadata by equality. ``--only trafilatura`` scores what that
extractor's precision mode takes for the body of the same web pages. ``--out`` keeps the predictions;
``--scorer`` runs another script on them too: ``python SCORER GOLD PREDICTED --title --authors --date``.
"""

import argparse
import gzip
import json
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import trafilatura

from benchmarks.quality.shingles import page_score, summarise
from services.enrich.clean.html import clean_page
from services.enrich.clean.page import Page
from services.enrich.clean.text import clean_dump
from services.errors import ArticleRejected

RENDERINGS = ("inscriptis", "htmltext", "markdownify", "html2text")
_SPLIT = re.compile(r"\s*(?:;|,|\||/|\n|\s&\s|\sand\s|\sund\s|\set\s|\sy\s|\se\s)\s*")
_MARKS = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "..."})


def rows(path: Path) -> Iterator[dict[str, Any]]:
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8") as file
    ):
        yield from map(json.loads, file)


def record(id_: str, page: Page | None) -> dict[str, Any]:
    if page is None:
        return {"id": id_, "body": ""}
    return {
        "id": id_,
        "body": "\n\n".join(block.text for block in page.blocks if block.kept),
        "title": page.headline,
        "authors": list(page.authors),
        "date": page.published.isoformat() if page.published else None,
    }


def sources(folder: Path, gold: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], str]]:
    for row in gold:
        with gzip.open(folder / "html" / f"{row['id']}.html.gz", "rt", encoding="utf-8") as file:
            yield row, file.read()


def extract_html(folder: Path, gold: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row, source in sources(folder, gold):
        body = trafilatura.extract(source, favor_precision=True, include_comments=False)
        yield {"id": row["id"], "body": body or ""}


def clean_html(folder: Path, gold: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row, source in sources(folder, gold):
        try:
            yield record(row["id"], clean_page(source, url=row.get("url")))
        except ArticleRejected:
            yield record(row["id"], None)


def clean_texts(path: Path) -> Iterator[dict[str, Any]]:
    for row in rows(path):
        try:
            yield record(row["id"], clean_dump(row["text"]))
        except ArticleRejected:
            yield record(row["id"], None)


def report(name: str, gold: list[dict[str, Any]], found: list[dict[str, Any]]) -> None:
    predicted = {row["id"]: row for row in found}
    line = f"{name:26}"
    bodies = [row for row in gold if row.get("body") or row.get("blocks")]
    if bodies:
        mean = summarise(page_score(row, predicted[row["id"]]["body"]) for row in bodies)
        line += f" {len(bodies):4} pages  P {mean.precision:.3f}  R {mean.recall:.3f}  F1 {mean.f1:.3f}"
        line += f"  empty {len(bodies) - mean.predicted}"
    for field, same in (("title", same_title), ("authors", same_people), ("date", same_day)):
        have = [row for row in gold if row.get(field)]
        none = [row for row in gold if field in row and not row[field]]
        if have and any(field in row for row in found):
            share = sum(same(row[field], predicted[row["id"]].get(field)) for row in have) / len(have)
            line += f"  {field} {share:.3f}"
        if none and any(field in row for row in found):
            line += f" (invented {sum(bool(predicted[row['id']].get(field)) for row in none)}/{len(none)})"
    print(line, flush=True)


def words(text: Any) -> str:
    return " ".join(
        re.findall(r"\w+", unicodedata.normalize("NFKC", str(text or "")).translate(_MARKS).casefold())
    )


def same_title(gold: Any, found: Any) -> bool:
    return words(gold) == words(found)


def same_people(gold: Any, found: Any) -> bool:
    return people(gold) == people(found)


def people(value: Any) -> set[str]:
    items = value if isinstance(value, list) else [value]
    return {name for item in items if item for part in _SPLIT.split(str(item)) if (name := words(part))}


def same_day(gold: Any, found: Any) -> bool:
    return str(gold)[:10] == str(found)[:10]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gold", type=Path)
    parser.add_argument(
        "--only",
        choices=("html", "trafilatura", *RENDERINGS),
        action="append",
        help="a form of the pages, or the other extractor; may repeat",
    )
    parser.add_argument("--sets", nargs="+", help="names of the folders to measure; all by default")
    parser.add_argument("--scorer", type=Path, help="another scoring script to run on the predictions")
    parser.add_argument("--out", type=Path, help="a folder to keep the predictions in")
    options = parser.parse_args()
    with TemporaryDirectory() as temporary:
        out = options.out or Path(temporary)
        out.mkdir(parents=True, exist_ok=True)
        for folder in sorted(path.parent for path in options.gold.glob("*/gold.jsonl")):
            if options.sets and folder.name not in options.sets:
                continue
            gold = list(rows(folder / "gold.jsonl"))
            for form in options.only or ("html", *RENDERINGS):
                path = folder / "text" / f"{form}.jsonl.gz"
                if form == "html":
                    found = list(clean_html(folder, gold))
                elif form == "trafilatura":
                    found = list(extract_html(folder, gold))
                elif path.exists():
                    found = list(clean_texts(path))
                else:
                    continue
                report(f"{folder.name} {form}", gold, found)
                predicted = out / f"{folder.name}.{form}.jsonl"
                predicted.write_text("".join(json.dumps(row) + "\n" for row in found), encoding="utf-8")
                if options.scorer:
                    command = [
                        sys.executable,
                        str(options.scorer),
                        str(folder / "gold.jsonl"),
                        str(predicted),
                    ]
                    subprocess.run([*command, "--title", "--authors", "--date"], check=True)


if __name__ == "__main__":
    main()
