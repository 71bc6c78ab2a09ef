"""Files and the records beside them, told apart in one pass over a listing."""

from collections.abc import Iterable, Iterator

from services.bucket import Entry


def pairs(entries: Iterable[Entry], suffix: str) -> Iterator[tuple[Entry | None, Entry | None]]:
    """Each file with the record whose name is the file's and ``suffix``; ``None`` for what is missing.

    The listing is in the order of the keys. Whatever stands between a file and its record begins with
    the file's name, so the files that still wait for theirs are a short stack.
    """
    waiting: list[Entry] = []
    for entry in entries:
        while waiting and not entry.key.startswith(waiting[-1].key):
            yield waiting.pop(), None
        if not entry.key.endswith(suffix):
            waiting.append(entry)
            continue
        of = entry.key.removesuffix(suffix)
        place = next((at for at, file in enumerate(waiting) if file.key == of), None)
        yield (None if place is None else waiting.pop(place)), entry
    while waiting:
        yield waiting.pop(), None
