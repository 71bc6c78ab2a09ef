"""Services that start in the background, all at once, and are waited for where they are first needed."""

from collections.abc import Iterable
from concurrent.futures import Future
from threading import Thread
from typing import Self, TypeVar

from tests.services.service import Service

# The threads' names, by which the unit tests' ban on sockets knows that these are not theirs.
THREADS = "starts-services"

Kind = TypeVar("Kind", bound=Service)


class Starter:
    """One instance of each service for a whole run."""

    def __init__(self, services: Iterable[Service]) -> None:
        self._services: dict[type[Service], Service] = {type(service): service for service in services}
        self._started: dict[type[Service], Future[Service]] = {}

    def begin(self, kind: type[Service]) -> None:
        """Start it if that has not begun yet."""
        if kind in self._started:
            return
        service, started = self._services[kind], Future[Service]()
        self._started[kind] = started

        def start() -> None:
            try:
                started.set_result(service.start())
            except BaseException as error:  # noqa: BLE001  # get() raises it
                started.set_exception(error)

        # A daemon, so that an interrupted run ends at once and not when the last service has started;
        # what it leaves half started, its leash ends.
        Thread(target=start, name=f"{THREADS}-{kind.__name__}", daemon=True).start()

    def get(self, kind: type[Kind]) -> Kind:
        """Wait until it is ready, or raise what its start raised, each time it is asked for."""
        self.begin(kind)
        service = self._started[kind].result()
        assert isinstance(service, kind)
        return service

    def close(self) -> None:
        for service in self._services.values():
            service.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
