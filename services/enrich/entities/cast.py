"""The cast of a document: which person a stretch of text, a pronoun or "the general" speaks of."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from services.enrich.entities.name import Label, Name
from services.enrich.entities.people import gender_of
from services.enrich.entities.quotes import Quoted
from services.enrich.entities.sentences import Sentences
from services.enrich.entities.titles import FEMALE, MALE, ROLE

_PRONOUN = re.compile(r"\b(he|she|who)\b", re.IGNORECASE)
_PRONOUN_LAST = re.compile(r"\b(he|she)\s+(?:(?:also|then|later|had|has|\w+ly)\s+)*$", re.IGNORECASE)
_GENDER = {"he": "m", "she": "f"}
_NOMINAL = re.compile(
    r"\b(?:the|a|an|another|one|his|her|their|its)\s+(?:[\w’'-]+\s+){0,3}?"
    rf"(?:(?:ministry|department|company|house|police|government|union|party)\s+)?({ROLE.pattern}|man|woman|mother|father|"
    r"witness|source|victim|statement|report|company|group|agency|ministry|department)\b",
    re.IGNORECASE,
)
_OBLIQUE = re.compile(
    r"\b(?:to|for|of|with|by|about|told|asked|against|from|on|and|met|between|after|before|under)\s+"
    r"(?:the\s+|an?\s+)?(?:[A-Z][\w.-]*\s+){0,3}$"
)
# "a senior diplomat, who asked not to be named,": no name will follow.
_SOMEONE = re.compile(
    r"[\s,–—-]*((?:an?|one|another)\s+(?:[a-z][\w’'-]*\s+|[A-Z][\w’'-]*\s+){0,4}?[a-z][\w’'-]+)"
    r"(?=\s*$|\s*[,.;]|\s+(?:who|in|at|for|of|with|from|on|there)\b)"
)
# "said the facial plastic surgeon."
_DESCRIBED = re.compile(r"\s*(the (?:[\w’'-]+ ){0,4}?([a-z][\w’'-]+))(?=\s*[.,;]|\s*$)")
_INDEFINITE = re.compile(r"(?:an?|another|one)\s", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s?\s+[\w“\"]")
_RANK = {Label.PERSON: 0, Label.ORG: 2, Label.GROUP: 2, Label.GPE: 3, Label.NORP: 4}

#: A speaker: the number of a group, or only words for one without a name ("a witness").
Who = tuple[int | None, str | None]


class Cast:
    """Who may be meant, in one document.

    Args:
        text: the document.
        names: all its names in order.
        owners: for each name the number of its group.
        roles: for each group's number its role as written.
        sentences: of the document.
        pieces: what stands in quotation marks.

    """

    def __init__(
        self,
        text: str,
        names: Sequence[Name],
        owners: Sequence[int],
        roles: Mapping[int, str],
        sentences: Sentences,
        pieces: Sequence[Quoted],
    ) -> None:
        self._text = text
        self._names = names
        self._owners = owners
        self._starts = [name.start for name in names]
        self._roles = roles
        self._sentences = sentences
        self._quoted = [piece.start for piece in pieces]
        self._pieces = pieces
        self._people = {o for name, o in zip(names, owners, strict=True) if name.label is Label.PERSON}
        self._genders = self._find_genders()
        self._said: list[tuple[int, int]] = []

    def heard(self, at: int, who: int) -> None:
        """Remembers that ``who`` spoke: a later pronoun may mean them."""
        self._said.append((at, who))

    def subject(self, start: int, end: int, *, ahead: bool = False) -> Who | None:
        """Who acts in a stretch of text: a named one, else a pronoun or "the general" that is resolved."""
        text = self._text
        if someone := _SOMEONE.match(text, start, end):
            return None, someone[1]
        if not ahead and (pronoun := _PRONOUN_LAST.search(text, start, end)):
            person = self.recent(pronoun.start(), _GENDER.get(pronoun[1].lower()))
            if person is not None:
                return person, None
        best: tuple[int, int, int] | None = None
        for n in range(bisect_left(self._starts, start), len(self._names)):
            name = self._names[n]
            if name.end > end:
                break
            rank = _RANK.get(name.label)
            if rank is None:
                continue
            if _POSSESSIVE.match(text, name.end):
                rank += 10
            elif name.label in (Label.GPE, Label.NORP) and not self._stands_alone(
                name, start, end, ahead=ahead
            ):
                continue  # "says the Toronto surgeon"
            elif (
                not ahead
                and name.start > start
                and _OBLIQUE.search(text, max(start, name.start - 40), name.start)
            ):
                rank += 6
            if best is None or (rank, name.start) < best[:2]:
                best = (rank, name.start, self._owners[n])
        if best and best[0] == 0:
            return best[2], None
        if best is None and ahead and (described := _DESCRIBED.match(text, start, end)):
            person = self._by_role(described[2], start)
            if person is None:
                person = self.recent(start, None)
            return (person, None) if person is not None else (None, described[1])
        pronoun = _PRONOUN.search(text, start, end)
        nominal = _NOMINAL.search(text, start, end)
        if pronoun and (not nominal or pronoun.start() < nominal.start()):
            person = self.recent(pronoun.start(), _GENDER.get(pronoun[1].lower()))
            if person is not None:
                return person, None
        if nominal and _INDEFINITE.match(nominal.group()):
            return None, nominal.group()
        if nominal:
            person = self._by_role(nominal[1], nominal.start())
            return (
                (person, None)
                if person is not None
                else (best[2], None)
                if best and best[0] < 6
                else (None, nominal.group())
            )
        # "London's location" tells nothing of who speaks.
        return (best[2], None) if best and best[0] < 10 else None

    def _stands_alone(self, name: Name, start: int, end: int, *, ahead: bool) -> bool:
        """Whether a place itself acts: next to the verb, nothing but its article beside it."""
        if ahead:
            return not self._text[start : name.start].strip() and self._text[name.end : name.end + 1] in ",.;"
        return not self._text[name.end : end].strip() and len(self._text[start : name.start].split()) < 8

    def recent(self, at: int, gender: str | None, after: int = -1) -> int | None:
        """The person who was last named at the head of a sentence, or last quoted, before ``at``."""
        spoken = None
        if after < 0:
            spoken = next(
                (
                    (where, who)
                    for where, who in reversed(self._said)
                    if where < at and who in self._people and self._fits(who, gender)
                ),
                None,
            )
        aside = None
        for n in range(bisect_left(self._starts, at) - 1, -1, -1):
            name = self._names[n]
            if name.start <= after or (spoken and name.start < spoken[0]):
                break
            if name.label is Label.PERSON and self._fits(self._owners[n], gender):
                if self._leads(n, at):
                    return self._owners[n]
                if aside is None and not self._is_quoted(name.start):
                    aside = self._owners[n]
        if spoken:
            return spoken[1]
        # "The mower belonged to Bell. “…,” he said": named aside, but nobody else fits.
        return aside if after < 0 else None

    def _leads(self, n: int, at: int) -> bool:
        """Whether a name is what its sentence is about, so that a pronoun at ``at`` may mean it."""
        name = self._names[n]
        if _POSSESSIVE.match(self._text, name.end) or self._is_quoted(name.start):
            return False
        start, end = self._sentences.around(name.start)
        aside = name.start > start and _OBLIQUE.search(self._text, max(start, name.start - 40), name.start)
        if aside and not start <= at < end:
            return False
        first = bisect_left(self._starts, start)
        return all(
            self._names[m].label is not Label.PERSON or self._is_quoted(self._names[m].start)
            for m in range(first, n)
        )

    def _is_quoted(self, at: int) -> bool:
        n = bisect_right(self._quoted, at) - 1
        return n >= 0 and at < self._pieces[n].end

    def _by_role(self, noun: str, at: int) -> int | None:
        """The person known as "the general"."""
        noun = noun.lower()
        for n in range(bisect_left(self._starts, at) - 1, -1, -1):
            owner = self._owners[n]
            if self._names[n].label is Label.PERSON and noun in self._roles.get(owner, "").lower():
                return owner
        if not ROLE.fullmatch(noun):
            return None
        gender = "f" if FEMALE.fullmatch(noun) else "m" if MALE.fullmatch(noun) else None
        person = self.recent(at, gender)
        # Someone whose role is known to be another is not meant.
        return person if person is None or not self._roles.get(person) else None

    def _find_genders(self) -> dict[int, str]:
        genders: dict[int, str] = {}
        for name, owner in zip(self._names, self._owners, strict=True):
            if name.label is Label.PERSON and (gender := gender_of(self._text, name)):
                genders.setdefault(owner, gender)
        return genders

    def _fits(self, owner: int, gender: str | None) -> bool:
        return gender is None or self._genders.get(owner, gender) == gender
