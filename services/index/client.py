"""The connection to Elasticsearch, and its client's exceptions translated into ours."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

from elastic_transport import TlsError
from elasticsearch import ApiError, Elasticsearch, TransportError, UnsupportedProductError

from services.errors import CopydeskError, Misconfigured, ServiceUnavailable
from services.index.bulk import explained

_CREDENTIALS: Final = (
    "set COPYDESK_ELASTICSEARCH_API_KEY, or user and password in COPYDESK_ELASTICSEARCH_URL; "
    "docs/querying.md lists the privileges it needs"
)


def client(
    url: str, api_key: str | None = None, ca: Path | None = None, timeout_seconds: float = 30
) -> Elasticsearch:
    """A client for ``url``, or for several nodes' with commas between; nothing is sent yet."""
    parts = [_split(each.strip()) for each in url.split(",")]
    access: dict[str, Any] = {}
    user = next((part for part in parts if part.username), None)
    if api_key is not None and user is not None:
        msg = "COPYDESK_ELASTICSEARCH_API_KEY is set and COPYDESK_ELASTICSEARCH_URL names a user; keep one"
        raise Misconfigured(msg)
    if api_key is not None:
        access["api_key"] = api_key
    if user is not None:
        access["basic_auth"] = (unquote(user.username or ""), unquote(user.password or ""))
    if ca is not None:
        if not ca.is_file():
            raise Misconfigured(f"COPYDESK_ELASTICSEARCH_CA={ca}: there is no such file")
        if any(part.scheme == "https" for part in parts):
            access["ca_certs"] = str(ca)
    return Elasticsearch(
        [
            {
                "scheme": part.scheme,
                "host": part.hostname or "",
                "port": part.port or 0,
                "path_prefix": part.path,
            }
            for part in parts
        ],
        request_timeout=timeout_seconds,
        # When to try again is decided above, where the files wait meanwhile.
        max_retries=0,
        retry_on_timeout=False,
        **access,
    )


def _split(url: str) -> SplitResult:
    try:
        part = urlsplit(url)
        port = part.port
    except ValueError:
        part, port = urlsplit(""), None
    if part.scheme not in ("http", "https") or not part.hostname or port is None:
        # The URL itself is not repeated: it may hold a password.
        msg = (
            "COPYDESK_ELASTICSEARCH_URL must name scheme, host and port, as in "
            "https://search.example.org:9200 (a hosted one often listens on :443)"
        )
        raise Misconfigured(msg)
    return part


@contextmanager
def translated(alias: str) -> Iterator[None]:
    """The client's exceptions into ours, once."""
    try:
        yield
    except UnsupportedProductError as error:
        msg = "COPYDESK_ELASTICSEARCH_URL does not lead to an Elasticsearch of version 8 or later"
        raise Misconfigured(msg) from error
    except ApiError as error:
        raise _of_status(alias, error) from error
    except TlsError as error:
        if re.search("certificate|wrong_version", error.message, re.IGNORECASE):
            msg = (
                f"no safe connection to Elasticsearch ({error.message}); set COPYDESK_ELASTICSEARCH_CA "
                "to its authority's certificate, and write https:// or http:// in "
                "COPYDESK_ELASTICSEARCH_URL as the server speaks it"
            )
            raise Misconfigured(msg) from error
        raise ServiceUnavailable(f"Elasticsearch: {error.message}") from error
    except TransportError as error:
        # Connection refused, timeout, or an answer that broke off: it may or may not have been done.
        raise ServiceUnavailable(f"Elasticsearch does not answer: {error.message}") from error


def _of_status(alias: str, error: ApiError) -> CopydeskError:
    kind = error.error
    if error.status_code == 401 or (error.status_code == 403 and "cluster_block" not in kind):
        return misconfigured(alias, "security_exception", said(error))
    if is_missing_index(error):
        return misconfigured(alias, "index_not_found_exception", said(error))
    if error.status_code in (403, 408, 429) or error.status_code >= 500:
        return ServiceUnavailable(f"Elasticsearch answers {error.status_code}: {said(error)}")
    return Misconfigured(f"Elasticsearch answers {error.status_code}: {said(error)}")


def misconfigured(alias: str, kind: str, words: str) -> Misconfigured:
    """Elasticsearch's ``words`` about an error of this ``kind``, with the remedy."""
    if kind == "security_exception":
        return Misconfigured(f"Elasticsearch does not let Copydesk in ({words}); {_CREDENTIALS}")
    return Misconfigured(
        f"the alias {alias} leads to no index that can be written ({words}); a restart creates "
        "what is missing, docs/operating.md says how to fill it from processed/"
    )


def said(error: ApiError) -> str:
    """Elasticsearch's words, with their causes."""
    body = error.body
    if isinstance(body, Mapping) and isinstance(body.get("error"), Mapping):
        return explained(body["error"])
    return str(error.message)


def is_missing_index(error: ApiError) -> bool:
    """Whether the index is missing; a missing document answers 404 as well."""
    return error.status_code == 404 and error.error == "index_not_found_exception"
