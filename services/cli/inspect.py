"""`copydesk inspect` and `copydesk entities`: what would become of files and texts; no service is needed."""

import json
import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from services.bucket import keys
from services.cli.console import print_json, progress
from services.errors import Misconfigured
from services.settings import Settings

if TYPE_CHECKING:
    from services.cli.proof import Proof
    from services.enrich.clean.recurring import Furniture

_jobs = click.option(
    "--jobs", "-j", type=click.IntRange(1), default=os.cpu_count(), show_default="cores", help="Processes."
)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@_jobs
@click.option("--no-entities", is_flag=True, help="Leave entities, places and quotes out (much faster).")
@click.option(
    "--records",
    type=click.IntRange(1),
    help="Of a file that is worked through in slices look at so many records only.",
)
@click.option(
    "--furniture",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Cut the lines of this record too, as `furniture show --json` prints it.",
)
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a page for editors instead: what is kept and what is cut, beside the original.",
)
@click.pass_obj
@click.pass_context
def inspect(
    ctx: click.Context,
    settings: Settings,
    paths: tuple[Path, ...],
    jobs: int,
    no_entities: bool,
    records: int | None,
    furniture: Path | None,
    html: Path | None,
) -> None:
    """Dry run: what would become of the files in PATHS (files or folders)?

    Prints one JSON object a line and file: "file", "outcome" (indexed, quarantined, ignored),
    "reason", "detail", and "articles", the documents as they would be indexed.
    """
    from services.cli.proof import MOST_FILES, Proof
    from services.enrich.dryrun import dry_run, may_take_long
    from services.enrich.load import load_tools
    from services.enrich.pool import Lost, imap

    tools = load_tools(settings, entities=not no_entities)
    if furniture is not None:
        tools = replace(tools, furniture=_furniture(furniture))
    files = list(_files(paths))
    if html is not None and any(os.path.realpath(file) == os.fsencode(html.resolve()) for file in files):
        raise Misconfigured(f"--html {html}: this is one of the files to inspect; name another")
    proofs: list[Proof] = []

    def work(path: bytes) -> dict[str, Any]:
        return dry_run(path, settings, tools, records)

    def limit(path: bytes) -> float:
        if may_take_long(os.stat(path).st_size, settings):  # noqa: PTH116  # names as bytes
            return math.inf  # the child sets limits to parts of it
        return settings.file_seconds + 5

    refused = False
    with progress() as bar:
        task = bar.add_task("inspecting", total=len(files))
        # The limit in the child comes first and gives the better answer; this one holds for C code too.
        results = imap(work, files, jobs=min(jobs, len(files)) or 1, seconds=limit)
        for path, result in results:
            if isinstance(result, Lost):
                record = {
                    "file": keys.printable(keys.decode(path)),
                    "outcome": "quarantined",
                    "reason": result.reason,
                    "detail": result.detail,
                    "articles": [],
                }
            else:
                record = result
            refused |= record["outcome"] == "quarantined"
            if html is None:
                print_json(record)
            else:
                shown = len(proofs) < MOST_FILES
                original = _original(path, settings.max_file_bytes) if shown else ""
                proofs.append(Proof(record if shown else record | {"articles": []}, original))
            bar.advance(task)
    if html is not None:
        _write(html, proofs)
    ctx.exit(1 if refused else 0)


def _furniture(record: Path) -> "Furniture":
    """The lines of a record, for every file: who names it knows whose it is."""
    from services.enrich.clean.recurring import Furniture, known_lines
    from services.enrich.learnt import parsed

    try:
        data = record.read_bytes()
    except OSError as error:
        raise Misconfigured(f"--furniture {record}: {error.strerror}; name a file that can be read") from None
    return Furniture(everywhere=known_lines(parsed(data, str(record))))


def _files(paths: Iterable[Path]) -> Iterator[bytes]:
    for path in paths:
        if not path.is_dir():
            yield os.fsencode(path)
            continue
        for folder, folders, names in os.walk(os.fsencode(path)):
            folders.sort()
            yield from (os.path.join(folder, name) for name in sorted(names))  # noqa: PTH118  # bytes


@click.command()
@click.argument("file", type=click.File("r", encoding="utf-8"), default="-")
@_jobs
@click.pass_obj
def entities(settings: Settings, file: Iterable[str], jobs: int) -> None:
    """Entities and places of texts, with offsets into these very texts.

    FILE holds one JSON object a line with "id" and "text" (default: standard input). Prints {"id",
    "entities": [{"start", "end", "type", "name", "id"}], "places": [{"start", "end", "lat", "lon",
    "country"}]} for each, in their order. Offsets count Unicode code points.
    """
    from services.enrich.entities.record import annotation_record
    from services.enrich.load import load_tools
    from services.enrich.pool import Lost, imap

    tools = load_tools(settings)
    assert tools.annotator is not None
    annotator = tools.annotator

    def work(row: dict[str, Any]) -> dict[str, Any]:
        return annotation_record(row["id"], annotator.annotate(row["text"], language=row.get("language")))

    with progress() as bar:
        task = bar.add_task("annotating", total=None)
        for row, result in imap(work, _rows(file), jobs=jobs, seconds=settings.task_seconds):
            if isinstance(result, Lost):
                click.echo(f"copydesk: id {row['id']}: {result.detail}; left without entities", err=True)
                print_json({"id": row["id"], "entities": [], "places": []})
            else:
                print_json(result)
            bar.advance(task)


def _rows(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise Misconfigured(f"line {number}: {error}; expected one JSON object a line") from None
        if not isinstance(row, dict) or "id" not in row or not isinstance(row.get("text"), str):
            raise Misconfigured(f'line {number}: expected an object with "id" and a string "text"')
        yield row


def _original(path: bytes, limit: int) -> str:
    """A file's text as parsers see it, for a person to read beside what was made of it."""
    from services.enrich.formats.encoding import decode

    with open(path, "rb") as file:  # noqa: PTH123  # names as bytes
        text = decode(file.read(limit))
    head = text[:4096]
    unreadable = sum(not (char.isprintable() or char.isspace()) for char in head)
    return text if unreadable <= len(head) / 20 else f"(no text: {len(text):,} characters of a binary file)"


def _write(target: Path, proofs: list["Proof"]) -> None:
    """Write the page under another name first: a reader never finds half of it."""
    from services.cli.proof import proof_page

    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("wb") as file:
            for piece in proof_page(proofs):
                file.write(piece.encode("utf-8", "replace"))
        part.replace(target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Misconfigured(f"--html {target}: {error.strerror}; name a file that can be written") from None
