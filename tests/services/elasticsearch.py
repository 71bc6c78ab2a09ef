"""A real Elasticsearch, one node."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from elastic_transport import TransportError
from elasticsearch import ApiError
from elasticsearch import Elasticsearch as Client

from tests.services.container import Container
from tests.services.elasticsearch_package import VERSION, elasticsearch_home
from tests.services.given import Given
from tests.services.java import java
from tests.services.ports import free_port, listens
from tests.services.process import Process
from tests.services.service import Host, Service, ServiceMissing

IMAGE = f"elasticsearch:{VERSION}"
PORT = 9200
# Compiling lightly and taking memory only as it is used, it is up a quarter sooner and a quarter smaller.
JAVA_OPTIONS = ("-Xms512m", "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:-AlwaysPreTouch")
NOBODY = 65_534  # Elasticsearch refuses to run as root
SETTINGS = {
    "discovery.type": "single-node",
    "xpack.security.enabled": "false",
    # A nearly full laptop would make every index read-only.
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    # Each test has an index of its own, and the default limit is for people's mistakes.
    "cluster.max_shards_per_node": "5000",
}


class Elasticsearch(Service):
    title = "Elasticsearch"
    variable = "COPYDESK_TEST_ELASTICSEARCH_URL"
    patience_seconds = 180  # 8 to 12 where two cores are free

    @property
    def url(self) -> str:
        return self.host.url if isinstance(self.host, Given) else f"http://{self._host.address}"

    @contextmanager
    def client(self) -> Iterator[Client]:
        client = Client(self.url, request_timeout=10, max_retries=0)
        try:
            yield client
        finally:
            client.close()

    def environment(self) -> dict[str, str]:
        return {"COPYDESK_ELASTICSEARCH_URL": self.url}

    def given(self, url: str) -> Host:
        return Given(url)

    def container(self) -> Host:
        container = Container(IMAGE, PORT)
        container.environment = SETTINGS | {
            "ES_JAVA_OPTS": " ".join(JAVA_OPTIONS),
            "ingest.geoip.downloader.enabled": "false",  # a module that the package leaves out
        }
        return container

    def process(self) -> Host:
        runtime = java()
        home = elasticsearch_home()
        port = free_port()
        process = Process(self.title, port)
        process.directory = home  # started elsewhere it says: Expected to find [apm] module
        process.command = launcher(runtime, home, process.folder / "config")
        process.environment = {
            "ES_TMPDIR": str(process.folder / "tmp"),
            "HOME": str(process.folder),
            "JAVA_TOOL_OPTIONS": "",
        }
        write_config(home, process.folder, port)
        if os.geteuid() == 0:
            process.user = NOBODY
            give_away(process.folder)
            check_readable(home)
        return process

    def why_not_ready(self) -> str | None:
        if isinstance(self.host, Process) and not listens(self.host.port):
            return "it does not listen yet"  # its client would log each try among the tests' own words
        try:
            with self.client() as client:
                client.cluster.health(wait_for_status="yellow", timeout="5s")
                if isinstance(self.host, Process):
                    # The launcher's child is the server; killing the launcher would be a polite stop.
                    nodes = client.nodes.info(node_id="_local", metric="process")["nodes"]
                    self.host.pid = next(iter(nodes.values()))["process"]["id"]
        except (TransportError, ApiError) as error:
            return str(error)
        return None

    def clean(self, prefix: str) -> None:
        """Delete every index (and with it its aliases), template and pipeline whose name starts so."""
        with self.client() as client:
            # By name: a wildcard in a delete is refused by default.
            for index in client.indices.get(index=f"{prefix}*", expand_wildcards="all", features="aliases"):
                client.indices.delete(index=index, ignore_unavailable=True)
            if_any = client.options(ignore_status=404)  # most tests made none of these
            if_any.indices.delete_index_template(name=f"{prefix}*")
            if_any.cluster.delete_component_template(name=f"{prefix}*")
            if_any.ingest.delete_pipeline(id=f"{prefix}*")


def launcher(runtime: str, home: Path, config: Path) -> list[str]:
    """Say what `bin/elasticsearch` would say; the package comes without that script."""
    return [
        runtime, "-Xms4m", "-Xmx64m", "-XX:+UseSerialGC",
        "-Dcli.name=server", f"-Dcli.script={home}/bin/elasticsearch", "-Dcli.libs=lib/tools/server-cli",
        f"-Des.path.home={home}", f"-Des.path.conf={config}",
        "-Des.distribution.type=zip", "-Des.java.type=JAVA_HOME",
        "-cp", f"{home}/lib/*:{home}/lib/cli-launcher/*",
        "org.elasticsearch.launcher.CliToolLauncher",
    ]  # fmt: skip


def write_config(home: Path, folder: Path, port: int) -> None:
    config = folder / "config"
    for name in ("config/jvm.options.d", "tmp", "data", "logs", "snapshots"):
        (folder / name).mkdir(parents=True)
    for name in ("jvm.options", "log4j2.properties"):
        shutil.copyfile(home / "config" / name, config / name)
    (config / "jvm.options.d" / "tests.options").write_text("\n".join(JAVA_OPTIONS))
    settings = SETTINGS | {
        "network.host": "127.0.0.1",
        "http.port": str(port),
        "transport.port": str(free_port()),
        "path.data": str(folder / "data"),
        "path.logs": str(folder / "logs"),
        "path.repo": str(folder / "snapshots"),
    }
    lines = "".join(f"{name}: {value}\n" for name, value in settings.items())
    (config / "elasticsearch.yml").write_text(lines)


def give_away(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)


def check_readable(home: Path) -> None:
    for folder in (home, *home.parents):
        if not folder.stat().st_mode & 0o001:
            message = f"set XDG_CACHE_HOME to a folder that every user may enter ({folder} is closed to them)"
            raise ServiceMissing(message)
