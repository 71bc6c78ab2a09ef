"""The commands as people run them, embedded: no service, the installed model and gazetteer."""

import json
import os
import signal
from pathlib import Path

import pytest

from tests.processes import COPYDESK, eventually, run, service

EXAMPLES = Path(__file__).parents[2] / "examples"
STORY = "Harbour bridge closes\n\nThe harbour bridge in Dresden will close until October, Anna Bright said.\n"


@pytest.fixture
def env(tmp_path):
    return {
        "COPYDESK_BUCKET": str(tmp_path / "bucket"),
        "COPYDESK_HEARTBEAT_DIR": str(tmp_path / "heartbeat"),
    }


@pytest.fixture
def story(tmp_path):
    path = tmp_path / "harbour.txt"
    path.write_text(STORY)
    return path


def test_every_example_ends_where_an_editor_expects_it(env):
    files = sorted((EXAMPLES / "files").iterdir())
    dropped = run("drop", str(EXAMPLES / "files"), env=env)
    assert dropped.returncode == 0
    done = run("run", "--once", "--json", env=env)
    assert done.returncode == 1, done.stderr  # some must be refused
    assert "Traceback" not in done.stderr
    receipts = {Path(receipt["key"]).name: receipt for receipt in map(json.loads, done.stdout.splitlines())}
    assert set(receipts) == {path.name for path in files}
    for path in files:
        expected = json.loads((EXAMPLES / "expected" / f"{path.name}.json").read_text())
        found = receipts[path.name]
        assert (found["outcome"], found["reason"]) == (expected["outcome"], expected.get("reason")), path.name
        kept = Path(env["COPYDESK_BUCKET"], found["where"])
        assert kept.read_bytes() == path.read_bytes()
    found = json.loads(run("search", "--json", "ferry", env=env).stdout)
    assert found["total"] >= 1
    hit = found["hits"][0]
    assert hit["fragments"][0]["marks"]
    assert hit["people"]
    assert all(place["location"] for place in hit["places"] if place["country"])


def test_the_first_steps_of_the_readme_print_what_it_says(env):
    """Lines that are cut short there with an ellipsis begin as they are printed."""
    _, _, behind = (EXAMPLES.parent / "README.md").read_text("utf-8").partition("The last one prints:\n")
    promised = behind.partition("More to try:")[0].split("\n")
    run("drop", str(EXAMPLES / "files" / "html-ferry-inquiry.html"), env=env)
    assert run("run", "--once", env=env).returncode == 0
    printed = run("search", "ferry", "captain", env=env).stdout.split("\n")
    wanted = [
        line[4:].rpartition("…")[0] or line[4:] if line.endswith("…") else line[4:] for line in promised
    ]
    wanted = [line.rstrip() for line in wanted if line.strip()]
    found = [line.rstrip() for line in printed if line.strip()]
    assert len(found) == len(wanted)
    assert all(line.startswith(start) for line, start in zip(found, wanted, strict=True))


def test_a_running_desk_takes_what_is_dropped_and_stops_when_told(env, story, tmp_path):
    log = tmp_path / "run.log"
    with service("run", env=env, log=log) as desk:
        eventually(lambda: "watching" in log.read_text(), seconds=60, what="the desk is up", logs=log)
        run("drop", str(story), env=env)
        eventually(
            lambda: json.loads(run("search", "--json", "harbour", env=env).stdout)["total"] == 1,
            seconds=60,
            what="the article can be found",
            logs=log,
        )
        desk.send_signal(signal.SIGINT)
        assert desk.wait(20) == 0, log.read_text()


def test_nothing_waits_and_nothing_happens(env):
    done = run("run", "--once", env=env)
    assert done.returncode == 0, done.stderr
    assert "nothing waited" in done.stdout


def test_inspect_says_what_would_become_of_each_file(env, story, tmp_path):
    assert story.parent == tmp_path
    (tmp_path / "empty.html").write_bytes(b"")
    done = run("inspect", "--jobs", "2", str(tmp_path), env=env)
    assert done.returncode == 1  # one would be refused
    records = {Path(record["file"]).name: record for record in map(json.loads, done.stdout.splitlines())}
    assert set(records) == {"empty.html", "harbour.txt"}
    assert records["empty.html"]["outcome"] == "quarantined"
    assert records["empty.html"]["reason"] == "empty"
    good = records["harbour.txt"]
    assert (good["outcome"], good["reason"], good["detail"]) == ("indexed", None, None)
    (article,) = good["articles"]
    assert article["headline"] == "Harbour bridge closes"
    assert "Dresden" in [place["name"] for place in article["places"]]
    for entity in article["entities"]:
        for mention in entity["mentions"]:
            assert article["body"][mention["start"] : mention["end"]] == mention["text"]
    assert not Path(env["COPYDESK_BUCKET"]).exists()  # a dry run leaves nothing behind


def test_inspect_without_entities_is_told_so(env, story):
    done = run("inspect", "--no-entities", str(story), env=env)
    assert done.returncode == 0
    (article,) = json.loads(done.stdout)["articles"]
    assert not article.get("entities")


