"""Each model in turn."""

import pytest

from tests.pty.models import MODELS, Model


@pytest.fixture(params=sorted(MODELS))
def model(request: pytest.FixtureRequest) -> Model:
    """A stimulator."""
    return MODELS[request.param]
