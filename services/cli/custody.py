"""`copydesk drop` and `copydesk status`: files in, and where they are."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click

from services.bucket import Bucket, Changed, Entry, Gone, keys, open_bucket
from services.cli.console import print_json
from services.cli.parsing import claims_of
from services.cli.search import existing_index
from services.errors import Misconfigured, ServiceUnavailable
from services.settings import Settings

_BLOCK = 1 << 20


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--prefix", default="", help="Folder inside the lane to drop into.")
@click.option("--backfill", is_flag=True, help="Drop into the low-priority lane.")
@click.option("--replace", is_flag=True, help="Overwrite other bytes that wait under the same name.")
@click.pass_obj
def drop(settings: Settings, files: tuple[Path, ...], prefix: str, backfill: bool, replace: bool) -> None:
    """Drop FILES (folders with all that is in them) into the bucket, to be worked on."""
    bucket = open_bucket(settings)
    bucket.prepare()
    lane = keys.BACKFILL if backfill else keys.LIVE
    count = 0
    for name, path in _named(files):
        key = lane + (prefix.strip("/") + "/" if prefix.strip("/") else "") + name
        with path.open("rb") as data:
            if not replace:
                _refuse_other_bytes(bucket, key, data)
            bucket.put(key, data)
        count += 1
    click.echo(
        f"dropped {count:,} {'file' if count == 1 else 'files'} into {settings.bucket.rstrip('/')}/{lane}"
    )


def _named(files: tuple[Path, ...]) -> Iterator[tuple[str, Path]]:
    """Each file with the name it is dropped under."""
    for path in files:
        if not path.is_dir():
            yield keys.decode(os.fsencode(path.name)), path
            continue
        for folder, folders, found in os.walk(path):
            folders.sort()
            for name in sorted(found):
                full = Path(folder, name)
                yield keys.decode(os.fsencode(full.relative_to(path))), full


def _refuse_other_bytes(bucket: Bucket, key: str, data: BinaryIO) -> None:
    waiting = bucket.stat(key)
    if waiting is None or (waiting.size == os.fstat(data.fileno()).st_size and _same(bucket, waiting, data)):
        return
    raise Misconfigured(
        f"{keys.printable(key)}: another file of this name waits there; drop it under another --prefix, "
        "or overwrite that one with --replace"
    )


def _same(bucket: Bucket, waiting: Entry, data: BinaryIO) -> bool:
    """Whether what waits has the very bytes of ``data``, which is left at its beginning."""
    try:
        with bucket.stream(waiting) as stream:
            while block := stream.read(_BLOCK):
                if data.read(len(block)) != block:
                    return False
    except Gone:
        pass  # a worker was quicker; then nothing is overwritten
    except Changed:
        return False
    data.seek(0)
    return True


@click.command()
@click.argument("file", required=False)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def status(settings: Settings, file: str | None, as_json: bool) -> None:
    """Where FILE is (a name as dropped), or, without it, how much waits and what became of the rest.

    When the index does not answer, what the bucket knows is shown all the same.
    """
    from services.ingest.overview import overview
    from services.ingest.whereabouts import whereabouts

    bucket = open_bucket(settings)
    found: dict[str, Any] = {}
    if file is None:
        found = overview(bucket) | {"documents": None}
    name = keys.decode(os.fsencode(file or ""))
    try:
        with contextlib.closing(existing_index(settings)) as index:
            if file is None:
                found["documents"] = index.count()
            else:
                found = whereabouts(bucket, index, name, claims_of(settings))
    except (ServiceUnavailable, Misconfigured):
        # Those who scale by the backlog need its numbers now more than ever.
        _show(found if file is None else whereabouts(bucket, None, name), as_json=as_json)
        raise
    _show(found, as_json=as_json)
    if found.get("state") == "unknown":
        raise click.exceptions.Exit(1)


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    rows: dict[str, Any] = {}
    for name, value in found.items():
        label = name.replace("_", " ")
        if isinstance(value, dict):
            rows |= {f"{label} ({part})": number for part, number in value.items()}
        elif isinstance(value, list):
            rows[label] = ", ".join(map(str, value)) or "none"
        else:
            rows[label] = "not known: the index does not answer" if value is None else value
    width = max(map(len, rows))
    for label, value in rows.items():
        click.echo(f"{label:<{width}}  {keys.shown(str(value))}")
