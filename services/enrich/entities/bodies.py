"""Which names of organisations and groups are one body."""

import re
from collections import defaultdict
from collections.abc import Sequence

from services.enrich.entities.fold import fold
from services.enrich.entities.name import Name

#: What companies carry behind their names; in short forms it falls away.
COMPANY_TAIL = re.compile(
    r"(?:,?\s+(?:inc|incorporated|corp|corporation|co|company|ltd|limited|plc|llc|llp|lp|gmbh|ag|sa|nv|bv|spa|"
    r"group|holdings?|international|industries|motors?)\.?)+$",
    re.IGNORECASE,
)
_SMALL = {"of", "for", "the", "and", "in", "on", "to", "de", "la", "du", "des", "der", "und", "&", "a"}
# A last word that many bodies share does not stand for one of them alone.
_GENERIC = {
    *(
        "university",
        "college",
        "school",
        "bank",
        "council",
        "court",
        "party",
        "ministry",
        "department",
        "army",
    ),
    *(
        "police",
        "office",
        "agency",
        "committee",
        "commission",
        "association",
        "institute",
        "hospital",
        "church",
    ),
    *("company", "club", "league", "union", "parliament", "senate", "house", "government", "group", "board"),
    *("museum", "society", "foundation", "center", "centre", "service", "services", "team", "news", "press"),
}


def body_clusters(names: Sequence[Name]) -> list[list[Name]]:
    """By acronym, company suffix, and short forms of one longer name."""
    by_key: dict[str, list[Name]] = {}
    for name in names:
        key = fold(COMPANY_TAIL.sub("", name.text)) or fold(name.text)
        by_key.setdefault(key, []).append(name)
    # Only names that share a first or last word, or the initials, can be one: in a long text there are many.
    alike: dict[str, list[str]] = defaultdict(list)
    for key in by_key:
        words = key.split()
        for handle in {words[0], words[-1], *_initials(words)}:
            alike[handle].append(key)
    merged: dict[str, str] = {}
    for short in sorted(by_key, key=len, reverse=True):
        words = short.split()
        longer = {
            key
            for handle in {words[0], words[-1]}
            for key in alike[handle]
            if key != short and key not in merged and _short_form(short, key, by_key[short][0])
        }
        if len(longer) == 1:
            merged[short] = longer.pop()
    for short, key in merged.items():
        by_key[key] += by_key.pop(short)
    return [sorted(members, key=lambda n: n.start) for members in by_key.values()]


def ends_with(names: Sequence[Name], short: Name) -> bool:
    """Whether one of ``names`` ends with all of ``short``, at least two words."""
    key = fold(short.text)
    return " " in key and any(fold(name.text).endswith(" " + key) for name in names)


def _initials(words: Sequence[str]) -> tuple[str, ...]:
    """Those of all words, and of the weighty ones: of "Ministry of Defence" mod and md."""
    if len(words) < 2:
        return ()
    return "".join(word[0] for word in words), "".join(word[0] for word in words if word not in _SMALL)


def _short_form(short: str, key: str, name: Name) -> bool:
    words, own = key.split(), short.split()
    if name.text.isupper() and len(own) == 1 and len(short) > 1:
        return short in _initials(words)
    if len(own) >= len(words):
        return False
    # "Toyota" of "Toyota Motor Manufacturing"; "Rovers" of "Clydeholm Rovers"; "Defense Ministry".
    if words[: len(own)] == own:
        return short not in _GENERIC
    return words[-len(own) :] == own and short not in _GENERIC
