"""How fast one process works through files of any size, and in how much memory.

    python -m benchmarks.speed.huge [--lines 500000] [--megabytes 2000]

Makes a file of JSON lines and a web archive (WARC) of invented pages, each in a folder of its own, and runs
`copydesk run --once` on it, without entities, into the SQLite index. Prints articles a second and the
largest resident size of that process.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.processes import COPYDESK

_WORDS = re.findall(
    r"\w+",
    "harbour bridge ferry council mayor October river market school tram winter budget vote storm island "
    "repairs engineers passengers minister inquiry report water energy prices station airport library",
)
_PAGE = """<!doctype html><html lang="en"><head><title>{title}</title>
<meta property="article:published_time" content="2026-02-01T10:00:00Z"></head>
<body><nav><a href="/">Home</a> <a href="/news">News</a></nav><article><h1>{title}</h1>{text}</article>
<footer>All rights reserved</footer></body></html>"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=500_000, help="of the JSON lines; 0: none")
    parser.add_argument("--megabytes", type=int, default=2_000, help="of the web archive; 0: none")
    asked = parser.parse_args()
    print("| file | MB | articles | articles/s | peak MB | exit code |\n|---|---|---|---|---|---|")
    if asked.lines:
        measure("a.jsonl", (line(number) for number in range(asked.lines)), None)
    if asked.megabytes:
        measure("a.warc", map(record, range(10**9)), asked.megabytes * 1_000_000)


def measure(name: str, records: Iterator[bytes], most: int | None) -> None:
    """Write the file, of ``most`` bytes or all records, work it through, and print the row."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "incoming", name)
        target.parent.mkdir()
        count = size = 0
        with target.open("wb") as file:
            for data in records:
                file.write(data)
                count, size = count + 1, size + len(data)
                if most is not None and size >= most:
                    break
        environment = {**os.environ, "COPYDESK_BUCKET": folder, "COPYDESK_ENTITIES": "off"}
        began = time.perf_counter()
        process = subprocess.Popen([COPYDESK, "run", "--once"], env=environment, stdout=sys.stderr)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        code = os.waitstatus_to_exitcode(status)
        peak = usage.ru_maxrss / 1024
        print(f"| {name} | {size / 1e6:,.0f} | {count:,} | {count / seconds:,.0f} | {peak:.0f} | {code} |")


def line(number: int) -> bytes:
    text = "\n\n".join(paragraphs(number))
    story = {"id": f"urn:example:{number}", "title": f"Story {number}", "published": "2026-02-01T10:00:00Z"}
    return json.dumps(story | {"text": text}).encode() + b"\n"


def record(number: int) -> bytes:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs(number))
    body = _PAGE.format(title=f"Story number {number} of the harbour", text=text).encode()
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\n"
        f"WARC-Target-URI: https://news.example/{number}\r\nWARC-Date: 2026-02-01T10:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
    )
    return head.encode() + answer + b"\r\n\r\n"


def paragraphs(number: int) -> list[str]:
    """Five of thirty words, other ones for each number."""
    chance = random.Random(number)
    return [" ".join(chance.choices(_WORDS, k=30)).capitalize() + "." for _ in range(5)]


if __name__ == "__main__":
    main()
