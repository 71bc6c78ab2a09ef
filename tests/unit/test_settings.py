from pathlib import Path

import pytest

from services.errors import Misconfigured
from services.settings import Settings, reference

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


def test_without_variables_everything_is_embedded():
    settings = Settings.from_env({})
    assert settings.embedded
    assert settings.sqlite_path == Path("copydesk-data/.copydesk/index.sqlite")


def test_empty_variables_count_as_unset():
    assert Settings.from_env({"COPYDESK_REDIS_URL": " "}).embedded


def test_a_wrong_value_is_named_with_its_variable():
    with pytest.raises(Misconfigured, match="COPYDESK_CHUNK_SIZE='many'"):
        Settings.from_env({"COPYDESK_CHUNK_SIZE": "many"})


def test_an_unknown_variable_is_named():
    with pytest.raises(Misconfigured, match="COPYDESK_REDIS: there is no such setting"):
        Settings.from_env({"COPYDESK_REDIS": "redis://localhost"})


def test_limits_that_do_not_nest_are_refused_by_name():
    with pytest.raises(Misconfigured, match="COPYDESK_TASK_SECONDS < COPYDESK_VISIBILITY_TIMEOUT"):
        Settings.from_env({"COPYDESK_TASK_SECONDS": "600"})


def test_other_programs_variables_are_none_of_ours():
    Settings.from_env({"PATH": "/bin", "COPYDESK_TEST_REDIS_URL": "redis://localhost"})


def test_every_setting_is_documented_as_the_code_has_it():
    assert DOCS.read_text("utf-8") == reference(), "run `make docs`"
    assert all(field.description for field in Settings.model_fields.values())
