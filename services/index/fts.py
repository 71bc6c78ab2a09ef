"""The embedded index's tables, and how a question becomes SQL for them."""

# ruff: noqa: S608  # every text put into SQL here is a constant of ours; values are bound

import re
import time
from datetime import datetime
from typing import Any, Final, NamedTuple

from services.index.mapping import SCHEMA
from services.index.query import MARK_END, MARK_START, SEARCHED, Query, fold

COLUMNS: Final = ", ".join(SEARCHED)

TABLES: Final = f"""
CREATE TABLE IF NOT EXISTS documents (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    key TEXT NOT NULL,
    status TEXT NOT NULL,
    embargo REAL,
    published REAL,
    language TEXT NOT NULL,
    source TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS documents_key ON documents (key);
CREATE INDEX IF NOT EXISTS documents_newest ON documents (status, published DESC, id, embargo);
CREATE TABLE IF NOT EXISTS facets (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    row INTEGER NOT NULL,
    PRIMARY KEY (kind, value, row)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS facets_row ON facets (row);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 ({COLUMNS}, tokenize = "unicode61 remove_diacritics 2");
PRAGMA user_version = {SCHEMA};
"""

PUT: Final = """
INSERT INTO documents (id, version, key, status, embargo, published, language, source)
VALUES (:id, :version, :key, :status, :embargo, :published, :language, :source)
ON CONFLICT (id) DO UPDATE SET
    version = excluded.version, key = excluded.key, status = excluded.status, embargo = excluded.embargo,
    published = excluded.published, language = excluded.language, source = excluded.source
RETURNING row
"""
PUT_WORDS: Final = f"INSERT INTO words (rowid, {COLUMNS}) VALUES (?{', ?' * len(SEARCHED)})"
PUT_FACET: Final = "INSERT OR IGNORE INTO facets (kind, value, row) VALUES (?, ?, ?)"

#: The whole body with its matches marked. Asked for one row at a time, so it runs for one page's hits only.
HIGHLIGHT: Final = (
    f"SELECT highlight(words, {list(SEARCHED).index('body')}, '{MARK_START}', '{MARK_END}')"
    " FROM words WHERE words MATCH :match AND rowid = :row"
)

# What readers may see. `:now` is the moment of the question, so an embargo ends without a write.
_VISIBLE = "d.status = 'usable' AND (d.embargo IS NULL OR d.embargo <= :now)"

# FTS5 takes a run of Chinese or Japanese for one word. With zero-width spaces around each character it
# becomes a word of its own, and a word asked for a phrase of them. Korean puts spaces between words.
_CJK = re.compile("[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_GAP = "\u200b"


class Search(NamedTuple):
    """A ``Query`` as two statements with the values they share; ``match`` is there when words are."""

    total: str
    page: str
    values: dict[str, Any]


def compiled(query: Query) -> Search:
    """The statements that count what a query finds and that give its page as (row, id, score)."""
    tables, conditions = "documents d", [_VISIBLE]
    score, order = "0.0", "d.published DESC, d.id"  # NULL is least
    values: dict[str, Any] = {"now": time.time(), "size": query.size, "offset": query.offset}
    if query.phrases:
        # CROSS fixes the order: the planner may otherwise ask for the words of each document in turn.
        tables = "words CROSS JOIN documents d ON d.row = words.rowid"
        conditions.append("words MATCH :match")
        values["match"] = " ".join(f'"{spaced(phrase)}"' for phrase in query.phrases)
        # bm25() is the better the lower; a column's weight is what a hit there counts.
        score = f"-bm25(words, {', '.join(map(str, SEARCHED.values()))})"
        order = f"score DESC, {order}"
    for kind, name in (
        ("people", query.person),
        ("organisations", query.organisation),
        ("places", query.place),
    ):
        if name is not None:
            conditions.append(
                f"d.row IN (SELECT row FROM facets WHERE kind = '{kind}' AND value = :{kind}"
                f" UNION ALL SELECT row FROM facets WHERE kind = 'id' AND value = :{kind}_id)"
            )
            values |= {kind: fold(name), f"{kind}_id": name}
    if query.country is not None:
        conditions.append("d.row IN (SELECT row FROM facets WHERE kind = 'countries' AND value = :country)")
        values["country"] = query.country.upper()
    if query.language is not None:
        conditions.append("substr(d.language || '-', 1, length(:language)) = :language")
        values["language"] = query.language.lower() + "-"
    if query.since is not None:
        conditions.append("d.published >= :since")
        values["since"] = query.since.timestamp()
    if query.until is not None:
        conditions.append("d.published < :until")
        values["until"] = query.until.timestamp()
    found = f"FROM {tables} WHERE {' AND '.join(conditions)}"
    return Search(
        f"SELECT count(*) {found}",
        # Without the source, which would go through the sort of all that is found.
        f"SELECT d.row, d.id, {score} AS score {found} ORDER BY {order} LIMIT :size OFFSET :offset",
        values,
    )


def document_values(source: dict[str, Any]) -> dict[str, Any]:
    """What the ``documents`` table holds of a document beside its id, version and source."""
    return {
        "key": source["provenance"]["key"],
        "status": source["status"],
        "embargo": _seconds(source.get("embargo")),
        "published": _seconds(source.get("published")),
        "language": (source.get("language") or "").lower(),
    }


def words(source: dict[str, Any]) -> list[str]:
    """What the ``words`` table holds of a document, column by column."""
    return [spaced(source.get(field) or "") for field in SEARCHED]


def facets(source: dict[str, Any]) -> list[tuple[str, str]]:
    """What the ``facets`` table holds of a document: names to filter by, folded, and ids."""
    pairs = [(kind, fold(name)) for kind in ("people", "organisations") for name in source.get(kind, ())]
    pairs += [("places", fold(place["name"])) for place in source.get("places", ())]
    pairs += [("id", entity) for entity in source.get("entity_ids", ())]
    pairs += [("countries", country) for country in source.get("countries", ())]
    return pairs


def spaced(text: str) -> str:
    """Text with a gap around each Chinese or Japanese character."""
    return text if text.isascii() else _CJK.sub(f"{_GAP}\\g<0>{_GAP}", text)


def unspaced(text: str) -> str:
    """``spaced`` undone."""
    return text.replace(_GAP, "")


def _seconds(moment: str | None) -> float | None:
    return None if moment is None else datetime.fromisoformat(moment).timestamp()
