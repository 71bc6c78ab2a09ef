"""What a person is, as written next to the name: "US Secretary of State", "spokesman for the ministry"."""

import re

from services.enrich.entities.name import Name
from services.enrich.entities.titles import ROLE_WORD

_WORD_BEFORE = re.compile(r"([^\s,;:.()\"“”]+(?:\.(?=\s))?)\s+$|(['’]s)$")
_JOINING = {
    "of",
    "for",
    "the",
    "and",
    "at",
    "in",
    "to",
    "on",
    "&",
    "de",
    "du",
    "general",
    "former",
    "then",
    "current",
}
_AFTER = re.compile(
    r",\s+(?:who\s+(?:is|was)\s+)?(?P<role>(?:(?:the|a|an|its|his|her|their)\s+)?[^,.;:()\n“”\"]{3,90})[,.;)]"
)
_FAR = 12


def role_of(text: str, name: Name) -> str | None:
    """The role that stands before or after this mention, if one does."""
    return _before(text, name.start) or _after(text, name.end)


def _before(text: str, at: int) -> str | None:
    start, line = at, text.rfind("\n", 0, at) + 1
    for _ in range(_FAR):
        found = _WORD_BEFORE.search(text, max(line, start - 40), start)
        if not found:
            break
        word = (found[1] or found[2]).strip("'’")
        if not (word[:1].isupper() or word.casefold() in _JOINING or ROLE_WORD.fullmatch(word)):
            break
        start = found.start(1) if found[1] else found.start(2)
    piece = text[start:at].strip()
    first = re.match(r"(?:(?:of|for|the|and|at|in|to|on|then|a|an)\s+)+", piece, re.IGNORECASE)
    if first:
        piece = piece[first.end() :]
    return piece if len(piece) > 2 and ROLE_WORD.search(piece) else None


def _after(text: str, at: int) -> str | None:
    found = _AFTER.match(text, at)
    if not found:
        return None
    role = found["role"].strip()
    words = role.split()
    if len(words) > _FAR or not ROLE_WORD.search(" ".join(words[:8])):
        return None
    return re.sub(r"^(?:the|a|an|its|his|her|their)\s+", "", role, flags=re.IGNORECASE)
