"""Text that agencies send along but mark as not for publication: it must never reach the index.

The notebook under a story (links, notes to editors) is shown as cut; what follows the mark "not for
publication" (reporters' telephone numbers) is gone, whatever format it came in.
"""

import re
from collections.abc import Iterable, Iterator

from services.models import Block, BlockKind

_NOTEBOOK = re.compile(
    r"^\W{0,4}(?:dpa[- ]?)?(?:notebook|notizblock|bloc-notes|cuaderno de notas)\W{0,3}$", re.IGNORECASE
)
_PRIVATE = re.compile(
    r"""following\sinformation\sis\snot\s(?:intended\s)?for\spublication|not\sfor\spublication\s*(?::|-|$)
        |folgenden\sinformationen\ssind\snicht\s(?:zur|für\sdie)\sveröffentlichung|nicht\szur\sveröffentlichung\sbestimmt
        |siguiente\sinformación\sno\s(?:es|está)\s(?:destinada\s)?(?:a|para)\s(?:la\s)?publicación|no\spublicar\s*:
        |informations?\ssuivantes?\sne\s(?:sont|doivent)\spas""",
    re.VERBOSE | re.IGNORECASE,
)


def publishable(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks without what is private; an agency's notebook is cut but shown."""
    notebook = False
    for block in blocks:
        if len(block.text) < 200 and _PRIVATE.search(block.text):
            return
        notebook = notebook or bool(_NOTEBOOK.match(block.text))
        if notebook and block.kept:
            yield block.model_copy(update={"kind": BlockKind.EDITORIAL_NOTE, "kept": False})
        else:
            yield block
