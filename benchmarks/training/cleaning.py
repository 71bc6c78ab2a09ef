"""Train the choice of blocks: ``python -m benchmarks.training.cleaning GOLD_DIR``.

GOLD_DIR holds a folder a set: ``gold.jsonl`` (id, site, body or blocks; or with/without snippets),
``html/<id>.html.gz`` and, for dumps, ``text/<rendering>.jsonl.gz``. Sets without a body are labelled by the
model of the others, corrected by their snippets, and count half. Needs the ``train`` extra. What it writes to
``services/enrich/clean/weights`` is numbers and single words, no text of any page.

``--measure`` first prints the scores of four folds by site, pages of sites that training never saw, and what
is wrong on them: words kept or lost, by their place and the size of their block.
"""

import argparse
import gzip
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import catboost
import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from benchmarks.quality.shingles import page_score, summarise
from benchmarks.training import errors, network
from benchmarks.training.example import FOLDS, Example, example
from services.enrich.clean import choice, dom, features, metadata, phrases, signals
from services.enrich.clean.judge import Judge
from services.enrich.clean.lines import lines
from services.enrich.clean.trees import Trees
from services.errors import ArticleRejected

WEIGHTS = Path(features.__file__).parent / "weights"
RENDERINGS = ("inscriptis", "htmltext", "markdownify", "html2text")
EASY = 0.35  # share of the short lines outside the body to train on: pages are mostly those
ROUNDS, DEPTH, RATE = 300, 6, 0.1  # of the trees


def read_lines(path: Path) -> Iterator[dict]:
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8") as rows
    ):
        yield from map(json.loads, rows)


def pages(folder: Path) -> Iterator[tuple[dict, str]]:
    for gold in read_lines(folder / "gold.jsonl"):
        with gzip.open(folder / "html" / f"{gold['id']}.html.gz", "rt", encoding="utf-8") as page:
            yield gold, page.read()


class Page:
    """A web page's pieces, with what their features are made from."""

    def __init__(self, source: str) -> None:
        tree = dom.parse(source)
        self.said, self.found = metadata.read(tree), dom.pieces(tree)
        self.extracted = choice.extract(tree)

    def features(self, rows: Sequence[int]) -> tuple[list[str], features.Matrix]:
        """Texts and features of the page as if it had only some of its blocks."""
        found = [self.found[row] for row in rows]
        return [piece.text for piece in found], signals.piece_features(found, self.said, self.extracted)


class Dump:
    """A dump's lines."""

    def __init__(self, source: str) -> None:
        self.found = lines(source)

    def features(self, rows: Sequence[int]) -> tuple[list[str], features.Matrix]:
        """Texts and features of the page as if it had only some of its blocks."""
        found = [self.found[row] for row in rows]
        return [line.text for line in found], signals.line_features(found)


def examples(group: str, gold: dict, page: Page | Dump, *, silver: bool = False) -> Iterator[Example]:
    """A page as it is, and every third again as a brief: cut after its first one to three paragraphs.

    Gold sets hold few briefs, newsrooms many; without these a model takes a lone paragraph for furniture.
    """
    if not page.found:
        return
    updates = page.said.updates if isinstance(page, Page) else ()
    whole = example(group, gold, *page.features(range(len(page.found))), silver=silver, updates=updates)
    yield whole
    mark = int(hashlib.md5(gold["id"].encode()).hexdigest(), 16)
    body = np.flatnonzero(whole.target >= 0.5)
    long = [row for row in body if len(whole.texts[row]) > 100]
    paragraphs = 1 + mark // 3 % 3
    if mark % 3 == 0 and not group.startswith(RENDERINGS[1:]) and len(long) > paragraphs + 2:
        cut = set(body[body > long[paragraphs - 1]].tolist())
        rows = [row for row in range(len(page.found)) if row not in cut]
        brief = "\n\n".join(whole.texts[row] for row in body if row not in cut)
        yield example(
            f"brief/{group}", {**gold, "body": brief, "blocks": None}, *page.features(rows), silver=True
        )


