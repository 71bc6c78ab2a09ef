"""How a question becomes Elasticsearch's query language."""

from typing import Any, Final

from services.index.query import HIT_FIELDS, MARK_END, MARK_START, SEARCHED, Query

_FIELDS: Final = [f"{field}^{weight}" for field, weight in SEARCHED.items()]

#: What readers may see. `now` is the moment of the question, so an embargo ends without a write.
VISIBLE: Final[dict[str, Any]] = {
    "bool": {"filter": {"term": {"status": "usable"}}, "must_not": {"range": {"embargo": {"gt": "now"}}}}
}

_HIGHLIGHT: Final[dict[str, Any]] = {
    "type": "unified",
    "number_of_fragments": 3,
    "fragment_size": 160,
    "no_match_size": 160,
    "pre_tags": [MARK_START],
    "post_tags": [MARK_END],
    # No `max_analyzed_offset`: the body's offsets are indexed, so a long one is not analysed again and no
    # limit applies; naming one would leave the end of it unmarked.
    "fields": {"body": {}},
}


def search_body(query: Query) -> dict[str, Any]:
    """The request that finds and fetches a page."""
    by_time = {"published": {"order": "desc", "missing": "_last"}}
    return {
        "query": {"bool": {"must": [_phrase(phrase) for phrase in query.phrases], "filter": _filters(query)}},
        "sort": [*(["_score"] if query.phrases else []), by_time, {"uid": "asc"}],
        "from_": query.offset,
        "size": query.size,
        "track_total_hits": True,
        "source_includes": HIT_FIELDS,
        "highlight": _HIGHLIGHT,
    }


def _phrase(phrase: str) -> dict[str, Any]:
    return {"multi_match": {"query": phrase, "type": "phrase", "fields": _FIELDS}}


def _filters(query: Query) -> list[dict[str, Any]]:
    filters: list[dict[str, Any]] = []
    for field, name in (
        ("people.folded", query.person),
        ("organisations.folded", query.organisation),
        ("places.name.folded", query.place),
    ):
        if name is not None:
            filters.append(_either({"term": {field: name}}, {"term": {"entity_ids": name}}))
    if query.country is not None:
        filters.append({"term": {"countries": query.country.upper()}})
    if (language := query.language) is not None:
        field = "language.folded"
        filters.append(_either({"term": {field: language}}, {"prefix": {field: f"{language}-"}}))
    period = {
        bound: moment.isoformat()
        for bound, moment in (("gte", query.since), ("lt", query.until))
        if moment is not None
    }
    if period:
        filters.append({"range": {"published": period}})
    return filters


def _either(*queries: dict[str, Any]) -> dict[str, Any]:
    return {"bool": {"should": list(queries)}}
