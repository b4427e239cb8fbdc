"""For all tests of the screen."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A started engine's standard output pipe is closed by the collector, at a time of its own, with a warning."""
    for item in items:
        if item.path.is_relative_to(__file__.rpartition("/")[0]):
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))
