"""Containers: gzip, bzip2, xz, zip and tar, opened member by member within a budget.

A name inside an archive is only ever a label: nothing is written to disk, so ``../../etc`` can do no
harm, and is still refused. Sizes that an archive states are not believed: what comes out is counted.
"""

import bz2
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from services.errors import ArticleRejected, Reason
from services.models import RawFile, Refusal

_CHUNK = 1 << 16
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
    lzma.LZMAError,
)  # fmt: skip


@dataclass
class Budget:
    """What one dropped file may unfold to, over all its layers."""

    bytes: int = 256 << 20
    members: int = 20_000
    depth: int = 3
    ratio: int = 400  # text shrinks to a tenth, repetitive JSON to a fiftieth
    free: int = 8 << 20  # up to here any ratio is harmless

    def spend(self, produced: int, total: int, packed: int) -> None:
        """Count ``produced`` more bytes, of ``total`` so far out of ``packed``."""
        self.bytes -= produced
        if self.bytes < 0 or (total > self.free and total > self.ratio * max(packed, 1)):
            raise ArticleRejected(Reason.ARCHIVE_BOMB, f"{packed:,} bytes unfold to more than {total:,}")

    def member(self) -> None:
        """Count one more member."""
        self.members -= 1
        if self.members < 0:
            raise ArticleRejected(Reason.ARCHIVE_BOMB, "more members than any bundle of articles has")

    def deeper(self) -> None:
        """Enter one more layer."""
        self.depth -= 1
        if self.depth < 0:
            raise ArticleRejected(
                Reason.ARCHIVE_BOMB, "archives inside archives, more than three layers deep"
            )


Members = Iterator[RawFile | Refusal]


def open_gzip(raw: RawFile, budget: Budget) -> Members:
    """The one file inside; several gzip members after another are one file (RFC 1952)."""
    yield _inner(raw, inflated(raw.data, budget), ".gz", ".tgz")


def open_bzip2(raw: RawFile, budget: Budget) -> Members:
    """The one file inside."""
    yield _inner(raw, _stream(bz2.BZ2Decompressor, b"BZh", raw.data, budget), ".bz2", ".tbz2")


def open_xz(raw: RawFile, budget: Budget) -> Members:
    """The one file inside."""
    engine = partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, memlimit=128 << 20)
    yield _inner(raw, _stream(engine, b"\xfd7zXZ", raw.data, budget), ".xz", ".txz")


def _inner(raw: RawFile, data: bytes, *suffixes: str) -> RawFile:
    key = next((raw.key.removesuffix(suffix) for suffix in suffixes if raw.key.endswith(suffix)), raw.key)
    return replace(raw, key=key, data=data)


def inflated(data: bytes, budget: Budget) -> bytes:
    """All members of a gzip file, one after the other."""
    result, position, total = bytearray(), 0, 0
    while data[position : position + 2] == b"\x1f\x8b":
        engine = zlib.decompressobj(wbits=31)
        try:
            while not engine.eof:
                if not (piece := engine.unconsumed_tail or data[position : position + _CHUNK]):
                    raise ArticleRejected(Reason.TRUNCATED, "the gzip file ends early")
                fresh = not engine.unconsumed_tail
                produced = engine.decompress(piece, _CHUNK)
                position += len(piece) if fresh else 0
                total += len(produced)
                budget.spend(len(produced), total, position)
                result += produced
        except zlib.error as error:
            raise ArticleRejected(Reason.NOT_WELLFORMED, f"damaged gzip: {error}") from None
        position -= len(engine.unused_data)
    return bytes(result)


def _stream(
    start: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor],
    magic: bytes,
    data: bytes,
    budget: Budget,
) -> bytes:
    """All members of a file, one after the other: compressors that use all cores write many."""
    result = bytearray()
    pending: bytes = data
    try:
        while pending.startswith(magic):
            engine = start()
            while not engine.eof:
                if engine.needs_input and not pending:
                    raise ArticleRejected(Reason.TRUNCATED, "the compressed file ends early")
                produced = engine.decompress(pending, _CHUNK)
                pending = b""
                result += produced
                budget.spend(len(produced), len(result), len(data))
            pending = engine.unused_data.lstrip(b"\0")  # xz pads its members
    except (OSError, EOFError, lzma.LZMAError, ValueError) as error:
        raise ArticleRejected(Reason.NOT_WELLFORMED, f"damaged compression: {error}") from None
    return bytes(result)


def open_zip(raw: RawFile, budget: Budget) -> Members:
    """Each file, but for folders, links and the litter of desktops."""
    archive = opened_zip(raw.data)
    if len(archive.infolist()) > budget.members:
        raise ArticleRejected(Reason.ARCHIVE_BOMB, f"{len(archive.infolist()):,} members")
    for entry in archive.infolist():
        if entry.is_dir() or (entry.external_attr >> 28) == 0o12:
            continue
        yield from _member(raw, entry.filename, budget, partial(zip_member, archive, entry, budget))


def opened_zip(data: bytes) -> zipfile.ZipFile:
    """The archive, or a refusal that says whether it is cut or damaged."""
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        reason = Reason.NOT_WELLFORMED if b"PK\x05\x06" in data[-65_557:] else Reason.TRUNCATED
        raise ArticleRejected(reason, f"damaged zip: {error}") from None


def zip_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget) -> bytes:
    """The bytes of one member, refused as soon as they exceed the budget."""
    if entry.flag_bits & 0x1:
        raise ArticleRejected(Reason.ENCRYPTED, f"{entry.filename[:80]} is encrypted")
    result = bytearray()
    try:
        with archive.open(entry) as file:
            while chunk := file.read(_CHUNK):
                result += chunk
                budget.spend(len(chunk), len(result), entry.compress_size)
    except _DAMAGE as error:
        raise ArticleRejected(
            Reason.NOT_WELLFORMED, f"damaged member {entry.filename[:80]}: {error}"
        ) from None
    return bytes(result)


def open_tar(raw: RawFile, budget: Budget) -> Members:
    """Each regular file. Links, devices and pipes are skipped one by one, not the archive with them."""
    try:
        with tarfile.open(fileobj=io.BytesIO(raw.data), mode="r:") as archive:
            for entry in archive:
                if entry.isfile():
                    yield from _member(raw, entry.name, budget, partial(_tar_member, archive, entry, budget))
    except (tarfile.TarError, EOFError, ValueError, OSError) as error:
        raise ArticleRejected(Reason.TRUNCATED, f"damaged tar: {error}") from None


def _tar_member(archive: tarfile.TarFile, entry: tarfile.TarInfo, budget: Budget) -> bytes:
    file = archive.extractfile(entry)
    data = file.read() if file else b""
    budget.spend(len(data), len(data), len(data))
    if len(data) < entry.size:
        raise ArticleRejected(Reason.TRUNCATED, f"{entry.name[:80]} ends early")
    return data


def _member(raw: RawFile, name: str, budget: Budget, read: Callable[[], bytes]) -> Members:
    budget.member()
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or (parts and parts[0].endswith(":")):
        yield Refusal(
            reason=Reason.ARCHIVE_PATH, detail=f"the name {name[:120]!r} points outside", item=name[:200]
        )
        return
    if "__MACOSX" in parts or parts[-1].startswith(".") or parts[-1] in {"Thumbs.db", "desktop.ini"}:
        return
    try:
        yield replace(raw, key=f"{raw.key}!{name}", data=read())
    except ArticleRejected as rejected:
        if rejected.reason is Reason.ARCHIVE_BOMB:
            raise
        yield Refusal(reason=rejected.reason, detail=rejected.detail, item=name[:200])
