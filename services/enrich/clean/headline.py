"""The headline of a web page, of those it prints and those its data state, and the kicker above it."""

import re
from copy import deepcopy
from typing import Any
from urllib.parse import urlsplit

from lxml import html

from services.enrich.clean import dates, titles
from services.enrich.clean.stated import as_text, tidy

_KICKER = re.compile(
    r"kicker|over-?line|eyebrow|dachzeile|spitzmarke|roof-?line|topline|pre-?title|pre-?headline",
    re.IGNORECASE,
)
#: Parts of a printed title: what stands above it, what it is filed under, what is only to be heard.
_NO_TITLE = re.compile(
    rf"^(?:small|time|style|script)\b|{_KICKER.pattern}"
    r"|visually-?hidden|off-?screen|sr-only|screen-?reader|(?:^|[\s_-])(?:label|topic|category|badge|tag)(?:$|[\s_-])",
    re.IGNORECASE,
)
_ARCHIVED = re.compile(r"^https?://web\.archive\.org/web/\w+/")
_LONGEST_KICKER = 60


def find(
    tree: html.HtmlElement, meta: dict[str, str], article: dict[str, Any], site: str | None, host: str
) -> tuple[str | None, str | None, tuple[str, ...]]:
    """The headline, the kicker above it, and every title of the page.

    Args:
        tree: the page.
        meta: its meta tags.
        article: its JSON-LD.
        site: the site's name, where the page says it.
        host: the name of its machine.

    """
    printed = [
        text for element in tree.iter("h1") if not _leads_home(element) and (text := _title_in(element))
    ]
    stated = titles.Stated(
        linked=tidy(as_text(article.get("headline"))),
        shared=tidy(meta.get("og:title")),
        tweeted=tidy(meta.get("twitter:title")),
        title=tidy(tree.findtext(".//title")),
    )
    headline, every = titles.choose(printed, stated, site, host)
    whole = (text for each in tree.iter("h1") if (text := tidy(each.text_content())))
    return headline, _kicker(tree, headline), (*every, *whole)


def _kicker(tree: html.HtmlElement, headline: str | None) -> str | None:
    """The line that the page marks as standing above its headline, in the same element or right before it.

    One that a colon joins to the headline is part of that.
    """
    for element in tree.iter("h1"):
        whole = tidy(element.text_content()) or ""
        if headline is None or not whole.endswith(headline):
            continue
        before = element.getprevious()
        for each in (*element.iterdescendants(), *([] if before is None else [before])):
            text = (tidy(" ".join(each.itertext())) or "").strip(" -–—|•/")
            if not _KICKER.search(each.get("class", "")) or not 1 < len(text) <= _LONGEST_KICKER:
                continue
            above = each is before or whole.startswith(text)
            if above and text not in headline and text[-1] != ":" and dates.find(text) is None:
                return text
    return None


def _leads_home(element: html.HtmlElement) -> bool:
    """Whether a printed title is a link to the site's front page, hence the site's name."""
    for link in element.iter("a"):
        try:
            path = urlsplit(_ARCHIVED.sub("", link.get("href") or "#")).path
        except ValueError:
            continue
        if (link.get("rel") == "home" or path in ("", "/")) and not (link.get("href") or "#").startswith("#"):
            return True
    return False


def _title_in(element: html.HtmlElement) -> str | None:
    """The headline in a printed title: without the kicker, the date and what only screen readers hear.

    What a colon joins to it is part of it.
    """
    whole = tidy(element.text_content())
    if whole is None or len(element) == 0:
        return whole
    own = deepcopy(element)
    named = own.xpath("descendant::*[@itemprop='headline']")
    own = named[0] if len(named) == 1 else own
    cut = [each for each in own.iterdescendants() if _NO_TITLE.search(f"{each.tag} {each.get('class', '')}")]
    if any((tidy(each.text_content()) or "").endswith(":") for each in cut):
        return whole
    for each in cut:
        if each.getparent() is not None:
            each.tail = f" {each.tail or ''}"
            each.drop_tree()
    text = tidy(own.text_content())
    return text if text and len(text.split()) > 1 and text[0] != ":" else whole
