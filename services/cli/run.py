"""`copydesk run`: the whole of it in one process."""

import collections
from typing import Any

import click
from rich.table import Table

from services.bucket import keys, open_bucket
from services.cli.console import err, out, print_json, progress
from services.models import Receipt
from services.settings import Settings

_TABLE_ROWS = 200


@click.command()
@click.argument("bucket", required=False)
@click.option(
    "--once", is_flag=True, help="Stop when nothing waits any more, and print what became of each file."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each file that is finished.")
@click.pass_obj
@click.pass_context
def run(ctx: click.Context, settings: Settings, bucket: str | None, once: bool, as_json: bool) -> None:
    """Watch BUCKET and work on what is dropped there, in one process.

    BUCKET is a folder or s3://bucket[/prefix]; without it, COPYDESK_BUCKET.
    """
    from services.enrich.embedded import run_embedded

    if bucket is not None:
        settings = settings.model_copy(update={"bucket": bucket})
    receipts: list[Receipt] = []
    counts: collections.Counter[str] = collections.Counter()
    store = open_bucket(settings)
    store.prepare()
    with progress() as bar:
        waiting = sum(1 for prefix in keys.LANES.values() for _ in store.list(prefix)) if once else None
        task = bar.add_task("loading the language model", total=waiting)

        def report(receipt: Receipt) -> None:
            counts[receipt.outcome] += 1
            if once and len(receipts) <= _TABLE_ROWS:
                receipts.append(receipt)
            if as_json:
                print_json(_printable(receipt))
            elif not once or not err.is_terminal:
                err.print(_line(receipt), markup=False, soft_wrap=True)
            bar.update(task, advance=1, description=keys.printable(keys.relative(receipt.key))[-40:])

        if not once:
            err.print(
                f"watching {settings.bucket}: drop files into {keys.LIVE}, stop with Ctrl-C", markup=False
            )
        run_embedded(settings, store, report, until_empty=once)
    if once and not as_json:
        _print_table(receipts, counts)
    ctx.exit(1 if counts["quarantined"] else 0)


def _printable(receipt: Receipt) -> dict[str, Any]:
    named = {"key": keys.printable(receipt.key), "where": keys.printable(receipt.where)}
    return receipt.model_dump(mode="json") | named


def _line(receipt: Receipt) -> str:
    why = f"  {receipt.reason}: {receipt.detail}" if receipt.reason else ""
    return f"{receipt.outcome:<12} {keys.printable(keys.relative(receipt.key))}{why}"


def _print_table(receipts: list[Receipt], counts: "collections.Counter[str]") -> None:
    if 0 < len(receipts) <= _TABLE_ROWS:
        table = Table(box=None, pad_edge=False)
        for heading in ("file", "outcome", "articles", "reason"):
            table.add_column(heading, overflow="fold")
        for receipt in sorted(receipts, key=lambda receipt: receipt.key):
            colour = {"indexed": "green", "quarantined": "red"}.get(receipt.outcome, "yellow")
            why = f"{receipt.reason}: {receipt.detail}" if receipt.reason else receipt.detail or ""
            table.add_row(
                keys.printable(keys.relative(receipt.key)),
                f"[{colour}]{receipt.outcome}[/]",
                f"{receipt.count:,}",
                why.replace("[", r"\["),
            )
        out.print(table)
    total = (
        ", ".join(f"{number:,} {outcome}" for outcome, number in sorted(counts.items())) or "nothing waited"
    )
    out.print(f"\n{sum(counts.values()):,} files: {total}")
