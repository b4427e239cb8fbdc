"""Which stimulator is on a port? Each model is found by its own answers, whichever was tried before it."""

from pathlib import Path

from emscontrol.wiring.scan import USB_HINTS, scan
from tests.pty.models import MODELS, Model
from tests.pty.rig import Simulator, short_folder
from tests.pty.timed import every_model


@every_model
def test_each_model_is_recognised_and_nothing_is_armed(model: Model) -> None:
    with short_folder() as folder:
        simulator = Simulator(folder, model)
        try:
            locks = Path(folder) / "locks"
            locks.mkdir()
            found = [each for each in scan(locks, (simulator.address,)) if each.port == simulator.address]
            assert [each.model for each in found] == [model.name]
            assert simulator.scope.lines() == []
        finally:
            simulator.close()


def test_a_port_with_a_known_usb_id_is_asked_by_models_that_there_are() -> None:
    asked = {name for names in USB_HINTS.values() for name in names}
    assert asked == set(MODELS)
