"""Free ports that stay ours while a server is down."""

import random
import socket
from threading import Lock

# Below the range the system hands to outgoing connections (from 32768 on Linux, 49152 elsewhere). Above
# it, a client that keeps dialling a killed server on 127.0.0.1 is one day given that very port as its own,
# connects to itself, and the server cannot come back.
LOWEST, HIGHEST = 20_000, 32_000

_given: set[int] = set()
_lock = Lock()


def free_port() -> int:
    """Choose a port nobody listens on, and never the same one twice in this process."""
    with _lock:
        for port in random.sample(range(LOWEST, HIGHEST), 1_000):
            if port not in _given and _is_free(port):
                _given.add(port)
                return port
    message = f"no free port between {LOWEST} and {HIGHEST}"
    raise OSError(message)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do; else the closed connections of an earlier test make a free port look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
