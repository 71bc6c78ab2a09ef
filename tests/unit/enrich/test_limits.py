import time

import pytest

from services.enrich.limits import DeadlineExceeded, deadline


def test_endless_work_is_interrupted():
    with pytest.raises(DeadlineExceeded), deadline(0.05):
        time.sleep(60)


def swallow_exceptions():
    try:
        time.sleep(60)
    except Exception:  # noqa: BLE001  # as careless libraries do
        pytest.fail("swallowed")


def test_no_handler_of_exceptions_swallows_it():
    with pytest.raises(DeadlineExceeded), deadline(0.05):
        swallow_exceptions()


def test_work_in_time_is_left_alone_afterwards_too():
    with deadline(0.05):
        pass
    time.sleep(0.1)
