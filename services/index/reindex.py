"""Reindex: the whole index written anew while ingest goes on and searches see no hole."""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Final, TypeAlias

from services.errors import CopydeskError, Misconfigured, ServiceUnavailable
from services.index import Outcome, Result
from services.index.document import Document
from services.index.rebuild import Rebuild

Renew: TypeAlias = Callable[[Iterator[Document]], Iterable[Document]]

_BATCH: Final = 200
_FEW: Final = 100  # so many are copied in a moment
_ROUNDS: Final = 30  # of catching up with writers that are as fast as we are
_TRIES: Final = 10


def reindex(
    rebuild: Rebuild,
    *,
    fill: Iterable[Document] = (),
    renew: Renew = iter,
    catch_up: Renew = iter,
    told: Callable[[int], None] = lambda _number: None,
) -> int:
    """Fill the new index, catch up with what was written meanwhile, and let it take over.

    Args:
        rebuild: the new index beside the old.
        fill: documents to begin with, before any is copied.
        renew: makes new documents of those in the old index; may leave some out.
        catch_up: the same for those that were written since.
        told: how many documents were written, each time some were.

    Returns:
        How many documents were written into the new index.

    Raises:
        Misconfigured: the new index refuses a document. The old one is as it was.
        ServiceUnavailable: likewise, because the index did not answer for a while.

    """
    written = 0

    def write(documents: Iterable[Document]) -> int:
        number = 0
        for batch in _batches(documents):
            _put(rebuild, batch)
            told(len(batch))
            number += len(batch)
        return number

    try:
        written += write(fill)
        written += write(renew(rebuild.changes()))
        for _ in range(_ROUNDS):
            number = write(catch_up(rebuild.changes()))
            written += number
            if number <= _FEW:
                break
        with rebuild.paused():
            written += write(catch_up(rebuild.changes()))
            rebuild.take_over()
    except BaseException:
        with suppress(CopydeskError):
            rebuild.discard()
        raise
    return written


def _put(rebuild: Rebuild, batch: list[Document]) -> None:
    refused = next(
        (outcome for outcome in _outcomes(rebuild, batch) if outcome.result is Result.REFUSED), None
    )
    if refused is not None:
        raise Misconfigured(
            f"document {refused.id}: the new index refuses it ({refused.reason}); nothing was changed. Copy "
            "with --reenrich, which writes documents as this release does, or report it as a bug"
        )


def _outcomes(rebuild: Rebuild, batch: list[Document]) -> list[Outcome]:
    for _ in range(_TRIES - 1):
        try:
            return rebuild.put_many(batch)
        except ServiceUnavailable:
            time.sleep(1)
    return rebuild.put_many(batch)


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    rest = iter(documents)
    while batch := list(itertools.islice(rest, _BATCH)):
        yield batch
