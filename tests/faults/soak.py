"""Fault 25: a nemesis that breaks one thing after another, as a seed has it, while files are dropped.

`make soak MINUTES=60 SEED=7` runs it for as long as asked. Two things must hold in the end: conservation,
every file is in one place, and liveness, a file dropped after the last fault is soon done. Memory must not
grow meanwhile.
"""

import itertools
import random
import time
from collections.abc import Callable

from services.bucket import keys
from tests.faults.clock import set_the_clock
from tests.faults.desk import Desk, Every
from tests.faults.memory import Memory
from tests.faults.proxy import (
    Proxy,
    answering,
    cutting,
    every,
    hanging,
    losing,
    passing,
    refusing_items,
    slowly,
)
from tests.faults.supervised import Supervised
from tests.services import Elasticsearch, Redis

ACTS = ("segfault", "bomb", "loop", "hang", "error")
#: What must hold when the faults have stopped.
ALIVE_SECONDS = 60


class Nemesis:
    """Breaks what it is given, one after the other, and mends it again."""

    def __init__(
        self,
        desk: Desk,
        server: Redis,
        index: Elasticsearch,
        processes: list[Supervised],
        chance: random.Random,
    ) -> None:
        self.desk = desk
        self.server = server
        self.index = index
        self.processes = processes
        self.workers = [process for process in processes if process.name == "worker"]
        self.chance = chance
        self.memory = Memory(processes)
        self.done: list[str] = []
        self.faults: list[Callable[[], None]] = [
            self.kill_a_child,
            self.kill_a_child,
            self.kill_a_process,
            self.stop_a_process,
            self.kill_redis,
            self.freeze_redis,
            self.flush_redis,
            self.fill_redis,
            self.set_the_clock,
            self.kill_the_index,
            self.refuse_connections,
            self.break_the_index,
        ]
        if "s3" in desk.proxies:
            self.faults.append(self.break_the_bucket)

    def strike(self) -> None:
        fault = self.chance.choice(self.faults)
        self.done.append(fault.__name__)
        fault()

    def some_time(self, least: float = 0.5, most: float = 4) -> None:
        time.sleep(self.chance.uniform(least, most))

    def kill_a_child(self) -> None:
        self.chance.choice(self.workers).kill_child()

    def kill_a_process(self) -> None:
        self.chance.choice(self.processes).kill()

    def stop_a_process(self) -> None:
        self.chance.choice(self.processes).terminate()

    def kill_redis(self) -> None:
        self.server.kill()
        self.some_time()
        self.server.start()

    def freeze_redis(self) -> None:
        self.server.pause()
        self.some_time(1, 8)
        self.server.resume()

    def flush_redis(self) -> None:
        with self.server.client() as client:
            client.flushall()

    def fill_redis(self) -> None:
        with self.server.client() as client:
            client.config_set("maxmemory", "1")  # whatever it holds is too much
            self.some_time()
            client.config_set("maxmemory", "0")

    def set_the_clock(self) -> None:
        with self.server.client() as client:
            set_the_clock(client, self.chance.choice((-3600, 3600)))

    def kill_the_index(self) -> None:
        self.index.kill()
        self.some_time()
        self.index.start()

    def refuse_connections(self) -> None:
        _, proxy = self.chance.choice(sorted(self.desk.proxies.items()))
        proxy.down()
        self.some_time()
        proxy.up()

    def break_the_index(self) -> None:
        roll = random.Random(self.chance.random())
        self._behave(
            self.desk.proxies["elasticsearch"],
            refusing_items(lambda: roll.random() < 0.3),
            every(3, losing),
            hanging(self.desk.settings.task_seconds),
        )

    def break_the_bucket(self) -> None:
        self._behave(self.desk.proxies["s3"], every(4, losing))

    def _behave(self, proxy: Proxy, *more: Callable[..., object]) -> None:
        some = (answering(429), answering(503), cutting, losing, slowly(0.5), *more)
        proxy.behaviour = self.chance.choice(some)  # type: ignore[assignment]
        self.some_time(1, 6)
        proxy.behaviour = passing


def soak(desk: Desk, server: Redis, index: Elasticsearch, *, seconds: float, seed: int) -> Nemesis:
    """Drop files and break things for so long; then everything must come to its end, and be accounted for."""
    chance = random.Random(seed)
    poison: list[str] = []
    processes = [desk.ingest(), desk.ingest(), desk.worker(1), desk.worker(2)]
    nemesis = Nemesis(desk, server, index, processes, chance)
    over = time.monotonic() + seconds
    numbers = itertools.count()
    with Every(1, nemesis.memory.sample):
        while time.monotonic() < over:
            if desk.waiting() < 300:  # no further ahead than they can follow
                for number in itertools.islice(numbers, chance.randrange(40)):
                    act = chance.choice(ACTS) if chance.random() < 0.02 else ""
                    lane = chance.choice(list(keys.LANES.values()))
                    names = desk.drop_stories(
                        [number], act or f"slow {chance.uniform(0, 0.1):.3f}", lane=lane
                    )
                    poison += names if act else []
            nemesis.strike()
            nemesis.some_time()
    began = time.monotonic()
    (probe,) = desk.drop_stories([10**6], prefix="probe")
    desk.eventually(lambda: desk.bucket.stat(keys.LIVE + probe) is None, ALIVE_SECONDS, "the probe is done")
    nemesis.done.append(f"probe after {time.monotonic() - began:.1f} s")
    desk.settled(ALIVE_SECONDS * 5)
    desk.check_conserved(poison)
    return nemesis
