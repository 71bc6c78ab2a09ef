"""Copydesk: raw article files in, clean and enriched articles in a search index out.

Imports go one way: ``models`` and ``errors``, then the pure stages of ``enrich``, then the
adapters (``bucket``, ``index``, Redis), then tasks and commands.
"""
