"""A server that somebody else runs, named by a URL in the environment."""

from urllib.parse import urlsplit


class Given:
    """Used as it is: tests may write to it, and never start, stop or kill it."""

    pid: int | None = None

    def __init__(self, url: str) -> None:
        self.url = url
        self.address = urlsplit(url).netloc

    def start(self) -> None:
        """Nothing to do."""

    def alive(self) -> bool:
        return True

    def stop(self) -> None:
        message = f"{self.address} is not ours to stop; a test that breaks its server starts its own"
        raise RuntimeError(message)

    kill = pause = resume = stop

    def close(self) -> None:
        """Nothing to do."""

    def tail(self) -> str:
        return ""
