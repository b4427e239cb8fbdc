"""Settings of all tests: the same examples in every run, so that a red run is a change; EMS_EXPLORE=1 looks for new ones."""

import os

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("explore" if os.environ.get("EMS_EXPLORE") else "steady")
