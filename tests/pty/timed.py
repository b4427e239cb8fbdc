"""A strike, and current that has ended within its limit and stays away."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from tests.pty.models import MODELS, Model
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


def every_model(test: Callable[[Model], None]) -> Callable[[], None]:
    """The test on all models side by side, for those that mostly wait. The first failure is the test's.

    For what a model has a part in: its own watchdog, its answers, what it tells.
    """
    return _side_by_side(test, list(MODELS.values()))


def in_turn(turn: Model) -> Callable[[Callable[[Model], None]], Callable[[], None]]:
    """The test on this model, and on all of them with EMS_EXPLORE=1 (docs/decisions/0011).

    For what the host does alike whatever is on the port; the way from a stop to zero is walked on every model elsewhere.
    """
    return lambda test: _side_by_side(test, list(MODELS.values()) if os.environ.get("EMS_EXPLORE") else [turn])


def _side_by_side(test: Callable[[Model], None], models: Sequence[Model]) -> Callable[[], None]:
    def on_each() -> None:
        with ThreadPoolExecutor(len(models)) as pool:
            for run in [pool.submit(test, model) for model in models]:
                run.result()

    on_each.__name__ = test.__name__
    on_each.__doc__ = test.__doc__
    return on_each
