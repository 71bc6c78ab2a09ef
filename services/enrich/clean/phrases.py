"""Names a block by the words newsrooms use around their articles (``phrases.toml``).

A name is a hint: "Read more" is noise, a paragraph that opens "Read more slowly" is not. What is kept
is decided with a block's surroundings.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from itertools import chain
from typing import Any

from services.models import BlockKind

_MARKS = " \t\u00a0*•·▪►▶→»›>|–—-#[](){}<«“\"'‘„:…=+~_\\/✔✅👉📷☞👇➡🔴\ufe0f"


_TABLE: dict[str, Any] = tomllib.loads(files(__package__).joinpath("phrases.toml").read_text("utf-8"))
_OPENINGS = {BlockKind(kind): re.compile("|".join(row["openings"])) for kind, row in _TABLE.items()}
_INSIDE = {
    BlockKind(kind): (int(row["longest"]), re.compile("|".join(row["inside"])))
    for kind, row in _TABLE.items()
    if "inside" in row
}
_TOKEN = re.compile(r"\\.|\[[^\]]+\]|[^\\\[]", re.DOTALL)


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    """Matches where one of the patterns does, and soon says no: those with a first letter hang on it."""
    by_letter: dict[str, list[str]] = defaultdict(list)
    others: list[str] = []
    for pattern in chain.from_iterable(map(_spelt_out, patterns)):
        plain = pattern[0].isalnum() and pattern[1:2] not in ("?", "*", "+", "{")
        by_letter[pattern[0]].append(pattern[1:]) if plain else others.append(pattern)
    return re.compile("|".join([*(f"{one}(?:{'|'.join(rest)})" for one, rest in by_letter.items()), *others]))


def _spelt_out(pattern: str) -> list[str]:
    """The pattern as several, each with its own beginning, when it begins with a choice."""
    if not pattern.startswith("(?:"):
        return [pattern]
    choices: list[str] = []
    depth, begin = 0, len("(?:")
    for token in _TOKEN.finditer(pattern):
        depth += {"(": 1, ")": -1}.get(token.group(), 0)
        if depth == 0 or (depth == 1 and token.group() == "|"):
            choices.append(pattern[begin : token.start()])
            begin = token.end()
        if depth == 0:
            break
    rest = pattern[begin:]
    if rest.startswith(("*", "+", "{")):
        return [pattern]
    if rest.startswith("?"):
        choices, rest = [*choices, ""], rest[1:]
    return list(chain.from_iterable(_spelt_out(choice + rest) for choice in choices))


# Most blocks match nothing: one flat search settles that before the kinds are tried in turn.
_ANY_OPENING = _any_of(words for row in _TABLE.values() for words in row["openings"])
_ANY_INSIDE = _any_of(words for row in _TABLE.values() for words in row.get("inside", ()))
_ANY_NOTICE = _any_of(words for row in _TABLE.values() for words in row.get("notices", ()))
# Of whole words: "harbour prices" are not "our prices".
_OFFER = re.compile(rf"\b(?:{_any_of(_TABLE['promotion']['offers']).pattern})")
_CREDIT = re.compile("|".join(_TABLE["image_credit"]["credits"]))
_NOTICES = {
    BlockKind(kind): re.compile("|".join(row["notices"])) for kind, row in _TABLE.items() if "notices" in row
}
_NOTICE_SIZE = 600
#: What is read out to those who do not see that a link leaves the page: after a comma or in brackets, or
#: with its preposition; "abre una nueva ventana" may be the article's own.
_NEW = r"(?:new|neue[mnrs]?|nouvel(?:le)?|nueva|nova|nuova|nieuw|nytt)"
_TAB = (
    r"(?:tab|window|fenster|onglet|fenêtre|pestaña|ventana|janela|aba|scheda|finestra|tabblad|venster"
    r"|fönster)"
)
_OPENS = r"(?:opens|öffnet(?: sich)?|s['’]ouvre|se abre|abre|si apre|opent|öppnas)"
_IN = r"(?:in|im|dans|en|em|i) (?:an? |einem |une? |una |uma |een |ett )?"
_LINK_NOTE = re.compile(
    rf"(?: ?, ?| ?\((?:link )?){_OPENS} (?:{_IN})?{_NEW} {_TAB}\b\)?| \b{_OPENS} {_IN}{_NEW} {_TAB}\b",
    re.IGNORECASE,
)
_VERBS = ("opens", "öffnet", "ouvre", "abre", "apre", "opent", "öppnas")  # each note has one of them


_LONGEST = max(longest for longest, _ in _INSIDE.values())


@lru_cache(maxsize=8192)  # asked for thrice a block: as a feature, to cut it, to name it
def opening(text: str) -> BlockKind | None:
    """The kind that a block's first words announce."""
    start = text[:120].casefold().lstrip(_MARKS)
    if not _ANY_OPENING.match(start):
        return None
    return next(kind for kind, words in _OPENINGS.items() if words.match(start))


@lru_cache(maxsize=8192)
def inside(text: str) -> BlockKind | None:
    """The kind that words anywhere in a block speak for. Longer blocks are judged by their opening."""
    if len(text) > _LONGEST:
        return None
    lowered = text.casefold()
    if not _ANY_INSIDE.search(lowered):
        return None
    return next(
        (
            kind
            for kind, (longest, words) in _INSIDE.items()
            if len(text) <= longest and words.search(lowered)
        ),
        None,
    )


def notice(text: str) -> BlockKind | None:
    """The kind of a block that says it is no part of the article, whatever stands around it."""
    if len(text) > _NOTICE_SIZE:
        return None
    lowered = text.casefold()
    if not _ANY_NOTICE.search(lowered):
        return None
    return next((kind for kind, words in _NOTICES.items() if words.search(lowered)), None)


def is_credit(text: str) -> bool:
    """Whether a line is a caption that ends in its credit."""
    return len(text) < 250 and _CREDIT.search(text[-80:].casefold()) is not None


def without_link_notes(text: str) -> str:
    """The text without "opens new tab" and the like."""
    lowered = text.casefold()
    return _LINK_NOTE.sub("", text) if any(verb in lowered for verb in _VERBS) else text


@lru_cache(maxsize=8192)
def is_offer(text: str) -> bool:
    """Whether a block offers something for sale."""
    return len(text) <= 300 and _OFFER.search(text.casefold()) is not None
