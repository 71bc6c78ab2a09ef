"""How the commands talk to people: results on standard output, progress and news on standard error."""

import json
from typing import Any

import click
from rich.console import Console
from rich.padding import Padding
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

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


def say(text: Text, *, indent: int) -> None:
    """A line of results: under its indent where a terminal must wrap it, else whole for grep and logs."""
    if out.is_terminal:
        out.print(Padding(text, (0, 0, 0, indent)))
    else:
        out.print(Text(" " * indent).append_text(text), soft_wrap=True)


def print_json(value: Any) -> None:
    """One JSON value on one line; every character as it is, what is no character escaped."""
    line = json.dumps(value, ensure_ascii=False, default=str)
    click.echo(line.encode("utf-8", "backslashreplace"))
