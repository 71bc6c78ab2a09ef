"""How each field is searched, and how text becomes words. `docs/decisions/0012` has the reasons."""

from typing import Any, Final

#: Part of the concrete index's name. Raise it when a field changes so that old indices cannot be extended.
SCHEMA: Final = 1

# A term may have 32,766 bytes, which is 8,191 code points at worst. Longer values are kept, not found.
_ID: Final = {"type": "keyword", "ignore_above": 8191}
_WORD: Final = {"type": "keyword", "ignore_above": 1024}
# `.folded` compares without case and accents; the field itself keeps the spelling for facets.
_NAME: Final = {
    "type": "keyword",
    "ignore_above": 1024,
    "fields": {"folded": {"type": "keyword", "normalizer": "folded", "ignore_above": 1024}},
}
_TEXT: Final = {"type": "text", "analyzer": "news"}
_DATE: Final = {"type": "date", "format": "strict_date_optional_time"}
_POINT: Final = {"type": "geo_point"}
_FLOAT: Final = {"type": "float"}
_POSITION: Final = {"type": "integer", "index": False}
# Given back with the document, never searched: costs neither terms nor fields.
_STORED: Final = {"type": "object", "enabled": False}

#: How text becomes words, in all languages alike: no stemming, no stop words.
ANALYSIS: Final[dict[str, Any]] = {
    "char_filter": {
        # "Konashenkov's" holds the word "Konashenkov", "l'accord" the word "accord".
        "apostrophes": {"type": "mapping", "mappings": ["' => \\u0020", "’ => \\u0020", "ʼ => \\u0020"]}
    },
    "analyzer": {
        "news": {
            "type": "custom",
            "char_filter": ["apostrophes"],
            "tokenizer": "standard",
            "filter": ["lowercase", "asciifolding"],
        }
    },
    "normalizer": {"folded": {"type": "custom", "filter": ["lowercase", "asciifolding"]}},
}

#: Every field of a document. A field that is not here is refused, so a typo cannot grow the mapping.
MAPPING: Final[dict[str, Any]] = {
    "dynamic": "strict",
    "properties": {
        # What it is, and whether readers may see it: the alias filters on `status` and `embargo`.
        "uid": _ID,
        "version": _WORD,
        "status": _WORD,
        "embargo": _DATE,
        "published": _DATE,
        "updated": _DATE,
        "language": _NAME,
        # Whose it is.
        "source": _NAME,
        "provider": _NAME,
        "original_source": {"properties": {"name": _NAME, "published": _DATE}},
        "credit": _WORD,
        "copyright": {"type": "text", "index": False},
        "authors": _NAME,
        "byline": _TEXT,
        "url": _ID,
        # What is read. Offsets beside each posting let long bodies be highlighted without a second analysis.
        "headline": _TEXT,
        "kicker": _TEXT,
        "standfirst": _TEXT,
        "body": {**_TEXT, "index_options": "offsets"},
        "blocks": _STORED,
        "dateline": {"properties": {"text": _TEXT, "place": _NAME, "location": _POINT}},
        "editorial_note": _TEXT,
        # What it is about, as the provider says.
        "subjects": {"properties": {"scheme": _WORD, "code": _WORD, "name": _NAME}},
        "keywords": _NAME,
        "genre": _NAME,
        "urgency": {"type": "byte"},
        "links": {"properties": {"rel": _WORD, "target": _ID, "title": {"type": "text", "index": False}}},
        "story": _ID,
        "repaired": _WORD,
        "recognition": _WORD,
        # What it is about, as recognised: flat names for facets and filters …
        "people": _NAME,
        "organisations": _NAME,
        "groups": _NAME,
        "countries": _WORD,
        "entity_ids": _WORD,
        "places": {
            "properties": {
                "id": _WORD,
                "name": _NAME,
                "location": _POINT,
                "country": _WORD,
                "admin1": _NAME,
                "kind": _WORD,
                "confidence": _FLOAT,
            }
        },
        # … and nested objects for questions that join two facts of one entity or quote.
        "entities": {
            "type": "nested",
            "properties": {
                "id": _WORD,
                "name": _NAME,
                "type": _WORD,
                "salience": _FLOAT,
                "role": _NAME,
                "country": _WORD,
                "mentions": _STORED,
            },
        },
        "quotes": {
            "type": "nested",
            "properties": {
                "text": _TEXT,
                "start": _POSITION,
                "end": _POSITION,
                "speaker": {"properties": {"id": _WORD, "name": _NAME}},
                "direct": {"type": "boolean"},
            },
        },
        # Where it came from. The key is how a dropped file's documents are found again.
        "provenance": {
            "properties": {
                "key": _ID,
                "sha256": _WORD,
                "format": _WORD,
                "pipeline": _WORD,
                "received": _DATE,
                "indexed": _DATE,
            }
        },
    },
}
