"""From a raw file to articles: parse and clean, then each enricher in turn. Pure: no service is touched."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from services.enrich.clean import language
from services.enrich.clean.recurring import Furniture, without_recurring
from services.enrich.formats import Parsed, parse
from services.enrich.limits import DeadlineExceeded, Limits
from services.errors import ArticleRejected, FileIgnored, Reason
from services.models import Article, RawFile, Refusal, Status

if TYPE_CHECKING:
    from services.enrich.entities.annotate import Annotator


@dataclass(frozen=True)
class Tools:
    """What enrichers need that is costly to load: once per process, before it forks."""

    annotator: "Annotator | None" = None
    model: str | None = None
    furniture: Furniture | None = None  # lines learnt from other pages; None: not wanted


@dataclass(frozen=True)
class Enricher:
    """One step article -> article. Raise ``version`` when its results change."""

    name: str
    version: int
    apply: Callable[[Article, Tools], Article]


def _language(article: Article, _tools: Tools) -> Article:
    found = language.detect(article.body, article.language)
    return article if found == article.language else article.model_copy(update={"language": found})


def _entities(article: Article, tools: Tools) -> Article:
    if tools.annotator is None:
        return article
    from services.enrich.entities.annotate import enrich

    return enrich(article, tools.annotator)


#: In the order they run. A new one is a line here, its module, its model field and its mapping line.
ENRICHERS = (
    Enricher("language", 1, _language),
    Enricher("entities", 1, _entities),
)

#: To be raised when other lines are cut for the same record.
FURNITURE_VERSION = 1


@dataclass(frozen=True)
class FileResult:
    """What one file gives: articles, or the reason it gives none."""

    format: str | None = None
    articles: tuple[Article, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    ignored: str | None = None
    rejected: ArticleRejected | None = None
    traceback: str | None = None


def process(
    raw: RawFile,
    tools: Tools,
    limits: Limits,
    read: Callable[[RawFile], Parsed] | None = None,
) -> FileResult:
    """Everything that happens to a file before it is indexed.

    Never raises for what is in the file: a bug that it meets is a refusal with reason ``error``.

    Args:
        raw: the file.
        tools: loaded models.
        limits: on the whole file.
        read: another way to its articles than by what its bytes say it is.

    """
    try:
        with limits.hold():
            return _process(raw, tools, read or parse)
    except DeadlineExceeded:
        return FileResult(
            rejected=ArticleRejected(Reason.TIMEOUT, f"not finished after {limits.seconds:g} s"),
        )


def _process(raw: RawFile, tools: Tools, read: Callable[[RawFile], Parsed]) -> FileResult:
    result = FileResult()
    articles: list[Article] = []
    refusals: list[Refusal] = []
    try:
        parsed = read(raw)
        result = FileResult(format=parsed.format)
        for position, item in enumerate(parsed.items, start=1):
            if isinstance(item, Refusal):
                refusals.append(item)
                continue
            try:
                articles.append(enrich(item, tools, raw.key))
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001  # one bad article must not stop its neighbours
                refusals.append(
                    Refusal(reason=Reason.ERROR, detail=_last_line(error), item=item.uid or str(position))
                )
                result = replace(result, traceback=traceback.format_exc())
    except ArticleRejected as error:
        if not articles:
            return replace(result, rejected=error, refusals=tuple(refusals))
        refusals.append(Refusal(reason=error.reason, detail=error.detail, item="rest of the file"))
    except FileIgnored as error:
        return replace(result, ignored=error.detail)
    except MemoryError:
        detail = "the file needs more memory than COPYDESK_FILE_MEGABYTES allows"
        return replace(result, rejected=ArticleRejected(Reason.WORKER_LOST, detail))
    except Exception as error:  # noqa: BLE001  # see the docstring of process
        return replace(
            result,
            rejected=ArticleRejected(Reason.ERROR, _last_line(error)),
            traceback=traceback.format_exc(),
        )
    if not articles and not refusals:
        return replace(result, ignored=f"a sound {result.format} file without an article")
    return replace(result, articles=tuple(articles), refusals=tuple(refusals))


def enrich(article: Article, tools: Tools, key: str) -> Article:
    """Cut what was learnt to be furniture, and apply every enricher.

    What may not be read has nothing to enrich. ``key`` is the name of the article's file without its lane.
    """
    if article.status is Status.CANCELED:
        return article
    if tools.furniture is not None:
        article = without_recurring(article, tools.furniture.of(article, key))
    for enricher in ENRICHERS:
        article = enricher.apply(article, tools)
    return article


def signature(tools: Tools) -> str:
    """Which versions make the articles: stored with each document, so that a change can be rerun."""
    parts = [f"copydesk/{version('copydesk')}", *(f"{step.name}/{step.version}" for step in ENRICHERS)]
    if tools.furniture is not None:
        parts.append(f"furniture/{FURNITURE_VERSION}")
    if tools.model is not None:
        parts.append(f"model/{tools.model}")
    return " ".join(parts)


def _last_line(error: BaseException) -> str:
    return "".join(traceback.format_exception_only(error)).strip()
