"""Pauses between tries grow, and never beyond what a recovery may take."""

import pytest

from services.errors import ServiceUnavailable
from services.patience import patiently, pause


@pytest.mark.parametrize("failures", [1, 2, 3, 10, 10**6])
def test_a_pause_is_never_shorter_than_asked_for_nor_longer_than_three_times_that(failures):
    pauses = [pause(5, failures) for _ in range(200)]
    assert min(pauses) >= 5
    assert max(pauses) <= 15
    assert len(set(pauses)) > 100, "a fleet would come back in step"


def test_pauses_grow():
    assert max(pause(1, 1) for _ in range(200)) < min(pause(1, 2) for _ in range(200))
    assert max(pause(1, 1) for _ in range(200)) < min(pause(1, 50) for _ in range(200)) / 1.5


def test_an_action_is_tried_until_the_service_is_there():
    tries = []

    def action():
        tries.append(1)
        if len(tries) < 4:
            raise ServiceUnavailable("away")
        return "there"

    assert patiently(action, 0.01) == "there"
    assert len(tries) == 4
