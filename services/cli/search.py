"""`copydesk search`: what readers may find, as the services that query the index see it."""

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
from pydantic import ValidationError
from rich.text import Text

from services.cli.console import out, print_json, say
from services.errors import CopydeskError, Misconfigured
from services.index.query import Fragment, Hit, Query
from services.settings import Settings

if TYPE_CHECKING:
    from services.index import Index


@click.command()
@click.argument("words", nargs=-1)
@click.option("--person", help="Canonical name or entity id.")
@click.option("--organisation", help="Canonical name or entity id.")
@click.option("--place", help="Canonical name or entity id.")
@click.option("--country", help="ISO 3166 code, such as SY.")
@click.option("--language", help="BCP 47 tag or its beginning.")
@click.option("--since", type=click.DateTime(), help="Published from then on (UTC).")
@click.option("--until", type=click.DateTime(), help="Published before then (UTC).")
@click.option("--size", default=10, show_default=True, help="Most hits shown.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def search(
    settings: Settings, /, words: tuple[str, ...], as_json: bool, **asked: str | int | datetime | None
) -> None:
    """Find articles that hold all WORDS; put "quoted words" for a phrase. Without words the newest."""
    given = {
        name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
        for name, value in asked.items()
    }
    try:
        query = Query.model_validate({"words": " ".join(_quoted(word) for word in words), **given})
    except ValidationError as error:
        raise click.UsageError("; ".join(problem["msg"] for problem in error.errors())) from None
    with contextlib.closing(existing_index(settings)) as index:
        results = index.search(query)
    if as_json:
        print_json(results.model_dump(mode="json"))
        return
    out.print(f"{results.total:,} {'article' if results.total == 1 else 'articles'}\n")
    for hit in results.hits:
        _print_hit(hit)


def existing_index(settings: Settings) -> "Index":
    """The index, for asking only: a mistyped bucket must not be created by a question.

    Raises:
        Misconfigured: nothing was ever indexed there.
    """
    from services.index import open_index

    if settings.elasticsearch_url is None and not settings.sqlite_path.exists():
        raise Misconfigured(
            f"{settings.sqlite_path}: no index there; check COPYDESK_BUCKET, or run `copydesk run` once"
        )
    index = open_index(settings)
    try:
        index.prepare()
    except CopydeskError:
        index.close()
        raise
    return index


def _quoted(word: str) -> str:
    """The shell took the quotes off a phrase: put them back."""
    return f'"{word}"' if " " in word and '"' not in word else word


def _print_hit(hit: Hit) -> None:
    out.print(Text(hit.headline or "(no headline)", style="bold"), soft_wrap=True)
    facts = [hit.source, f"{hit.published:%d %B %Y, %H:%M %Z}" if hit.published else None, hit.url]
    out.print(
        Text(" · ".join(fact for fact in facts if fact), style="dim"), soft_wrap=True
    )  # an address stays whole
    for fragment in hit.fragments:
        say(Text("… ").append_text(_highlighted(fragment)).append(" …"), indent=2)
    if hit.people:
        say(Text("people  ", style="cyan").append(", ".join(hit.people)), indent=2)
    for position, place in enumerate(hit.places[:8]):
        where = f"  {place.location.lat:.2f}, {place.location.lon:.2f}" if place.location else ""
        label = "places  " if position == 0 else "        "
        country = f" ({place.country})" if place.country else ""
        say(Text(label, style="cyan").append(f"{place.name}{country}{where}"), indent=2)
    out.print()


def _highlighted(fragment: Fragment) -> Text:
    text = Text(fragment.text.replace("\n", " "))
    for start, end in fragment.marks:
        text.stylize("bold yellow", start, end)
    return text
