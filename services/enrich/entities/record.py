"""Annotations as one flat JSON record: an entry for each mention."""

from typing import Any

from services.enrich.entities.annotations import Annotations, Spot
from services.models import EntityType

#: The classes of shared tasks on names. A place that can act is a GPE, any other a LOC.
_CLASS = {
    EntityType.PERSON: "PER",
    EntityType.ORGANISATION: "ORG",
    EntityType.GROUP: "ORG",
    EntityType.PLACE: "LOC",
    EntityType.EVENT: "MISC",
    EntityType.NATIONALITY: "MISC",
    EntityType.OTHER: "MISC",
}
_ACTING = {"country", "capital", "city", "admin1", "admin2", "nation", "borough", "former", "union"}


def annotation_record(identifier: str, annotations: Annotations) -> dict[str, Any]:
    """``{"id", "entities": [{start, end, type, kind, name, id …}], "places": [{start, end, lat, lon …}]}``.

    ``type`` is PER, ORG, GPE, LOC or MISC; ``kind`` is our own, finer word.
    """
    places = {place.id: place for place in annotations.places}
    entities: list[dict[str, Any]] = []
    for entity in annotations.entities:
        place = places.get(entity.id)
        acting = place is not None and place.kind in _ACTING
        entities += (
            {
                "start": mention.start,
                "end": mention.end,
                "text": mention.text,
                "type": "GPE" if acting else _CLASS[entity.type],
                "kind": entity.type.value,
                "name": entity.name,
                "id": entity.id,
                "salience": entity.salience,
            }
            for mention in entity.mentions
        )
    entities.sort(key=lambda each: each["start"])
    return {"id": identifier, "entities": entities, "places": [_spot(spot) for spot in annotations.spots]}


def _spot(spot: Spot) -> dict[str, Any]:
    place = spot.place
    return {
        "start": spot.start,
        "end": spot.end,
        "text": spot.text,
        "lat": place.location.lat if place.location else None,
        "lon": place.location.lon if place.location else None,
        "country": place.country,
        "name": place.name,
        "id": place.id,
        "kind": place.kind,
        "confidence": place.confidence,
        "via": spot.via,
    }
