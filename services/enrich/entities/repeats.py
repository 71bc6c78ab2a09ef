"""Further occurrences of names that were found once."""

from collections.abc import Sequence

from services.enrich.entities.bodies import COMPANY_TAIL
from services.enrich.entities.edges import starts_sentence
from services.enrich.entities.name import Label, Name
from services.enrich.entities.overlooked import GOES_ON, taken_by
from services.enrich.entities.people import surname


def repeats(text: str, names: Sequence[Name]) -> list[Name]:
    """Further occurrences of names that were found once, and of their surnames."""
    taken = taken_by(text, names)
    labels: dict[str, Label] = {}
    for name in names:
        labels.setdefault(name.text, name.label)
        if name.label is Label.GPE and name.text.isupper() and len(name.text) > 4:
            labels.setdefault(name.text.title(), Label.GPE)  # the dateline's town, later in the story
    for name in names:
        if name.label is Label.PERSON:
            last = surname(name.text)
            if last and len(last) > 2 and any(map(str.isupper, last)):
                labels.setdefault(last, Label.PERSON)
        elif name.label is Label.ORG and (tail := COMPANY_TAIL.search(name.text)):
            # "Lodestar" and "Lodestar Pumps" for "Lodestar Pumps Ltd.".
            short = name.text[: tail.start()]
            labels.setdefault(short, Label.ORG)
            if len(first := short.split(" ")[0]) > 4:
                labels.setdefault(first, Label.ORG)
    found: list[Name] = []
    for form in sorted(labels, key=len, reverse=True):
        if len(form) < 2 or form.islower() or form.isdigit():
            continue
        common = " " not in form and not form.isupper() and form.casefold() in text
        at = text.find(form)
        while at >= 0:
            end = at + len(form)
            if (
                not (at and (text[at - 1].isalnum() or text[at - 1] in "-_@#/"))
                and not (end < len(text) and (text[end].isalnum() or text[end] in "_@"))
                and not any(taken[at:end])
                # "Northern" of "Northern Grid Corp" is not that of "Northern Ireland".
                and not (labels[form] is Label.ORG and " " not in form and GOES_ON.match(text, end))
                # A word that this text also writes small starts sentences with a capital.
                and not (common and starts_sentence(text, at))
            ):
                taken[at:end] = b"\x01" * len(form)
                found.append(Name(at, end, form, labels[form]))
            at = text.find(form, end)
    return found
