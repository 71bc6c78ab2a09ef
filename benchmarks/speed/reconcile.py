"""How long `copydesk reconcile` takes, and in how much memory.

    python -m benchmarks.speed.reconcile [--files 100000] [--a-day 20000] [--superseded 1000] [--keep FOLDER]

Makes a folder of processed files and the SQLite index of their documents, then runs the command on
them in a process of its own. Of the files, some are superseded: those have to be read and parsed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from services.bucket import keys
from services.bucket.folder import FolderBucket
from services.cli.parsing import claims_of
from services.index.document import Document
from services.index.sqlite import SQLiteIndex
from services.models import RawFile
from services.settings import Settings
from tests.processes import COPYDESK

NOW = datetime.now(UTC)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--a-day", type=int, default=20_000)
    parser.add_argument("--superseded", type=int, default=1_000)
    parser.add_argument("--keep", type=Path, help="use this folder, and make it when it is not there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = asked.keep or Path(folder, "bucket")
        if not root.exists():
            fill(root, asked.files, asked.a_day, asked.superseded)
        print("| files | seconds | peak MB | exit code |\n|---|---|---|---|")
        began = time.perf_counter()
        process = subprocess.Popen(
            [COPYDESK, "reconcile"],
            env={**os.environ, "COPYDESK_BUCKET": str(root)},
            stdout=sys.stderr,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        code = os.waitstatus_to_exitcode(status)
        print(f"| {asked.files:,} | {seconds:.1f} | {usage.ru_maxrss / 1024:.0f} | {code} |")


def fill(root: Path, files: int, a_day: int, superseded: int) -> None:
    """Processed files by day, and documents of all but the superseded ones, which share a later file's."""
    FolderBucket(root).prepare()
    index = SQLiteIndex(root / ".copydesk" / "index.sqlite")
    index.prepare()
    claims = claims_of(Settings())
    assert claims is not None
    batch: list[Document] = []
    for number in range(files):
        is_old = number < superseded
        uid = f"urn:bench:{0 if is_old else number}"
        story = {"uri": uid, "version": "1" if is_old else "2", "type": "text", "headline": f"Story {number}"}
        data = json.dumps(story | {"body_text": "The harbour bridge will close until October. " * 5}).encode()
        name = f"desk/{number:07}.json"
        path = root / keys.processed_key(keys.LIVE + name, date.today() - timedelta(number // a_day))  # noqa: DTZ011
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if is_old:
            continue
        raw = RawFile(key=name, data=data, modified=NOW)
        # Parsing a million for their ids would only measure the making of the benchmark.
        first = number == superseded
        found = (
            claims(RawFile(key=name, data=data.replace(uid.encode(), b"urn:bench:0"), modified=NOW))
            if first
            else ()
        )
        document_id = found[0].id if found else f"{number:032x}"
        provenance = {"key": name, "sha256": raw.sha256, "indexed": NOW.isoformat()}
        source = {"uid": uid, "status": "usable", "headline": story["headline"], "provenance": provenance}
        batch.append(Document(document_id, 2 << 32, source))
        if len(batch) == 5000 or number == files - 1:
            index.put_many(batch)
            batch.clear()
    index.close()


if __name__ == "__main__":
    main()
