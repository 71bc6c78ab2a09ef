"""``docs/formats.md``, written from the table of formats and the names of fields.

python -m services.enrich.formats.document > docs/formats.md
"""

import sys

from services.enrich.formats.archive import Budget
from services.enrich.formats.names import SYNONYMS
from services.enrich.formats.table import FORMATS, Format

_HEAD = """# Formats

Content decides what a file is; its name is not asked. This page is written from the code by
`python -m services.enrich.formats.document`.

| format | what becomes an article | read by |
|---|---|---|
"""
_TAIL = """
## Files without a standard

JSON objects, XML records and CSV rows are read by the names of their fields. Case, `_`, `-` and blanks
do not count; of several names the first that is there wins. A sender's own names are added, ahead of
these, in a TOML file that [`COPYDESK_FIELD_NAMES`](settings.md) names; it is read when a process starts:

```toml
[names]
headline = ["Kopfzeile", "Kopf.Zeile1"]
body = ["Fließtext"]
```

A name with dots is a path: through the objects of JSON, or through elements of XML, where it may begin
at any depth and end in an attribute. `copydesk inspect FILE` shows what is read with the file in place.

| field | names |
|---|---|
"""
_LIMITS = """
## Bundles

What a dropped file unfolds to is bounded, over all its layers: {bytes} MB, {members:,} members, {depth}
layers, {ratio} times its size. Members are judged one by one; a refused one does not stop its
neighbours. Nothing is written to disk.

## What is never an article

Pictures, video and audio with their captions, events, plans, concepts, packages of links, drafts and
empty feeds are *ignored*. Walls, error pages, lists of teasers, logs, encrypted files and bombs are
*quarantined* with a reason. Text that an agency marks as not for publication is dropped wherever it
stands.

## Adding one

One file with `parse(raw) -> Iterator[Article | Refusal]` whose docstring names the standard and its
version, one row in `services/enrich/formats/table.py`, one sign in `sniff.py`, one example in
`examples/` with its expected record.
"""


def page() -> str:
    """The whole page."""
    budget = Budget()
    rows = [f"| `{row.name}` | {row.about} | `{_file(row)}` |" for row in FORMATS.values()]
    names = [f"| {field} | {', '.join(f'`{name}`' for name in known)} |" for field, known in SYNONYMS.items()]
    limits = _LIMITS.format(
        bytes=budget.bytes >> 20, members=budget.members, depth=budget.depth, ratio=budget.ratio
    )
    return _HEAD + "\n".join(rows) + "\n" + _TAIL + "\n".join(names) + "\n" + limits


def _file(row: Format) -> str:
    """Which file of this folder reads the format; its docstring names the standard and its version."""
    reader = row.parse or row.members
    assert reader is not None
    return reader.__module__.rpartition(".")[2] + ".py"


if __name__ == "__main__":
    sys.stdout.write(page())
