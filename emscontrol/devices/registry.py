"""Which stimulators there are: one table, read by name. A model's own modules are imported only when it is chosen."""

from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Final

from emscontrol.core.errors import UsageError
from emscontrol.core.stimulator import DeviceProfile, Stimulator


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """How the serial line of a model is set. `parity` is `N` or `E`, `rtscts` the hardware flow control."""

    baud: int
    data_bits: int = 8
    parity: str = "N"
    stop_bits: int = 1
    rtscts: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """A stimulator that can be named in `MODEL@PORT`. `module` holds `profile` and `driver` with these classes."""

    name: str
    module: str
    profile_class: str
    driver_class: str
    serial: SerialSettings
    about: str


MODELS: Final[dict[str, Model]] = {
    "reference": Model(
        name="reference stimulator",
        module="emscontrol.devices.reference",
        profile_class="ReferenceProfile",
        driver_class="ReferenceDriver",
        serial=SerialSettings(baud=921_600),
        about="Any stimulator with the open reference protocol: 8 channels, 0 to 120 mA, limits and lease held in the device.",
    ),
    "p24": Model(
        name="HASOMED P24",
        module="emscontrol.devices.sciencemode4",
        profile_class="P24Profile",
        driver_class="P24Driver",
        serial=SerialSettings(baud=3_000_000, stop_bits=2, rtscts=True),
        about="HASOMED P24 Science or Module over ScienceMode 4: 8 channels, each with a pulse clock of its own, 0 to 130 mA.",
    ),
    "rehastim2": Model(
        name="HASOMED RehaStim 2",
        module="emscontrol.devices.sciencemode2",
        profile_class="RehaStim2Profile",
        driver_class="RehaStim2Driver",
        serial=SerialSettings(baud=460_800, parity="E"),
        about="HASOMED RehaStim 2 over ScienceMode 2: 8 channels on one pulse clock, 0 to 130 mA, doublets and triplets.",
    ),
}

DEFAULT_MODEL: Final = "reference"
"""The model that is meant where none is named; only ever a simulated one."""


def model(name: str) -> Model:
    """The model of this name. Raises UsageError naming the known ones."""
    try:
        return MODELS[name]
    except KeyError:
        close = get_close_matches(name.lower(), MODELS, n=1)
        hint = f"Did you mean {close[0]}? " if close else ""
        raise UsageError(f"No stimulator model is called {name!r}.", f"{hint}Known models: {', '.join(MODELS)}.") from None


def profile(name: str) -> DeviceProfile:
    """What this model can do. Raises UsageError for an unknown one."""
    found = model(name)
    made: DeviceProfile = getattr(import_module(f"{found.module}.profile"), found.profile_class)()
    return made


def driver(name: str) -> Stimulator:
    """A driver for one device of this model, not connected yet. Raises UsageError for an unknown one."""
    found = model(name)
    made: Stimulator = getattr(import_module(f"{found.module}.driver"), found.driver_class)()
    return made


def serial_settings(name: str) -> SerialSettings:
    """How to set the serial line for this model. Raises UsageError for an unknown one."""
    return model(name).serial
