"""Places inside other names: Kentucky in "University of Kentucky", Paris in "Paris Public Library".

They are no entities of the article, but they tell where it plays, and a map may want them.
"""

import re
from collections.abc import Sequence

from services.enrich.entities.fold import fold
from services.enrich.entities.gazetteer import Gazetteer
from services.enrich.entities.lexicon import Lexicon
from services.enrich.entities.name import Label, Name
from services.enrich.entities.prior import ORG_WORD, weighty

_WORD = re.compile(r"[^\W\d_a-z][\w.’'-]*\w|[^\W\d_a-z]\.(?:[^\W\d_a-z]\.)*")
_OF = re.compile(r"\b(?:of|in|at|for|de|di|von)\s+(?:the\s+)?$")
_LONGEST = 3
_MAY_HOLD = (Label.ORG, Label.GROUP, Label.OTHER, Label.EVENT, Label.LOC, Label.GPE)


def nested(
    text: str, names: Sequence[Name], unknown: Sequence[bool], gazetteer: Gazetteer, lexicon: Lexicon
) -> list[Name]:
    """Places within longer names, in order; a people within one ("Russian Navy") counts too.

    Args:
        text: what the names were found in.
        names: all names of the document.
        unknown: for each, whether it may hold a place: not for a place that is known itself.
        gazetteer: where places are looked up.
        lexicon: where peoples are.

    """
    own = {fold(name.text) for name in names if name.label is Label.GPE}
    found: list[Name] = []
    for name, open_ in zip(names, unknown, strict=True):
        if not open_ or name.label not in _MAY_HOLD:
            continue
        words = list(_WORD.finditer(text, name.start, name.end))
        n = 0
        while n < len(words) and len(words) > 1:
            for length in range(min(_LONGEST, len(words) - n), 0, -1):
                start, end = words[n].start(), words[n + length - 1].end()
                if (start, end) == (name.start, name.end) or "\n" in text[start:end]:
                    continue
                form = text[start:end]
                if form.endswith(("'s", "’s")):
                    end -= 2
                    form = text[start:end]
                known = lexicon.find(form)
                if known and known.label is Label.NORP and known.place:
                    found.append(Name(start, end, form, Label.NORP, trusted=True))
                elif not known and _is_place(text, name, start, end, own, gazetteer):
                    found.append(Name(start, end, form, Label.GPE))
                else:
                    continue
                n += length - 1
                break
            n += 1
    return found


def _is_place(text: str, name: Name, start: int, end: int, own: set[str], gazetteer: Gazetteer) -> bool:
    form = text[start:end]
    if len(form) < 3 or ORG_WORD.fullmatch(form):
        return False
    places = gazetteer.lookup(form)
    if not places:
        return False
    if fold(form) in own:
        return True
    # A town's own police or school bears its name in front; so do many founders and saints.
    leads = start == name.start and ORG_WORD.search(text, end, name.end) is not None
    of = _OF.search(text, max(name.start, start - 8), start) is not None
    for place in places:
        if place.kind in ("country", "admin1", "capital", "nation") and place.preferred:
            return True
        if place.kind == "admin2" and " " in form and place.preferred:
            return True
        if (
            place.kind in ("city", "admin2")
            and place.preferred
            and (leads or of)
            and place.population >= 1_000
        ):
            return True
    return any(map(weighty, places))
