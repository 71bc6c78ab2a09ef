"""Places that stand for their governments: "Washington announced", "Paris's answer"."""

import re
from collections.abc import Sequence

from services.enrich.entities.name import Label, Name

_ACTS = re.compile(
    r"\s+(?:has\s+|have\s+|had\s+|also\s+|now\s+|later\s+|quickly\s+|reportedly\s+|repeatedly\s+)*"
    r"(?:said|says|announced?|announces|den(?:y|ied|ies)|agreed?|agrees|refused?|refuses|insist(?:s|ed)?|"
    r"wants?|wanted|urged?|urges|warn(?:s|ed)?|vow(?:s|ed)?|pledged?|pledges|condemn(?:s|ed)?|accus(?:e|es|ed)|"
    r"reject(?:s|ed)?|believes?|hopes?|fears?|argue[sd]?|claims?|claimed|blame[sd]?|call(?:s|ed) (?:for|on)|"
    r"impos(?:e|es|ed)|threaten(?:s|ed)?|recogni[sz]e[sd]?|back(?:s|ed)|oppose[sd]?|suspend(?:s|ed)|"
    r"promise[sd]?|approve[sd]?|respond(?:s|ed)|repl(?:y|ies|ied)|protest(?:s|ed)|maintain(?:s|ed)|"
    r"summon(?:s|ed)|expel(?:s|led)|ordered|offer(?:s|ed)|signed|demand(?:s|ed)?|decided|considers?)\b"
)
_STANCE = re.compile(
    r"['’]s?\s+(?:\w+\s+)?(?:imagination|polic(?:y|ies)|position|stance|decision|refusal|answer|response|reaction|"
    r"demands?|allies|ally|view|intentions?|ambitions?|claims?|envoy|ambassador|diplomacy|strategy|interests?|"
    r"influence|offer|plan|warning|support|relations|ties)\b"
)
_TALK = re.compile(
    r"\b(?:relations|ties|talks|tensions|dispute|war of words|answer|pressure|deal)\b.{0,40}$", re.IGNORECASE
)
_LIST = re.compile(r"\s*(?:,|and|or|,\s*and|&)\s*$")


def mark_metonyms(text: str, names: Sequence[Name], capitals: Sequence[bool]) -> list[bool]:
    """For each of ``names`` (places, in order) whether it stands for a government.

    A city does so when it is a capital; in a list ("Washington, Paris and Berlin announce") one speaks
    for all.
    """
    marks = [
        capital
        and name.label is Label.GPE
        and bool(_ACTS.match(text, name.end) or _STANCE.match(text, name.end))
        for name, capital in zip(names, capitals, strict=True)
    ]
    for left, right in _lists(text, names):
        members = range(left, right + 1)
        talked = _TALK.search(text, max(0, names[left].start - 60), names[left].start) is not None
        if all(capitals[n] for n in members) and (talked or any(marks[n] for n in members)):
            for n in members:
                marks[n] = True
    return marks


def _lists(text: str, names: Sequence[Name]) -> list[tuple[int, int]]:
    runs, start = [], 0
    for n in range(1, len(names) + 1):
        if n == len(names) or not _LIST.fullmatch(text[names[n - 1].end : names[n].start]):
            if n - 1 > start:
                runs.append((start, n - 1))
            start = n
    return runs
