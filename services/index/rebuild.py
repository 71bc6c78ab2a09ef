"""A rebuild: a new version of the index, made beside the one in use; `docs/decisions/0015` says why so."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from services.index import Outcome
from services.index.document import Document


class Rebuild(Protocol):
    """What is needed of an index to replace it by another while both reading and writing go on.

    ``changes`` is asked until little comes, then once more while writers are ``paused``; what was
    written up to then is in the new index when it takes over.
    """

    #: Names of the index in use and of the new one, for people.
    old: str
    new: str
    #: Whether the old one still takes room when the new one has taken over.
    keeps_old: bool

    def changes(self) -> Iterator[Document]:
        """Whole documents that the index in use has got since they were last asked for; at first all."""

    def put_many(self, documents: Sequence[Document]) -> list[Outcome]:
        """Write into the new index, by the rules of ``Index.put_many``."""

    def paused(self) -> AbstractContextManager[None]:
        """Let writers wait, when all that they have begun is done. Readers notice nothing."""

    def take_over(self) -> None:
        """Within ``paused``: put the new index in the old one's place, in one step."""

    def discard(self) -> None:
        """Remove the new index; the one in use stays as it is."""
