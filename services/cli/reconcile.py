"""`copydesk reconcile`: the proof that nothing is lost, and the remedy when something is."""

import contextlib
from typing import TYPE_CHECKING, Any

import click

from services.bucket import keys, open_bucket
from services.cli.console import print_json
from services.cli.parsing import claims_of
from services.cli.search import existing_index
from services.settings import Settings

if TYPE_CHECKING:
    from collections import Counter


@click.command()
@click.option("--verify", is_flag=True, help="Read every file: its bytes, and each article in it.")
@click.option("--repair", is_flag=True, help="Move files of missing articles back, to be worked on again.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line and problem, the counts last.")
@click.pass_obj
@click.pass_context
def reconcile(ctx: click.Context, settings: Settings, /, verify: bool, repair: bool, as_json: bool) -> None:
    """Compare bucket and index: has every processed file its documents, and every document its file?

    Names settle most; files that they do not settle are read and parsed. May run while work goes on.
    Exits with 1 when something is missing, also when --repair has just moved it back.
    """
    from services.ingest.problem import SERIOUS, Problem
    from services.ingest.reconcile import Reconciliation
    from services.ingest.repair import repair as mend

    def tell(problem: Problem, moved: str | None) -> None:
        found: dict[str, Any] = {
            "problem": problem.kind.value,
            "key": keys.printable(problem.key),
            "detail": problem.detail,
            "documents": list(problem.documents),
        }
        if moved is not None:
            found["moved_to"] = keys.printable(moved)
        if as_json:
            print_json(found)
            return
        of = f" ({', '.join(problem.documents)})" if problem.documents else ""
        then = f"; waits as {keys.shown(moved)}" if moved is not None else ""
        click.echo(f"{problem.kind:<12} {keys.shown(problem.key)}: {problem.detail}{of}{then}")

    bucket = open_bucket(settings)
    with contextlib.closing(existing_index(settings)) as index:
        comparison = Reconciliation(bucket, index, claims_of(settings), verify=verify)
        moved = 0
        for problem in comparison.problems():
            where = mend(bucket, problem) if repair else None
            moved += where is not None
            tell(problem, where)
    counts = comparison.counts
    if as_json:
        print_json({"counts": dict(counts) | {"moved_back": moved}})
    else:
        click.echo(_sentence(comparison.counts, moved))
    if any(counts[kind] for kind in SERIOUS):
        ctx.exit(1)


def _sentence(counts: "Counter[str]", moved: int) -> str:
    files = sum(counts[state] for state in ("waiting", "processed", "ignored", "quarantined"))
    states = ("indexed", "superseded", "ignored", "quarantined", "waiting")
    known = {*states, "processed", "documents", "expired"}
    said = [f"{files:,} files: " + ", ".join(f"{counts[state]:,} {state}" for state in states)]
    expired = f", {counts['expired']:,} of them older than the archive" if counts["expired"] else ""
    said.append(f"{counts['documents']:,} documents{expired}")
    wrong = {kind: number for kind, number in sorted(counts.items()) if kind not in known and number}
    said.append(", ".join(f"{number:,} {kind}" for kind, number in wrong.items()) or "all agree")
    if moved:
        said.append(f"{moved:,} moved back into {keys.BACKFILL}; reconcile again when they are worked off")
    return "; ".join(said)
