"""`copydesk furniture`: lines that recur on most pages of a site, as learnt, looked at and forgotten."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from services.bucket import keys, open_bucket
from services.cli.console import print_json, progress
from services.errors import Misconfigured
from services.settings import Settings

if TYPE_CHECKING:
    from services.enrich.clean.recurring import Site
    from services.enrich.learnt import Sites

_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a site.")


def _printable(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """A name as records have it; what is not UTF-8 comes from a shell as it stands in a folder."""
    return None if value is None else keys.printable(value)


_site = click.argument("site", metavar="SITE", callback=_printable)


@click.group()
def furniture() -> None:
    """Lines that recur on most pages of a site, to be cut from its articles.

    Workers cut them where COPYDESK_FURNITURE is on, and see a change within a minute. SITE is the host of
    the articles' address without "www.", or for articles without one the folder they are dropped in, with
    a slash: example.com, wire/.
    """


@furniture.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--site",
    metavar="SITE",
    callback=_printable,
    help="Learn this site alone; with PATHS also of pages that name none.",
)
@click.option(
    "--days",
    type=click.IntRange(1),
    default=14,
    show_default=True,
    help="How many days of processed files to read, back from the newest.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be learnt, and keep nothing.")
@click.option(
    "--jobs", "-j", type=click.IntRange(1), default=os.cpu_count(), show_default="cores", help="Processes."
)
@click.pass_obj
def learn(
    settings: Settings, paths: tuple[Path, ...], site: str | None, days: int, dry_run: bool, jobs: int
) -> None:
    """Count the lines of each site's newest pages, and keep those on most of them.

    Reads processed files of the bucket, or the files and folders of PATHS. A site needs five articles;
    one that comes again or in versions counts once.
    """
    from services.enrich.clean.recurring import LEAST_ARTICLES
    from services.enrich.learning import learn as learnt
    from services.enrich.learning import local, processed
    from services.enrich.learnt import Sites

    pages = (
        local(_named(paths), settings, site=site, jobs=jobs)
        if paths
        else processed(settings, days=days, jobs=jobs)
    )
    sites = Sites(open_bucket(settings))
    with progress() as bar:
        task = bar.add_task("pages", total=None)
        found = learnt((bar.advance(task) or page for page in pages), site)  # type: ignore[func-returns-value]
    enough = [each for each in found if each.articles >= LEAST_ARTICLES]
    for each in enough:
        kept = each if dry_run else _keep(sites, each)
        click.echo(_line(kept))
    if fewer := len(found) - len(enough):
        what = "site with" if fewer == 1 else "sites with"
        click.echo(f"{fewer} {what} fewer than {LEAST_ARTICLES} articles: nothing learnt")
    if not found:
        where = "the files" if paths else f"the processed files of {days} days"
        click.echo(f"no page {f'of {site} ' if site else ''}in {where}", err=True)
    elif enough and not dry_run and not settings.furniture:
        click.echo("not in use: set COPYDESK_FURNITURE=on for the workers", err=True)


@furniture.command("list")
@_json
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """What is learnt: a line a site."""
    from services.enrich.learnt import Sites

    for site in Sites(open_bucket(settings)).all():
        if as_json:
            print_json(site.model_dump(mode="json"))
        else:
            click.echo(_line(site))


@furniture.command()
@_site
@_json
@click.pass_obj
def show(settings: Settings, site: str, as_json: bool) -> None:
    """The lines of a site: on how many articles, how often taken for text of the article, which."""
    from services.enrich.learnt import Sites

    found = _known(Sites(open_bucket(settings)), site)
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    click.echo(_line(found))
    for line in found.lines:
        mark = "  kept: spared" if line.spared else ""
        counts = f"{line.hash}  {line.articles:>3} of {found.articles}  taken for text {line.kept:>3}"
        click.echo(f"{counts}  {keys.shown(line.sample)}{mark}")


@furniture.command()
@_site
@click.argument("lines", metavar="LINE...", nargs=-1, required=True)
@click.pass_obj
def keep(settings: Settings, site: str, lines: tuple[str, ...]) -> None:
    """Never cut these lines, also when they are learnt again. LINE is what `show` prints before each."""
    from services.enrich.learnt import Sites

    sites = Sites(open_bucket(settings))
    found = _known(sites, site)
    if unknown := set(lines) - {line.hash for line in found.lines}:
        raise Misconfigured(
            f"{', '.join(sorted(unknown))}: no line of {keys.shown(site)}; see `copydesk furniture show`"
        )
    changed = [
        line.model_copy(update={"spared": True}) if line.hash in lines else line for line in found.lines
    ]
    sites.write(found.model_copy(update={"lines": tuple(changed)}))


@furniture.command()
@click.argument("sites", metavar="[SITE]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All sites.")
@click.pass_obj
@click.pass_context
def reset(ctx: click.Context, settings: Settings, sites: tuple[str, ...], everything: bool) -> None:
    """Forget what is learnt of sites. Articles that are indexed stay as they are."""
    from services.enrich.learnt import Sites

    if bool(sites) == everything:
        raise click.UsageError("name sites, or --all of them")
    known = Sites(open_bucket(settings))
    if everything:
        count = known.remove_all()
        click.echo(f"{count} {'site' if count == 1 else 'sites'} forgotten")
        return
    for site in map(keys.printable, sites):
        if known.remove(site):
            click.echo(f"{keys.shown(site)}: forgotten")
        else:
            click.echo(
                f"{keys.shown(site)}: nothing is learnt of it; see `copydesk furniture list`", err=True
            )
            ctx.exit(1)


def _keep(sites: "Sites", new: "Site") -> "Site":
    from services.enrich.clean.recurring import with_spared

    try:
        old = sites.read(new.site)
    except Misconfigured:
        old = None  # damaged: this is the remedy
    kept = with_spared(new, old)
    if kept.lines or old is not None:
        sites.write(kept)
    return kept


def _known(sites: "Sites", site: str) -> "Site":
    found = sites.read(site)
    if found is None:
        raise Misconfigured(f"{keys.shown(site)}: nothing is learnt of it; see `copydesk furniture list`")
    return found


def _line(site: "Site") -> str:
    lines = sum(not line.spared for line in site.lines)
    of = f"{lines} {'line' if lines == 1 else 'lines'} on most of {site.articles} articles"
    return f"{keys.shown(site.site)}: {of}, learnt {site.learnt:%Y-%m-%d %H:%M}"


def _named(paths: tuple[Path, ...]) -> Iterator[tuple[str, Path]]:
    """Files with the names they would have if these paths were dropped."""
    for path in paths:
        if not path.is_dir():
            yield path.name, path
            continue
        for folder, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(names):
                file = Path(folder, name)
                yield file.relative_to(path).as_posix(), file
