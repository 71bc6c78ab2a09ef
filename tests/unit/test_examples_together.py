"""Examples that belong together leave the index in the state that `examples/README.md` promises."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.enrich.limits import Limits
from services.enrich.pipeline import Tools, process
from services.enrich.worker import documents
from services.index.query import Query
from services.index.sqlite import SQLiteIndex
from services.models import RawFile
from tests.examples import FILES


def names(story: str) -> list[str]:
    return [file.name for file in FILES if story in file.name]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SQLiteIndex]:
    opened = SQLiteIndex(tmp_path / "index.sqlite")
    opened.prepare()
    yield opened
    opened.close()


def put(index: SQLiteIndex, files: list[str]) -> None:
    for name in files:
        data = next(file.read_bytes() for file in FILES if file.name == name)
        raw = RawFile(key=name, data=data, modified=datetime(2025, 9, 1, tzinfo=UTC))
        made = documents(raw, process(raw, Tools(), Limits(20)), "test")
        assert made, f"{name} holds an article"
        index.put_many(made)
    index.refresh()


def found(index: SQLiteIndex, words: str) -> list[str | None]:
    return [hit.headline for hit in index.search(Query(words=words)).hits]


def test_a_file_sent_twice_under_two_names_is_one_article(index: SQLiteIndex) -> None:
    put(index, names("ferry"))

    assert len(names("ferry")) == 2
    assert index.count() == 1


@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "out of order"])
def test_a_correction_wins_in_whichever_order_it_arrives(index: SQLiteIndex, backwards: bool) -> None:
    put(index, sorted(names("welsh-buses"), reverse=backwards))

    assert index.count() == 1
    assert found(index, "buses") == ["Welsh rural buses get £42 million more to run every hour"]


@pytest.mark.parametrize(("story", "word"), [("coastal-bridge", "bridge"), ("fjord-tunnel", "tunnel")])
@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "out of order"])
def test_a_killed_story_is_not_found_in_whichever_order_the_kill_arrives(
    index: SQLiteIndex, story: str, word: str, backwards: bool
) -> None:
    put(index, sorted(names(story), reverse=backwards))

    assert index.count() == 1
    assert found(index, word) == []


@pytest.mark.parametrize(
    ("story", "word"), [("embargoed-forecast", "observatory"), ("embargoed-release", "ward")]
)
def test_a_story_under_embargo_is_kept_and_not_found(index: SQLiteIndex, story: str, word: str) -> None:
    put(index, names(story))

    assert index.count() == 1
    assert found(index, word) == []
