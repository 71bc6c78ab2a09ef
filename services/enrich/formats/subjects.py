"""IPTC classifications: which vocabulary a code belongs to, and its name.

Two vocabularies matter to newsrooms: the Subject Codes (eight digits, ``subj``, retired in 2010 yet
still sent by most agencies) and the Media Topics (``medtop``, eight digits starting with 20).
"""

import re

from services.models import Subject

_CODE = re.compile(r"\d{8}")
_SCHEMES = {
    "medtop": "medtop",
    "mediatopic": "medtop",
    "subj": "subj",
    "subjectcode": "subj",
    "iptcsubjectcode": "subj",
}


def iptc_subject(code: str, name: str | None = None) -> Subject | None:
    """A subject of eight digits, in whichever of the two vocabularies it stands."""
    code = code.strip()
    if not _CODE.fullmatch(code):
        return None
    return Subject(scheme="medtop" if code.startswith("20") else "subj", code=code, name=name)


def subject_of(reference: str, name: str | None = None) -> Subject | None:
    """The subject behind ``medtop:20000892``, a NewsCodes URI, or eight digits alone; else ``None``."""
    scheme, _, code = reference.strip().rpartition(":" if "/" not in reference else "/")
    scheme = scheme.rpartition("/")[2].lower()
    if scheme and scheme not in _SCHEMES:
        return None
    return iptc_subject(code, name)
