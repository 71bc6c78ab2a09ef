"""Common first names: who is "she", and which unknown pair of words is a person."""

from functools import cache

from services.enrich.entities.tables import rows


@cache
def first_names() -> dict[str, str]:
    """``f`` or ``m`` by first name; names that both sexes bear are left out."""
    return {row["name"]: row["gender"] for row in rows("first_names")}
