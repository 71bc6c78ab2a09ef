"""The names senders give to the fields of an article, in JSON keys, XML elements and CSV columns.

A customer's own names are added from a small TOML file that ``COPYDESK_FIELD_NAMES`` names, without code;
a name with dots is a path:

    [names]
    headline = ["Kopfzeile", "Kopf.Zeile1"]
    body = ["Fließtext"]
"""

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path

from services.errors import Misconfigured

#: Each field of an article by the keys seen for it, the most telling first. Keys are folded: lower
#: case, without ``_``, ``-``, blanks, accents, and prefixes such as ``dc:``.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "headline": (
        "headline", "headlines", "title", "newstitle", "articletitle", "storytitle", "webtitle", "heading",
        "hl1", "titel", "uberschrift", "titre", "titulo", "titular", "titolo", "tittel", "overskrift",
        "rubrik", "otsikko", "name", "subject",
    ),
    "body": (
        "articlehtml", "bodyhtml", "bodyxhtml", "contenthtml", "html", "articlebody", "maintext",
        "fulltext", "body", "bodytext", "text", "content", "contenttext", "articletext", "storytext",
        "textcontent", "bodycontent", "articlecontent", "newscontent", "newstext", "newsbody", "storybody",
        "rawtext", "plaintext", "story", "article", "contentelements", "richtext", "paragraphs", "blocks",
        "components", "texte", "texto", "testo", "tekst", "brodtext", "brodtekst", "inhalt", "contenu",
        "contenido", "conteudo", "cuerpo", "corps", "corpo", "sections", "leadparagraph", "lead",
        "description", "summary", "teaser", "abstract", "snippet", "trailtext",
    ),
    "standfirst": (
        "standfirst", "subhead", "subheadline", "subheadlines", "subtitle", "deck", "dek", "teaser", "intro",
        "abstract", "excerpt", "customexcerpt", "summary", "description", "metadescription", "lead",
        "leadtext",
        "ingress", "contentshort", "trailtext", "snippet", "chapo", "chapeau", "untertitel", "vorspann",
        "entradilla", "subtitulo", "sottotitolo", "sommario", "undertittel",
    ),
    "kicker": ("kicker", "overline", "topline", "prefix", "dachzeile", "surtitre", "antetitulo", "occhiello"),
    "uid": (
        "guid", "uuid", "urn", "usn", "articleid", "storyid", "newsid", "newscompid", "contentitemid",
        "newsitemid", "itemid",
    ),
    "url": (
        "longurl", "url", "canonicallink", "canonicalurl", "canonical", "link", "weburl", "articleurl",
        "permalink", "websiteurl", "uri", "sourceurl", "path",
    ),
    "id": ("id", "_id", "identifier", "docid", "key"),
    "byline": (
        "byline", "bylines", "author", "authors", "creator", "creators", "by", "writer", "credits",
        "authorname", "bylinetext", "primaryauthor", "journalist", "reporter", "autor", "autoren", "autores",
        "auteur", "auteurs", "autore", "autori", "verfasser", "forfatter", "skribent",
    ),
    "published": (
        "datepublish", "firstpublished", "firstpublishedat", "firstpublishdate", "firstpublicationdate",
        "publishdate", "published", "publishedat", "datepublished", "publishedon", "publishedtime", "pubdate",
        "publicationdate", "publisheddate", "publicationtime", "webpublicationdate", "firstcreated",
        "publishdatetime", "publishtime", "datetimepub", "publishtimestamp", "dategmt", "issued",
        "dateissued",
        "releasedatetime", "releasedate", "releasetime", "createddatetime", "displaydate", "postdate",
        "createdat", "datecreated", "createddate", "creationdate", "created", "datetime", "date", "timestamp",
        "datum", "fecha", "fechapublicacion", "datapublicacao", "datapubblicazione", "datepublication",
        "veroffentlicht", "erscheinungsdatum", "publiceringsdatum", "publiseringsdato",
    ),
    "updated": (
        "versioncreated", "datemodify", "datemodified", "modifiedgmt", "modified", "modifiedat",
        "modifiedtime", "updatedat", "updated", "lastmodified", "lastmodifiedat", "lastmodifieddate",
        "modifieddate", "modificationdate", "lastmod", "lastupdated", "lastupdateddate", "lastupdate",
        "dateupdated", "updateddate", "updatedate", "updateddatetime", "changed",
    ),
    "embargo": (
        "embargo", "embargoed", "embargodate", "embargountil", "embargotime", "embargoeduntil",
        "embargodatetime", "sperrfrist",
    ),
    "language": (
        "language", "lang", "metalang", "languagecode", "langcode", "inlanguage", "locale", "sprache",
        "langue",
        "idioma", "lingua", "sprak",
    ),
    "source": (
        "source", "sourcename", "sourcedomain", "publisher", "provider", "orgname", "sitename",
        "metasitename", "agency", "publication", "medianame", "newspaper", "outlet", "origin", "creditline",
        "credit", "sourcetitle", "domain", "site", "hostname", "quelle", "fuente", "fonte",
    ),
    "credit": ("creditline", "credit"),
    "copyright": ("copyrightnotice", "copyright"),
    "dateline": ("dateline", "located", "town", "city"),
    "keywords": (
        "keywords", "tags", "keywordnames", "topics", "wp:term", "stichworte", "etiquetas", "taxonomy",
    ),
    "section": (
        "section", "category", "categories", "sectionname", "primarysection", "homesection", "desk",
        "newsdesk",
        "ressort", "seccion", "rubrique", "subjects", "subjectcodes", "mediatopics", "mediatopic", "iptc",
        "iptccodes",
    ),
    "version": ("version", "revision", "versionnumber", "revisionid", "revisionnumber"),
    "status": ("pubstatus", "status", "state"),
    "note": ("ednote", "editorialnote", "editorsnote", "notetoeditors"),
    "genre": ("genre", "articletype"),
    "urgency": ("urgency", "priority"),
}  # fmt: skip


#: Those of the learnt names that lead through several levels, parted by dots.
PATHS: set[str] = set()

_PREFIX = re.compile(r"^(?:dc|dcterms|og|article|schema|prism|jcr|cms|news)[:.]")


@lru_cache(maxsize=8192)
def fold(key: str) -> str:
    """A key as the table of synonyms spells it: without case, accents, separators, and vocabulary."""
    if key == "_id":
        return key
    key = _PREFIX.sub("", re.sub(r"[\s_-]", "", key[:200].lower()))
    if key.isascii():
        return key
    return "".join(char for char in unicodedata.normalize("NFKD", key) if not unicodedata.combining(char))


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
        own = [".".join(map(fold, re.split(r"[./]", name.strip(" ./")))) for name in extra]
        PATHS.update(name for name in own if "." in name)
        SYNONYMS[field] = tuple(dict.fromkeys((*own, *SYNONYMS[field])))
