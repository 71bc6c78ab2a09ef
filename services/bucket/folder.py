"""A bucket that is a local folder: standard library only, names as bytes, atomic renames."""

import contextlib
import errno
import io
import os
import shutil
import stat
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from services.bucket import Changed, Denied, Entry, Gone, TooLarge, keys
from services.errors import CopydeskError, Misconfigured, ServiceUnavailable
from services.telemetry import log

if TYPE_CHECKING:
    from typing_extensions import Buffer

_LOG = log(__name__)
_BLOCK = 1 << 20
_LANES = tuple(keys.encode(prefix) for prefix in keys.LANES.values())
# Writers' own names for what is not finished; such files never count.
_UNFINISHED = (b".part", b".tmp", b"~")


class FolderBucket:
    """Files under ``root``. Links are not followed: one to ``/etc`` must not list ``/etc``."""

    shows_unfinished = True
    keeps_plain_names = True

    def __init__(self, root: Path) -> None:
        self.root = os.fsencode(root.absolute())
        self._told: set[bytes] = set()  # folders that may not be looked into

    def prepare(self) -> None:
        """Create the folders that people look into."""
        with _translated(self.root):
            for prefix in (*keys.LANES.values(), keys.PROCESSED, keys.QUARANTINE, keys.OWN):
                os.makedirs(os.path.join(self.root, prefix.encode()), exist_ok=True)

    def list(self, prefix: str, after: str | None = None) -> Iterator[Entry]:
        """See ``Bucket.list``. Dotfiles, ``.part``, ``.tmp``, ``~`` and links never count."""
        folder = keys.encode(prefix).rpartition(b"/")[0]
        behind = keys.encode(after) if after is not None else b""
        yield from self._walk(folder + b"/" if folder else b"", keys.encode(prefix), behind)

    def _walk(self, folder: bytes, prefix: bytes, after: bytes) -> Iterator[Entry]:
        try:
            with _translated(folder), os.scandir(os.path.join(self.root, folder)) as found:
                # A folder sorts as its files do: with the slash, as in an object store. Names only: a
                # folder may hold a million.
                names = sorted(child.name + (b"/" if _is_folder(child) else b"") for child in found)
        except Gone:
            return
        except Misconfigured as error:
            self._pass_over(folder, error)
            return
        for name in names:
            key = folder + name
            if name.endswith(b"/"):
                if not key.startswith(prefix[: len(key)]) or (key < after and not after.startswith(key)):
                    continue
                if not name.startswith(b".") or prefix.startswith(key):
                    yield from self._walk(key, prefix, after)
            elif key > after and key.startswith(prefix) and _is_finished(name):
                entry = self._entry(key)
                if entry is not None:
                    yield entry

    def _entry(self, key: bytes) -> Entry | None:
        try:
            with _translated(key):
                status = os.lstat(os.path.join(self.root, key))
        except Misconfigured as error:
            self._pass_over(key.rpartition(b"/")[0] + b"/", error)
            return None
        except CopydeskError:
            return None  # taken away between the listing and the look: the next listing knows
        return _as_entry(keys.decode(key), status) if stat.S_ISREG(status.st_mode) else None

    def _pass_over(self, folder: bytes, error: Misconfigured) -> None:
        """One sender's folder in a lane that is closed to us holds no others up; it is told once.

        Any other folder is Copydesk's own, and its files must not seem to be missing.
        """
        if folder.count(b"/") < 2 or not folder.startswith(_LANES):
            raise error
        if folder not in self._told:
            self._told.add(folder)
            _LOG.error("denied", key=folder.decode("utf-8", "backslashreplace"), cause=str(error))

    def stat(self, key: str) -> Entry | None:
        """See ``Bucket.stat``."""
        try:
            with _translated(key):
                status = os.lstat(self._path(key))
        except Gone:
            return None
        return _as_entry(key, status) if stat.S_ISREG(status.st_mode) else None

    def read(self, key: str, limit: int | None = None) -> tuple[Entry, bytes]:
        """See ``Bucket.read``."""
        with _translated(key, Denied):
            descriptor = os.open(self._path(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with open(descriptor, "rb") as file:
                entry = _as_entry(key, os.fstat(descriptor))
                if limit is not None and entry.size > limit:
                    raise TooLarge(entry)
                return entry, file.read()

    def start(self, key: str, most: int) -> bytes:
        """See ``Bucket.start``."""
        with _translated(key, Denied):
            descriptor = os.open(self._path(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with open(descriptor, "rb") as file:
                return file.read(most)

    def stream(self, entry: Entry) -> io.BufferedReader:
        """See ``Bucket.stream``."""
        with _translated(entry.key, Denied):
            descriptor = os.open(self._path(entry.key), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        return io.BufferedReader(_Unchanged(descriptor, entry), _BLOCK)

    def folders(self, prefix: str) -> Iterator[str]:
        """See ``Bucket.folders``; a folder without files counts, too, until somebody removes it."""
        raw = keys.encode(prefix)
        try:
            with _translated(prefix), os.scandir(os.path.join(self.root, raw)) as found:
                names = sorted(child.name for child in found if _is_folder(child))
        except Gone:
            return
        yield from (keys.decode(raw + name + b"/") for name in names if not name.startswith(b"."))

    def put(self, key: str, data: bytes | BinaryIO) -> None:
        """See ``Bucket.put``: written beside, synced, then renamed into place."""
        with _translated(key):
            path = self._path(key)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            beside = self._aside()
            try:
                with open(beside, "wb") as file:
                    shutil.copyfileobj(io.BytesIO(data) if isinstance(data, bytes) else data, file, _BLOCK)
                    file.flush()
                    os.fsync(file.fileno())
            except BaseException:  # a full disk, or a person who stops it
                with contextlib.suppress(OSError):
                    os.unlink(beside)
                raise
            try:
                os.replace(beside, path)
            except IsADirectoryError as error:
                os.unlink(beside)
                taken = f"{keys.printable(key)}: a folder has this name; choose another"
                raise Misconfigured(taken) from error

    def vacant(self, entry: Entry, to: str) -> str:
        """See ``Bucket.vacant``. A file where a folder is needed is stepped around, too."""
        raw = keys.encode(to)
        *folders, name = raw.split(b"/")
        for depth in range(1, len(folders) + 1):
            if os.path.lexists(path := os.path.join(self.root, *folders[:depth])) and not os.path.isdir(path):
                folders[depth - 1] += b"~"
        to = keys.decode(b"/".join((*folders, name)))
        path = self._path(to)
        if os.path.lexists(path) and not self._holds(path, entry):
            return keys.with_mark(to, entry.etag.replace("-", "")[-12:])
        return to

    @staticmethod
    def _holds(path: bytes, entry: Entry) -> bool:
        with contextlib.suppress(OSError):
            return _as_entry(entry.key, os.lstat(path)).etag == entry.etag
        return False

    def move(self, entry: Entry, to: str) -> str:
        """See ``Bucket.move``: a link, which refuses to overwrite, then the old name goes."""
        current = self.stat(entry.key)
        if current is None:
            raise Gone(f"{keys.printable(entry.key)}: no longer there")
        if current.etag != entry.etag:
            raise Changed(f"{keys.printable(entry.key)}: written anew while it was in work")
        target = self.vacant(entry, to)
        path = self._path(target)
        with _translated(entry.key):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            try:
                _link(self._path(entry.key), path)
            except FileExistsError:
                # Either an earlier try of this very move came half way, or other bytes of the same name
                # came there since the look at what is vacant.
                if not self._holds(path, entry):
                    return self.move(entry, to)
        try:
            self._take_away(entry)
        except Denied:  # it stays where it is, and nowhere else
            with contextlib.suppress(OSError):
                os.unlink(path)
            raise
        return target

    def move_all(self, moves: Sequence[tuple[Entry, str]]) -> Sequence[str | CopydeskError]:
        """See ``Bucket.move_all``: one after the other, since a folder is quick."""
        return [self._moved(entry, to) for entry, to in moves]

    def _moved(self, entry: Entry, to: str) -> str | CopydeskError:
        try:
            return self.move(entry, to)
        except CopydeskError as error:
            return error

    def _take_away(self, entry: Entry) -> None:
        """Remove the old name, looking once more at what it names: a rewrite must not go with it."""
        source = self._path(entry.key)
        aside = self._aside()
        with contextlib.suppress(Gone), _translated(entry.key):
            with _translated(entry.key, Denied):  # only this leaves it where it is
                os.rename(source, aside)
            if self._holds(aside, entry):
                os.unlink(aside)
                return
            with contextlib.suppress(FileExistsError):
                _link(aside, source)
                os.unlink(aside)
            raise Changed(f"{keys.printable(entry.key)}: written anew while it was moved")

    def _aside(self) -> bytes:
        """A new name on the same file system, outside every prefix that is listed."""
        folder = os.path.join(self.root, keys.OWN.encode(), b"tmp")
        os.makedirs(folder, exist_ok=True)
        return os.path.join(folder, uuid.uuid4().hex.encode())

    def delete(self, key: str) -> None:
        """See ``Bucket.delete``."""
        with contextlib.suppress(Gone), _translated(key):
            os.unlink(self._path(key))

    def _path(self, key: str) -> bytes:
        """The path of a key; none leads outside the folder."""
        raw = keys.encode(key)
        if b"\0" in raw or any(segment in (b"", b".", b"..") for segment in raw.split(b"/")):
            raise Gone(f"{keys.printable(key)}: no file of a folder can have this name")
        return os.path.join(self.root, raw)


class _Unchanged(io.FileIO):
    """A file that is read only as long as it is the one that was listed."""

    def __init__(self, descriptor: int, entry: Entry) -> None:
        super().__init__(descriptor, "rb")
        self._entry = entry

    def readinto(self, buffer: "Buffer") -> int | None:
        with _translated(self._entry.key):
            count = super().readinto(buffer)
            now = _as_entry(self._entry.key, os.fstat(self.fileno()))
        if now.etag != self._entry.etag:
            raise Changed(f"{keys.printable(self._entry.key)}: written anew while it was read")
        return count


def _is_folder(child: "os.DirEntry[bytes]") -> bool:
    try:
        return child.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _is_finished(name: bytes) -> bool:
    return not name.startswith(b".") and not name.lower().endswith(_UNFINISHED)


def _as_entry(key: str, status: os.stat_result) -> Entry:
    return Entry(
        key=key,
        size=status.st_size,
        modified=datetime.fromtimestamp(status.st_mtime, UTC),
        etag=f"{status.st_ino:x}-{status.st_size:x}-{status.st_mtime_ns:x}",
    )


def _link(source: bytes, path: bytes) -> None:
    """Give the file its second name; where the file system cannot, a synced copy."""
    try:
        os.link(source, path, follow_symlinks=False)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK):
            raise
        with open(source, "rb") as old, open(path, "xb") as new:
            shutil.copyfileobj(old, new)
            new.flush()
            os.fsync(new.fileno())
        shutil.copystat(source, path)


@contextlib.contextmanager
def _translated(what: str | bytes, denied: type[Misconfigured] = Misconfigured) -> Iterator[None]:
    """Client exceptions into ours, once; ``denied``: what a lack of permission is."""
    name = keys.printable(what) if isinstance(what, str) else what.decode("utf-8", "backslashreplace")
    try:
        yield
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise Gone(f"{name}: no longer there") from error
    except FileExistsError:
        raise
    except PermissionError as error:
        raise denied(
            f"{name}: permission denied; let the user of this process read and write the bucket"
        ) from error
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise Gone(f"{name}: a link or device, not a file") from error
        if error.errno == errno.ENAMETOOLONG:
            raise Gone(f"{name}: no file of this folder can have so long a name") from error
        raise ServiceUnavailable(f"bucket: {error}; waiting for the file system") from error
