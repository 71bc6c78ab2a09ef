"""What can be checked of the compose file and the images where no Docker engine is.

That the images build and the containers find each other is not checked here.
"""

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.settings import PREFIX, Settings
from tests.commands import check_command
from tests.services import elasticsearch, redis, s3

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
LONG_RUNNING = [name for name, service in SERVICES.items() if service["restart"] != "no"]
OURS = ["ingest", "enrich"]
DOCKERFILES = [ROOT / "services" / name / "Dockerfile" for name in OURS]

#: Keys of the compose specification; a misspelt one would be refused by `docker compose`.
SERVICE_KEYS = {
    "build", "cap_drop", "command", "depends_on", "entrypoint", "environment", "healthcheck", "image",
    "init", "mem_limit", "network_mode", "ports", "read_only", "restart", "security_opt",
    "stop_grace_period", "tmpfs", "ulimits", "volumes",
}  # fmt: skip
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z0-9_]+)(?P<rule>:[?-])?(?P<rest>[^}]*)\}")


def texts(node: object) -> list[str]:
    """Every string in a piece of YAML, keys left out."""
    if isinstance(node, dict):
        return [text for value in node.values() for text in texts(value)]
    if isinstance(node, list):
        return [text for value in node for text in texts(value)]
    return [node] if isinstance(node, str) else []


def seconds(duration: str) -> int:
    found = re.fullmatch(r"(\d+)s", duration)
    assert found, f"{duration}: written in seconds, please"
    return int(found[1])


def instructions(dockerfile: Path) -> list[tuple[str, str]]:
    joined = dockerfile.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in lines]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_only_keys_that_compose_knows(name: str) -> None:
    assert SERVICES[name].keys() <= SERVICE_KEYS


def test_services_refer_only_to_services_and_volumes_that_exist() -> None:
    for service in SERVICES.values():
        assert service.get("depends_on", {}).keys() <= SERVICES.keys()
        for mount in service.get("volumes", ()):
            assert mount.partition(":")[0] in COMPOSE["volumes"]
        host = service.get("network_mode", "").removeprefix("service:")
        assert not host or host in SERVICES


def test_a_service_waits_until_what_it_needs_is_healthy_or_done() -> None:
    for service in SERVICES.values():
        for needed, how in service.get("depends_on", {}).items():
            done = SERVICES[needed]["restart"] == "no"
            assert how == {"condition": "service_completed_successfully" if done else "service_healthy"}


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_a_service_that_stays_has_a_health_check_and_comes_back(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}


@pytest.mark.parametrize("name", OURS)
def test_compose_starts_and_probes_our_services_with_commands_that_exist(name: str) -> None:
    command = [VARIABLE.sub(lambda found: found["rest"], word) for word in SERVICES[name]["command"]]
    how, program, *probe = SERVICES[name]["healthcheck"]["test"]

    check_command(command)
    assert (how, program) == ("CMD", "copydesk")
    check_command(probe)


@pytest.mark.parametrize("name", OURS)
def test_our_services_may_finish_their_work_before_they_are_killed(name: str) -> None:
    assert seconds(SERVICES[name]["stop_grace_period"]) >= Settings().grace_seconds + 5


