"""Fault 19: the index is built anew under the feet of searches and of those who write to it."""

from tests.faults.desk import Every
from tests.processes import run

LONGEST = 90


def test_19_searches_never_find_a_hole_while_the_index_is_built_anew(desk):
    desk.drop_stories(range(100))
    desk.ingest()
    worker = desk.worker()
    desk.settled(60)
    desk.elasticsearch.indices.refresh(index=desk.settings.index)
    counts = []
    desk.drop_stories(range(100, 400), "slow 0.05")
    desk.eventually(lambda: desk.done() > 110, 60, "work has begun")
    with Every(
        0.05, lambda: counts.append(desk.elasticsearch.count(index=desk.settings.index)["count"])
    ) as looks:
        done = run("reindex", env=desk.environment)
    assert done.returncode == 0, done.stderr
    assert desk.waiting(), "the work was over before the new index was there"
    assert looks.count
    assert min(counts) >= 100
    desk.settled(LONGEST)
    assert worker.starts == 1
    desk.check_conserved()
