"""From bytes to text, and from text to harmless text.

The rule, the same for every kind of text file: byte order mark, then UTF-16 by its rows,
then valid UTF-8 (which beats any declaration: many pipelines re-save files and leave the old
declaration standing), then the declared encoding, then a detector, then Windows-1252.
"""

import codecs
import re
import unicodedata
from functools import lru_cache

import cchardet

from services.enrich.formats import wide

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: it starts with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_EBCDIC = b"\x4c\x6f\xa7\x94\x93"  # "<?xml" of a mainframe (XML 1.0, appendix F)

# WHATWG reads these as Windows-1252, as every browser does: 0x80-0x9F are quotes and dashes there.
_LATIN = {"iso8859-1", "ascii", "latin-1", "cp1252"}
# UTF-7 can hide markup from a filter; UTF-16/32 are settled by their bytes before a declaration counts.
_NEVER = {"utf-7", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8"}
# What browsers take when a page names the older standard.
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
}

_DECLARED = re.compile(
    rb"""(?:<\?xml[^>]{0,200}?\bencoding\s*=\s*|<meta[^>]{0,300}?\bcharset\s*=\s*|^@charset\s+)["']?\s*([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
_UTF8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HEAD = 4096  # a meta element may come late, after scripts


def _cp1252_byte(error: UnicodeError) -> tuple[str, int]:
    """Error handler: what is not valid in the chosen encoding is read as Windows-1252, byte by byte."""
    assert isinstance(error, UnicodeDecodeError)
    raw = error.object[error.start : error.end]
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in raw), error.end


codecs.register_error("copydesk-cp1252", _cp1252_byte)


def declared_encoding(data: bytes) -> str | None:
    """The encoding an XML declaration or a meta element near the start names."""
    found = _DECLARED.search(data, 0, _HEAD)
    return found.group(1).decode("ascii") if found else None


def wide_encoding(head: bytes) -> str | None:
    """The encoding of text in two or four bytes a character, by the beginning of it; else ``None``."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return None if encoding == "utf-8" else encoding
    head = head[: len(head) // 2 * 2]
    return wide.by_row(head) or (None if _is_utf8(head) else wide.by_script(head))


def decode(data: bytes, declared: str | None = None) -> str:
    """Any bytes as text; never fails. ``declared`` is what a header outside the file says."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, "copydesk-cp1252" if encoding == "utf-8" else "replace")
    if data.startswith(_EBCDIC):
        return data.decode("cp1140", "replace")
    if row := wide.by_row(data):
        return data.decode(row, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and len(data) - error.start < 4:
            return data[: error.start].decode("utf-8")
    if script := wide.by_script(data):
        return data.decode(script, "replace")
    if _mostly_utf8(data):
        return data.decode("utf-8", "copydesk-cp1252")
    for name in (declared, declared_encoding(data), _detected(data)):
        if (codec := _codec(name)) is not None:
            try:
                return data.decode(codec, "copydesk-cp1252" if codec == "cp1252" else "strict")
            except UnicodeDecodeError:
                continue
    return data.decode("cp1252", "copydesk-cp1252")


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(data: bytes) -> bool:
    """Whether most of the bytes beyond ASCII form UTF-8: two encodings were glued together."""
    sample = data[:200_000]
    high = sum(map(len, _HIGH_BYTES.findall(sample)))
    valid = sum(map(len, _UTF8_CHARACTER.findall(sample)))
    return valid > 0 and valid * 2 >= high


def _detected(data: bytes) -> str | None:
    """A detector needs something to go by: a few odd bytes among English are typographic quotes."""
    sample = data[:100_000]
    if sum(map(len, _HIGH_BYTES.findall(sample))) < max(0.02 * len(sample), 12):
        return None
    encoding: str | None = cchardet.detect(sample).get("encoding")
    return encoding


@lru_cache(maxsize=256)
def _codec(name: str | None) -> str | None:
    if not name:
        return None
    try:
        codec = codecs.lookup(name.strip()).name
    except (LookupError, ValueError):
        return None
    if codec in _NEVER or not _is_text(codec):
        return None
    return "cp1252" if codec in _LATIN else _SUPERSETS.get(codec, codec)


def _is_text(codec: str) -> bool:
    """Python also knows "codecs" such as hex and zip, which decode no text."""
    try:
        return isinstance(b" ".decode(codec), str)
    except (LookupError, ValueError):
        return False


# Control characters, direction overrides, invisible joints, lone surrogates, non-characters. ZWJ and
# ZWNJ stay: Persian, Indic scripts and emoji are written with them.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_C1 = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_REMOVED = {
    ord(char): None
    for char in map(chr, [*range(0x80), 0xAD, *range(0x200B, 0x2070), *range(0xFFF9, 0x10000), 0xFEFF])
    if _UNSAFE.match(char)
} | dict.fromkeys(range(0xE0000, 0xE0080))
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff"
_STACKED = re.compile(f"([{_MARKS}]{{3}})[{_MARKS}]+")
# UTF-8 read as Windows-1252: a lead byte's letter followed by as many continuation bytes' characters.
_TAILS = (
    "\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018"
    "\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178"
)
_MOJIBAKE = re.compile(
    f"[\u00c2-\u00df][{_TAILS}]|[\u00e0-\u00ef][{_TAILS}]{{2}}|[\u00f0-\u00f4][{_TAILS}]{{3}}"
)
# One look tells that a text needs none of the repairs: most do not.
_SUSPECT = re.compile(f"{_UNSAFE.pattern[:-1]}{_MARKS}\u00c2-\u00f4]")
# A layer of mojibake at least doubles a text's length beyond ASCII: no file has room for more.
_MOST_LAYERS = 32
_TO_BYTES = {ord(bytes([code]).decode("cp1252", "ignore") or chr(code)): code for code in range(0x80, 0x100)}


def harmless(text: str) -> str:
    r"""``text`` without what breaks a store, a search or a reader's screen; composed (NFC).

    Done twice it is the same as done once, whatever the text.

    Works on single fields, because references such as ``&#0;`` and ``\ud800`` only turn into
    characters when the markup around them has been parsed.
    """
    if text.isascii():
        return _UNSAFE.sub("", text) if _UNSAFE.search(text) else text
    if not _SUSPECT.search(text):
        composed = _composed(text)
        if composed is text or not _SUSPECT.search(composed):
            return composed
        text = composed
    for _ in range(_MOST_LAYERS):  # each repair may uncover the same damage once more
        before, text = text, _removed(text)
        if _MOJIBAKE.search(text):
            text = _removed(_repaired(text))
        text = _STACKED.sub(r"\1", _composed(text))
        if text == before:
            break
    return text


def _composed(text: str) -> str:
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _removed(text: str) -> str:
    if not _UNSAFE.search(text):
        return text
    return text.translate(_C1).translate(_REMOVED).encode("utf-8", "ignore").decode("utf-8")


def _repaired(text: str) -> str:
    """Mojibake undone, only when it is certain: every character beyond Latin-1's ASCII is part of it."""
    rest = _MOJIBAKE.sub("", text)
    if not rest.isascii():
        return text
    try:
        return _MOJIBAKE.sub(
            lambda m: bytes(_TO_BYTES[ord(char)] for char in m.group()).decode("utf-8"), text
        )
    except (KeyError, UnicodeDecodeError):
        return text
