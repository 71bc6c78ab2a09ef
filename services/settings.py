"""Every setting, read once from the environment; a wrong value fails at start, by its name.

``docs/settings.md`` is written from the descriptions here, and a test holds the two together.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from services.errors import Misconfigured

PREFIX = "COPYDESK_"
DATA_DIR = Path(sys.prefix, "share", "copydesk")

Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


class Settings(BaseModel):
    """What a process is told. Without a Redis URL it is embedded: one process, no service needed."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    bucket: str = Field(
        "copydesk-data",
        min_length=1,
        description="Where files are dropped and kept: a folder, or `s3://bucket[/prefix]`.",
    )
    s3_endpoint: str | None = Field(
        None,
        description="Address of an S3-compatible server other than AWS. Credentials and region come from "
        "the usual `AWS_…` variables.",
    )
    redis_url: str | None = Field(
        None, description="Redis that carries the queue. Unset: embedded mode, queue in the process."
    )
    elasticsearch_url: str | None = Field(
        None, description="Elasticsearch 8.14 or later, 9.x too. Unset: an SQLite file in its place."
    )
    elasticsearch_api_key: str | None = Field(
        None, description="API key for Elasticsearch; else user and password stand in the URL."
    )
    elasticsearch_ca: Path | None = Field(
        None, description="Certificate of the authority that signed Elasticsearch's."
    )
    index: str = Field(
        "articles",
        pattern=r"^[a-z0-9][a-z0-9_-]*$",
        description="Alias that searches name; `<index>-all` also shows what is withheld or canceled.",
    )
    sqlite: Path | None = Field(
        None, description="The embedded index. Unset: `.copydesk/index.sqlite` in the bucket's folder."
    )
    data_dir: Path = Field(
        DATA_DIR,
        description="Where `copydesk models install` puts the language model and the gazetteer.",
    )
    model: str = Field(
        "md",
        min_length=1,
        description="`md`, `sm`, or the name or path of any installed spaCy pipeline; one for each language, "
        "separated by commas.",
    )
    field_names: Path | None = Field(
        None,
        description="TOML file with a sender's own names of JSON keys, XML elements and CSV columns; see "
        "[formats](formats.md#files-without-a-standard).",
    )
    entities: bool = Field(
        True,
        description="`off`: index without people, places and quotes, several times faster and without a "
        "language model.",
    )
    furniture: bool = Field(
        False,
        description="`on`: cut the lines that `copydesk furniture learn` has found on most pages of a site; "
        "see [operating](operating.md#furniture-of-a-site).",
    )
    poll_seconds: Seconds = Field(0.25, description="Pause between two looks at a short backlog.")
    settle_seconds: Annotated[float, Field(ge=0)] = Field(
        0.5, description="How long a file in a folder must stay unchanged before it counts as whole."
    )
    chunk_size: Annotated[int, Field(ge=1, le=256)] = Field(
        32, description="Most files in one queue message; when idle each file travels alone."
    )
    max_outstanding: Annotated[int, Field(ge=1, le=20_000)] = Field(
        4_000,
        description="Most files queued or in work at once; the rest wait in the bucket. Keep it below what "
        "the workers finish in one visibility timeout.",
    )
    visibility_timeout: Seconds = Field(
        300, description="After how long Redis hands a dead worker's message to another."
    )
    task_seconds: Seconds = Field(
        120,
        description="Hard limit on one message's work; well below the visibility timeout. Past half of it no "
        "further file is begun.",
    )
    file_seconds: Seconds = Field(20, description="Limit on one file's work.")
    file_megabytes: Annotated[int, Field(ge=64)] = Field(
        2048, description="Memory that one file's work may take beyond the loaded models."
    )
    max_attempts: Count = Field(
        3, description="How often a file may fail or lose its worker before it is quarantined."
    )
    review_seconds: Seconds = Field(
        2, description="How often ingest looks for chunks whose worker died, and for files that failed."
    )
    max_file_bytes: Count = Field(
        100_000_000, description="Larger files that must be held whole are refused as `too_large`."
    )
    slice_above_bytes: Count = Field(
        2_000_000,
        description="Larger files that are a sequence of records (WARC, JSON lines, arrays and wrappers, "
        "CSV, feeds, WordPress and MediaWiki exports; packed or not) are worked through in slices, of any "
        "length in bounded memory.",
    )
    slice_records: Count = Field(
        500, description="Most records in a slice; after each the index and the progress are written."
    )
    max_sliced_bytes: Count = Field(
        20_000_000_000, description="Most that a file worked through in slices may have, unpacked."
    )
    retry_seconds: Seconds = Field(
        5,
        description="How long files wait after the index, Redis or the bucket did not answer; grows to three "
        "times that while it stays away.",
    )
    refresh_seconds: Seconds = Field(
        1, description="Elasticsearch's `refresh_interval`: how soon what is indexed can be found."
    )
    grace_seconds: Seconds = Field(
        25,
        description="How long a stopping worker may finish the files it has begun; then it hands them back. "
        "Whatever stops it (systemd, compose, Kubernetes) must wait longer.",
    )
    heartbeat_dir: Path = Field(
        Path("/tmp/copydesk"),  # noqa: S108  # touched, never read for content
        description="Where processes show that they make progress; `copydesk health` looks there.",
    )
    log_format: Literal["auto", "text", "json"] = Field(
        "auto", description="`json` for machines, `text` for people; `auto`: text on a terminal."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level logged.")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read ``COPYDESK_…`` variables; empty ones count as unset.

        Raises:
            Misconfigured: naming each variable that is wrong or that does not exist.
        """
        given = {
            name.removeprefix(PREFIX).lower(): value
            for name, value in environ.items()
            if name.startswith(PREFIX) and not name.startswith(PREFIX + "TEST_") and value.strip()
        }
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise Misconfigured(explain(error)) from None

    @model_validator(mode="after")
    def _limits_nest(self) -> Self:
        if not self.file_seconds < self.task_seconds < self.visibility_timeout:
            msg = (
                "limits must nest: COPYDESK_FILE_SECONDS < COPYDESK_TASK_SECONDS < "
                f"COPYDESK_VISIBILITY_TIMEOUT, but they are {self.file_seconds:g}, {self.task_seconds:g} and "
                f"{self.visibility_timeout:g}; otherwise work is handed out twice while it still runs"
            )
            raise ValueError(msg)
        if self.file_seconds >= self.grace_seconds:
            msg = (
                f"COPYDESK_FILE_SECONDS ({self.file_seconds:g}) must be below COPYDESK_GRACE_SECONDS "
                f"({self.grace_seconds:g}), so that a stopping worker can finish the file it has begun"
            )
            raise ValueError(msg)
        return self

    @property
    def embedded(self) -> bool:
        """Whether queue and workers live in one process."""
        return self.redis_url is None

    @property
    def models(self) -> list[str]:
        """The pipelines of ``model``, one by one."""
        return [name.strip() for name in self.model.split(",") if name.strip()]

    @property
    def sqlite_path(self) -> Path:
        """Where the embedded index stands."""
        if self.sqlite is not None:
            return self.sqlite
        folder = Path("copydesk-data") if self.bucket.startswith("s3://") else Path(self.bucket)
        return folder / ".copydesk" / "index.sqlite"


def explain(error: ValidationError) -> str:
    """Pydantic's findings in the names a person has typed, one a line."""
    lines = []
    for problem in error.errors():
        name = PREFIX + str(problem["loc"][0]).upper() if problem["loc"] else ""
        if problem["type"] == "extra_forbidden":
            lines.append(f"{name}: there is no such setting; see docs/settings.md")
        elif name:
            lines.append(f"{name}={problem['input']!r}: {problem['msg']}; see docs/settings.md")
        else:
            lines.append(str(problem["msg"]).removeprefix("Value error, "))
    return "\n".join(lines)


def reference() -> str:
    """``docs/settings.md``, written by ``make docs``."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = {None: "unset", DATA_DIR: "`share/copydesk` of the Python environment"}.get(
            field.default, f"`{field.default}`"
        )
        rows.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    return "\n".join(
        [
            "# Settings",
            "",
            "Environment variables, read once when a process starts. A wrong or unknown one stops it with a",
            "message that names it. This page is written from `services/settings.py` by `make docs`.",
            "",
            "| variable | default | meaning |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(reference())
