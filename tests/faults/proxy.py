"""Between Copydesk and a real HTTP service: what passes, what is slow, what is cut, what is lost.

A behaviour gets each request and a way to forward it, and gives the answer, or ``None`` to break the
connection off without one. All of them end at the real service; none plays it.
"""

import contextlib
import http.client
import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.services.ports import free_port

HOP_BY_HOP = {"connection", "expect", "keep-alive", "transfer-encoding"}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    number: int  # the how-manieth of its kind

    @property
    def is_bulk(self) -> bool:
        return self.path.partition("?")[0].endswith("/_bulk")


@dataclass(frozen=True)
class Response:
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


Forward = Callable[[Request], Response]
Behaviour = Callable[[Request, Forward], Response | None]


def passing(request: Request, forward: Forward) -> Response | None:
    return forward(request)


def cutting(_request: Request, _forward: Forward) -> Response | None:
    return None


def losing(request: Request, forward: Forward) -> Response | None:
    """Done, and the answer lost."""
    forward(request)
    return None


def answering(status: int) -> Behaviour:
    """Refused by something in front of the service."""

    def behave(request: Request, _forward: Forward) -> Response:
        said = {"error": {"type": "es_rejected_execution_exception", "reason": "busy"}, "status": status}
        kind = ("content-type", "application/vnd.elasticsearch+json;compatible-with=8")
        body = b"" if request.method == "HEAD" else json.dumps(said).encode()
        return Response(status, (kind, ("x-elastic-product", "Elasticsearch")), body)

    return behave


def hanging(seconds: float) -> Behaviour:
    """Done, and the answer held back for longer than anybody waits."""

    def behave(request: Request, forward: Forward) -> Response | None:
        forward(request)
        time.sleep(seconds)
        return None

    return behave


def slowly(seconds: float) -> Behaviour:
    def behave(request: Request, forward: Forward) -> Response | None:
        time.sleep(seconds)
        return forward(request)

    return behave


def every(number: int, behaviour: Behaviour, otherwise: Behaviour = passing) -> Behaviour:
    """Every so manieth bulk request or object request."""

    def behave(request: Request, forward: Forward) -> Response | None:
        return (behaviour if request.number % number == 0 else otherwise)(request, forward)

    return behave


def refusing_items(chosen: Callable[[], bool]) -> Behaviour:
    """A bulk whose chosen items are answered 429 and not indexed, as by a full write queue."""

    def behave(request: Request, forward: Forward) -> Response | None:
        if not request.is_bulk:
            return forward(request)
        lines = request.body.splitlines(keepends=True)
        pairs = list(zip(lines[::2], lines[1::2], strict=True))
        refused = [chosen() for _ in pairs]
        kept = b"".join(
            action + source for (action, source), no in zip(pairs, refused, strict=True) if not no
        )
        items: list[Any] = []
        response = answering(200)(request, forward)
        assert response is not None
        if kept:
            headers = tuple(
                (name, str(len(kept)) if name.lower() == "content-length" else value)
                for name, value in request.headers
            )
            response = forward(Request(request.method, request.path, headers, kept, request.number))
            if response.status != 200:
                return response
            items = json.loads(response.body)["items"]
        fault = {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "queue full"}}
        answers = iter(items)
        merged = [{"index": fault} if no else next(answers) for no in refused]
        return Response(200, response.headers, json.dumps({"items": merged}).encode())

    return behave


@dataclass
class Seen:
    at: float
    method: str
    path: str


@dataclass
class Proxy:
    """Listens on a port of its own; `behaviour` may be changed at any time."""

    upstream: str  # http://host:port
    behaviour: Behaviour = passing
    seen: list[Seen] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._connections: set[socket.socket] = set()
        self._counts: dict[bool, int] = {}
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self._port = free_port()
        self.up()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def up(self) -> None:
        if self._server is not None:
            return
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return lambda: proxy._pass(self)
                raise AttributeError(name)

            def setup(self) -> None:
                super().setup()
                proxy._connections.add(self.connection)
                self.there: http.client.HTTPConnection | None = None

            def finish(self) -> None:
                proxy._connections.discard(self.connection)
                if self.there is not None:
                    self.there.close()
                with contextlib.suppress(OSError, ValueError):
                    super().finish()

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:
                pass  # connections break off here: that is what it is for

        self._server = Server(("127.0.0.1", self._port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def down(self) -> None:
        """Refuse connections, and break off those there are."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server = None
        self.cut()

    def cut(self) -> None:
        """Break off every connection there is."""
        for connection in list(self._connections):
            abort(connection)

    def close(self) -> None:
        self.down()

    def _pass(self, handler: Any) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        path = handler.path
        with self._lock:
            kind = path.partition("?")[0].endswith("/_bulk")
            number = self._counts[kind] = self._counts.get(kind, 0) + 1
            self.seen.append(Seen(time.monotonic(), handler.command, path))
        request = Request(handler.command, path, tuple(handler.headers.items()), body, number)

        def forward(request: Request) -> Response:
            if handler.there is None:
                handler.there = http.client.HTTPConnection(urlsplit(self.upstream).netloc, timeout=60)
            return _forwarded(handler.there, request)

        try:
            response = self.behaviour(request, forward)
        except (OSError, http.client.HTTPException):
            response = None  # the real service has gone
        if response is None:
            handler.close_connection = True
            abort(handler.connection)
            return
        try:
            handler.send_response_only(response.status)
            for name, value in response.headers:
                if name.lower() not in HOP_BY_HOP | {"content-length"}:
                    handler.send_header(name, value)
            length = str(len(response.body))
            if request.method == "HEAD":
                length = next(
                    (value for name, value in response.headers if name.lower() == "content-length"), "0"
                )
            if response.status not in (204, 304):
                handler.send_header("Content-Length", length)
            handler.end_headers()
            handler.wfile.write(response.body)
        except OSError:
            handler.close_connection = True


def _forwarded(there: http.client.HTTPConnection, request: Request) -> Response:
    for fresh in (False, True):
        try:
            there.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers:
                if name.lower() not in HOP_BY_HOP:
                    there.putheader(name, value)
            there.endheaders(request.body or None)
            answer = there.getresponse()
            break
        except (OSError, http.client.HTTPException):
            there.close()  # an idle connection that the service has closed meanwhile
            if fresh:
                raise
    return Response(answer.status, tuple(answer.getheaders()), answer.read())


def abort(connection: socket.socket) -> None:
    """End a connection with a reset, so that the other side learns of it at once."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
