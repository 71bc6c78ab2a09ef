"""Copydesk: raw article files in, clean and enriched articles in a search index out.

Imports go one way: ``models`` and ``errors``, then the pure stages of ``enrich``, then the
adapters (``bucket``, ``index``, Redis), then tasks and commands.
"""

import os

# Read when numpy is first imported. A worker has a process a core; matrices as small as a page's, shared
# among threads, cost several times the processor time, spent waiting for one another.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
