"""The small hand tables under ``data/``: what no gazetteer package holds."""

import csv
from collections.abc import Iterator
from importlib.resources import files


def rows(table: str) -> Iterator[dict[str, str]]:
    """The rows of ``data/TABLE.tsv`` by column name."""
    text = files("services.enrich.entities").joinpath("data", f"{table}.tsv").read_text("utf-8")
    yield from csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)


def several(cell: str) -> tuple[str, ...]:
    """A cell of several values: ``Calif.|Cal.``."""
    return tuple(value for value in cell.split("|") if value)


def degrees(cell: str) -> float | None:
    """A coordinate; empty for what has no point, such as the West."""
    return float(cell) if cell else None
