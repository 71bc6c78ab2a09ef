"""`copydesk reindex`: the whole index written anew, while ingest goes on and searches see no hole."""

import contextlib
import os
from dataclasses import replace

import click

from services.cli.console import progress
from services.errors import Misconfigured
from services.settings import Settings


@click.command()
@click.option("--reenrich", is_flag=True, help="Run the enrichers again on the stored articles.")
@click.option("--from-processed", is_flag=True, help="Run the whole pipeline again on the processed files.")
@click.option("--discard", is_flag=True, help="First remove what a reindex that was cut short has left.")
@click.option(
    "--jobs", "-j", type=click.IntRange(1), default=os.cpu_count(), show_default="cores", help="Processes."
)
@click.pass_obj
def reindex(settings: Settings, /, reenrich: bool, from_processed: bool, discard: bool, jobs: int) -> None:
    """Write a new version of the index beside the old, and put it in its place in one step.

    For changed fields or search words the stored documents are copied. Ingest goes on; at the end
    writers wait for a moment. In Elasticsearch the old index is kept until you delete it.
    """
    from services.index import open_index
    from services.index.reindex import Renew
    from services.index.reindex import reindex as anew

    if reenrich and from_processed:
        raise click.UsageError("--from-processed enriches, too: give only one of the two")
    if settings.elasticsearch_url is None and not settings.sqlite_path.exists():
        raise Misconfigured(
            f"{settings.sqlite_path}: no index there; check COPYDESK_BUCKET, or run `copydesk run` once"
        )
    with contextlib.closing(open_index(settings)) as index, progress() as bar:
        if discard and (removed := index.discard_rebuild()):
            click.echo(f"removed {', '.join(removed)}")
        renew: Renew = iter
        catch_up: Renew = iter
        renewal = None
        if reenrich or from_processed:
            from services.enrich.learnt import furniture_in_use
            from services.enrich.load import load_tools
            from services.enrich.renew import Renewal

            tools = replace(load_tools(settings), furniture=furniture_in_use(settings))
            renewal = Renewal(settings, tools, jobs)
            renew = renewal.enriched if reenrich else renewal.enriched_if_not_refilled
            catch_up = renewal.outdated
        rebuild = index.rebuild()
        task = bar.add_task(f"writing {rebuild.new}", total=None)
        written = anew(
            rebuild,
            fill=renewal.refilled() if renewal is not None and from_processed else (),
            renew=renew,
            catch_up=catch_up,
            told=lambda number: bar.advance(task, number),
        )
    click.echo(f"{written:,} {'document' if written == 1 else 'documents'} written")
    if rebuild.keeps_old:
        click.echo(f"{rebuild.new} is in use now; {rebuild.old} takes no writes: delete it when all is well")
