"""`copydesk` as it is, with one more enricher, which does what a headline tells it to: only tests start it.

    python -m tests.faults.copydesk worker

A headline that ends in `[segfault]`, `[slow 0.1]` and so on makes its article misbehave; see `ACTS`.
"""

import ctypes
import hashlib
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from services.cli import main
from services.enrich import load, pipeline, service
from services.enrich.pipeline import Enricher, Tools
from services.ingest import evidence
from services.models import Article

ACT = re.compile(r"\[(\w+)(?: ([\d.]+))?\]$")
#: Where acts leave a trace of each run, so that tests can count them.
TRACES = "COPYDESK_TEST_TRACES"
#: How long the models seem to take to load.
LOAD_SECONDS = "COPYDESK_TEST_LOAD_SECONDS"
#: Set, each start is on a host of its own: nobody can know that the process before it has ended.
HOST = "COPYDESK_TEST_HOST"


def segfault(_argument: str, _article: Article) -> None:
    ctypes.string_at(0)


def bomb(_argument: str, _article: Article) -> None:
    held = []
    while True:
        held.append(bytearray(16 * 1024 * 1024))


def loop(_argument: str, _article: Article) -> None:
    while True:
        pass


def hang(_argument: str, _article: Article) -> None:
    """Never leave C code: no signal handler of Python's can run."""
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2_000_000_000)


def parricide(_argument: str, _article: Article) -> None:
    """Take the process around it along, as the kernel may do for want of memory."""
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(5)


def error(_argument: str, _article: Article) -> None:
    message = "this article meets a bug"
    raise KeyError(message)


def once(_argument: str, article: Article) -> None:
    """Fail the first time only."""
    if runs(Path(os.environ[TRACES]), article.headline or "") == 1:
        message = "a passing trouble"
        raise RuntimeError(message)


def slow(seconds: str, _article: Article) -> None:
    time.sleep(float(seconds))


ACTS: dict[str, Callable[[str, Article], None]] = {
    act.__name__: act for act in (segfault, bomb, loop, hang, parricide, error, once, slow)
}


def trace(folder: Path, headline: str) -> Path:
    return folder / hashlib.sha256(headline.encode()).hexdigest()


def runs(folder: Path, headline: str) -> int:
    """How often the article with this headline was worked on."""
    path = trace(folder, headline)
    return path.stat().st_size if path.exists() else 0


def act(article: Article, _tools: Tools) -> Article:
    headline = article.headline or ""
    if found := ACT.search(headline):
        if folder := os.environ.get(TRACES):
            with trace(Path(folder), headline).open("ab") as file:
                file.write(b".")
        ACTS[found[1]](found[2] or "", article)
    return article


def slow_to_load(*arguments: object, **named: object) -> Tools:
    time.sleep(float(os.environ.get(LOAD_SECONDS, "0")))
    return load.load_tools(*arguments, **named)  # type: ignore[arg-type]


if __name__ == "__main__":
    pipeline.ENRICHERS = (*pipeline.ENRICHERS, Enricher("acts", 1, act))
    service.load_tools = slow_to_load  # type: ignore[assignment]
    if host := os.environ.get(HOST):
        evidence._HOST = f"{host} {os.getpid()}"  # before the pool forks, so it is theirs, too
    sys.argv[0] = "copydesk"
    main()
