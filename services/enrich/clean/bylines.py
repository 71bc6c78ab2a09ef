"""Lines that say who wrote an article: "By Ada Byrne", "Kommentar von Ada Byrne"."""

import re

_BYLINE = re.compile(
    r"""^\W*(?:(?:an?|eine?|une?)\s+)?
    (?:(?:anal[iy]s[ei]s?|análisis|bericht|column|comment|commento|essay|gastbeitrag|gastkommentar|interview|kolumne
    |kommentar|opinion|opinión|reportage|review|words)\s+)?
    (?:by|von|par|por|di|da|door|av|af|od|przez|(?:written|story|posted|reported)\ by|author|autor(?:in)?
    |автор|text|texte|texto)\b\s*:?\s+(?P<who>\S.*)$""",
    re.IGNORECASE | re.VERBOSE,
)
#: A byline's opening on a line of its own.
_SIGNED = re.compile(
    r"\W*(?:by|von|par|por|di|door|av|af|written by|authors?|author of the article|autor(?:in)?)\s*:?",
    re.IGNORECASE,
)
_BEHIND_NAMES = re.compile(r"\s*(?:[|·•]|,\s+in\s|\s{2,}).*$", re.IGNORECASE)


def signer(text: str) -> str | None:
    """Who a line that opens like a byline names, up to where it goes on to sections or reading time."""
    if not (byline := _BYLINE.match(text)) or byline["who"][0] in "-–—":
        return None
    who = _BEHIND_NAMES.sub("", byline["who"]).strip(" ,|·•–—-")
    return who if who and (who[0].isupper() or not who.isascii()) else None


def is_opening(text: str) -> bool:
    """Whether a line is a byline's opening alone, with the name below it."""
    return _SIGNED.fullmatch(text) is not None
