import os
import signal
import time

from services.enrich.pool import Lost, imap


def square_or_misbehave(number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if number == 5:
        time.sleep(60)
    return number * number


def test_results_come_in_the_order_of_the_items():
    found = list(imap(lambda seconds: time.sleep(seconds) or seconds, [0.1, 0.05, 0.0], jobs=3, seconds=10))
    assert found == [(0.1, 0.1), (0.05, 0.05), (0.0, 0.0)]


def test_a_child_that_dies_or_hangs_costs_its_own_item_only():
    found = dict(imap(square_or_misbehave, range(12), jobs=2, seconds=1))
    assert isinstance(found[3], Lost)
    assert not found[3].timed_out
    assert isinstance(found[5], Lost)
    assert found[5].timed_out
    assert {number: value for number, value in found.items() if number not in (3, 5)} == {
        number: number * number for number in range(12) if number not in (3, 5)
    }


def test_no_items_give_no_results():
    assert list(imap(square_or_misbehave, [], jobs=2, seconds=1)) == []


def test_a_slow_item_holds_the_order_up_but_loses_none_of_the_others():
    def slow_at_times(number):
        time.sleep(0.2 if number % 40 == 0 else 0)
        return number

    assert [number for number, _ in imap(slow_at_times, range(200), jobs=2, seconds=10)] == list(range(200))


def test_items_are_taken_only_a_few_ahead():
    taken = []

    def items():
        for number in range(1000):
            taken.append(number)
            yield number

    results = imap(lambda number: number, items(), jobs=1, seconds=10)
    next(results)
    assert len(taken) < 20
    results.close()
