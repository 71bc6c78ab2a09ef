"""Refuses what Elasticsearch's mapping would, so that the embedded index teaches no bad habits."""

from datetime import datetime
from typing import Any, Final

from services.index.mapping import MAPPING

_RANGES: Final = {"byte": (-128, 127), "integer": (-(2**31), 2**31 - 1), "float": (-3.4e38, 3.4e38)}


def objection(source: dict[str, Any]) -> str | None:
    """Why the mapping refuses the document, in words like Elasticsearch's; ``None`` when it does not."""
    try:
        _check_object(source, MAPPING, "")
    except _ObjectionError as error:
        return str(error)
    return None


class _ObjectionError(Exception):
    pass


def _check_object(value: dict[str, Any], mapping: dict[str, Any], path: str) -> None:
    fields = mapping["properties"]
    for name, item in value.items():
        if name not in fields:
            where = path.rstrip(".") or "_doc"
            msg = f"mapping set to strict, dynamic introduction of [{name}] within [{where}] is not allowed"
            raise _ObjectionError(msg)
        field = fields[name]
        if field.get("enabled", True):
            for each in item if isinstance(item, list) else (item,):
                if each is not None:
                    _check_value(each, field, path + name)


def _check_value(value: Any, field: dict[str, Any], path: str) -> None:
    if "properties" in field:
        if not isinstance(value, dict):
            msg = f"object mapping for [{path}] tried to parse as object, but found a concrete value"
            raise _ObjectionError(msg)
        _check_object(value, field, path + ".")
        return
    kind = field["type"]
    if not _fits(value, kind):
        msg = f"failed to parse field [{path}] of type [{kind}]: {str(value)[:100]!r}"
        raise _ObjectionError(msg)


def _fits(value: Any, kind: str) -> bool:
    match kind:
        case "date":
            return isinstance(value, str) and _is_date(value)
        case "geo_point":
            return isinstance(value, dict) and abs(value["lat"]) <= 90 and abs(value["lon"]) <= 180
        case "boolean":
            return isinstance(value, bool)
        case "byte" | "integer" | "float":
            low, high = _RANGES[kind]
            return isinstance(value, int | float) and low <= value <= high
        case _:
            return not isinstance(value, dict)


def _is_date(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
