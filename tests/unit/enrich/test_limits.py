import subprocess
import sys
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


def in_a_process_of_its_own(code):
    """The limits of this process are not for tests to lower."""
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )


def test_a_body_that_takes_too_much_memory_meets_an_error_and_what_follows_does_not():
    done = in_a_process_of_its_own(
        """if True:
        from concurrent.futures import ThreadPoolExecutor
        from services.enrich.limits import memory
        try:
            with memory(64):
                bytearray(200 * 1024**2)
        except MemoryError:
            print("met")
        len(bytearray(200 * 1024**2))
        with ThreadPoolExecutor(32) as pool:  # each reserves a stack and an arena: more than 2 GB
            print(sum(pool.map(len, [b"x" * 1000] * 500)))
        """
    )
    assert done.stdout.split() == ["met", "500000"], done.stderr


def test_a_body_that_hangs_where_nothing_can_interrupt_it_ends_with_its_process():
    done = in_a_process_of_its_own(
        """if True:
        import signal, time
        from services.enrich.limits import Limits
        with Limits(60, hard_seconds=0.2).hold():
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
            time.sleep(60)
        """
    )
    assert done.returncode == 1
    assert "Timeout" in done.stderr
