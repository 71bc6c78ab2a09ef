"""What bears a person's name and is none: ships, machines, works."""

import re
from collections.abc import Sequence

from services.enrich.entities.name import Label, Name

_THE = re.compile(r"\b[Tt]he $")
#: "The Trump administration" speaks of the person.
_OF_A_PERSON = re.compile(
    r"(?:['’]s)? (?:administration|government|cabinet|presidency|premiership|campaign|team|camp|family"
    r"|brothers|sisters|era|years|trial|case|affair|estate|doctrine)\b"
)


def without_things(text: str, names: Sequence[Name]) -> list[Name]:
    """The names without those of one word that English gives an article as it does to no person.

    "The Thalia hit the wall": so the Thalia is a ship, unless a longer name in the document has that word.
    """
    full = {word for name in names if name.label is Label.PERSON for word in name.text.split(" ")[1:]}
    votes: dict[str, int] = {}
    for name in names:
        if _may_be_a_thing(name) and name.text not in full:
            the = _THE.search(text, max(0, name.start - 5), name.start)
            of_a_person = _OF_A_PERSON.match(text, name.end)
            votes[name.text] = votes.get(name.text, 0) + (1 if the and not of_a_person else -1)
    return [name for name in names if not (_may_be_a_thing(name) and votes.get(name.text, -1) >= 0)]


def _may_be_a_thing(name: Name) -> bool:
    return name.label is Label.PERSON and not name.trusted and " " not in name.text
