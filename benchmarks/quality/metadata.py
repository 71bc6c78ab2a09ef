"""How well headline, authors and date are read: ``python -m benchmarks.quality.metadata GOLD_DIR``.

Takes the folders of ``benchmarks.quality.cleaning`` and measures the finished article, as it would be
indexed. Headlines and sets of authors must be equal but for case and punctuation, dates of the same day.
*Missed* has no value where the gold names one, *invented* a value where the gold says there is none.
``--misses FIELD`` prints each value that is not the gold's.
"""

import argparse
import gzip
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.quality.cleaning import RENDERINGS, rows, same_day, same_people, same_title
from services.enrich.formats import html, text
from services.enrich.formats.finish import finished
from services.errors import ArticleRejected, FileIgnored
from services.models import Article, RawFile

Row = dict[str, Any]
SAME = {"title": same_title, "authors": same_people, "date": same_day}
_READ_AT = datetime(2026, 1, 1, tzinfo=UTC)  # dates later than a year after the file's are dropped


def pages(folder: Path, form: str, gold: list[Row]) -> Iterator[tuple[Row, Row]]:
    """Each page's gold and what was read of it, in one form: ``html`` or a rendering as text."""
    if form == "html":
        for row in gold:
            with gzip.open(folder / "html" / f"{row['id']}.html.gz", "rt", encoding="utf-8") as file:
                yield row, record(form, row, file.read())
    else:
        known = {row["id"]: row for row in gold}
        for page in rows(folder / "text" / f"{form}.jsonl.gz"):
            yield known[page["id"]], record(form, page, page["text"])


def record(form: str, row: Row, page: str) -> Row:
    """The fields of the finished article; none when the page is refused."""
    raw = RawFile(key=row["id"], data=b"", modified=_READ_AT)
    try:
        article: Article = html.read(page, url=row.get("url")) if form == "html" else text.read(page)
        article = finished(article, raw)
    except (ArticleRejected, FileIgnored):
        return {}
    return {
        "title": article.headline,
        "authors": list(article.authors),
        "date": article.published.isoformat() if article.published else None,
    }


def count(field: str, gold: Row, found: Row) -> Iterator[str]:
    """What one page adds to the figures of one field."""
    if field not in gold:
        return
    value = found.get(field)
    if gold[field]:
        yield "asked"
        yield "same" if SAME[field](gold[field], value) else "other" if value else "missed"
    else:
        yield "none"
        if value:
            yield "invented"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gold", type=Path)
    parser.add_argument(
        "--only", choices=("html", *RENDERINGS), action="append", help="a form of the pages; may repeat"
    )
    parser.add_argument("--sets", nargs="+", help="names of the folders to measure; all by default")
    parser.add_argument("--misses", choices=SAME, action="append", default=[], help="a field; may repeat")
    options = parser.parse_args()
    for folder in sorted(path.parent for path in options.gold.glob("*/gold.jsonl")):
        gold = list(rows(folder / "gold.jsonl"))
        if (options.sets and folder.name not in options.sets) or not any(map(SAME.keys().__and__, gold)):
            continue
        for form in options.only or ("html", *RENDERINGS):
            if form != "html" and not (folder / "text" / f"{form}.jsonl.gz").exists():
                continue
            counts: dict[str, Counter[str]] = {field: Counter() for field in SAME}
            for wanted, found in pages(folder, form, gold):
                for field, counted in counts.items():
                    told = list(count(field, wanted, found))
                    counted.update(told)
                    if field in options.misses and told and "same" not in told and told != ["none"]:
                        print(told[-1], field, wanted["id"], repr(wanted[field]), repr(found.get(field)))
            print(f"{folder.name} {form}".ljust(20), *map(summary, counts.items()), flush=True)


def summary(figures: tuple[str, Counter[str]]) -> str:
    field, counted = figures
    share = counted["same"] / max(1, counted["asked"])
    return (
        f"  {field} {share:.3f} of {counted['asked']} (missed {counted['missed']},"
        f" invented {counted['invented']} of {counted['none']})"
    )


if __name__ == "__main__":
    main()
