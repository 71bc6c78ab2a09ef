"""CSV (RFC 4180) with a header row, separated by comma, semicolon, tab or bar: one article a row."""

import csv
import io
from collections.abc import Iterator

from services.enrich.formats import generic_json
from services.enrich.formats.encoding import decode
from services.enrich.formats.names import SYNONYMS, fold
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, RawFile, Refusal

csv.field_size_limit(50_000_000)  # whole articles stand in one field


def parse(raw: RawFile) -> Iterator[Article | Refusal]:
    """The columns are known by the same names as the keys of JSON."""
    text = decode(raw.data).replace("\x00", "")
    separator = separator_of(text)
    if separator is None:
        raise ArticleRejected(
            Reason.SCHEMA, "a table without a header row of known names such as title and text"
        )
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    found = False
    try:
        for number, row in enumerate(rows, start=1):
            fields = {key: value for key, value in row.items() if isinstance(key, str) and value}
            if not fields:
                continue
            found = True
            try:
                yield from generic_json.read(fields, raw)
            except ArticleRejected as rejected:
                yield Refusal(reason=rejected.reason, detail=rejected.detail, item=f"row {number}")
            except FileIgnored:
                continue
    except csv.Error as error:
        yield Refusal(reason=Reason.NOT_WELLFORMED, detail=str(error), item=f"line {rows.line_num}")
        return
    if not found:
        raise FileIgnored("a table without rows")


def separator_of(text: str) -> str | None:
    """The separator of a header row with at least two known names, one of them for text or title."""
    header = text.lstrip("\ufeff\n\r").split("\n", 1)[0].rstrip("\r")
    if "\n" not in text.strip() or len(header) > 5_000:
        return None
    known = {name for names in SYNONYMS.values() for name in names}
    for separator in ",;\t|":
        names = [fold(name.strip().strip('"')) for name in header.split(separator)]
        telling = set(names) & {*SYNONYMS["body"], *SYNONYMS["headline"]}
        if len(names) >= 2 and telling and len(known & set(names)) >= 2:
            return separator
    return None
