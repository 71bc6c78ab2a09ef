"""Formats: what a file is, and the articles in it. Pure functions of a file's bytes."""

from services.enrich.formats.sniff import sniff
from services.enrich.formats.table import FORMATS, Format, Parsed, parse

__all__ = ["FORMATS", "Format", "Parsed", "parse", "sniff"]
