"""Structured logs: every line says what happened to which key, as JSON for machines or text for people."""

import logging
import logging.config
import sys
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from structlog.typing import Processor

    from services.settings import Settings


def log(name: str) -> structlog.stdlib.BoundLogger:
    """A logger; call it with an event in plain words and named values."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def configure(settings: "Settings") -> None:
    """Send our events and every library's log lines through one renderer to standard error."""
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    renderer: list[Any] = (
        [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    # A line for each request, task or connection is a library's debugging, not our news.
    for chatty in ("celery", "elastic_transport", "botocore", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # What these call errors are facts about a page, and the page's outcome says them better.
    for chatty in ("trafilatura", "htmldate", "charset_normalizer", "dateparser"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
