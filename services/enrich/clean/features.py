"""What the choice of blocks is made from: numbers about each block and about those around it.

Nothing here knows a language or a site. Characters are counted for the whole page at once, so a page
of a thousand lines costs little more than one of ten.
"""

import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.enrich.clean import phrases
from services.models import BlockKind

Matrix = NDArray[np.float32]
Vector = NDArray[np.floating[Any]]
Lexicon = tuple[dict[str, float], dict[str, float]]

_LOWER, _UPPER, _OTHER, _WIDE, _DIGIT, _SPACE, _STOP, _COMMA, _QUOTE, _PUNCT = range(1, 11)
_STOPS = frozenset(".!?…。！？।؟۔｡")
_COMMAS = frozenset(",;:、，；：،؛")
_QUOTES = frozenset("\"'“”„‟‘’«»‹›「」『』")
#: Kinds that get a column each; the rest share one.
_CUES = (
    BlockKind.RELATED, BlockKind.CALL_TO_ACTION, BlockKind.PROMOTION, BlockKind.COPYRIGHT,
    BlockKind.IMAGE_CREDIT, BlockKind.AUTHOR_FOOTER, BlockKind.DATE, BlockKind.BYLINE, BlockKind.METADATA,
    BlockKind.DISCLAIMER,
    BlockKind.EDITORIAL_NOTE, BlockKind.CONTACT,
)  # fmt: skip
_NUMBERS = r"(?P<year>\b(?:19|20)\d\d\b)|(?P<clock>\b\d{1,2}[:.h]\d\d\b)"
_NUMBER = re.compile(_NUMBERS)
_SHAPE = re.compile(
    _NUMBERS + r"|(?P<mail>\S@\S|(?<!\w)@\w)"
    r"|(?P<web>https?:|www\.|\w\.(?:com|org|net|de|co)\b)"
    r"|(?P<money>[$€£¥]\s?\d)|(?P<pipe>\s[|•·›»>]\s)|(?P<hash>#\w)|(?P<bracket>[(\[])",
)
_SHAPES = tuple(_SHAPE.groupindex)
#: What readers' comments and consent notices are full of, in the languages they mostly come in.
_TALK = re.compile(
    r"\W*(?:\d+\s)?(?:comments?|repl(?:y|ies)|responses?|leave a (?:reply|comment)|kommentare?|antworten"
    r"|commentaires?|r[ée]pondre|comentarios?|responder|coment[áa]rios?|reacties|reageer|commenti|rispondi"
    r"|комментари\w*|ответить|says:|reader comments)\b",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"cookie|privacy|consent|personal (?:data|information)|third part|opt[- ]?out|datenschutz|einwilligung"
    r"|zustimm|personenbezogen|drittanbieter|donn[ée]es personnelles|datos personales|dados pessoais"
    r"|dati personali|terms of (?:use|service)",
)
#: One of these is in all that _SHAPE finds but numbers.
_MARK = re.compile(r"[@$€£¥|•·›»>#(\[]|http|www\.|\.(?:co|org|net|de)")
_WORD = re.compile(r"\w{4,}")
_WIDE_RUN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]{2}")


@lru_cache(maxsize=1)
def _classes() -> NDArray[np.uint8]:
    """The class of every character of the basic plane."""
    table = np.zeros(0x10000, dtype=np.uint8)
    for code in range(0x10000):
        char = chr(code)
        category = unicodedata.category(char)
        if char in _STOPS:
            table[code] = _STOP
        elif char in _COMMAS:
            table[code] = _COMMA
        elif char in _QUOTES:
            table[code] = _QUOTE
        elif category == "Ll":
            table[code] = _LOWER
        elif category in ("Lu", "Lt"):
            table[code] = _UPPER
        elif category[0] in "LM":
            wide = 0x2E80 <= code <= 0x9FFF or 0xAC00 <= code <= 0xD7AF
            table[code] = _WIDE if wide else _OTHER
        elif category[0] == "N":
            table[code] = _DIGIT
        elif category[0] == "Z":
            table[code] = _SPACE
        else:
            table[code] = _PUNCT
    return table


