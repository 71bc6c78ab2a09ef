"""Real services to play with: python -m tests.services up [redis] [elasticsearch] [s3].

Starts what is missing, prints the lines to export, and stays until Ctrl+C; then everything is gone.
"""

import argparse
import shlex
import signal
import sys

from tests.services import S3, Bucket, Elasticsearch, Redis, Service, ServiceBroken, ServiceMissing
from tests.services.starter import Starter

KINDS: dict[str, type[Service]] = {"redis": Redis, "elasticsearch": Elasticsearch, "s3": S3}
BUCKET = "copydesk"


def up(names: list[str]) -> int:
    with Starter(KINDS[name]() for name in names) as starter:
        say(f"starting {', '.join(names)}; the first time it may fetch packages")
        for name in names:
            starter.begin(KINDS[name])
        for name in names:
            try:
                show(starter.get(KINDS[name]))
            except (ServiceMissing, ServiceBroken) as error:
                say(str(error))
                others = " ".join(other for other in KINDS if other != name)
                say(f"to do without it: python -m tests.services up {others}")
                return 1
        say("ready; Ctrl+C ends them and throws their data away")
        signal.pause()
    return 0


def show(service: Service) -> None:
    variables = service.environment()
    if isinstance(service, S3):
        variables = Bucket(service, BUCKET).environment()
    for variable, value in variables.items():
        print(f"export {variable}={shlex.quote(value)}", flush=True)  # noqa: T201


def say(words: str) -> None:
    """Write beside the lines to export, so that those can go straight into a file."""
    print(f"# {words}", file=sys.stderr, flush=True)  # noqa: T201


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.services", description=__doc__)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("up", help="start services and stay until interrupted")
    command.add_argument("service", nargs="*", help=f"of {', '.join(KINDS)}; all if none is named")
    names = parser.parse_args().service or list(KINDS)
    if unknown := set(names) - set(KINDS):
        parser.error(f"no such service: {', '.join(unknown)}; there are {', '.join(KINDS)}")
    # `kill` ends it as Ctrl+C does; that too is set, since shells start what runs behind them deaf to it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    try:
        return up(names)
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
