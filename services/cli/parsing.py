"""Which documents a file stands for: read and parsed as a worker does, without recognising anything."""

from datetime import UTC, datetime

from services.ingest.claims import Claim, Claims
from services.models import RawFile, Refusal
from services.settings import Settings
from services.telemetry import log

_LOG = log(__name__)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def claims_of(settings: Settings) -> Claims | None:
    """The function that ``Claims`` describes; ``None`` where parsers are not installed (an ingest image)."""
    try:
        from services.enrich.formats import parse
        from services.enrich.limits import DeadlineExceeded, deadline
    except ImportError:
        return None
    from services.errors import ArticleRejected, FileIgnored
    from services.index.document import document_id, external_version

    def claims(raw: RawFile) -> tuple[Claim, ...]:
        found = []
        try:
            with deadline(settings.file_seconds):
                for article in parse(raw).items:
                    if isinstance(article, Refusal):
                        continue
                    version = external_version(article, _NEVER)
                    dated = version == external_version(article, raw.modified)
                    found.append(Claim(document_id(article), version, dated))
        except (ArticleRejected, FileIgnored, DeadlineExceeded):
            pass  # what of it came before is in the index
        except Exception as error:  # noqa: BLE001  # a bug that one file meets must not hide the others
            _LOG.warning("not parsed", key=raw.key, cause=str(error))
        return tuple(found)

    return claims
