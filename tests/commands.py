"""Whether a `copydesk …` that a document, image or compose file names exists."""

import click

from services.cli import main


def command_named(words: list[str]) -> tuple[click.Command, list[str]]:
    """Find the command that the words after `copydesk` name, and the words left for it."""
    command: click.Command | None = main
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        command = command.get_command(click.Context(command), name)
        assert command is not None, f"copydesk knows no command {name}"
    assert command is not None
    return command, words


def check_options(words: list[str]) -> None:
    """Check command and options; arguments may be placeholders."""
    command, rest = command_named(words)
    known = {option for param in command.params for option in [*param.opts, *param.secondary_opts]}
    unknown = {word.partition("=")[0] for word in rest if word.startswith("-")} - known - {"--help", "-h"}
    assert not unknown, f"copydesk {command.name} knows no {', '.join(unknown)}"


def check_command(words: list[str]) -> None:
    """Let the command read the words as it would, without running it."""
    command, rest = command_named(words)
    command.make_context(command.name, rest, parent=click.Context(main))
