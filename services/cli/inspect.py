"""`copydesk inspect` and `copydesk entities`: what would become of files and texts; no service is needed."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from services.bucket import keys
from services.cli.console import print_json, progress
from services.errors import Misconfigured, Reason
from services.settings import Settings

_jobs = click.option(
    "--jobs", "-j", type=click.IntRange(1), default=os.cpu_count(), show_default="cores", help="Processes."
)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@_jobs
@click.option("--no-entities", is_flag=True, help="Leave entities, places and quotes out (much faster).")
@click.pass_obj
@click.pass_context
def inspect(
    ctx: click.Context, settings: Settings, paths: tuple[Path, ...], jobs: int, no_entities: bool
) -> None:
    """Dry run: what would become of the files in PATHS (files or folders)?

    Prints one JSON object a line and file: "file", "outcome" (indexed, quarantined, ignored),
    "reason", "detail", and "articles", the documents as they would be indexed.
    """
    from services.enrich.dryrun import dry_run
    from services.enrich.load import load_tools
    from services.enrich.pool import Lost, imap

    tools = load_tools(settings, entities=not no_entities)
    files = list(_files(paths))

    def work(path: bytes) -> dict[str, Any]:
        return dry_run(path, settings, tools)

    refused = False
    with progress() as bar:
        task = bar.add_task("inspecting", total=len(files))
        # The limit in the child comes first and gives the better answer; this one holds for C code too.
        results = imap(work, files, jobs=min(jobs, len(files)) or 1, seconds=settings.file_seconds + 5)
        for path, result in results:
            if isinstance(result, Lost):
                reason = Reason.TIMEOUT if result.timed_out else Reason.WORKER_LOST
                record = {
                    "file": keys.printable(keys.decode(path)),
                    "outcome": "quarantined",
                    "reason": reason,
                    "detail": result.detail,
                    "articles": [],
                }
            else:
                record = result
            refused |= record["outcome"] == "quarantined"
            print_json(record)
            bar.advance(task)
    ctx.exit(1 if refused else 0)


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
