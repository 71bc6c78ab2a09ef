"""Markdown (CommonMark) with front matter: YAML between ``---``, TOML between ``+++``, or a JSON object."""

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import yaml
from markdown_it import MarkdownIt

from services.enrich.formats import generic_json
from services.enrich.formats.content import blocks_from
from services.enrich.formats.encoding import decode
from services.models import Article, Block, RawFile, Status

_FENCED = re.compile(r"(---|\+\+\+)[ \t]*\n(.*?)\n(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_MAX_VALUES = 10_000
_TEMPLATE = re.compile(r"\{\{[^{}]*\}\}|\{%[^{}]*%\}")
_PLAIN_ENTRY = re.compile(r"^([A-Za-z][\w -]{0,40}):[ \t]*(.*)$", re.MULTILINE)


def parse(raw: RawFile) -> Iterator[Article]:
    """One article a file."""
    text = decode(raw.data).lstrip("\ufeff \t\n\r").replace("\r\n", "\n").replace("\r", "\n")
    head, body = _parted(text)
    plain = _Fields().plain
    fields = {key: plain(value) for key, value in head.items() if isinstance(key, str)}
    hidden = fields.get("draft") is True or fields.get("published") is False
    for name in ("version", "status", "published", "body", "text", "content"):
        if not isinstance(fields.get(name), str) or name in {"version", "status"}:
            fields.pop(name, None)  # here these are a product's version and a page's switches
    fields["body"] = body
    (article,) = generic_json.read(fields, raw)
    yield article.model_copy(
        update={
            "blocks": markdown(body) or blocks_from(article.standfirst or ""),
            "status": Status.WITHHELD if hidden else Status.USABLE,
        }
    )


def markdown(text: str) -> tuple[Block, ...]:
    """Markdown as blocks; the tags of site generators go first."""
    html = MarkdownIt("commonmark").enable("table").render(_TEMPLATE.sub("", text))
    return blocks_from(html, html=True) if html.strip() else ()


def _parted(text: str) -> tuple[dict[str, Any], str]:
    if text.startswith("{"):
        try:
            head, end = json.JSONDecoder().raw_decode(text)
        except (json.JSONDecodeError, RecursionError):
            return {}, text
        return head if isinstance(head, dict) else {}, text[end:]
    if found := _FENCED.match(text):
        return _read(found.group(1), found.group(2)), text[found.end() :]
    head, _, body = text.partition("\n\n")  # never closed: the first blank line ends it
    return _entries(head), body


def _read(fence: str, head: str) -> dict[str, Any]:
    """The safe loaders only; what they refuse is read as plain ``key: value`` lines."""
    try:
        fields = tomllib.loads(head) if fence == "+++" else yaml.safe_load(head)
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError, RecursionError):
        return _entries(head)
    return fields if isinstance(fields, dict) else {}


def _entries(head: str) -> dict[str, Any]:
    return {
        name.strip(): value.strip().strip("\"'")
        for name, value in _PLAIN_ENTRY.findall(head)
        if value.strip() and not value.lstrip().startswith("!!")
    }


class _Fields:
    """A front matter's values as JSON would have them; as many as one has, since YAML's aliases multiply."""

    def __init__(self) -> None:
        self.left = _MAX_VALUES

    def plain(self, value: Any) -> Any:
        """YAML and TOML make dates of dates; a day stays a day."""
        self.left -= 1
        if self.left < 0:
            return None
        if isinstance(value, (date, datetime)):
            return value.isoformat()
        if isinstance(value, dict):
            return {str(key): self.plain(inner) for key, inner in list(value.items())[:100]}
        return [self.plain(inner) for inner in value[:1000]] if isinstance(value, list) else value
