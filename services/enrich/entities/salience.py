"""How much an article is about an entity: 0 in passing, 1 its subject."""

from collections.abc import Sequence

from services.enrich.entities.name import Name


def salience(
    names: Sequence[Name], length: int, *, most: int, headline: bool = False, standfirst: bool = False
) -> float:
    """Frequency, first position, and a place in the headline or standfirst.

    Args:
        names: the entity's mentions.
        length: of the text.
        most: mentions of the entity that is named most often.
        headline: whether it is named there.
        standfirst: whether it is named there.

    """
    often = len(names) / max(1, most)
    early = 1 - names[0].start / max(1, length)
    spread = (names[-1].start - names[0].start) / max(1, length) if len(names) > 1 else 0.0
    score = 0.4 * often + 0.15 * early**2 + 0.1 * spread + 0.25 * headline + 0.1 * standfirst
    return round(min(1.0, score), 3)