def test_entities_of_texts_keep_their_ids_order_and_offsets(env, tmp_path):
    texts = {"a": "Angela Merkel met François Hollande in Paris, Texas.", "b": "", "c": "Nothing here."}
    path = tmp_path / "texts.jsonl"
    path.write_text("".join(json.dumps({"id": name, "text": text}) + "\n" for name, text in texts.items()))
    done = run("entities", str(path), env=env)
    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["id"] for record in records] == ["a", "b", "c"]
    found = {texts["a"][span["start"] : span["end"]]: span["type"] for span in records[0]["entities"]}
    assert found["Angela Merkel"] == "PER"
    assert {"lat", "lon", "country"} <= records[0]["places"][0].keys()


def test_entities_names_the_line_that_is_wrong(env, tmp_path):
    path = tmp_path / "texts.jsonl"
    path.write_text('{"id": 1, "text": "x"}\n{"id": 2}\n')
    done = run("entities", str(path), env=env)
    assert done.returncode == 2
    assert "line 2" in done.stderr
    assert "Traceback" not in done.stderr


def test_dropping_other_bytes_under_a_waiting_name_is_refused(env, story):
    assert run("drop", str(story), env=env).returncode == 0
    assert run("drop", str(story), env=env).returncode == 0  # the same bytes: nothing is lost
    story.write_text(story.read_text().swapcase())  # of the same length
    assert run("drop", str(story), env=env).returncode == 2
    story.write_text("other")
    refused = run("drop", str(story), env=env)
    assert refused.returncode == 2
    assert "--replace" in refused.stderr
    assert run("drop", "--replace", str(story), env=env).returncode == 0
    assert run("drop", "--backfill", "--prefix", "archive", str(story), env=env).returncode == 0
    bucket = Path(env["COPYDESK_BUCKET"])
    assert (bucket / "incoming" / "harbour.txt").read_text() == "other"
    assert (bucket / "incoming-backfill" / "archive" / "harbour.txt").exists()


def test_wrong_settings_are_named_and_end_with_exit_code_2(env):
    done = run("status", env=env | {"COPYDESK_CHUNK_SIZE": "none"})
    assert done.returncode == 2
    assert "COPYDESK_CHUNK_SIZE" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_service_that_does_not_answer_ends_a_question_with_exit_code_3(env):
    done = run("search", "x", env=env | {"COPYDESK_ELASTICSEARCH_URL": "http://127.0.0.1:9"})
    assert done.returncode == 3
    assert "Traceback" not in done.stderr


def test_a_question_to_a_bucket_that_is_not_there_creates_nothing(env):
    for question in (("search", "x"), ("status",)):
        done = run(*question, env=env)
        assert done.returncode == 2
        assert "COPYDESK_BUCKET" in done.stderr
    assert not Path(env["COPYDESK_BUCKET"]).exists()


def test_the_backlog_is_told_when_the_index_is_not_there_to_ask(env, story):
    run("drop", str(story), env=env)
    away = env | {"COPYDESK_ELASTICSEARCH_URL": "http://127.0.0.1:9"}
    done = run("status", "--json", env=away)
    assert done.returncode == 3
    found = json.loads(done.stdout)
    assert (found["waiting"]["live"], found["documents"]) == (1, None)
    assert "Elasticsearch does not answer" in done.stderr
    one = run("status", "harbour.txt", env=away)
    assert one.returncode == 3
    assert "waiting" in one.stdout


def test_a_missing_model_is_named_with_its_remedy(env, story, tmp_path):
    done = run("inspect", str(story), env=env | {"COPYDESK_DATA_DIR": str(tmp_path / "none")})
    assert done.returncode == 2
    assert "copydesk models install" in done.stderr


def test_an_editor_gets_a_page_instead_of_lines(env, story, tmp_path):
    page = tmp_path / "proof.html"
    done = run("inspect", "--no-entities", "--html", str(page), str(story), env=env)
    assert (done.returncode, done.stdout) == (0, "")
    assert "kept: paragraph" in page.read_text("utf-8")
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_a_page_never_overwrites_what_it_shows(env, story):
    before = story.read_bytes()
    done = run("inspect", "--no-entities", "--html", str(story), str(story), env=env)
    assert done.returncode == 2
    assert "name another" in done.stderr
    assert story.read_bytes() == before


def test_an_unknown_file_is_said_to_be_unknown(env):
    run("run", "--once", env=env)
    done = run("status", "never-dropped.xml", env=env)
    assert done.returncode == 1
    assert "unknown" in done.stdout


@pytest.mark.parametrize(
    "command",
    [
        *["run", "drop", "search", "status", "quarantine", "inspect", "entities", "ingest", "worker"],
        *["health", "reconcile", "reindex", "models"],
    ],
)
def test_every_command_explains_itself(command):
    done = run(command, "--help", env={})
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) > 4


def test_a_reader_that_has_enough_is_no_error(env, story):
    done = os.popen(
        f"COPYDESK_BUCKET={env['COPYDESK_BUCKET']} {COPYDESK} inspect --no-entities {story} | true"
    )
    assert done.close() is None
