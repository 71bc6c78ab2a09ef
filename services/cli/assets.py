"""`copydesk models`: the language model and the gazetteer on this machine."""

import click

from services.settings import Settings


@click.group()
def models() -> None:
    """The language models and the gazetteer that entities need."""


@models.command()
@click.argument("names", nargs=-1)
@click.pass_obj
def install(settings: Settings, names: tuple[str, ...]) -> None:
    """Fetch language models (NAMES: md, sm; without any the one of COPYDESK_MODEL) and build the gazetteer.

    Archives are checked against their hashes; nothing is done twice.
    """
    from services.enrich import assets

    for name in names or settings.models:
        click.echo(f"model {name}: {assets.install_model(name, settings.data_dir)}")
    click.echo(f"gazetteer: {assets.build_gazetteer(settings.data_dir)}")


@models.command("list")
@click.pass_obj
def list_(settings: Settings) -> None:
    """What is installed, and which model is in use."""
    from services.enrich import assets

    for asset in assets.installed(settings.data_dir):
        mark = "*" if asset.name in settings.models else " "
        click.echo(f"{mark} {asset.name:<10} {asset.path or 'not installed'} ({asset.detail})")
