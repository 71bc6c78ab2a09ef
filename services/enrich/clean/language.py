"""Which language a text is in, as a BCP 47 tag."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_TAG = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{2,8})*", re.IGNORECASE)
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("hy", re.compile(r"[\u0530-\u058f]")),
    ("ka", re.compile(r"[\u10a0-\u10ff]")),
    ("ta", re.compile(r"[\u0b80-\u0bff]")),
    ("te", re.compile(r"[\u0c00-\u0c7f]")),
    ("ml", re.compile(r"[\u0d00-\u0d7f]")),
    ("kn", re.compile(r"[\u0c80-\u0cff]")),
    ("gu", re.compile(r"[\u0a80-\u0aff]")),
    ("pa", re.compile(r"[\u0a00-\u0a7f]")),
    ("si", re.compile(r"[\u0d80-\u0dff]")),
    ("my", re.compile(r"[\u1000-\u109f]")),
    ("km", re.compile(r"[\u1780-\u17ff]")),
    ("lo", re.compile(r"[\u0e80-\u0eff]")),
    ("am", re.compile(r"[\u1200-\u137f]")),
)
_NO_LANGUAGE = frozenset(("und", "mul", "zxx", "xx"))
_SAMPLE = 600  # characters: more changes no verdict and costs time
#: Pairs no statistical detector tells apart; the page knows better which one it is in.
_TWINS = ({"no", "nb", "nn", "da"}, {"hr", "bs", "sr", "me", "sh"}, {"id", "ms"}, {"zh", "yue", "wuu"},
          {"pt", "gl"}, {"cs", "sk"}, {"bg", "mk"}, {"tl", "fil"}, {"iw", "he"}, {"af", "nl"},
          {"ca", "es", "oc", "an"})  # fmt: skip


def normal(tag: str | None) -> str | None:
    """A declared tag in its canonical spelling (``en_us`` is ``en-US``), or ``None`` when it is none."""
    if not tag or not (found := _TAG.fullmatch(tag.strip())):
        return None
    first, *rest = re.split(r"[-_]", found.group())
    if first.lower() in _NO_LANGUAGE:
        return None
    out = [first.lower()]
    for part in rest:
        if len(part) == 4 and part.isalpha():
            out.append(part.title())
        elif len(part) == 2 and part.isalpha():
            out.append(part.upper())
        else:
            out.append(part.lower())
    return "-".join(out)


def detect(text: str, declared: str | None = None) -> str | None:
    """The language of a text.

    A declared tag stands unless the text plainly speaks another language: templates declare what they
    were built for, not what was written into them.

    Args:
        text: the article's own words.
        declared: what the file says, in any spelling.

    """
    said = normal(declared)
    sample = text[:_SAMPLE].strip()
    letters = sum(map(str.isalpha, sample))
    if letters < 20:
        return said
    if (script := _by_script(sample, letters)) is not None:
        return said if said and _agree(said, script) else script
    if letters < 200 and said:  # too little to overrule what is declared
        return said
    code, confidence = _identifier().classify(sample)
    if code in _NO_LANGUAGE:
        return said
    if said and (_agree(said, str(code)) or confidence < 0.9):
        return said
    return str(code) if said or confidence >= 0.5 else None


def _agree(said: str, found: str) -> bool:
    base = said.split("-", maxsplit=1)[0]
    return base == found or any(base in twins and found in twins for twins in _TWINS)


def _by_script(sample: str, letters: int) -> str | None:
    """Languages that have a script to themselves. Half the letters must be in it; a third for Japanese."""
    if sample.isascii():
        return None
    for code, script in _SCRIPTS:
        count = len(script.findall(sample))
        if count * (6 if code == "ja" else 2) > letters:
            return code
    return None


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_DIR / MODEL_FILE, norm_probs=True)