@pytest.mark.parametrize("name", OURS)
def test_our_services_write_nowhere_but_to_tmp_and_gain_no_privilege(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert Path(service["tmpfs"][0]) in Settings().heartbeat_dir.parents


def test_enrich_can_be_scaled() -> None:
    assert not {"container_name", "ports", "volumes"} & SERVICES["enrich"].keys()


@pytest.mark.parametrize("name", OURS)
def test_our_services_get_settings_that_exist(name: str) -> None:
    environment = {
        key: "1" if "$" in value else value for key, value in SERVICES[name]["environment"].items()
    }

    settings = Settings.from_env({key: value for key, value in environment.items() if key.startswith(PREFIX)})

    assert not settings.embedded
    assert settings.elasticsearch_url


def test_ports_are_open_to_this_machine_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_no_secret_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for key, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|_KEY", key):
                assert VARIABLE.fullmatch(value), f"{key} must come from .env"
        for text in texts(service):
            user = re.search(r"://([^@/\s]*)@", text)
            assert not user or "${" in user[1], f"a password in {text}"


def test_every_variable_is_in_the_example_and_a_secret_must_be_set() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    empty = set(re.findall(r"^([A-Z0-9_]+)=$", text, re.MULTILINE))
    preset = dict(re.findall(r"^#([A-Z0-9_]+)=(.+)$", text, re.MULTILINE))
    found = [match for value in texts(SERVICES) for match in VARIABLE.finditer(value)]

    assert {match["name"] for match in found if match["rule"] == ":?"} == empty
    assert {match["name"]: match["rest"] for match in found if match["rule"] == ":-"} == preset
    assert all(match["rule"] for match in found), (
        "a variable without a value or a refusal is empty in silence"
    )


def test_images_are_pinned_and_the_ones_that_the_tests_run() -> None:
    images = {name: service["image"] for name, service in SERVICES.items()}

    assert images["redis"] == redis.IMAGE
    assert images["elasticsearch"] == elasticsearch.IMAGE
    assert images["s3"] == images["s3-bucket"] == s3.IMAGE
    assert all(re.search(r":\d+\.\d+", image) for image in images.values())


def test_the_s3_server_knows_every_flag_it_is_given() -> None:
    known = subprocess.run([s3.weed(), "help", "server"], capture_output=True, text=True, check=False)
    flags = [word.partition("=")[0] for word in SERVICES["s3"]["command"] if word.startswith("-")]

    assert flags
    described = known.stdout + known.stderr
    assert [flag for flag in flags if not re.search(rf"^  {flag}\b", described, re.MULTILINE)] == []


@pytest.mark.parametrize("name", OURS)
def test_an_image_is_built_from_the_root_and_carries_the_version(name: str) -> None:
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)

    assert SERVICES[name]["build"] == {"context": ".", "dockerfile": f"services/{name}/Dockerfile"}
    assert version is not None
    assert SERVICES[name]["image"] == f"copydesk-{name}:{version[1]}"


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=OURS)
def test_a_dockerfile_copies_only_what_exists_and_is_sent_to_the_builder(dockerfile: Path) -> None:
    sent = [
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    ]
    for what, arguments in instructions(dockerfile):
        if what == "COPY":
            for source in arguments.split()[:-1]:
                copied = [path for path in sent if Path(path).is_relative_to(source) or path == source]
                assert (ROOT / source).exists()
                assert copied, f"{source} is kept back by .dockerignore"


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=OURS)
def test_an_image_holds_its_own_lock_checked_by_hash(dockerfile: Path) -> None:
    runs = [arguments for what, arguments in instructions(dockerfile) if what == "RUN"]

    assert f"pip install --require-hashes --no-deps -r requirements/{dockerfile.parent.name}.txt" in runs


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=OURS)
def test_an_image_runs_copydesk_as_a_user_without_rights(dockerfile: Path) -> None:
    steps = instructions(dockerfile)
    last = dict(steps)

    assert last["USER"] == "copydesk"
    assert last["ENTRYPOINT"] == '["copydesk"]'
    assert steps.index(("USER", "copydesk")) > max(i for i, (what, _) in enumerate(steps) if what == "RUN")
    check_command(yaml.safe_load(last["CMD"]))


def test_the_enrich_image_brings_its_model_by_a_command_that_exists() -> None:
    runs = [arguments for what, arguments in instructions(DOCKERFILES[1]) if what == "RUN"]
    commands = [part for run in runs for part in run.split("&&") if part.strip().startswith("copydesk ")]

    assert commands
    for command in commands:
        check_command(shlex.split(command)[1:])
