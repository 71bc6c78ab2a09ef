"""The faults: how each is brought about. A fault is over when its function returns."""

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.faults.copydesk import HOST
from tests.faults.desk import Desk, Every
from tests.faults.proxy import (
    Behaviour,
    answering,
    cutting,
    every,
    hanging,
    losing,
    passing,
    refusing_items,
)
from tests.faults.supervised import Supervised
from tests.services import Redis


@dataclass(frozen=True)
class Stack:
    """What a fault may break."""

    desk: Desk
    redis: Redis
    ingest: Supervised
    worker: Supervised


@dataclass(frozen=True)
class Fault:
    """``worker``: what its workers' environment has besides."""

    name: str
    strike: Callable[[Stack], object]
    worker: Mapping[str, str] = field(default_factory=dict)


def killed(seconds: float) -> Callable[[Stack], None]:
    def strike(stack: Stack) -> None:
        stack.redis.kill()
        time.sleep(seconds)
        stack.redis.start()

    return strike


def restarted(stack: Stack) -> None:
    for _ in range(6):
        stack.redis.kill()
        stack.redis.start()
        time.sleep(0.5)


def frozen(stack: Stack) -> None:
    stack.redis.pause()
    time.sleep(90)
    stack.redis.resume()


def flushed(stack: Stack) -> None:
    with stack.redis.client() as client:
        client.flushall()


def flushed_again_and_again(stack: Stack) -> None:
    with stack.redis.client() as client, Every(10, client.flushall):
        time.sleep(61)


def full(stack: Stack) -> None:
    with stack.redis.client() as client:
        client.config_set("maxmemory", "1")  # whatever it holds is too much
        time.sleep(20)
        client.config_set("maxmemory", "0")


def refused(service: str, seconds: float) -> Callable[[Stack], None]:
    def strike(stack: Stack) -> None:
        stack.desk.proxies[service].down()
        time.sleep(seconds)
        stack.desk.proxies[service].up()

    return strike


def behaving(service: str, seconds: float, *behaviours: Behaviour) -> Callable[[Stack], None]:
    def strike(stack: Stack) -> None:
        proxy = stack.desk.proxies[service]
        for behaviour in behaviours:
            proxy.behaviour = behaviour
            time.sleep(seconds / len(behaviours))
        proxy.behaviour = passing

    return strike


def three_in_ten() -> bool:
    return random.random() < 0.3


ALL = (
    Fault("none, for comparison", lambda _stack: None),
    Fault("a worker's process killed", lambda stack: stack.worker.kill_child()),
    Fault("worker killed and started again", lambda stack: stack.worker.kill()),
    Fault(
        "worker killed, its host lost; another starts", lambda stack: stack.worker.kill(), {HOST: "a new one"}
    ),
    Fault("worker stopped and started again", lambda stack: stack.worker.terminate()),
    Fault("ingest killed and started again", lambda stack: stack.ingest.kill()),
    Fault("Redis killed, away 2 s, nothing kept", killed(2)),
    Fault("Redis killed, away 60 s, nothing kept", killed(60)),
    Fault("Redis restarted 6 times", restarted),
    Fault("Redis frozen 90 s", frozen),
    Fault("Redis full 20 s", full),
    Fault("Redis flushed", flushed),
    Fault("Redis flushed every 10 s for 60 s", flushed_again_and_again),
    Fault("Elasticsearch refuses connections 60 s", refused("elasticsearch", 60)),
    Fault(
        "Elasticsearch refuses 3 in 10 articles, then all with 429, then with 503, 60 s",
        behaving("elasticsearch", 60, refusing_items(three_in_ten), answering(429), answering(503)),
    ),
    Fault(
        "Elasticsearch loses every 5th answer and keeps every 10th back 40 s, 60 s",
        behaving("elasticsearch", 60, every(10, hanging(40), every(5, losing))),
    ),
    Fault("S3 refuses connections 20 s", refused("s3", 20)),
    Fault("S3 answers 503, then breaks off, 20 s", behaving("s3", 20, answering(503), cutting)),
    Fault("S3 loses every 4th answer, 20 s", behaving("s3", 20, every(4, losing))),
)
