"""The header that reader services write above the markdown they make of a web page.

``Title:``, ``URL Source:``, ``Published Time:`` and others, each on a line, with or without blank lines
between them, up to ``Markdown Content:``.
"""

import re

_FIELD = re.compile(r"\s*(?P<name>[A-Z][A-Za-z ]{2,30}):[ \t]*(?P<value>[^\n]*)(?:\n|\Z)")
_ADDRESS, _LAST = "URL Source", "Markdown Content"
_MOST_FIELDS = 12


def parted(text: str) -> tuple[dict[str, str], str]:
    """The fields of the header, and the page below it; no fields and the whole text where there is none."""
    fields: dict[str, str] = {}
    position = 0
    while (found := _FIELD.match(text, position)) and len(fields) <= _MOST_FIELDS:
        fields[found["name"]] = found["value"].strip()
        position = found.end()
        if found["name"] == _LAST:
            whole = "\n".join(filter(None, (fields.pop(_LAST), text[position:])))
            known = re.match(r"https?://", fields.get(_ADDRESS, ""))
            return (fields, whole) if known else ({}, text)
    return {}, text
