"""Settings of all tests: the same examples in every run, so that a red run is a change; EMS_EXPLORE=1 looks for new ones."""

import gc
import os
import sys

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("explore" if os.environ.get("EMS_EXPLORE") else "steady")


def pytest_collection_finish() -> None:
    """What was imported and collected lives as long as the run: searching it for garbage again and again is a fifth of it."""
    if "sqlalchemy" in sys.modules:  # the tests of the book were collected
        from tests.statements_kept import keep_statements

        keep_statements()
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
