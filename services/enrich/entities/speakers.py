"""Who said it: the speaker of each quotation, and indirect speech."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.enrich.entities.cast import Cast, Who
from services.enrich.entities.name import Name
from services.enrich.entities.quotes import VERB, Quoted
from services.enrich.entities.sentences import Sentences

# "… the statement by Tillerson, where he said “…”": reported by someone who goes on speaking.
_NESTED = re.compile(
    r"\b(?:where|when|which|who|in whom)\s+(?:he\s+|she\s+|they\s+)?\w+[:,]?\s+[\"“'‘«„]$", re.IGNORECASE
)
# Verbs that bring quoted words but no indirect speech.
_WEAK = {
    *("called", "described", "read", "reads", "thinks", "thought", "believes", "believed", "repeated"),
    *("continued", "continues", "spoke", "reported"),
}
_ENDS_CLAUSE = ".!?…"
_REACH = 180


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
        pieces: what stands in quotation marks.

    """

    def __init__(
        self,
        text: str,
        names: Sequence[Name],
        owners: Sequence[int],
        roles: Mapping[int, str],
        pieces: Sequence[Quoted],
    ) -> None:
        self._text = text
        self._pieces = pieces
        self._sentences = Sentences(text)
        self._cast = Cast(text, names, owners, roles, self._sentences, pieces)

    def direct(self) -> list[Attributed]:
        """Those quoted pieces that somebody says, with their speakers."""
        done: list[Attributed] = []
        last: Attributed | None = None
        for number, piece in enumerate(self._pieces):
            found = self._one(piece, number, last)
            if not found:
                continue
            done.append(found)
            last = found
            aside = _NESTED.search(self._text, max(0, piece.start - 40), piece.start)
            if found.speaker is not None and not aside:
                self._cast.heard(piece.end, found.speaker)
        return done

    def indirect(self) -> list[Attributed]:
        """Sentences without quotation marks that tell what somebody said; for after ``direct``."""
        found = []
        ends = [piece.end + 1 for piece in self._pieces]
        for start, end in self._sentences.all():
            n = bisect_left(ends, start)
            if n < len(self._pieces) and self._pieces[n].start - 1 < end:
                continue
            who = self._teller(start, end)
            stop = start + len(self._text[start:end].rstrip())
            if who and who[0] is not None and stop - start > 20:
                found.append(Attributed(Quoted(start, stop), *who, direct=False))
        return found

    def _teller(self, start: int, end: int) -> Who | None:
        verbs = VERB.finditer(self._text, start, end)
        verb = next((v for v in verbs if v.group().lower() not in _WEAK), None)
        if verb is None:
            return None
        according = verb.group().lower() == "according to"
        before = None if according else self._cast.subject(start, verb.start())
        if before or not (according or self._text[verb.end() :][:2].strip().isupper()):
            return before
        return self._cast.subject(verb.end(), end, ahead=True)

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
        if sentence and (person := self._cast.recent(piece.start, None)) is not None:
            return Attributed(piece, person, None)
        return None

    def _carry(self, last: Attributed, piece: Quoted) -> Who:
        # Someone named since then, at the head of a sentence, takes over.
        person = self._cast.recent(piece.start, None, after=last.quoted.end)
        return (person, None) if person is not None else (last.speaker, last.words)

    def _behind(self, piece: Quoted, number: int) -> Who | None:
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
        if (
            text[piece.end - 1] == "."
            and gap.strip()
            and text[verb.end() : verb.end() + 1] not in (".", "\n", "")
        ):
            # “It is over.” Smith said he …: a new sentence, which speaks of something else.
            return None
        if verb.group().lower() == "according to" or not gap.strip(" ,–—-"):
            return self._cast.subject(verb.end(), stop, ahead=True)
        return self._cast.subject(start, verb.start())

    def _ahead(self, piece: Quoted, number: int) -> Who | None:
        """X said: “…” — X called it “…”."""
        text = self._text
        start = max(self._sentences.around(max(0, piece.start - 2))[0], text.rfind("\n", 0, piece.start) + 1)
        if number:
            before = self._pieces[number - 1]
            start = max(start, before.end + 1)
        stop = piece.start - 1
        verbs = list(VERB.finditer(text, start, stop))
        if not verbs and text[start:stop].rstrip(' "“').endswith(":"):
            return self._cast.subject(start, stop)  # "Her colleague disagrees: “…”"
        if not verbs:
            return None
        verb = verbs[-1]
        if verb.group().lower() == "according to":
            return self._cast.subject(verb.end(), stop, ahead=True)
        return self._cast.subject(start, verb.start()) or self._cast.subject(verb.end(), stop, ahead=True)

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
