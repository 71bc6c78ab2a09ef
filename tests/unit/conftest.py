"""Unit tests need no network, and prove it."""

import socket
from threading import current_thread
from typing import Any

import pytest

from tests.services.starter import THREADS


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections, except between processes of this machine's own sockets (socketpair, asyncio)."""
    for name in ("connect", "connect_ex"):
        allowed = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any, allowed: Any = allowed) -> Any:
            # Services for later tests start in the background meanwhile.
            if self.family == socket.AF_UNIX or current_thread().name.startswith(THREADS):
                return allowed(self, address)
            # Not an OSError: code under test would take that for a service that is down.
            pytest.fail(f"a unit test connects to {address}; it belongs into tests/integration")

        monkeypatch.setattr(socket.socket, name, guarded)
