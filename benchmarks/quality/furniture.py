"""Whether learning a site's furniture helps: ``python -m benchmarks.quality.furniture GOLD_DIR``.

GOLD_DIR is that of ``benchmarks.quality.cleaning``; pages of one ``site`` are taken together from all its
sets. Of each site with enough pages every page is cleaned without and with what its other pages teach. The
last figure asks how much there is to gain: as if every line that another page of the site has were cut,
where the gold does not hold it. ``--least`` lowers the number of articles that a line must be on, down to
where the rules must fail: what they then cut of a body shows which of them hold it back.
"""

import argparse
import gzip
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.quality.cleaning import rows, words
from benchmarks.quality.shingles import page_score, summarise
from services.enrich.clean import recurring
from services.enrich.clean.recurring import lines_of, without_recurring
from services.enrich.formats import html, text
from services.errors import ArticleRejected
from services.models import Article, Block

FORMS = ("html", "inscriptis", "htmltext", "markdownify", "html2text")


@dataclass(frozen=True)
class Page:
    """A page of a site, its gold, and the article that is made of it."""

    id: str
    gold: dict[str, Any]
    article: Article

    def holds(self, block: Block) -> bool:
        """Whether the gold has the block's words, as one run."""
        gold = "\n".join(said for said, _ in self.gold.get("blocks") or [(self.gold.get("body"), False)])
        return f" {words(block.text)} " in f" {words(gold)} "


def pages(folder: Path, form: str) -> Iterator[Page]:
    gold = {row["id"]: row for row in rows(folder / "gold.jsonl") if row.get("body") and row.get("site")}
    for id_, source in sources(folder, form, gold):
        try:
            article = html.read(source, url=gold[id_].get("url")) if form == "html" else text.read(source)
        except ArticleRejected:
            continue
        yield Page(id_, gold[id_], article)


def sources(folder: Path, form: str, gold: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if form == "html":
        for id_ in gold:
            with gzip.open(folder / "html" / f"{id_}.html.gz", "rt", encoding="utf-8") as file:
                yield id_, file.read()
    elif (path := folder / "text" / f"{form}.jsonl.gz").exists():
        yield from ((row["id"], row["text"]) for row in rows(path) if row["id"] in gold)


def learnt(others: list[Page]) -> dict[str, bool]:
    _, lines = recurring.recurring([lines_of(page.article) for page in others])
    return {line.hash: line.doubted for line in lines}


def ideal(page: Page, others: list[Page]) -> Article:
    """The page without what another page of the site has too and its gold has not."""
    shared = {
        words(line) for other in others for block in other.article.blocks for line in block.text.split("\n")
    }
    blocks = [
        block.model_copy(
            update={"kept": block.kept and (words(block.text) not in shared or page.holds(block))}
        )
        for block in page.article.blocks
    ]
    return page.article.model_copy(update={"blocks": tuple(blocks)})


def measure(form: str, sites: dict[str, list[Page]], least: int) -> None:
    enough = {name: found for name, found in sites.items() if len(found) > least}
    scores: dict[str, list[Any]] = defaultdict(list)
    cut, wrong = 0, 0
    for found in enough.values():
        for page in found:
            others = [other for other in found if other is not page]
            marked = without_recurring(page.article, learnt(others))
            gone = [
                block
                for block, now in zip(page.article.blocks, marked.blocks, strict=True)
                if block.kept and not now.kept
            ]
            cut += len(gone)
            wrong += sum(map(page.holds, gone))
            for name, article in (
                ("without", page.article), ("with", marked), ("at most", ideal(page, others))
            ):  # fmt: skip
                scores[name].append(page_score(page.gold, article.body))
    print(f"{form:12} {len(enough):3} sites {sum(map(len, enough.values())):4} pages", end="")
    for name, each in scores.items():
        mean = summarise(each)
        print(f"  {name} F1 {mean.f1:.4f} (P {mean.precision:.4f} R {mean.recall:.4f})", end="")
    print(f"  blocks cut {cut}, of these in the gold {wrong}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gold", type=Path)
    parser.add_argument("--only", choices=FORMS, action="append", help="a form of the pages; may repeat")
    parser.add_argument(
        "--least", type=int, default=recurring.LEAST_ARTICLES, help="articles a line must be on"
    )
    options = parser.parse_args()
    recurring.KEPT_ARTICLES = recurring.KEPT_ARTICLES * options.least // recurring.LEAST_ARTICLES
    recurring.LEAST_ARTICLES = options.least
    for form in options.only or FORMS:
        sites: dict[str, list[Page]] = defaultdict(list)
        for folder in sorted(path.parent for path in options.gold.glob("*/gold.jsonl")):
            for page in pages(folder, form):
                sites[str(page.gold["site"]).removeprefix("www.")].append(page)
        measure(form, sites, options.least)


if __name__ == "__main__":
    main()
