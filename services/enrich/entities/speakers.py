"""Who said it: the speaker of each quotation, and indirect speech."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from services.enrich.entities.first_names import first_names
from services.enrich.entities.name import Label, Name
from services.enrich.entities.quotes import VERB, Quoted
from services.enrich.entities.sentences import Sentences
from services.enrich.entities.titles import FEMALE, MALE, ROLE

_PRONOUN = re.compile(r"\b(he|she|who)\b", re.IGNORECASE)
_PRONOUN_LAST = re.compile(r"\b(he|she)\s+(?:(?:also|then|later|had|has|\w+ly)\s+)*$", re.IGNORECASE)
# "… the statement by Tillerson, where he said “…”": reported by someone who goes on speaking.
_NESTED = re.compile(
    r"\b(?:where|when|which|who|in whom)\s+(?:he\s+|she\s+|they\s+)?\w+[:,]?\s+[\"“'‘«„]$", re.IGNORECASE
)
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
_INDEFINITE = re.compile(r"(?:an?|another|one)\s", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s?\s+[\w“\"]")
_ENDS_CLAUSE = ".!?…"
_REACH = 180
_RANK = {Label.PERSON: 0, Label.ORG: 2, Label.GROUP: 2, Label.GPE: 3, Label.NORP: 4}


@dataclass(frozen=True, slots=True)
class Attributed:
    """Quoted words with the one who said them: a group's number, or just words ("the witness")."""

    quoted: Quoted
    speaker: int | None
    words: str | None
    direct: bool = True


