"""UTF-16 without a byte order mark, told by what stands in every second byte.

Unicode is laid out in rows of 256 characters: the upper byte of a Latin letter is zero, of an Arabic
one 6. Chinese and Korean fill many rows, but their punctuation, kana and digits stand in few.
"""

import codecs
from collections import Counter

_SAMPLE = 4096
_FEW = 64
_LINE_ROWS = b"\t\n\r"  # Devanagari, Gurmukhi, Malayalam: rows whose number is a blank in other text
_CONTROLS = bytes(set(range(0x20)) - set(_LINE_ROWS))
_LOW = bytes(range(1, 0x20))
_BYTE_ORDERS = ("utf-16-le", "utf-16-be")


def by_row(data: bytes) -> str | None:
    """The encoding of a text whose characters are of one row, or that has Latin marks in it."""
    sample = data[:512]
    if len(sample) < 4 or len(data) % 2:
        return None
    even, odd = sample[::2], sample[1::2]
    least = 0.7 if len(sample) < _FEW else 0.4
    for name, upper, lower in ((_BYTE_ORDERS[0], odd, even), (_BYTE_ORDERS[1], even, odd)):
        if upper.count(0) > least * len(upper) and lower.count(0) <= 0.05 * upper.count(0):
            return name
    if len(sample) < _FEW or len(sample.translate(None, _LOW)) > 0.8 * len(sample):
        return None
    for name, upper, lower in ((_BYTE_ORDERS[0], odd, even), (_BYTE_ORDERS[1], even, odd)):
        (row, count) = Counter(upper).most_common(1)[0]
        if not 0 < row < 0x20 or count < 0.5 * len(upper) or lower.count(row) > 0.1 * len(lower):
            continue
        controls = len(lower) - len(lower.translate(None, _CONTROLS))
        if row not in _LINE_ROWS or controls > 0.05 * len(lower):  # else it is a table of single letters
            return name
    return None


def by_script(data: bytes) -> str | None:
    """The encoding of Chinese, Japanese or Korean text, when that is beyond doubt."""
    sample = data[:_SAMPLE]
    if len(sample) < _FEW or len(data) % 2:
        return None
    for name in _BYTE_ORDERS:
        try:
            text = codecs.getincrementaldecoder(name)().decode(sample)  # which may end within a character
        except UnicodeDecodeError:
            continue
        marks = sum(
            char in "\t\n\r"
            or "\x20" <= char <= "\x7e"
            or "\u2010" <= char <= "\u2026"
            or "\u3000" <= char <= "\u30ff"
            or "\uff01" <= char <= "\uffee"
            for char in text
        )
        letters = sum("\u4e00" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3" for char in text)
        if marks > 0.02 * len(text) and letters > 0 and marks + letters > 0.95 * len(text):
            return name
    return None
