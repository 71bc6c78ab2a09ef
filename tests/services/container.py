"""A server as a container, where a Docker engine answers."""

import socket
from collections.abc import Mapping, Sequence
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from tests.services.ports import free_port
from tests.services.service import ServiceMissing

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

ANSWERS_WITHIN_SECONDS = 3
TAIL_LINES = 30
# Of the probe, and of testcontainers, whose reaper (it removes what a killed run leaves) is made only once.
_one_at_a_time = Lock()


@cache
def _engine_answers() -> bool:
    from docker.constants import DEFAULT_UNIX_SOCKET  # type: ignore[import-untyped]
    from docker.errors import DockerException  # type: ignore[import-untyped]
    from testcontainers.core.docker_client import DockerClient, get_docker_host

    scheme, _, path = (get_docker_host() or DEFAULT_UNIX_SOCKET).partition("://")
    if scheme.endswith("unix") and not _listens(path):
        return False  # the common case; the Docker library would leave a socket open and a warning behind
    try:
        client = DockerClient(timeout=ANSWERS_WITHIN_SECONDS).client
        try:
            return bool(client.ping())
        finally:
            client.close()
    except (DockerException, OSError, ValueError):
        return False


def _listens(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(ANSWERS_WITHIN_SECONDS)
        return probe.connect_ex(path) == 0


class Container:
    """One image, published on one port of this machine that stays the same when it is started again."""

    def __init__(self, image: str, port: int) -> None:
        self.image = image
        self.port = port
        self.command: Sequence[str] = ()
        self.entrypoint: str | None = None
        self.environment: Mapping[str, str] = {}
        self.address = ""
        self._container: DockerContainer | None = None

    def start(self) -> None:
        if self._container:
            self._docker.start()
            return
        with _one_at_a_time:
            if not _engine_answers():
                message = "no Docker engine answers"
                raise ServiceMissing(message)
            self._container = self._create()

    def _create(self) -> "DockerContainer":
        from docker.errors import DockerException
        from testcontainers.core.config import ConnectionMode
        from testcontainers.core.container import DockerContainer

        container = DockerContainer(
            self.image,
            env=dict(self.environment),
            command=cast("str", list(self.command) or None),
            entrypoint=self.entrypoint,
        )
        client = container.get_docker_client()
        here = client.get_connection_mode() is ConnectionMode.docker_host and client.host() == "localhost"
        # Docker would choose another port at each start. It publishes on every address of the machine
        # unless told otherwise, and these servers ask for no password.
        published: Any = ("127.0.0.1", free_port()) if here else free_port()
        container.ports[str(self.port)] = published
        try:
            container.start()
        except DockerException as error:
            message = f"Docker cannot run the image {self.image} ({error})"
            raise ServiceMissing(message) from error
        self.address = f"{container.get_container_host_ip()}:{container.get_exposed_port(self.port)}"
        return container

    @property
    def pid(self) -> int | None:
        """Its first process, as the engine's machine numbers it."""
        self._docker.reload()
        return self._docker.attrs["State"]["Pid"] or None

    def alive(self) -> bool:
        self._docker.reload()
        return self._docker.status in {"running", "paused"}

    def stop(self) -> None:
        self._docker.stop()

    def kill(self) -> None:
        self._docker.kill()
        self._docker.wait()

    def pause(self) -> None:
        self._docker.pause()

    def resume(self) -> None:
        self._docker.unpause()

    def close(self) -> None:
        if self._container:
            self._container.stop()
            self._container = None

    def tail(self) -> str:
        return str(self._docker.logs(tail=TAIL_LINES), "utf-8", "replace")

    @property
    def _docker(self) -> Any:
        assert self._container, "it was never started"
        return self._container.get_wrapped_container()
