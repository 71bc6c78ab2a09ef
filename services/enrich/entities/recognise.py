"""Names as a spaCy pipeline sees them: its entity recogniser alone, paragraph by paragraph."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from services.enrich.entities.name import FROM_MODEL, Name
from services.errors import Misconfigured

if TYPE_CHECKING:
    from spacy.language import Language

_LINE = re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]+")
# Beyond this a paragraph is a whole document without breaks, and memory grows with its length.
_LONGEST = 10_000
_WALL = re.compile(r"[^\w\s]{12}")
# More paragraphs at once cost memory and, beyond the knee, time.
_BATCH = 8


def load_pipeline(path: str | Path) -> "Language":
    """The pipeline at ``path`` (or of that name) with nothing but its ``ner``.

    In the pipelines that explosion publishes, ``ner`` carries its own ``tok2vec``; leaving everything
    else out doubles the speed and changes F1 by less than 0.1. Where ``ner`` listens to a shared
    ``tok2vec`` or ``transformer``, that stays.
    """
    import spacy

    try:
        nlp = spacy.load(
            path, exclude=["parser", "tagger", "morphologizer", "lemmatizer", "attribute_ruler", "senter"]
        )
    except OSError as error:
        raise Misconfigured(f"{path}: no spaCy pipeline there; run `copydesk models install`") from error
    if "ner" not in nlp.pipe_names:
        raise Misconfigured(f"{path}: this pipeline has no `ner`; it recognises no names")
    for name in [*nlp.pipe_names, *nlp.disabled]:
        listeners = getattr(nlp.get_pipe(name), "listening_components", [])
        if name not in ("ner", "entity_ruler") and "ner" not in listeners:
            nlp.remove_pipe(name)
    return nlp


def load_pipelines(paths: Sequence[str | Path]) -> Mapping[str, "Language"]:
    """Pipelines by their language; of two for one language the first wins."""
    pipelines: dict[str, Language] = {}
    for path in paths:
        nlp = load_pipeline(path)
        pipelines.setdefault(str(nlp.lang), nlp)
    return pipelines


def recognise(nlp: "Language", text: str) -> list[Name]:
    """All names that ``nlp`` finds in ``text``, in order."""
    pieces = list(paragraphs(text))
    names: list[Name] = []
    # Without a zone a long-running worker keeps every word that it ever saw.
    with nlp.memory_zone() if hasattr(nlp, "memory_zone") else nullcontext():
        docs = nlp.pipe((text[start:end] for start, end in pieces), batch_size=_BATCH)
        for (offset, _), doc in zip(pieces, docs, strict=True):
            for span in doc.ents:
                label = FROM_MODEL.get(span.label_)
                if label is not None:
                    start, end = offset + span.start_char, offset + span.end_char
                    names.append(Name(start, end, text[start:end], label))
    return names


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Where the paragraphs of ``text`` are. Each line counts as one."""
    for line in _LINE.finditer(text):
        start, end = line.span()
        while end - start > _LONGEST:
            cut = text.rfind(" ", start + 1, start + _LONGEST)
            cut = start + _LONGEST if cut < 0 else cut
            yield start, cut
            start = cut
        if text[start:end].strip():
            yield from _without_walls(text, start, end)


def _without_walls(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cuts at walls of punctuation: spaCy's tokenizer takes quadratic time for each."""
    for wall in _WALL.finditer(text, start, end):
        yield start, wall.end()
        start = wall.end()
    if start < end:
        yield start, end
