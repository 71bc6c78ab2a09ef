"""How the commands talk to people: results on standard output, progress and news on standard error."""

import json
from typing import Any

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)

out = Console(highlight=False)
if not out.is_terminal:
    out = Console(highlight=False, width=160)  # a pipe or a log file has no width of its own
err = Console(stderr=True, highlight=False)


def progress() -> Progress:
    """A bar on standard error; nothing where that is no terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=err,
        disable=not err.is_terminal,
        transient=True,
    )


def print_json(value: Any) -> None:
    """One JSON value on one line; every character as it is, what is no character escaped."""
    line = json.dumps(value, ensure_ascii=False, default=str)
    click.echo(line.encode("utf-8", "backslashreplace"))
