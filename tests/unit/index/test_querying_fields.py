import re
from pathlib import Path
from typing import Any

from services.index.mapping import MAPPING

PAGE = Path(__file__).parents[3] / "docs" / "querying.md"


def mapped(mapping: dict[str, Any], path: str = "") -> dict[str, str]:
    """Each field of the mapping and its type in the page's words."""
    found = {}
    for name, field in mapping["properties"].items():
        kind = field.get("type", "object")
        if not field.get("enabled", True) or not field.get("index", True):
            kind = "stored"
        elif "folded" in field.get("fields", {}):
            kind = "name"
        found[path + name] = kind
        if "properties" in field:
            found |= mapped(field, f"{path}{name}.")
    return found


def test_the_table_of_fields_is_the_mapping():
    section = PAGE.read_text().split("## Fields")[1].split("## Queries")[0]
    rows = re.findall(r"^\| (`.+?) \| (\w+) \|", section, re.MULTILINE)
    documented = {name: kind for names, kind in rows for name in re.findall(r"`(.+?)`", names)}
    assert documented == mapped(MAPPING)
