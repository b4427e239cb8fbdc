"""A strike, and current that has ended within its limit and stays away."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.pty.models import Model
from tests.pty.scenarios import SCENARIOS, Scene, staged, zero_after_ms


@contextmanager
def ended(name: str, model: Model) -> Iterator[Scene]:
    """The scene once its current has ended; fails when that was too late, and afterwards when any has flowed since."""
    scenario = SCENARIOS[name]
    with staged(scenario, model) as scene:
        took_ms = zero_after_ms(scenario, scene, scenario.strike(scene))
        limit_ms = scenario.limit_ms(model)
        assert 0 <= took_ms <= limit_ms, f"{took_ms:.1f} ms of {limit_ms} ms"
        zero_us = scene.session.scope.zero_us()
        yield scene
        assert scene.session.scope.zero_us() == zero_us, "current came back"
