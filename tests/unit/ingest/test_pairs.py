from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from services.bucket import Entry, keys
from services.ingest.pairs import pairs

NOW = datetime.now(UTC)
SUFFIX = keys.REASON_SUFFIX


def paired(names):
    ordered = sorted(names, key=keys.encode)
    return list(pairs([Entry(name, 1, NOW, "e") for name in ordered], SUFFIX))


def test_names_that_begin_alike_keep_their_own_records():
    names = ["a", "a-1", "a.b", "a.r", "a.reason", "a.reason.jsonx", "a.x", "a/b"]
    found = paired([*names, *(name + SUFFIX for name in names)])
    assert {file.key for file, _ in found} == set(names)
    assert all(record.key == file.key + SUFFIX for file, record in found)


@given(st.dictionaries(st.text("a./r-", min_size=1, max_size=6), st.sampled_from(["file", "record", "both"])))
def test_whatever_the_names_each_file_is_found_once_with_its_record(found):
    files = {name for name, kind in found.items() if kind != "record"}
    records = {name + SUFFIX for name, kind in found.items() if kind != "file"}
    got = paired(files | records)
    assert sorted(file.key for file, _ in got if file) == sorted(files)
    assert sorted(record.key for _, record in got if record) == sorted(records)
    for file, record in got:
        name = file.key if file else record.key.removesuffix(SUFFIX)
        assert (file is not None, record is not None) == (name in files, name + SUFFIX in records)
