"""The names senders give to the fields of an article, in JSON keys, XML elements and CSV columns.

A customer's own names are added from a small TOML file that ``COPYDESK_FIELD_NAMES`` names, without code:

    [names]
    headline = ["Kopfzeile"]
    body = ["Fließtext"]
"""

import re
import tomllib
from pathlib import Path

from services.errors import Misconfigured

#: Each field of an article by the keys seen for it, the most telling first. Keys are folded: lower
#: case, without ``_``, ``-`` and blanks.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "headline": ("headline", "title", "newstitle", "articletitle", "heading", "name", "subject"),
    "body": (
        "articlehtml", "bodyhtml", "bodyxhtml", "contenthtml", "html", "articlebody", "maintext",
        "fulltext", "body", "bodytext", "text", "content", "contenttext", "articletext", "storytext",
        "story", "lead", "description", "summary", "teaser", "abstract",
    ),
    "standfirst": (
        "standfirst", "subhead", "subtitle", "deck", "teaser", "intro", "abstract", "excerpt",
        "summary", "description", "metadescription", "lead", "leadtext", "ingress", "contentshort",
    ),
    "kicker": ("kicker", "overline", "topline", "prefix"),
    "uid": (
        "guid", "uuid", "urn", "usn", "articleid", "storyid", "newsid", "newscompid", "contentitemid",
        "newsitemid", "itemid",
    ),
    "url": (
        "longurl", "url", "canonicallink", "canonicalurl", "canonical", "link", "weburl", "permalink", "uri",
        "sourceurl",
    ),
    "id": ("id", "_id", "identifier", "docid", "key"),
    "byline": ("byline", "bylines", "author", "authors", "creator", "creators", "by", "writer"),
    "published": (
        "datepublish", "publishdate", "published", "publishedat", "datepublished", "pubdate",
        "publicationdate", "publisheddate", "firstpublished", "webpublicationdate", "firstcreated",
        "publishdatetime", "createddatetime", "releasedate", "createdat", "created", "date", "datetime",
        "timestamp", "displaydate",
    ),
    "updated": (
        "versioncreated", "datemodify", "datemodified", "modified", "modifiedat", "updatedat",
        "updated", "lastmodified", "lastmodifiedat", "lastmod", "lastupdated", "dateupdated",
        "updateddatetime",
    ),
    "embargo": ("embargo", "embargoed", "embargodate", "embargountil", "embargotime"),
    "language": ("language", "lang", "metalang", "languagecode", "inlanguage", "locale"),
    "source": (
        "source", "sourcename", "sourcedomain", "publisher", "provider", "orgname", "sitename",
        "metasitename", "agency", "publication", "origin", "creditline", "credit",
    ),
    "credit": ("creditline", "credit"),
    "copyright": ("copyrightnotice", "copyright"),
    "dateline": ("dateline", "located", "town", "city"),
    "keywords": ("keywords", "tags", "keywordnames", "topics"),
    "section": (
        "section", "category", "categories", "sectionname", "desk", "subjects", "iptc", "iptccodes",
    ),
    "version": ("version", "revision", "versionnumber"),
    "status": ("pubstatus", "status", "state"),
    "note": ("ednote", "editorialnote", "editorsnote", "notetoeditors"),
    "genre": ("genre", "articletype"),
    "urgency": ("urgency", "priority"),
}  # fmt: skip


def fold(key: str) -> str:
    """A key as the table of synonyms spells it."""
    return re.sub(r"[\s_-]", "", key.lower()) if key != "_id" else key


def learn(path: Path) -> None:
    """Add the names in a TOML file, ahead of ours, for this process. Called once when it starts."""
    try:
        names = tomllib.loads(path.read_text(encoding="utf-8")).get("names")
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}; expected a file with names of fields") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured(f"{path}: {error}; expected TOML with a table [names]") from None
    if not isinstance(names, dict):
        raise Misconfigured(f"{path}: no table [names]; expected [names] with lines such as body = [...]")
    for field, extra in names.items():
        if field not in SYNONYMS:
            raise Misconfigured(f"{path}: there is no field {field!r}; known are {', '.join(SYNONYMS)}")
        if not isinstance(extra, list) or not all(isinstance(name, str) and name.strip() for name in extra):
            raise Misconfigured(f"{path}: {field} holds {extra!r}; expected a list of names")
        SYNONYMS[field] = tuple(dict.fromkeys((*map(fold, extra), *SYNONYMS[field])))
