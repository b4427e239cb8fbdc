"""Which codec speaks for which model."""

from importlib import import_module
from types import ModuleType
from typing import Final

WIRE_MODULES: Final = {
    "p24": "emscontrol.devices.sciencemode4.wire",
    "rehastim2": "emscontrol.devices.sciencemode2.wire",
}


def codec(model: str) -> ModuleType:
    """The module with `encode`, `Decoder` and `TABLE` of a model, loaded when asked for. Raises KeyError."""
    return import_module(WIRE_MODULES[model])
