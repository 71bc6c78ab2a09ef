"""The `copydesk` command. One file for each group of commands; heavy imports stand inside them."""

import sys

import click

from services.cli import (
    assets,
    custody,
    furniture,
    inspect,
    quarantine,
    reconcile,
    reindex,
    run,
    search,
    serve,
)
from services.errors import Misconfigured, ServiceUnavailable
from services.settings import Settings
from services.telemetry import configure

REFUSED, USAGE, UNAVAILABLE = 1, 2, 3


class _Errors(click.Group):
    """What we foresee reaches a person as a sentence and an exit code, never as a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Misconfigured as error:
            _say(error)
            ctx.exit(USAGE)
        except ServiceUnavailable as error:
            _say(error)
            ctx.exit(UNAVAILABLE)
        except BrokenPipeError:  # `copydesk inspect … | head`
            sys.stderr.close()
            ctx.exit(0)


def _say(error: Exception) -> None:
    click.echo(f"copydesk: {error}", err=True)


@click.group(cls=_Errors, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="copydesk", prog_name="copydesk")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Raw article files in, clean and enriched articles in a search index out.

    Settings are COPYDESK_… environment variables (docs/settings.md). Without a Redis and an
    Elasticsearch set, everything runs embedded: a folder, a queue in the process, an SQLite index.

    Exit codes: 0 all well, 1 some files were refused, 2 wrong usage or configuration, 3 a service
    does not answer.
    """
    ctx.obj = Settings.from_env()
    configure(ctx.obj)


for command in (
    run.run,
    custody.drop,
    custody.status,
    quarantine.quarantine,
    reconcile.reconcile,
    reindex.reindex,
    search.search,
    inspect.inspect,
    inspect.entities,
    serve.ingest,
    serve.worker,
    serve.health,
    furniture.furniture,
    assets.models,
):
    main.add_command(command)