def counts(texts: Sequence[str]) -> Matrix:
    """How many characters of each class each text has (columns by class), none of which may be empty.

    Column 0 has the characters of a text, 11 and 12 the classes of its first and last, 13 whether one of its
    last three ends a sentence.
    """
    codes = np.frombuffer("\n".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    classes = _classes()[np.minimum(codes, 0xFFFF)]
    sizes = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    starts = np.concatenate(([0], np.cumsum(sizes + 1)[:-1]))
    lasts = starts + sizes - 1
    out = np.empty((len(texts), 14), dtype=np.float32)
    text_of = np.repeat(np.arange(0, 16 * len(texts), 16), sizes + 1)[: len(codes)]
    out[:, :11] = np.bincount(text_of + classes, minlength=16 * len(texts)).reshape(-1, 16)[:, :11]
    out[:, 0] = sizes
    out[:, 11] = classes[starts]
    out[:, 12] = classes[lasts]
    ends = classes == _STOP
    out[:, 13] = ends[lasts] | ends[np.maximum(lasts - 1, starts)] | ends[np.maximum(lasts - 2, starts)]
    return out


def own(texts: Sequence[str], linked: Vector, links: Vector, strong: Vector) -> tuple[Matrix, dict[str, int]]:
    """Numbers about each block alone, and the column of those that others build on."""
    count = counts(texts)
    n = len(texts)
    size = count[:, 0]
    # A wide character says as much as two or three letters.
    mass = size + 1.5 * count[:, _WIDE]
    letters = np.maximum(1, count[:, _LOWER] + count[:, _UPPER] + count[:, _OTHER] + count[:, _WIDE])
    words = np.where(count[:, _WIDE] * 2 > letters, mass / 6, count[:, _SPACE] + 1)
    first, last = count[:, 11], count[:, 12]
    ends = count[:, 13]
    share = linked / np.maximum(1, size)
    prose = ((mass >= 80) | ((mass >= 40) & (ends > 0))) & (share < 0.5)
    cues = np.zeros((n, len(_CUES) + 1), dtype=np.float32)
    inner = np.zeros((n, 6), dtype=np.float32)
    shapes = np.zeros((n, len(_SHAPES) + 2), dtype=np.float32)
    repeats = Counter(texts)
    starts = [text[:12] if len(text) > 14 else "" for text in texts]
    openings = Counter(starts)
    openings[""] = 1
    again = np.fromiter(map(repeats.__getitem__, texts), dtype=np.float32, count=n)
    alike = np.fromiter(map(openings.__getitem__, starts), dtype=np.float32, count=n)
    numbered = (count[:, _DIGIT] > 0).tolist()
    for row, text in enumerate(texts):
        width = len(text)
        if (kind := phrases.opening(text)) is not None:
            cues[row, _CUE.get(kind, len(_CUES))] = 1
        if (kind := phrases.inside(text)) is not None:
            inner[row, _INNER.get(kind, 5)] = 1
        if width <= 40:
            if _TALK.match(text):
                shapes[row, -2] = 1
        elif width > 60 and (legal := _LEGAL.findall(text[:300].casefold())):
            shapes[row, -1] = min(3, len(legal))
        if width <= 300 and ((marked := _MARK.search(text)) or numbered[row]):
            for found in (_SHAPE if marked else _NUMBER).finditer(text):
                shapes[row, _SHAPE_COLUMN[found.lastgroup or ""]] += 1
    columns: list[tuple[str, Vector]] = [
        ("mass", np.log1p(mass)),
        ("words", np.log1p(words)),
        ("word_size", letters / words),
        ("upper", count[:, _UPPER] / letters),
        ("digits", count[:, _DIGIT] / size),
        ("commas", count[:, _COMMA] / words),
        ("stops", count[:, _STOP] / words),
        ("stop_count", count[:, _STOP]),
        ("quotes", count[:, _QUOTE]),
        ("punct", count[:, _PUNCT] / size),
        ("capitals", count[:, _UPPER] / words),
        ("wide", count[:, _WIDE] / letters),
        ("ends", ends),
        ("first", first),
        ("last", last),
        ("linked", share),
        ("links", np.minimum(links, 20)),
        ("strong", strong / np.maximum(1, size)),
        ("prose", prose.astype(np.float32)),
        ("again", np.minimum(again, 5)),
        ("alike", np.minimum(alike, 8)),
        ("cued", cues.max(axis=1)),
        ("inner_cued", inner.max(axis=1)),
    ]
    names = {name: position for position, (name, _) in enumerate(columns)}
    matrix = np.column_stack([column for _, column in columns] + [cues, inner, shapes]).astype(np.float32)
    names |= {kind: column for column, kind in enumerate(_CUES, start=len(columns))}
    first_shape = matrix.shape[1] - shapes.shape[1]
    names |= {name: column for column, name in enumerate((*_SHAPES, "talk", "legal"), start=first_shape)}
    return matrix, names


_INNER = {kind: column for column, kind in enumerate(
    (BlockKind.COPYRIGHT, BlockKind.DISCLAIMER, BlockKind.AUTHOR_FOOTER, BlockKind.CALL_TO_ACTION,
     BlockKind.IMAGE_CREDIT)
)}  # fmt: skip
_CUE = {kind: column for column, kind in enumerate(_CUES)}
_SHAPE_COLUMN = {name: column for column, name in enumerate(_SHAPES)}


def around(matrix: Matrix, names: dict[str, int], sets: Sequence[set[str]]) -> Matrix:
    """Numbers about what stands before and after each block, near and far."""
    n = len(matrix)
    mass = np.expm1(matrix[:, names["mass"]])
    prose = matrix[:, names["prose"]]
    weight = mass * prose
    share = matrix[:, names["linked"]]
    cued = matrix[:, names["cued"]]
    total = max(1.0, float(weight.sum()))
    columns: list[Vector] = []
    summed = np.concatenate(([0.0], np.cumsum(weight)))
    linked = np.concatenate(([0.0], np.cumsum(mass * share)))
    masses = np.concatenate(([0.0], np.cumsum(mass)))
    cue_sum = np.concatenate(([0.0], np.cumsum(cued)))
    prose_sum = np.concatenate(([0.0], np.cumsum(prose)))
    rows = np.arange(n)
    for reach in (3, 8, 20):
        low, high = np.maximum(0, rows - reach), np.minimum(n, rows + reach + 1)
        columns += [
            np.log1p(summed[rows] - summed[low]),
            np.log1p(summed[high] - summed[rows + 1]),
            (linked[high] - linked[low]) / np.maximum(1, masses[high] - masses[low]),
            (prose_sum[high] - prose_sum[low]) / (high - low),
            (cue_sum[rows] - cue_sum[low]),
            (cue_sum[high] - cue_sum[rows + 1]),
        ]
    columns += [summed[rows] / total, (total - summed[rows + 1]) / total, np.full(n, np.log1p(total)),
                rows / max(1, n - 1), np.log1p(rows), np.log1p(n - rows),
                np.full(n, np.log1p(n))]  # fmt: skip
    columns += gaps(matrix[:, [names[name] for name in ("prose", "cued", *_SECTIONS)]].T > 0)
    for name, least in (("again", 3), ("talk", 1), ("year", 1), ("alike", 3), ("legal", 1)):
        marked = np.concatenate(([0.0], np.cumsum(matrix[:, names[name]] >= least)))
        columns += [marked[np.minimum(n, rows + 7)] - marked[np.maximum(0, rows - 6)]]
        if name in ("talk", "legal"):
            columns += [marked[rows], marked[-1] - marked[rows + 1]]
    begin, end = heaviest(np.where(prose > 0, np.minimum(mass, 400.0), -20.0) - 40 * cued * (mass < 200))
    columns += [
        ((rows >= begin) & (rows < end)).astype(np.float32),
        np.clip(rows - begin, -30, 30),
        np.clip(rows - end + 1, -30, 30),
        (summed[rows] - summed[begin]) / total,
        (summed[end] - summed[rows + 1]) / total,
    ]
    columns.append(_cohesion(sets, weight, begin, end))
    near = np.zeros((len(_NEAR), n + 6), dtype=np.float32)
    near[:, 3 : n + 3] = matrix[:, [names[name] for name in _NEAR]].T
    for step in (-3, -2, -1, 1, 2, 3):
        columns += list(near[:, 3 + step : 3 + step + n])
    return np.array(columns, dtype=np.float32).T


_SECTIONS = (BlockKind.RELATED, BlockKind.CALL_TO_ACTION, BlockKind.COPYRIGHT, BlockKind.AUTHOR_FOOTER,
             BlockKind.BYLINE, BlockKind.DATE, "talk")  # fmt: skip
_NEAR = ("mass", "ends", "linked", "prose", "cued", "inner_cued", "capitals", "first")


def gaps(masks: NDArray[np.bool_]) -> list[Vector]:
    """For each mask (a row) how many blocks ago the last marked one was, and how many until the next."""
    n = masks.shape[1]
    rows = np.arange(n)
    before = np.full((len(masks), n), -50)
    before[:, 1:] = np.maximum.accumulate(np.where(masks, rows, -50), axis=1)[:, :-1]
    after = np.full((len(masks), n), n + 50)
    after[:, :-1] = np.minimum.accumulate(np.where(masks, rows, n + 50)[:, ::-1], axis=1)[:, -2::-1]
    gone, until = np.minimum(rows - before, 40), np.minimum(after - rows, 40)
    return [column.astype(np.float32) for pair in zip(gone, until, strict=True) for column in pair]


def heaviest(weights: NDArray[np.floating]) -> tuple[int, int]:
    """The stretch with the greatest sum."""
    summed = np.concatenate(([0.0], np.cumsum(weights)))
    lowest = np.minimum.accumulate(summed)
    gain = summed - lowest
    end = int(gain.argmax())
    begin = int(summed[: end + 1].argmin()) if end else 0
    return begin, max(end, begin)


def words(texts: Sequence[str]) -> list[set[str]]:
    """The words of each block that may tell something: four letters or more, or pairs of wide characters."""
    return [
        set(_WORD.findall(text[:300].casefold()))
        or (set(_WIDE_RUN.findall(text[:200])) if len(text) > 3 else set())
        for text in texts
    ]


def _cohesion(sets: Sequence[set[str]], weight: Vector, begin: int, end: int) -> Vector:
    """How much of a block's words the main prose uses elsewhere: another story's teaser uses few."""
    once: set[str] = set()
    twice: set[str] = set()
    main = np.zeros(len(sets), dtype=np.bool_)
    main[begin:end] = weight[begin:end] > 0
    for row in np.flatnonzero(main).tolist():
        twice |= once & sets[row]
        once |= sets[row]
    return np.fromiter(
        (
            len(found & (twice if inside else once)) / (len(found) or 1)
            for found, inside in zip(sets, main, strict=True)
        ),
        dtype=np.float32,
        count=len(sets),
    )


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    """Words that speak for or against a block, in short blocks and in long ones (``weights/words.json``)."""
    table = json.loads(files(__package__).joinpath("weights", "words.json").read_text("utf-8"))
    return table["short"], table["long"]


def tone(sets: Sequence[set[str]], matrix: Matrix, lexicon: Lexicon | None = None) -> list[Vector]:
    """What a block's words say for and against it, and those of its neighbours."""
    short, long = lexicon or _lexicon()
    out = np.zeros(len(sets), dtype=np.float32)
    for row, (found, size) in enumerate(zip(sets, np.expm1(matrix[:, 0]).tolist(), strict=True)):
        table = short if size < SHORT else long
        if known := found & table.keys():
            out[row] = math.fsum(table[word] for word in known)  # whatever order the set has
    n = len(out)
    padded = np.zeros(n + 8, dtype=np.float32)
    padded[4 : n + 4] = out
    near = [padded[4 + step : 4 + step + n] for step in (-2, -1, 1, 2)]
    return [out, *near, np.convolve(padded, np.ones(9) / 9, "valid").astype(np.float32)]


TONES = 6  # columns that tone gives, always the last
FIRST, LAST = 13, 14  # columns with the class of a block's first and last character
CLASSES = 11  # that there are, with none
SHORT = 60  # what a short block is, in characters
