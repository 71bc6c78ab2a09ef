"""Short forms and the long names that they stand for."""

import re
from collections.abc import Iterator, Sequence

from services.enrich.entities.lexicon import Lexicon
from services.enrich.entities.name import Label, Name
from services.enrich.entities.prior import GROUP_NAME

_CAPITALS = re.compile(r"\b[A-Z](?:[A-Z]|\.(?=[A-Z])|-(?=[A-Z])){1,7}\.?(?![\w])")
_IN_BRACKETS = re.compile(r"\s*\(\s*(?:the\s+|or\s+)?[\"“'‘]?([A-Z][A-Za-z.&-]{1,9})[\"”'’]?\s*[),;]")
# Acronyms that capitals alone do not make certain.
_WORDS_TOO = {"IS", "WHO", "US", "AU", "EC", "AP", "IRA", "ETA", "ISI", "RIA", "LET", "SEC", "RSF", "LRA"}
_LONG_AND_SHORT = re.compile(
    r"\b(?P<long>[^\W\d_a-z][\w'’-]{1,40}(?: (?:of |for |the |and |de )*[^\W\d_a-z][\w'’-]{1,40}){1,6})"
    r" \((?P<short>[A-Z]{2,7})\)"
)


def acronyms(text: str, names: Sequence[Name], lexicon: Lexicon) -> list[Name]:
    """Short forms: those in brackets behind a name with their repeats, and those that everyone knows."""
    taken = {name.start for name in names}
    forms: dict[str, Label] = {}
    for name in names:
        if name.label is Label.GPE:
            continue
        found = _IN_BRACKETS.match(text, name.end)
        if found and _abbreviates(found[1], name.text, lexicon):
            forms[found[1]] = name.label
    added = []
    for long in _spelt_out(text, taken):
        forms[long.group("short")] = Label.GROUP if GROUP_NAME.search(long.group("long")) else Label.ORG
        added.append(Name(*long.span("long"), long.group("long"), forms[long.group("short")]))
    for word in _CAPITALS.finditer(text):
        if word.start() in taken:
            continue
        form = word.group().rstrip(".") if "." in word.group()[:-1] else word.group()
        known = lexicon.find(form)
        label = forms.get(form) or (known.label if known and form not in _WORDS_TOO else None)
        if label and not _shouted(text, word.start(), word.end()):
            added.append(Name(word.start(), word.start() + len(form), form, label, trusted=known is not None))
    return added


def _spelt_out(text: str, taken: set[int]) -> Iterator[re.Match[str]]:
    """Where a long name is overlooked but its acronym follows: "the Dawn Liberation Front (DLF)"."""
    for found in _LONG_AND_SHORT.finditer(text):
        words = found["long"].split()
        initials = "".join(word[0] for word in words if word[0].isupper())
        if found["short"] == initials and found.start("long") not in taken:
            yield found


def _abbreviates(short: str, long: str, lexicon: Lexicon) -> bool:
    one, other = lexicon.find(short), lexicon.find(long)
    if one and other and one.id == other.id:
        return True
    letters = short.replace(".", "").casefold()
    words = [word for word in re.split(r"[\s-]+", long) if word]
    initials = "".join(word[0] for word in words if word[0].isupper()).casefold()
    return len(letters) > 1 and letters in (initials, "".join(word[0] for word in words).casefold())


def _shouted(text: str, start: int, end: int) -> bool:
    """Whether the words around are all in capitals, so that capitals mean nothing."""
    around = text[max(0, start - 15) : start] + text[end : end + 15]
    return sum(map(str.isupper, around)) > sum(map(str.islower, around))
