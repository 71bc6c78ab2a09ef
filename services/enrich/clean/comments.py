"""Where the readers' comments of a page begin: prose like the article's own, often more of it."""

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from services.enrich.clean.endings import below_story

_WORDS: dict[str, list[str]] = tomllib.loads(files(__package__).joinpath("comments.toml").read_text("utf-8"))
_NUMBER = r"\d[\d.,\u00a0\u202f ]{0,12}"
_HEADING = re.compile(
    rf"[\W_]*(?:{_NUMBER}(?:{'|'.join(_WORDS['counted'])})"
    rf"|(?:{'|'.join(_WORDS['plural'])})(?: ?[(\[] ?{_NUMBER}[)\]]| {_NUMBER})?"
    rf"|{'|'.join(_WORDS['invited'])})[\W_]*"
)
_SIGNATURE = re.compile(rf"\S.{{0,90}}\b(?:{'|'.join(_WORDS['signed'])})[ \u00a0]?:", re.IGNORECASE)
_MOMENT = re.compile(r"\d{1,2}[:.h]\d\d|\b(?:19|20)\d\d\b")
_STAMP = 60  # characters of a line that says when a comment was written
_LONGEST = 200


def begin(texts: Sequence[str], chosen: NDArray[np.bool_]) -> int:
    """The row that heads the readers' comments; ``len(texts)`` when there is none.

    Beside the byline the same words are a link, and head nothing.

    Args:
        texts: the blocks of a page.
        chosen: which of them look like the article.

    """
    return below_story(texts, chosen, is_heading)


def signed(texts: Sequence[str]) -> int:
    """The row in which a reader signs the first comment, and when; ``len(texts)`` when there is none.

    Many blogs set no heading above their comments. On the labelled pages no such line stands in an article.
    """
    for row, text in enumerate(texts):
        if text.endswith(":") and len(text) < _LONGEST and _SIGNATURE.fullmatch(text):
            below = texts[row + 1] if row + 1 < len(texts) else ""
            if _MOMENT.search(text) or (len(below) < _STAMP and _MOMENT.search(below)):
                return row
    return len(texts)


def is_heading(text: str) -> bool:
    """Whether a line says that comments follow. With a colon at its end it is a field, as in a teaser."""
    return (
        len(text) < _LONGEST
        and not text.endswith((":", ","))
        and _HEADING.fullmatch(text.casefold()) is not None
    )
