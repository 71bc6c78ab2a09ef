"""Sentences, by rule: a parser would double the cost of the whole step."""

import re
from bisect import bisect_right

_END = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+(?=[\"'“‘«(\[]*[^\W_a-z])|\n+|(?<=[。！？])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|gen|col|maj|capt|lt|sgt|sen|rep|gov|rev|hon|st|jr|sr|no|vs|etc|inc|corp|co|ltd|"
    r"jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec|fig|dept|ave|blvd|adm|cmdr|supt|det|insp|messrs|sens|reps|"
    r"ala|ariz|ark|calif|colo|conn|del|fla|ga|ill|ind|kan|ky|la|mass|md|mich|minn|miss|mo|mont|neb|nev|okla|ore|"
    r"pa|tenn|tex|va|vt|wash|wis|wyo|ont|que)|\b[^\W\d_]|\b(?:[^\W\d_]\.)+[^\W\d_])\.$",
    re.IGNORECASE,
)


class Sentences:
    """Where the sentences of a text begin and end."""

    def __init__(self, text: str) -> None:
        self.starts = [0]
        for gap in _END.finditer(text):
            if "\n" not in gap.group() and _ABBREVIATION.search(text, max(0, gap.start() - 12), gap.start()):
                continue
            if gap.end() < len(text) and gap.end() > self.starts[-1]:
                self.starts.append(gap.end())
        self._length = len(text)

    def around(self, at: int) -> tuple[int, int]:
        """The sentence that holds the character ``at``, with the space behind it."""
        number = bisect_right(self.starts, at) - 1
        end = self.starts[number + 1] if number + 1 < len(self.starts) else self._length
        return self.starts[number], end

    def all(self) -> list[tuple[int, int]]:
        """Every sentence."""
        return list(zip(self.starts, [*self.starts[1:], self._length], strict=True))
