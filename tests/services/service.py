"""What Redis, Elasticsearch and the S3-compatible server have in common: found, started, broken, mended."""

import os
import time
from abc import ABC, abstractmethod
from typing import ClassVar, Protocol, Self

LOOKS_EVERY_SECONDS = 0.05


class ServiceMissing(Exception):
    """This machine cannot have the service; the message is one sentence that says what would change that."""


class ServiceBroken(Exception):
    """The service was found and does not work; the message ends with what it said last."""


class Host(Protocol):
    """Where a service runs: a local process, a container, or somewhere else."""

    address: str

    @property
    def pid(self) -> int | None: ...

    def start(self) -> None: ...
    def alive(self) -> bool: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def close(self) -> None: ...
    def tail(self) -> str: ...


class Service(ABC):
    """A real server, from the first of: a URL in the environment, a container, a local process.

    A test that breaks its server takes `own=True`: never the one in the environment, which serves others.
    """

    title: ClassVar[str]
    variable: ClassVar[str]  # of the environment, holds the URL of a server somebody else runs
    patience_seconds: ClassVar[float]

    def __init__(self, *, own: bool = False) -> None:
        self.own = own
        self.reason: str | None = None  # why it cannot be had, once start() has found out
        self.host: Host | None = None

    @property
    @abstractmethod
    def url(self) -> str: ...

    @abstractmethod
    def environment(self) -> dict[str, str]:
        """The variables with which Copydesk uses it."""

    @abstractmethod
    def given(self, url: str) -> Host: ...

    @abstractmethod
    def container(self) -> Host: ...

    @abstractmethod
    def process(self) -> Host: ...

    @abstractmethod
    def why_not_ready(self) -> str | None:
        """None when it answers and does real work."""

    @property
    def pid(self) -> int | None:
        """The process that kill() and pause() hit; None for a server given in the environment."""
        return self._host.pid

    def start(self) -> Self:
        """Find it and wait until it does real work; once found, start it again on the same port and data."""
        if self.host is None:
            self.host = self._find()
        else:
            self.host.start()
        self._wait()
        return self

    def stop(self) -> None:
        self._host.stop()

    def kill(self) -> None:
        self._host.kill()

    def pause(self) -> None:
        self._host.pause()

    def resume(self) -> None:
        self._host.resume()

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        """End it and throw its data away."""
        if self.host:
            self.host.close()
            self.host = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _host(self) -> Host:
        assert self.host, f"{self.title} was not started"
        return self.host

    def _find(self) -> Host:
        url = os.environ.get(self.variable)
        if url and not self.own:
            return self.given(url)
        reasons = []
        for source in (self.container, self.process):
            try:
                host = source()
                host.start()
            except ServiceMissing as missing:
                reasons.append(str(missing))
            else:
                return host
        # The last source is the one that needs least; a person who has Docker knows that it was down.
        self.reason = f"{self.title}: {reasons[-1]}, or start Docker, or set {self.variable}."
        raise ServiceMissing(self.reason)

    def _wait(self) -> None:
        deadline = time.monotonic() + self.patience_seconds
        while (why := self.why_not_ready()) is not None:
            host = self._host
            if not host.alive() or time.monotonic() > deadline:
                state = f"not ready after {self.patience_seconds:g} s" if host.alive() else "ended"
                message = f"{self.title} {state}: {why}\n{host.tail()}"
                self.close()
                raise ServiceBroken(message)
            time.sleep(LOOKS_EVERY_SECONDS)
