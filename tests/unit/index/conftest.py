from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Services for later tests start in threads meanwhile, and their clients shuffle their hosts.

    Hypothesis sees the global random state change while it draws, and blames the strategy.
    """
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.filterwarnings("ignore:Do not use the `random` module"))
