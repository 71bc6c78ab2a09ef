"""A proof for editors: what was kept of each file and what was cut, beside the original, as one HTML page.

Pure: records of ``copydesk inspect`` and texts in, HTML out. The page asks nothing of any server and runs
no script; all that comes out of a file is escaped.
"""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from services.errors import REMEDIES, Reason

#: What one page shows in full; a browser must still be able to open it.
MOST_FILES = 200
MOST_ARTICLES = 20
MOST_CHARACTERS = 100_000

_STYLE = Path(__file__).with_name("proof.css")
_FIELDS = ("headline", "kicker", "standfirst", "byline", "authors", "dateline", "published", "updated",
           "embargo", "language", "source", "provider", "original_source", "url", "subjects", "keywords",
           "genre", "urgency", "status", "version", "editorial_note", "uid")  # fmt: skip
_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Copydesk proof</title>
<style>
"""


@dataclass(frozen=True)
class Proof:
    """One file: the record that ``copydesk inspect`` prints of it, and its text as the parser saw it."""

    record: dict[str, Any]
    original: str


def proof_page(proofs: Sequence[Proof]) -> Iterator[str]:
    """The page, piece by piece: a list of all files, then each of the first ``MOST_FILES`` in full."""
    yield _HEAD + _STYLE.read_text("utf-8") + "</style>\n</head>\n<body>\n<header><h1>Copydesk proof</h1>\n"
    counts = Counter(proof.record["outcome"] for proof in proofs)
    yield f"<p>{', '.join(f'{count} {outcome}' for outcome, count in sorted(counts.items()))}</p></header>\n"
    yield '<nav aria-label="Files"><table>\n<thead><tr><th scope="col">file</th><th scope="col">outcome</th>'
    yield '<th scope="col">why</th></tr></thead>\n<tbody>\n'
    for number, proof in enumerate(proofs):
        yield _row(number, proof.record)
    yield "</tbody></table></nav>\n<main>\n"
    for number, proof in enumerate(proofs[:MOST_FILES]):
        yield from _file(number, proof)
    if len(proofs) > MOST_FILES:
        more = len(proofs) - MOST_FILES
        yield f"<p>{more} more files are not shown; inspect them on a page of their own.</p>\n"
    yield "</main>\n</body>\n</html>\n"


def _row(number: int, record: dict[str, Any]) -> str:
    name = escape(record["file"])
    if number < MOST_FILES:
        name = f'<a href="#file-{number}">{name}</a>'
    return f"<tr><td>{name}</td><td>{_outcome(record)}</td><td>{_why(record)}</td></tr>\n"


def _outcome(record: dict[str, Any]) -> str:
    return f'<span class="outcome {escape(record["outcome"])}">{escape(record["outcome"])}</span>'


def _why(record: dict[str, Any]) -> str:
    said = [record.get("reason"), record.get("detail")]
    return ": ".join(escape(str(part)) for part in said if part)


def _file(number: int, proof: Proof) -> Iterator[str]:
    record = proof.record
    yield f'<section id="file-{number}" class="file" aria-labelledby="name-{number}">\n'
    yield f'<h2 id="name-{number}">{escape(record["file"])} {_outcome(record)}</h2>\n'
    if record.get("reason"):
        remedy = REMEDIES.get(Reason(record["reason"]), "")
        yield f'<p class="why"><b>{_why(record)}.</b> {escape(remedy)}</p>\n'
    elif record.get("detail"):
        yield f'<p class="why">{_why(record)}</p>\n'
    yield '<div class="sides">\n<div>\n'
    articles = record["articles"]
    for article in articles[:MOST_ARTICLES]:
        yield from _article(article)
    if len(articles) > MOST_ARTICLES:
        yield f"<p>{len(articles) - MOST_ARTICLES} more articles of this file are not shown.</p>\n"
    yield '</div>\n<div class="original"><h3>Original</h3>\n'
    yield f'<pre tabindex="0">{escape(_cut(proof.original))}</pre>\n</div>\n</div>\n</section>\n'


def _article(article: dict[str, Any]) -> Iterator[str]:
    yield f"<article>\n<h3>{escape(article.get('headline') or article['uid'])}</h3>\n"
    yield "<details><summary>Fields</summary><table><tbody>\n"
    for name in _FIELDS:
        if value := article.get(name):
            yield f'<tr><th scope="row">{name}</th><td>{escape(_as_text(value))}</td></tr>\n'
    yield "</tbody></table></details>\n"
    blocks = article.get("blocks", [])
    yield from _legend(blocks)
    spans = sorted(_spans(article))
    start, room = 0, MOST_CHARACTERS
    for block in blocks:
        if room <= 0:
            yield "<p>The rest of this article is not shown.</p>\n"
            break
        text = block["text"]
        room -= len(text)
        if block["kept"]:
            inner = _marked(_cut(text), [(s - start, e - start, mark, said) for s, e, mark, said in spans])
            start += len(text) + 2  # a blank line between them (models.Article.body)
        else:
            inner = escape(_cut(text))
        fate = "kept" if block["kept"] else "cut"
        yield f'<div class="block {fate} {escape(block["kind"])}"><span class="kind">{fate}: '
        yield f"{escape(block['kind'].replace('_', ' '))}</span><p>{inner}</p></div>\n"
    yield "</article>\n"


def _legend(blocks: Iterable[dict[str, Any]]) -> Iterator[str]:
    counts = Counter((not block["kept"], block["kind"]) for block in blocks)
    if counts:
        yield '<ul class="legend" aria-label="Blocks by kind">'
        for (cut, kind), count in sorted(counts.items()):
            fate = "cut" if cut else "kept"
            yield f'<li class="{fate} {escape(kind)}">{count} {escape(kind.replace("_", " "))} {fate}</li>'
        yield "</ul>\n"


def _spans(article: dict[str, Any]) -> Iterator[tuple[int, int, str, str]]:
    """What is underlined in the body: from, to, class, and what to say of it."""
    for entity in article.get("entities", []):
        for mention in entity["mentions"]:
            yield mention["start"], mention["end"], entity["type"], f"{entity['name']} ({entity['type']})"
    for quote in article.get("quotes", []):
        speaker = (quote.get("speaker") or {}).get("name", "nobody named")
        yield quote["start"], quote["end"], "said", f"said by {speaker}"


def _marked(text: str, spans: Iterable[tuple[int, int, str, str]]) -> str:
    """``text`` with its spans marked. Where they overlap, each stretch bears the marks of all of them."""
    inside = [(max(0, s), min(len(text), e), c, t) for s, e, c, t in spans if s < len(text) and e > 0]
    edges = sorted({0, len(text), *(edge for s, e, _, _ in inside for edge in (s, e))})
    out: list[str] = []
    position = 0
    open_spans: list[tuple[int, int, str, str]] = []
    for at, until in itertools.pairwise(edges):
        while position < len(inside) and inside[position][0] <= at:
            open_spans.append(inside[position])
            position += 1
        open_spans = [span for span in open_spans if span[1] > at]
        piece = escape(text[at:until])
        if open_spans:
            names = " ".join(sorted({escape(span[2]) for span in open_spans}))
            title = escape("; ".join(dict.fromkeys(span[3] for span in open_spans)))
            piece = f'<mark class="{names}" title="{title}">{piece}</mark>'
        out.append(piece)
    return "".join(out)


def _as_text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(_as_text(part) for part in value.values() if part)
    if isinstance(value, list):
        return "; ".join(map(_as_text, value))
    return str(value)


def _cut(text: str) -> str:
    if len(text) <= MOST_CHARACTERS:
        return text
    return f"{text[:MOST_CHARACTERS]}\n… and {len(text) - MOST_CHARACTERS:,} more characters"
