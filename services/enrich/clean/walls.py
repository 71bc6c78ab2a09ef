"""Pages that are no articles: consent and login walls, bot checks, error pages, lists of other pages."""

import re
import tomllib
from collections.abc import Sequence
from importlib.resources import files

from services.enrich.clean.dom import Piece
from services.enrich.clean.metadata import Metadata
from services.errors import ArticleRejected, Reason

_WORDS: dict[str, list[str]] = tomllib.loads(files(__package__).joinpath("walls.toml").read_text("utf-8"))
_WALL = re.compile("|".join(_WORDS["wall"]), re.IGNORECASE)
_ERROR = re.compile("|".join(_WORDS["error"]), re.IGNORECASE)


def check(body: str, found: Sequence[Piece], about: Metadata) -> None:
    """Raise for a page whose text is not an article; the shorter the text, the less it takes."""
    title = about.headline or ""
    page = " ".join(piece.text for piece in found[:60])[:4000]
    size = len(body)
    if size < 600:
        if _ERROR.search(title) or (size < 200 and _ERROR.search(page[:500])):
            raise ArticleRejected(Reason.NOT_NEWS, f"an error page: “{(title or page)[:80]}”")
        text = body or page
        if (wall := _WALL.search(text)) and len(page) < 3000:
            raise ArticleRejected(
                Reason.WALL, f"the page asks for something before it shows its text: “{wall.group()}”"
            )
    if not body:
        raise ArticleRejected(Reason.NO_TEXT, "no part of the page reads like an article")
