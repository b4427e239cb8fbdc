"""A strike, and current that has ended within its limit and stays away."""

from collections.abc import Callable, Iterator
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
    """The test on all models side by side, for those that mostly wait. The first failure is the test's."""

    def on_every() -> None:
        with ThreadPoolExecutor(len(MODELS)) as pool:
            for run in [pool.submit(test, model) for model in MODELS.values()]:
                run.result()

    on_every.__name__ = test.__name__
    on_every.__doc__ = test.__doc__
    return on_every
