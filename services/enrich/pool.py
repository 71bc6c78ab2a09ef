"""Child processes for work that may hang or crash: each item's limit holds even in C code.

A child that overruns is killed, one that dies is replaced, and only its own item is lost.
Children are forked, so what the parent has loaded is shared and not loaded again.
"""

import collections
import math
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Generic, TypeVar

from services.errors import Reason

T = TypeVar("T")
R = TypeVar("R")

_FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Lost:
    """No result: the child was killed for overrunning (``timed_out``), or died by itself."""

    timed_out: bool
    detail: str

    @property
    def reason(self) -> Reason:
        """Why the file that was worked on is refused."""
        return Reason.TIMEOUT if self.timed_out else Reason.WORKER_LOST


class _Child(Generic[T, R]):
    def __init__(self, work: Callable[[T], R]) -> None:
        # Celery's children count as daemons, which may have none of their own. These end with their parent.
        multiprocessing.current_process().daemon = False
        self.pipe, theirs = _FORK.Pipe()
        self.process = _FORK.Process(target=_serve, args=(work, theirs, self.pipe), daemon=True)
        self.process.start()
        theirs.close()
        self.position: int | None = None
        self.due = float("inf")

    def give(self, position: int, item: T, seconds: float) -> None:
        self.position = position
        self.due = time.monotonic() + seconds
        self.pipe.send(item)

    def end(self) -> None:
        self.pipe.close()
        self.process.kill()
        self.process.join()


def _serve(work: Callable[[T], R], pipe: Connection, parents: Connection) -> None:
    parents.close()  # so that the parent's death is seen as the end of the pipe
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    try:
        while True:
            pipe.send(work(pipe.recv()))
    except (EOFError, BrokenPipeError):
        os._exit(0)


def imap(
    work: Callable[[T], R], items: Iterable[T], *, jobs: int, seconds: float | Callable[[T], float]
) -> Iterator[tuple[T, R | Lost]]:
    """Apply ``work`` to each item in ``jobs`` children and yield the results in the items' order.

    Args:
        work: runs in a child; its argument and result are pickled.
        items: consumed as children become free, at most a few ahead of the results.
        jobs: how many children.
        seconds: after which a child that has not answered is killed; of every item, or by item.

    """
    waiting = iter(enumerate(items))
    given: dict[int, T] = {}
    done: dict[int, R | Lost] = {}
    children: list[_Child[T, R]] = [_Child(work) for _ in range(jobs)]
    idle = collections.deque(children)
    following = 0
    try:
        while True:
            while idle and len(given) < 8 * jobs and (found := next(waiting, None)) is not None:
                position, given[found[0]] = found
                item = given[position]
                idle.popleft().give(position, item, seconds(item) if callable(seconds) else seconds)
            if not given:
                return
            busy = [child for child in children if child.position is not None]
            _collect(work, children, idle, done, timeout=_next_due(busy))
            while following in done:
                yield given.pop(following), done.pop(following)
                following += 1
    finally:
        for child in children:
            child.end()


def _next_due(busy: list[_Child[T, R]]) -> float | None:
    due = min((child.due for child in busy), default=0.0)
    return None if math.isinf(due) else max(0.0, due - time.monotonic())


def _collect(
    work: Callable[[T], R],
    children: list[_Child[T, R]],
    idle: "collections.deque[_Child[T, R]]",
    done: dict[int, R | Lost],
    *,
    timeout: float | None,
) -> None:
    """Take what has come back by then; replace children that died or are overdue."""
    ready = set(wait([child.pipe for child in children if child.position is not None], timeout=timeout))
    for place, child in enumerate(children):
        if child.position is None:
            continue
        if child.pipe in ready:
            try:
                done[child.position] = child.pipe.recv()
            except (EOFError, ConnectionResetError):
                child.process.join()
                code = child.process.exitcode
                done[child.position] = Lost(timed_out=False, detail=f"the process died (exit code {code})")
            else:
                child.position = None
                idle.append(child)
                continue
        elif time.monotonic() >= child.due:
            done[child.position] = Lost(
                timed_out=True, detail="not finished in time, even when asked to stop"
            )
        else:
            continue
        child.end()
        children[place] = _Child(work)
        idle.append(children[place])
