"""Which codec speaks for which model."""

from importlib import import_module
from types import ModuleType
from typing import Final

WIRE_MODULES: Final = {
    "p24": "emscontrol.devices.sciencemode4.wire",
    "rehastim2": "emscontrol.devices.sciencemode2.wire",
    "reference": "emscontrol.devices.reference.wire",
}
PAGE_MODULES: Final = {"reference": "emscontrol.devices.reference.page"}
"""Where `tables` makes the tables of a protocol that is published with this program."""
FRAME_LOOKS: Final = {
    "p24": "a frame begins with f0 and ends with 0f",
    "rehastim2": "a frame begins with f0 and ends with 0f",
    "reference": "a frame ends with 00 and has no 00 before",
}
"""What tells a frame of each model, for a person who has typed something else."""


def codec(model: str) -> ModuleType:
    """The module with `encode`, `Decoder` and `BadParameter` of a model, loaded when asked for. Raises KeyError."""
    return import_module(WIRE_MODULES[model])
