import asyncio
import socket

import pytest


def test_a_unit_test_cannot_connect_anywhere() -> None:
    with socket.socket() as client, pytest.raises(pytest.fail.Exception, match="tests/integration"):
        client.connect(("127.0.0.1", 9))


def test_an_event_loop_still_works() -> None:
    async def answer() -> int:
        return 42

    assert asyncio.run(answer()) == 42
