"""Who wrote a page: what its data say weighed against what it shows to its readers."""

import re
from collections.abc import Sequence
from typing import Any

from lxml import html

from services.enrich.clean import dates, names, titles
from services.enrich.clean.stated import as_text, kinds, tidy

#: What class and address of an element that names an author hold; XPath, which must translate every class to
#: small letters, takes seven times as long to find them.
_SIGNED = re.compile(r"author|byline|contributor", re.IGNORECASE | re.ASCII)
_WRITER = re.compile(r"/author|/autor|/contributor|/writer|/people/")
_ELSEWHERE = re.compile(
    r"comment|related|recommend|sidebar|\baside\b|\bnav\b|widget|popular|teaser|\bcard", re.IGNORECASE
)
_AUTHOR_TAGS = (
    "author", "article:author", "parsely-author", "dc.creator", "sailthru.author", "byl", "citation_author",
)  # fmt: skip
#: How WordPress' search plug-in labels the author on a page's card for Twitter.
_CARD = re.compile(
    r"written by|verfasst von|geschrieben von|(?:écrit|rédigé) par|escrito por|scritto da|geschreven door"
    r"|skrevet a[vf]|skri(?:vet|ven) av|kirjoittanut|napisane przez|автор|написано автором|yazan",
    re.IGNORECASE,
)
_MARKED = (
    "//*[@rel='author' or @itemprop='author' or contains(@class,'byline') or contains(@class,'author-name')"
    " or contains(@class,'author__name') or contains(@class,'article-author')]"
)
_SHOWN = (
    "//body//text()[contains(., $word)]"
    "[not(parent::script or parent::style or parent::noscript or parent::template)]"
)
_OWNED = re.compile(r"©|\(c\)|copyright|alle rechte|all rights", re.IGNORECASE)
_FOOT = re.compile(r"(?:^|\s)(?:(?:site|page|main)-)?footer(?:\s|$)|copyright|colophon", re.IGNORECASE)
_OWN_FOOT = re.compile(r"entry|post|article|author|meta", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CONTACT = re.compile(r"\b(?:contacto?|kontakt|ansprechpartner(?:in)?)\s*:?\s*$", re.IGNORECASE)
_NAME = 60
_LONGEST_PEN_NAME = 4
_MOST_SIGNED = 2


def find(
    tree: html.HtmlElement,
    meta: dict[str, str],
    article: dict[str, Any],
    others: Sequence[dict[str, Any]],
    around: str,
) -> tuple[tuple[str, ...], str | None]:
    """The authors, and the byline they stand in.

    Persons first: those the page's data name, where the page prints them too (a name that only machines are
    told is as often the account that uploaded the story), else those in a marked byline. Where no person
    signs, the organisation, desk or pen name that is stated as the author.
    """
    data = [_referred(item, others) for item in _listed(article.get("author") or article.get("creator"))]
    linked = [text for item in data if not _is_organisation(item) and (text := tidy(as_text(item)))]
    tagged = [_name_first(text, name) for name in _AUTHOR_TAGS for text in _author_lines(meta, name)]
    for stated in (linked, tagged, _on_card(meta)):
        found = [name for name in names.people(stated) if titles.key(name) not in around]
        if found and _prints(tree, found[0]):
            return tuple(found), ", ".join(dict.fromkeys(stated[:5]))
    printed = _bylines(tree)
    for text in printed:
        if found := [name for name in names.people([text]) if titles.key(name) not in around]:
            return tuple(found), " ".join(text.split())
    if text := _signature(tree):
        return names.people([text]), text
    own = [
        text
        for item in data
        if (text := tidy(as_text(item))) and (_is_organisation(item) or _prints(tree, text))
    ]
    found = [name for text in own if (name := names.signature(text))]
    if not found:
        lines = {names.signature(line) for line in printed}
        found = [name for text in tagged if (name := names.signature(text)) and name in lines]
    if not found and (name := _pen_name(tree)):
        found = [name]
    return tuple(dict.fromkeys(found))[:_MOST_SIGNED], ", ".join(dict.fromkeys(found)) or None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_organisation(item: Any) -> bool:
    return isinstance(item, dict) and any(kind.endswith("Organization") for kind in kinds(item))


def _author_lines(meta: dict[str, str], name: str) -> list[str]:
    lines = meta[name].split("\n") if name in meta and "://" not in meta[name] else []
    return [text for line in lines if (text := tidy(line))]


def _on_card(meta: dict[str, str]) -> list[str]:
    """The author on the card: label and value in a tag each, or one tag that is named like the label."""
    if _CARD.fullmatch(meta.get("twitter:label1", "")):
        return _author_lines(meta, "twitter:data1")
    named = [name for name in meta if _CARD.fullmatch(name.removeprefix("twitter:misc:"))]
    return [text for name in named for text in _author_lines(meta, name)]


def _name_first(text: str, tag: str) -> str:
    """Libraries' tags name an author family name first."""
    family, comma, given = text.partition(", ")
    return f"{given} {family}" if comma and tag in ("citation_author", "dc.creator") else text


def _prints(tree: html.HtmlElement, name: str) -> bool:
    """Whether the page shows a name to its readers; the owner's in a copyright line or at its foot is not."""
    words = name.split()
    for word in dict.fromkeys((words[-1], words[-1].upper(), words[-1].capitalize())):
        for text in tree.xpath(_SHOWN, word=word)[:20]:
            if not _OWNED.search(text) and not _aside(text.getparent()):
                return words[0].casefold() in text.casefold() or any(
                    tree.xpath(_SHOWN, word=first) for first in (words[0], words[0].upper())
                )
    return False


def _aside(element: html.HtmlElement) -> bool:
    """Whether a text is hidden from readers, credits a picture, or stands at the foot of the page."""
    around = [element, *element.iterancestors()]
    if any(each.tag == "figure" or _HIDDEN.search(each.get("style", "")) for each in around):
        return True
    feet = [
        number
        for number, each in enumerate(around)
        if each.tag == "footer" or _FOOT.search(each.get("class", ""))
    ]
    return (
        bool(feet)
        and not _OWN_FOOT.search(around[feet[0]].get("class", ""))
        and all(each.tag != "article" for each in around[feet[0] :])
    )


def _bylines(tree: html.HtmlElement) -> list[str]:
    """The texts marked as the author's name, each run of text on a line of its own."""
    return [
        text
        for element in tree.xpath(_MARKED)[:6]
        if (text := _runs(element)) and len(text) <= 2 * _NAME and not _aside(element)
    ]


def _pen_name(tree: html.HtmlElement) -> str | None:
    """Who signs with a name that is no person's: the first short text marked as the author's name."""
    for element in tree.xpath(_MARKED)[:6]:
        text = tidy(element.text_content()) or ""
        linked = "author" in (element.get("rel") or "", element.get("itemprop") or "")
        if len(text) > _NAME or not (linked or names.is_signed(text)) or dates.find(text):
            continue
        name = names.signature(text)
        if name and len(name.split()) <= _LONGEST_PEN_NAME and not _elsewhere(element):
            return name
    return None


def _runs(element: html.HtmlElement) -> str:
    return "\n".join(text for run in element.itertext() if (text := tidy(run)))


def _referred(value: Any, others: Sequence[dict[str, Any]]) -> Any:
    """What a JSON-LD value stands for that is only the ``@id`` of another object of the page."""
    if isinstance(value, dict) and value.get("@id") and not value.get("name"):
        return next((each for each in others if each.get("@id") == value["@id"] and each.get("name")), value)
    return value


def _signature(tree: html.HtmlElement) -> str | None:
    """The first short text behind the headline that is marked as the author's and reads as a person's name.

    ``None`` where many different people are marked so: these are other stories' authors.
    """
    signed: dict[str, str] = {}
    for element in tree.iter("*"):
        if not (_SIGNED.search(element.get("class", "")) or _WRITER.search(element.get("href", ""))):
            continue
        text = tidy(element.text_content())
        if not text or len(text) > _NAME or _elsewhere(element) or _aside(element) or _to_contact(element):
            continue
        if people := names.people([text]):
            signed.setdefault(people[0].casefold(), text)
    return next(iter(signed.values())) if 0 < len(signed) <= _MOST_SIGNED else None


def _to_contact(element: html.HtmlElement) -> bool:
    """Whether a name is that of somebody to write to: the words before it say so."""
    before = element.getprevious()
    around = element.getparent()
    text = before.text_content() if before is not None else around.text if around is not None else None
    return _CONTACT.search(text or "") is not None


def _elsewhere(element: html.HtmlElement) -> bool:
    """Whether tags, classes or ids around an element speak of comments or other stories."""
    return any(
        _ELSEWHERE.search(f"{each.tag} {each.get('class', '')} {each.get('id', '')}")
        for each in element.iterancestors()
    )