class Attribution:
    """Finds speakers in one document.

    Args:
        text: the document.
        names: all its names in order.
        owners: for each name the number of its group.
        roles: for each group's number its role as written.

    """

    def __init__(
        self, text: str, names: Sequence[Name], owners: Sequence[int], roles: dict[int, str]
    ) -> None:
        self._text = text
        self._names = names
        self._owners = owners
        self._starts = [name.start for name in names]
        self._roles = roles
        self._sentences = Sentences(text)
        self._people = {o for name, o in zip(names, owners, strict=True) if name.label is Label.PERSON}
        self._genders = self._find_genders()

    def attribute(self, pieces: Sequence[Quoted]) -> list[Attributed]:
        """Those of ``pieces`` that somebody says, with their speakers; then indirect speech."""
        self._pieces = pieces
        text = self._text
        self._said: list[tuple[int, int]] = []  # (where, group) of attributions so far
        done: list[Attributed] = []
        last: Attributed | None = None
        for number, piece in enumerate(pieces):
            found = self._one(piece, number, last)
            if found:
                done.append(found)
                last = found
                if found.speaker is not None and not _NESTED.search(
                    text, max(0, piece.start - 40), piece.start
                ):
                    self._said.append((piece.end, found.speaker))
        return done

    def indirect(self, pieces: Sequence[Quoted]) -> list[Attributed]:
        """Sentences without quotation marks that say what somebody said."""
        found = []
        inside = [(piece.start, piece.end) for piece in pieces]
        for start, end in self._sentences.all():
            if any(a < end and start < b + 2 for a, b in inside):
                continue
            verb = next(
                (v for v in VERB.finditer(self._text, start, end) if v.group().lower() not in _WEAK), None
            )
            if verb is None:
                continue
            speaker = self._subject(start, verb.start()) if verb.group().lower() != "according to" else None
            if speaker is None:
                after = self._subject(verb.end(), end, ahead=True)
                speaker = (
                    after
                    if self._text[verb.end() :].lstrip()[:1].isupper()
                    or verb.group().lower() == "according to"
                    else None
                )
            stop = start + len(self._text[start:end].rstrip())
            if speaker and (speaker[0] is not None) and stop - start > 20:
                found.append(Attributed(Quoted(start, stop), speaker[0], speaker[1], direct=False))
        return found

    def _one(self, piece: Quoted, number: int, last: Attributed | None) -> Attributed | None:
        text = self._text
        if piece.open_start and last:
            return Attributed(piece, last.speaker, last.words)
        speaker = self._behind(piece, number) or self._ahead(piece, number)
        if speaker:
            return Attributed(piece, *speaker)
        words = len(text[piece.start : piece.end].split())
        sentence = (
            words >= 4
            and text[piece.start : piece.start + 1].isupper()
            and text[piece.end - 1] in _ENDS_CLAUSE + ","
        )
        if last and sentence:
            between = text[last.quoted.end + 1 : piece.start - 1]
            if between.count("\n\n") <= 1 and len(between) < 4 * _REACH:
                return Attributed(piece, *self._carry(last, piece))
        if sentence and (person := self._recent(piece.start, None)) is not None:
            return Attributed(piece, person, None)
        return None

    def _carry(self, last: Attributed, piece: Quoted) -> tuple[int | None, str | None]:
        # Someone named since then, at the head of a sentence, takes over.
        person = self._recent(piece.start, None, after=last.quoted.end)
        return (person, None) if person is not None else (last.speaker, last.words)

    def _behind(self, piece: Quoted, number: int) -> tuple[int | None, str | None] | None:
        """“…,” said X. — “…,” X said. — “…” – X"""
        text = self._text
        start = piece.end + 1
        limit = min(start + _REACH, self._line_end(piece.end))
        if number + 1 < len(self._pieces):
            limit = min(limit, max(start, self._pieces[number + 1].start - 1))
        closed = text[piece.end - 1 : piece.end] in ".!?…" and text[start : start + 1] != ","
        stop = self._clause_end(start, limit)
        verb = VERB.search(text, start, stop)
        if verb is None:
            return None
        gap = text[start : verb.start()]
        if closed and not (gap.strip() == "" or (len(gap.split()) <= 6 and gap.strip()[:1] not in '“"')):
            return None
        if text[piece.end - 1] == "." and gap.strip():
            # “It is over.” Smith said he …: a new sentence, which speaks of something else.
            return None
        if verb.group().lower() == "according to" or not gap.strip(" ,–—-"):
            return self._subject(verb.end(), stop, ahead=True)
        return self._subject(start, verb.start())

    def _ahead(self, piece: Quoted, number: int) -> tuple[int | None, str | None] | None:
        """X said: “…” — X called it “…”."""
        text = self._text
        start = max(self._sentences.around(max(0, piece.start - 2))[0], text.rfind("\n", 0, piece.start) + 1)
        if number:
            before = self._pieces[number - 1]
            start = max(start, before.end + 1)
        stop = piece.start - 1
        verbs = list(VERB.finditer(text, start, stop))
        if not verbs:
            return None
        verb = verbs[-1]
        if verb.group().lower() == "according to":
            return self._subject(verb.end(), stop, ahead=True)
        return self._subject(start, verb.start()) or self._subject(verb.end(), stop, ahead=True)

    def _subject(self, start: int, end: int, *, ahead: bool = False) -> tuple[int | None, str | None] | None:
        """Who acts in a stretch of text: a named one, else a pronoun or "the general" that is resolved."""
        text = self._text
        if not ahead and (pronoun := _PRONOUN_LAST.search(text, start, end)):
            person = self._recent(pronoun.start(), _GENDER.get(pronoun[1].lower()))
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
        pronoun = _PRONOUN.search(text, start, end)
        nominal = _NOMINAL.search(text, start, end)
        if pronoun and (not nominal or pronoun.start() < nominal.start()):
            person = self._recent(pronoun.start(), _GENDER.get(pronoun[1].lower()))
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
        return (best[2], None) if best else None

    def _recent(self, at: int, gender: str | None, after: int = -1) -> int | None:
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
        return any(piece.start <= at < piece.end for piece in self._pieces)

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
        person = self._recent(at, gender)
        # Someone whose role is known to be another is not meant.
        return person if person is None or not self._roles.get(person) else None

    def _find_genders(self) -> dict[int, str]:
        """From the title before a name, else from the first name."""
        genders: dict[int, str] = {}
        common = first_names()
        for name, owner in zip(self._names, self._owners, strict=True):
            if name.label is not Label.PERSON:
                continue
            before = self._text[max(0, name.start - 14) : name.start]
            if FEMALE.search(before):
                genders[owner] = "f"
            elif MALE.search(before):
                genders[owner] = "m"
            elif gender := common.get(name.text.split(" ")[0]):
                genders.setdefault(owner, gender)
        return genders

    def _fits(self, owner: int, gender: str | None) -> bool:
        return gender is None or self._genders.get(owner, gender) == gender

    def _line_end(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end

    def _clause_end(self, start: int, limit: int) -> int:
        end = self._sentences.around(start)[1] if start < len(self._text) else start
        if end - start < 3:  # the sentence ended with the quotation; look into the next one
            end = self._sentences.around(end)[1] if end < len(self._text) else end
        return min(end, limit)


_WEAK = {
    "called",
    "described",
    "read",
    "reads",
    "thinks",
    "thought",
    "believes",
    "believed",
    "repeated",
    "continued",
    "continues",
    "spoke",
    "reported",
}
