"""IPTC classifications: which vocabulary a code belongs to, and its name.

Two vocabularies matter to newsrooms: the Subject Codes (eight digits, ``subj``, retired in 2010 yet
still sent by most agencies) and the Media Topics (``medtop``, eight digits starting with 20).
"""

import re
from functools import cache
from importlib import resources

from services.models import Subject

_CODE = re.compile(r"\d{8}")
_SCHEMES = {
    "medtop": "medtop",
    "mediatopic": "medtop",
    "subj": "subj",
    "subjectcode": "subj",
    "iptcsubjectcode": "subj",
}


def iptc_subject(code: str, name: str | None = None, scheme: str | None = None) -> Subject | None:
    """A subject of eight digits, in whichever of the two vocabularies it stands.

    The vocabulary's own name comes first: senders abbreviate, translate, and write the parent's.
    """
    code = code.strip()
    if not _CODE.fullmatch(code):
        return None
    scheme = scheme or ("medtop" if code.startswith("20") else "subj")
    return Subject(scheme=scheme, code=code, name=_names().get((scheme, code)) or name)


@cache
def _names() -> dict[tuple[str, str], str]:
    """English names by scheme and code, from the table beside this file."""
    table = resources.files("services.enrich.formats").joinpath("iptc.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return {(scheme, code): name for scheme, code, name in rows}


def subject_of(reference: str, name: str | None = None) -> Subject | None:
    """The subject behind ``medtop:20000892``, a NewsCodes URI, or eight digits alone; else ``None``."""
    scheme, _, code = reference.strip().rpartition(":" if "/" not in reference else "/")
    scheme = scheme.rpartition("/")[2].lower()
    if scheme and scheme not in _SCHEMES:
        return None
    return iptc_subject(code, name, _SCHEMES.get(scheme))
