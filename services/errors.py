"""What can go wrong, in the only kinds that matter.

    CopydeskError
    ├── ArticleRejected     the file's fault: never retried, quarantined with a reason
    ├── FileIgnored         a sound file that holds no article (a concept, an empty feed)
    ├── ServiceUnavailable  not the file's fault: wait and try again, no attempt is burnt
    └── Misconfigured       a person must act: stop loudly, lose nothing

Adapters translate their clients' exceptions once; everything above them names only these.
Messages name the thing, the fact and the remedy.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why a file was refused. The value is the folder name under ``quarantine/`` and never changes."""

    EMPTY = "empty"
    BINARY = "binary"
    ENCODING = "encoding"
    NOT_WELLFORMED = "not_wellformed"
    BAD_JSON = "bad_json"
    SCHEMA = "schema"
    TYPE_MISMATCH = "type_mismatch"
    NO_TEXT = "no_text"
    NOT_NEWS = "not_news"
    WALL = "wall"
    ENCRYPTED = "encrypted"
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    ENTITY_BOMB = "entity_bomb"
    EXTERNAL_ENTITY = "external_entity"
    ARCHIVE_BOMB = "archive_bomb"
    ARCHIVE_PATH = "archive_path"
    PARTIAL = "partial"
    INDEX_REFUSED = "index_refused"
    TIMEOUT = "timeout"
    WORKER_LOST = "worker_lost"
    ERROR = "error"


#: Worth another try: the next one may fare better, and only repeated failure is held against a file.
RETRYABLE = frozenset({Reason.TIMEOUT, Reason.WORKER_LOST, Reason.ERROR})

#: What a person can do about each reason; shown by the commands and listed in docs/operating.md.
REMEDIES: dict[Reason, str] = {
    Reason.EMPTY: "send the file again; it arrived without content",
    Reason.BINARY: "send text, HTML, XML or JSON; this is none of the formats Copydesk reads",
    Reason.ENCODING: "save the file as UTF-8 and drop it again",
    Reason.NOT_WELLFORMED: "ask the sender to repair the markup; the detail names the place",
    Reason.BAD_JSON: "ask the sender to repair the JSON; the detail names the place",
    Reason.SCHEMA: "the file is sound but of no known shape; see docs/formats.md for those that are read",
    Reason.TYPE_MISMATCH: "a field holds the wrong type of value; the detail names it",
    Reason.NO_TEXT: "no article text was found; drop the full text if there is one",
    Reason.NOT_NEWS: "this looks like an error page, index page or log, not like an article",
    Reason.WALL: "the page is a cookie, login or bot wall; fetch the article itself and drop that",
    Reason.ENCRYPTED: "drop the file without its password",
    Reason.TRUNCATED: "the file ends early; send it again whole",
    Reason.TOO_LARGE: "split the file, send its articles as JSON lines, or raise COPYDESK_MAX_FILE_BYTES",
    Reason.TOO_DEEP: "the markup is nested too deep to be an article; ask the sender to repair it",
    Reason.ENTITY_BOMB: "the XML expands without bound; treat the sender with suspicion",
    Reason.EXTERNAL_ENTITY: "the XML asks for other files; send it with everything inside",
    Reason.ARCHIVE_BOMB: "the archive inflates without bound; treat the sender with suspicion",
    Reason.ARCHIVE_PATH: "the archive names paths outside itself; treat the sender with suspicion",
    Reason.PARTIAL: "the good articles are indexed; the refused ones are listed, drop those again",
    Reason.INDEX_REFUSED: "the index refused the document; the detail holds its words",
    Reason.TIMEOUT: "the file took longer than COPYDESK_FILE_SECONDS; replay it, or report it as a bug",
    Reason.WORKER_LOST: "workers died on this file; replay it after an upgrade, or report it as a bug",
    Reason.ERROR: "a bug of Copydesk met this file; report the traceback, replay after an upgrade",
}


class CopydeskError(Exception):
    """Anything Copydesk itself raises."""


class ArticleRejected(CopydeskError):
    """The file, or one article in it, can never be processed as it is.

    ``reason`` is for machines and folders, ``detail`` for the person who must act.
    """

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type, tuple[Reason, str]]:
        return type(self), (self.reason, self.detail)


class FileIgnored(CopydeskError):
    """A sound file that rightly holds no article; ``detail`` says what it is instead."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class ServiceUnavailable(CopydeskError):
    """Redis, the bucket or the index does not answer as it should right now."""


class Misconfigured(CopydeskError):
    """A setting, credential or permission is wrong; trying again cannot help."""
