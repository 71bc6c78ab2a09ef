"""How two spellings of one name are brought together before they are compared."""

import re
import unicodedata
from functools import lru_cache

_NOT_WORD = re.compile(r"[^\w]+")
_APOSTROPHES = re.compile(r"['’‘ʼʻ`´.]+")
_SAINT = re.compile(r"^st |(?<= )st (?=\w)")
_ARTICLE = re.compile(r"^the (?=\w)")
# Letters that Unicode does not take apart, as agencies transcribe them.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


@lru_cache(maxsize=20_000)
def fold(name: str) -> str:
    """The key of a name: no case, accents, apostrophes, dots, hyphens or leading "the".

    "St. Louis" and "Saint Louis", "Deir ez-Zor" and "Deir Ez Zor", "U.S." and "US" are equal.
    """
    text = name.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in text if not unicodedata.combining(c)).translate(_LETTERS)
    text = _APOSTROPHES.sub("", text)
    text = _NOT_WORD.sub(" ", text).strip()
    text = _ARTICLE.sub("", text)
    return _SAINT.sub("saint ", text) if "st " in text else text
