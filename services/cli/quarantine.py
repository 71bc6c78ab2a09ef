"""`copydesk quarantine`: refused files, why they were refused, and what becomes of them next."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

from services.bucket import Changed, keys, open_bucket
from services.cli.console import print_json
from services.errors import Reason
from services.settings import Settings

if TYPE_CHECKING:
    from services.ingest.refused import Refused, Selection
    from services.models import QuarantineRecord

F = TypeVar("F", bound=Callable[..., Any])

_FIRST_BYTES = 512
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def _age(value: str) -> datetime:
    """The moment so long ago."""
    found = re.fullmatch(r"(\d{1,5})([smhdw])", value)
    if found is None:
        raise click.BadParameter(f"{value!r} is no age; write a number and s, m, h, d or w, as in 2h or 3d")
    return datetime.now(UTC) - timedelta(**{_UNITS[found[2]]: int(found[1])})


def _selecting(command: F) -> F:
    """The options that say which files are meant."""
    for option in (
        click.option(
            "--newer-than", type=_age, metavar="AGE", help="Refused within that time, such as 2h or 3d."
        ),
        click.option("--older-than", type=_age, metavar="AGE", help="Refused before that, such as 2h or 3d."),
        click.option(
            "--reason",
            "reasons",
            multiple=True,
            type=click.Choice([reason.value for reason in Reason]),
            metavar="REASON",
            help="Refused for that; may be given again.",
        ),
        click.argument("names", metavar="[KEY]...", nargs=-1),
    ):
        command = option(command)
    return command


_all = click.option("--all", "everything", is_flag=True, help="All that is in quarantine.")


@click.group()
def quarantine() -> None:
    """Refused files: list them, look at one, try them again, or delete them.

    KEY is a name as it was dropped, with or without its lane, or where the file stands now; with
    * ? and [ ] it means all names of that shape (put it in quotes).
    """


@quarantine.command("list")
@_selecting
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def list_(settings: Settings, /, as_json: bool, **asked: Any) -> None:
    """The refused files that all conditions hold for, one a line: when, why, which."""
    from services.ingest.refused import read_record

    bucket = open_bucket(settings)
    for refused in _selection(**asked).find(bucket):
        record = read_record(bucket, refused)
        if as_json:
            print_json(_as_json(refused, record))
        else:
            detail = record.detail if record is not None else "no record beside it"
            name = keys.shown(keys.relative(record.key) if record is not None else refused.name)
            click.echo(
                f"{refused.at:%Y-%m-%d %H:%M}  {refused.reason:<15} {name}  {keys.shown(detail)[:200]}"
            )


@quarantine.command()
@click.argument("key")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a file.")
@click.pass_obj
@click.pass_context
def show(ctx: click.Context, settings: Settings, key: str, as_json: bool) -> None:
    """All that is known of a refused file: its record, the traceback, its first bytes."""
    from services.ingest.refused import read_record

    bucket = open_bucket(settings)
    found = False
    for refused in _selection((key,)).find(bucket):
        found = True
        record = read_record(bucket, refused)
        start = bucket.start(refused.key, _FIRST_BYTES) if refused.file is not None else b""
        if as_json:
            whole = record.model_dump(mode="json") if record is not None else {}
            print_json(
                whole | _as_json(refused, record) | {"start": start.decode("utf-8", "backslashreplace")}
            )
        else:
            _print(refused, record, start)
    if not found:
        _nothing(ctx)


@quarantine.command()
@_selecting
@_all
@click.pass_obj
@click.pass_context
def replay(ctx: click.Context, settings: Settings, /, everything: bool, **asked: Any) -> None:
    """Move files back to where they were dropped, to be worked on as if for the first time."""
    from services.ingest.evidence import Evidence
    from services.ingest.replay import replay as again

    bucket = open_bucket(settings)
    evidence = Evidence(bucket)
    moved = 0
    for refused in _meant(everything, asked).find(bucket):
        try:
            where = again(bucket, evidence, refused)
        except Changed as error:
            click.echo(f"copydesk: {error}; left in quarantine, replay it again", err=True)
            continue
        if where is not None:
            moved += 1
            if keys.relative(where) not in (refused.name, keys.without_mark(refused.name)):
                click.echo(f"{keys.shown(refused.key)} waits as {keys.shown(where)}")
    if not moved:
        _nothing(ctx)
    click.echo(f"{_files(moved)} moved back to be worked on again")


@quarantine.command()
@_selecting
@_all
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
@click.pass_context
def drop(ctx: click.Context, settings: Settings, /, everything: bool, yes: bool, **asked: Any) -> None:
    """Delete refused files and their records for good."""
    from services.ingest.evidence import Evidence
    from services.ingest.replay import drop as away

    bucket = open_bucket(settings)
    selection = _meant(everything, asked)
    if not yes:
        number = sum(1 for _ in selection.find(bucket))
        if not number:
            _nothing(ctx)
        click.confirm(f"delete {_files(number)} for good?", abort=True, err=True)
    evidence = Evidence(bucket)
    gone = sum(away(bucket, evidence, refused) for refused in selection.find(bucket))
    if not gone:
        _nothing(ctx)
    click.echo(f"{_files(gone)} deleted")


def _selection(
    names: tuple[str, ...],
    reasons: tuple[str, ...] = (),
    older_than: datetime | None = None,
    newer_than: datetime | None = None,
) -> "Selection":
    from services.ingest.refused import Selection

    return Selection(
        reasons=tuple(Reason(reason) for reason in reasons),
        names=tuple(keys.decode(os.fsencode(name)) for name in names),
        before=older_than,
        after=newer_than,
    )


def _meant(everything: bool, asked: dict[str, Any]) -> "Selection":
    """The selection, unless none was made: all of quarantine is never meant by saying nothing."""
    if everything == any(asked.values()):
        raise click.UsageError("name what is meant: KEY, --reason, --older-than, --newer-than, or only --all")
    return _selection(**asked)


def _as_json(refused: "Refused", record: "QuarantineRecord | None") -> dict[str, Any]:
    return {
        "key": record.key if record is not None else None,
        "where": keys.printable(refused.key),
        "reason": refused.reason,
        "detail": record.detail if record is not None else None,
        "remedy": record.remedy if record is not None else None,
        "attempts": record.attempts if record is not None else None,
        "at": (record.at if record is not None else refused.at).isoformat(),
        "size": refused.file.size if refused.file is not None else None,
        "documents": list(record.documents) if record is not None else [],
    }


def _print(refused: "Refused", record: "QuarantineRecord | None", start: bytes) -> None:
    fields = _as_json(refused, record) | {"documents": ", ".join(record.documents) if record else ""}
    for name, value in fields.items():
        if value not in (None, ""):
            click.echo(f"{name:<10} {keys.shown(str(value))}")
    for refusal in record.refusals if record is not None else ():
        click.echo(f"refused    {keys.shown(f'{refusal.item}: {refusal.reason}: {refusal.detail}')}")
    if record is not None and record.traceback:
        click.echo(f"\n{record.traceback.rstrip()}")
    click.echo(f"\nfirst {len(start)} bytes:" if start else "\nno bytes")
    for line in _lines(start):
        click.echo(f"  {line}")


def _lines(start: bytes) -> Iterator[str]:
    """Text as text, anything else as a dump."""
    text = start.decode("utf-8", "ignore")  # the last character may be cut
    if len(text.encode()) > len(start) - 4 and "\0" not in text:
        yield from (keys.shown(line) for line in text.splitlines())
        return
    for at in range(0, len(start), 16):
        row = start[at : at + 16]
        chars = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        yield f"{at:04x}  {row.hex(' '):<47}  {chars}"


def _files(number: int) -> str:
    return f"{number:,} {'file' if number == 1 else 'files'}"


def _nothing(ctx: click.Context) -> None:
    click.echo(
        "copydesk: no such file in quarantine; `copydesk quarantine list` shows those there are", err=True
    )
    ctx.exit(1)
