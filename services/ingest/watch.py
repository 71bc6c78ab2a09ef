"""Watch a lane: which files wait there, whole and not being written any more.

Listing is the truth. A lane is read in slices, so that a backlog of a million files neither
fills memory nor keeps another lane waiting.
"""

import itertools
import time

from services.bucket import Bucket, Entry

SLICE = 5_000
_OLD_SECONDS = 10.0


class Watch:
    """One lane's listing, and where it stands."""

    def __init__(self, bucket: Bucket, prefix: str, settle_seconds: float) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._settle_seconds = settle_seconds
        self._after: str | None = None
        self._seen: dict[str, tuple[str, float]] = {}  # key: etag, when first seen with it
        self._round: set[str] = set()
        self.waiting = 0  # in the last whole listing, and so far in this one

    def look(self) -> list[Entry]:
        """The next slice of files that are ready for work; starts over behind the last one."""
        found = list(itertools.islice(self._bucket.list(self._prefix, after=self._after), SLICE))
        ready = [entry for entry in found if self._is_settled(entry)]
        self._round.update(entry.key for entry in found)
        if len(found) == SLICE:
            self._after = found[-1].key
            self.waiting = max(self.waiting, len(self._round))
        else:
            self._after = None
            self.waiting = len(self._round)
            # Forget what is no longer listed.
            self._seen = {key: seen for key, seen in self._seen.items() if key in self._round}
            self._round.clear()
        return ready

    @property
    def in_the_middle(self) -> bool:
        """Whether the next look goes on in a long listing."""
        return self._after is not None

    def _is_settled(self, entry: Entry) -> bool:
        """Whether a file stayed equal for a while: size and time in two looks, or an old time.

        A folder shows files while they are written. Tools that keep a file's old time (``cp -p``,
        ``tar``, ``rsync``) set it when they have finished, so an old time means finished.
        """
        if not self._bucket.shows_unfinished or time.time() - entry.modified.timestamp() > _OLD_SECONDS:
            return True
        now = time.monotonic()
        etag, since = self._seen.get(entry.key, ("", now))
        if etag != entry.etag:
            self._seen[entry.key] = (entry.etag, now)
            return False
        return now - since >= self._settle_seconds