def renderers() -> dict[str, Callable[[str], str]]:
    """How pages become dumps, for sets that bring none."""
    import html_text
    import inscriptis
    import markdownify

    machinery = re.compile(r"<(script|style|noscript)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
    return {
        "inscriptis": inscriptis.get_text,
        "htmltext": html_text.extract_text,
        "markdownify": lambda source: markdownify.markdownify(machinery.sub("", source)),
    }


def silver_body(texts: list[str], verdict: np.ndarray, gold: dict) -> str:
    """The body a model finds, its blocks added and dropped as the page's snippets say."""
    chosen = choice.select(verdict, texts)
    flat = [" ".join(text.split()) for text in texts]
    for row, text in enumerate(flat):
        if any(snippet in text for snippet in gold["with"]):
            chosen[row] = True
        elif len(text) < 200 and any(snippet in text for snippet in gold["without"]):
            chosen[row] = False
    return "\n\n".join(text for text, keep in zip(texts, chosen, strict=True) if keep)


def lexicon(examples: Sequence[Example]) -> features.Lexicon:
    """Words that speak for or against short and long blocks, of those that at least five sites use."""
    examples = [item for item in examples if item.group.startswith(("html/", "inscriptis/"))]
    out = []
    for short in (True, False):
        rows: list[set[str]] = []
        target: list[bool] = []
        weight: list[float] = []
        sites: dict[str, set[str]] = defaultdict(set)
        for item in examples:
            mass = np.expm1(item.matrix[:, 0])
            for row in np.flatnonzero((mass < features.SHORT) == short):
                rows.append(item.words[row])
                target.append(bool(item.target[row] >= 0.5))
                weight.append(float(item.weight[row]))
                for word in item.words[row]:
                    sites[word].add(item.gold.get("site", ""))
        column = {word: number for number, word in enumerate(sorted(w for w in sites if len(sites[w]) >= 5))}
        found = [[column[word] for word in row if word in column] for row in rows]
        flat = [number for row in found for number in row]
        matrix = csr_matrix(
            (np.ones(len(flat), dtype=np.float32), flat, np.cumsum([0, *map(len, found)])),
            shape=(len(rows), len(column)),
        )
        model = LogisticRegression(C=0.15, l1_ratio=1.0, solver="liblinear", max_iter=80)
        model.fit(matrix, target, sample_weight=weight)
        values = zip(column, model.coef_[0].tolist(), strict=True)
        out.append({word: round(value, 2) for word, value in values if abs(value) > 0.05})
    return out[0], out[1]


def set_tones(examples: Sequence[Example], words: features.Lexicon) -> None:
    for item in examples:
        item.matrix[:, -features.TONES :] = np.column_stack(features.tone(item.words, item.matrix, words))


def set_fair_tones(examples: Sequence[Example]) -> None:
    """Each page's tones from the words of other sites, or training would trust them too much."""
    for fold in range(FOLDS):
        words = lexicon([item for item in examples if item.fold != fold])
        set_tones([item for item in examples if item.fold == fold], words)


def fit(examples: Sequence[Example], threads: int) -> Judge:
    """Trees and a network, trained on the same pages."""
    return Judge(fit_trees(examples, threads), network.fit(examples))


def fit_trees(examples: Sequence[Example], threads: int) -> Trees:
    matrix = np.concatenate([item.matrix for item in examples])
    target = np.concatenate([item.target >= 0.5 for item in examples])
    weight = np.concatenate([item.weight for item in examples])
    easy = ~target & (matrix[:, 0] < np.log(60))
    weight = np.where(easy, weight / EASY, weight)
    taken = ~(easy & (np.random.RandomState(1).rand(len(target)) > EASY))
    model = catboost.CatBoostClassifier(
        iterations=ROUNDS, depth=DEPTH, learning_rate=RATE, l2_leaf_reg=5, rsm=0.35, border_count=64,
        bootstrap_type="Bernoulli", subsample=0.8, boosting_type="Plain", random_seed=1, thread_count=threads,
        verbose=0, allow_writing_files=False,
    )  # fmt: skip
    model.fit(matrix[taken], target[taken], sample_weight=weight[taken])
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.json")
        model.save_model(str(path), format="json")
        data = json.loads(path.read_text("utf-8"))
    trees = data["oblivious_trees"]
    column = np.zeros((len(trees), DEPTH), dtype=np.int32)
    border = np.full((len(trees), DEPTH), np.inf, dtype=np.float32)
    leaves = np.zeros((len(trees), 2**DEPTH), dtype=np.float32)
    for number, tree in enumerate(trees):
        for level, split in enumerate(tree["splits"]):
            column[number, level], border[number, level] = split["float_feature_index"], split["border"]
        leaves[number, : len(tree["leaf_values"])] = tree["leaf_values"]
    scale, bias = data["scale_and_bias"]
    return Trees(column, border, leaves * scale, float(np.ravel(bias)[0]))


def measure(examples: Sequence[Example], threads: int) -> None:
    """Print body scores and errors on sites that training did not see."""
    scores = defaultdict(list)
    wrong = defaultdict(list)
    for fold in range(FOLDS):
        judge = fit([item for item in examples if item.fold != fold], threads)
        for item in examples:
            if item.fold == fold and not item.silver:
                kept = decide(item, judge.probability(item.matrix))
                body = "\n".join(
                    phrases.without_link_notes(text)
                    for text, keep in zip(item.texts, kept, strict=True)
                    if keep
                )
                scores[item.group].append(page_score(item.gold, body))
                page = (str(item.gold["id"]), item.texts, kept, item.target >= 0.5, item.optional)
                wrong[item.group.split("/")[0]].append(page)
    for group, rows in sorted(scores.items()):
        mean = summarise(rows)
        print(
            f"  {group:24} {mean.gold:4} pages P {mean.precision:.3f} R {mean.recall:.3f}  F1 {mean.f1:.4f}",
            flush=True,
        )
    for form, each in sorted(wrong.items()):
        if form in ("html", RENDERINGS[0]):
            print(f"  errors, {form}:", errors.table(*errors.classify(each)), sep="\n", flush=True)


def decide(item: Example, likely: np.ndarray) -> np.ndarray:
    """Which blocks are kept, by the same rules as in a worker."""
    if item.group.startswith("html/"):
        verdicts = choice.settle_pieces(likely, item.texts, item.updates)
    else:
        verdicts = choice.settle_lines(likely, item.texts)
    return np.array([verdict is choice.Verdict.BODY for verdict in verdicts])


def write(judge: Judge, name: str) -> None:
    """Weights for :meth:`Judge.load`, what is added up in half precision."""
    trees = judge.trees
    np.savez_compressed(
        WEIGHTS / f"{name}.trees.npz", column=trees.column.astype(np.int16), border=trees.border,
        leaves=trees.leaves.astype(np.float16), bias=np.float32(trees.bias),
    )  # fmt: skip
    halves = {field: value.astype(np.float16) for field, value in vars(judge.network).items()}
    whole = {"mean": judge.network.mean, "scale": judge.network.scale}
    np.savez_compressed(WEIGHTS / f"{name}.network.npz", **(halves | whole))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gold", type=Path)
    parser.add_argument("--measure", action="store_true", help="print the scores of folds by site first")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    folders = sorted(path.parent for path in options.gold.glob("*/gold.jsonl"))
    pieces: list[Example] = []
    snippets: list[tuple[str, dict, str, Page]] = []
    for folder in folders:
        for gold, source in pages(folder):
            try:
                page = Page(source)
            except ArticleRejected:
                continue
            if gold.get("body"):
                pieces += examples(f"html/{folder.name}", gold, page)
            elif gold.get("with") and page.found:
                snippets.append((folder.name, gold, source, page))
    print(f"{len(pieces)} pages, {len(snippets)} with snippets only", flush=True)
    teacher = fit_trees(pieces, options.threads)
    lessons: list[tuple[str, dict, str]] = []
    for group, gold, source, page in snippets:
        texts, matrix = page.features(range(len(page.found)))
        likely = 1 / (1 + np.exp(-teacher.score(matrix)))
        body = silver_body(texts, likely, gold)
        if len(body) > 200:
            lessons.append((group, {**gold, "body": body}, source))
            pieces += examples(group, lessons[-1][1], page, silver=True)
    dumps: list[Example] = []
    for folder in folders:
        rows = {gold["id"]: gold for gold in read_lines(folder / "gold.jsonl")}
        for rendering in RENDERINGS:
            path = folder / "text" / f"{rendering}.jsonl.gz"
            if path.exists():
                for dump in read_lines(path):
                    if rows[dump["id"]].get("body"):
                        dumps += examples(f"{rendering}/{folder.name}", rows[dump["id"]], Dump(dump["text"]))
    if lessons:
        turn = cycle(renderers().items())
        for (group, gold, source), (rendering, render) in zip(lessons, turn, strict=False):
            dumps += examples(f"{rendering}/{group}", gold, Dump(render(source)), silver=True)
    print(f"{len(dumps)} dumps", flush=True)
    set_fair_tones([*pieces, *dumps])
    for name, known in (("pieces", pieces), ("lines", dumps)):
        if options.measure:
            measure(known, options.threads)
        write(fit(known, options.threads), name)
    short, long = lexicon([*pieces, *dumps])
    table = json.dumps({"short": short, "long": long}, ensure_ascii=False, indent=0, sort_keys=True)
    (WEIGHTS / "words.json").write_text(table + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
