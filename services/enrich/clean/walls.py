"""Pages that are no articles: consent and login walls, bot checks, error pages, lists of other pages."""

import re
from collections.abc import Sequence

from services.enrich.clean.dom import Piece
from services.enrich.clean.metadata import Metadata
from services.errors import ArticleRejected, Reason

_WALL = re.compile(
    r"(?:enable|turn on|requires?|activate) (?:javascript|cookies)|javascript (?:is|and cookies)|verify (?:that )?you are (?:a )?human"
    r"|checking your browser|are you a robot|unusual traffic|captcha|access (?:to this page has been )?denied|cloudflare|ddos protection"
    r"|just a moment\.\.\.|we value your privacy|before you continue|accept (?:all )?cookies|cookies? (?:zustimmen|akzeptieren)|wir brauchen ihre zustimmung"
    r"|(?:log|sign) in to (?:continue|read)|subscribe to (?:continue|read)|to continue reading|you have reached your (?:limit|article)|consent",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"\b(?:404|403|410|500|502|503)\b.{0,40}(?:not found|error|forbidden|gone|unavailable|bad gateway)|page (?:not found|cannot be found|doesn['’]t exist)"
    r"|(?:not found|internal server error|bad gateway|service unavailable)\s*$|seite (?:wurde )?nicht gefunden|page (?:introuvable|non trouvée)"
    r"|página no encontrada|pagina non trovata|страница не найдена|oops",
    re.IGNORECASE,
)


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
