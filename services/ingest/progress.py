"""How far a file of many articles has been worked through, kept in the bucket while it is.

Written after each slice that the index has acknowledged, so that whoever comes next, after a turn, a
stop or a crash, goes on behind it. It stays small however long the file is.
"""

import contextlib
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import Field, ValidationError

from services.bucket import Bucket, Gone, keys
from services.errors import ArticleRejected, Reason
from services.models import Model, Refusal

PROGRESS = keys.OWN + "progress/"

#: So many refusals are named, and so many documents; the others are counted.
MOST_NAMED = 100


class Progress(Model):
    """A file's, as of its last acknowledged slice. A file written anew (another etag) has none."""

    name: str
    etag: str
    sha256: str
    position: int = 0  # where the next record begins, counted in unpacked bytes
    records: int = 0  # done
    items: int = 0  # articles and refusals that came of them
    articles: int = 0  # of these indexed, or superseded
    refused: dict[Reason, int] = Field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    documents: tuple[str, ...] = ()
    ignored: str | None = None  # what the first record without an article is instead
    careful: bool = False  # a process has died of it: each record is worked on in a child of its own

    def after(
        self,
        *,
        position: int,
        records: int,
        items: int,
        documents: Sequence[str],
        refusals: Sequence[Refusal],
        ignored: str | None,
    ) -> "Progress":
        """The progress when one more slice is through."""
        counts = Counter(self.refused)
        counts.update(refusal.reason for refusal in refusals)
        named = MOST_NAMED - len(self.refusals)
        return self.model_copy(
            update={
                "position": position,
                "records": records,
                "items": self.items + items,
                "articles": self.articles + len(documents),
                "refused": dict(counts),
                "refusals": (*self.refusals, *refusals[:named]),
                "documents": (*self.documents, *documents)[:MOST_NAMED],
                "ignored": self.ignored or ignored,
            }
        )

    @property
    def refusal_count(self) -> int:
        """How many were refused, named or not."""
        return sum(self.refused.values())

    def said(self) -> str:
        """In words, for a person."""
        done = f"{self.records:,} records done"
        return f"{done}: {self.articles:,} articles indexed, {self.refusal_count:,} refused"

    def verdict(self) -> ArticleRejected | None:
        """What the file is refused for, if for anything."""
        count = self.refusal_count
        if not count:
            return None
        if not self.articles:
            reason, most = max(self.refused.items(), key=lambda each: each[1])
            detail = next(
                (each.detail for each in self.refusals if each.reason is reason), "see the refusals"
            )
            return ArticleRejected(reason, detail if count == 1 else f"{most:,} of {count:,} items: {detail}")
        first = self.refusals[0]
        return ArticleRejected(
            Reason.PARTIAL,
            f"{self.articles:,} articles indexed, {count:,} refused, first {first.item}: {first.reason}: "
            f"{first.detail}",
        )


@dataclass(frozen=True)
class ProgressRecords:
    """Where progress is kept."""

    bucket: Bucket

    def read(self, name: str, etag: str | None = None) -> Progress | None:
        """The progress of the file under a key, as long as it is the one with that ``etag``."""
        try:
            found = Progress.model_validate_json(self.bucket.read(_key(name))[1])
        except (Gone, ValidationError):
            return None
        return found if etag in (None, found.etag) else None

    def names(self) -> Iterator[str]:
        """The files that there is progress of."""
        for entry in self.bucket.list(PROGRESS):
            with contextlib.suppress(Gone, ValidationError):
                yield Progress.model_validate_json(self.bucket.read(entry.key)[1]).name

    def write(self, progress: Progress) -> None:
        """Keep it, in place of what was."""
        self.bucket.put(_key(progress.name), progress.model_dump_json().encode())

    def clear(self, name: str) -> None:
        """The file came to its end."""
        self.bucket.delete(_key(name))


def _key(name: str) -> str:
    return f"{PROGRESS}{hashlib.sha256(keys.encode(name)).hexdigest()[:40]}.json"
