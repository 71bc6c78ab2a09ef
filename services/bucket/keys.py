"""The names in a bucket: which prefix means what, and where a file goes next.

Keys are any string a store accepts. A folder's names that are not UTF-8 come as Python's
surrogate escapes and go back to the same bytes.
"""

import hashlib
import re
from datetime import date
from pathlib import PurePosixPath

from services.errors import Reason

LIVE = "incoming/"
BACKFILL = "incoming-backfill/"
PROCESSED = "processed/"
QUARANTINE = "quarantine/"
OWN = ".copydesk/"

#: The lanes by the name of their queue, most urgent first.
LANES: dict[str, str] = {"live": LIVE, "backfill": BACKFILL}

#: Beside a refused file stands why; beside one without an article, what it is instead.
REASON_SUFFIX = ".reason.json"
IGNORED_SUFFIX = ".ignored.json"
#: Behind the name of a dropped file that would else be taken for one of those.
LENT_SUFFIX = ".dropped"

# S3 allows 1,024 bytes a key, some of its kin fewer, file systems 255 a segment; the rest is room for
# the bucket's prefix and for what is put behind a name.
_KEY_BYTES = 768
_SEGMENT_BYTES = 255 - 64

_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f]")
_ESCAPE = re.compile(r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})")
_MARK = re.compile(r"~[0-9a-f]{12}(?=(?:\.[^./~]*)?$)")


def encode(key: str) -> bytes:
    """The bytes of a key, also of one that is not UTF-8 in its folder."""
    return key.encode("utf-8", "surrogateescape")


def decode(raw: bytes) -> str:
    """The key of a name as bytes."""
    return raw.decode("utf-8", "surrogateescape")


def printable(key: str) -> str:
    """A key as text that any JSON reader accepts; bytes that are not UTF-8 stand escaped."""
    return encode(key).decode("utf-8", "backslashreplace")


def shown(key: str) -> str:
    """A key on one line of a screen: what is no character, or would move the cursor, stands escaped."""
    return _UNSHOWN.sub(lambda found: _escaped(ord(found[0])), printable(key))


def readings(text: str) -> list[str]:
    """The keys that ``printable`` or ``shown`` write as ``text``, the text itself first.

    Escapes are not marked as such: a name may hold a backslash of its own.
    """

    def unescaped(found: "re.Match[str]") -> str:
        byte, char = found.groups()
        if byte is None:
            return chr(int(char, 16))
        return decode(bytes([int(byte, 16)]))

    return list(dict.fromkeys((text, decode(encode(_ESCAPE.sub(unescaped, text))))))


def relative(key: str) -> str:
    """The name without its lane: what the pipeline that dropped it calls the file."""
    for prefix in LANES.values():
        if key.startswith(prefix):
            return key[len(prefix) :]
    return key


def processed_key(key: str, day: date) -> str:
    """Where an indexed file goes."""
    return _fitting(f"{PROCESSED}{day:%Y/%m/%d}/", relative(key))


def quarantine_key(key: str, reason: Reason) -> str:
    """Where a refused file goes."""
    return _fitting(f"{QUARANTINE}{reason}/", relative(key))


def with_mark(key: str, mark: str) -> str:
    """The same name marked apart, before its suffix: ``a/b.xml`` becomes ``a/b~mark.xml``."""
    folder, slash, name = key.rpartition("/")
    suffix = PurePosixPath(name).suffix
    stem = name[: len(name) - len(suffix)] if suffix else name
    return f"{folder}{slash}{stem}~{mark}{suffix}"


def without_mark(key: str) -> str:
    """The name as it was before a bucket marked it apart from another of that name."""
    return _MARK.sub("", key)


def _escaped(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}"


def _fitting(prefix: str, name: str) -> str:
    """``prefix + name``, cut and marked with a hash where a store would refuse the length."""
    if name.endswith((REASON_SUFFIX, IGNORED_SUFFIX)):
        name += LENT_SUFFIX  # a pipeline's own file must not be taken for one of our records
    segments = [_shortened(segment, _SEGMENT_BYTES) for segment in name.split("/")]
    fitted = "/".join(segments)
    room = _KEY_BYTES - len(encode(prefix))
    return prefix + _shortened(fitted, room)


def _shortened(name: str, room: int) -> str:
    raw = encode(name)
    if len(raw) <= room:
        return name
    digest = hashlib.sha256(raw).hexdigest()[:16]
    return raw[: room - 17].decode("utf-8", "ignore").rstrip("/") + "~" + digest
