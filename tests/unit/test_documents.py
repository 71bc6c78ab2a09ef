"""The documents name only what exists, and agree with the code where they repeat it."""

import re
import shlex
from pathlib import Path

import pytest

from services.errors import REMEDIES
from services.settings import PREFIX, Settings
from tests.commands import check_options

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md")])
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")

every_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix()
)


@every_document
def test_links_of_a_document_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8"))

    assert [link for link in links if "://" not in link and not (document.parent / link).exists()] == []


@every_document
def test_a_document_names_only_settings_that_exist(document: Path) -> None:
    named = re.findall(rf"{PREFIX}([A-Z0-9_]*[A-Z0-9])\b", document.read_text(encoding="utf-8"))
    known = {name.upper() for name in Settings.model_fields}

    assert {name for name in named if not name.startswith("TEST_")} <= known


@every_document
def test_a_document_names_only_commands_that_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    inline = re.findall(r"`(?:[A-Z_]+=\S+ )?copydesk ([a-z][^`]*)`", text)
    blocks = re.findall(r"^(?: {4}|\$ )?(?:\S*/)?copydesk ([a-z][^\n|>#]*)", text, re.MULTILINE)

    for words in [*inline, *blocks]:
        check_options(shlex.split(words.replace("…", "")))


def test_the_table_of_quarantine_reasons_is_that_of_the_code() -> None:
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| (.+) \|$", OPERATING, re.MULTILINE))

    assert rows == {reason.value: remedy for reason, remedy in REMEDIES.items()}


@pytest.mark.parametrize("setting", ["TimeoutStopSec=", "terminationGracePeriodSeconds: "])
def test_whoever_stops_a_worker_waits_longer_than_it_takes(setting: str) -> None:
    [patience] = re.findall(rf"{setting}(\d+)", OPERATING)

    assert int(patience) >= Settings().grace_seconds + 5


def test_probes_of_a_worker_are_the_command_that_looks_at_its_progress() -> None:
    probes = re.findall(r"exec: \{command: \[(.+)\]\}", OPERATING)

    assert probes
    for probe in probes:
        program, *words = [word.strip(' "') for word in probe.split(",")]
        assert program == "copydesk"
        check_options(words)
