"""What a URL `ems-sim://MODEL[?OPTION=VALUE[&…]]` says."""

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from firmware_sim.faults import Fault, FaultTextError, parse_fault
from firmware_sim.registry import MODELS

SCHEME: Final = "ems-sim"
LONGEST_WATCHDOG_MS: Final = 3_600_000

OPTIONS: Final[dict[str, str]] = {
    "body": "who is at the electrodes: the name of a simulated body, or a .yaml file that describes one",
    "fault": "NAME[:ARGUMENT][@START_S[+DURATION_S]], may be repeated",
    "seed": "a whole number; repeats the same random damage",
    "watchdog_ms": f"1 to {LONGEST_WATCHDOG_MS}, replaces the device's own watchdog time",
    "scope": "a new file for the oscilloscope's lines",
    "name": "keeps the device switched on when the port is closed, for the next who opens the same name",
}
"""Option: what it takes."""


class AddressError(ValueError):
    """The URL does not say which simulator is meant. The message says what is wrong and what there is."""


@dataclass(frozen=True, slots=True)
class Address:
    """One simulated stimulator, as a URL describes it. `str()` gives the URL back."""

    model: str
    body: str | None = None
    faults: tuple[str, ...] = ()
    seed: int = 0
    watchdog_ms: int | None = None
    scope: str | None = None
    name: str | None = None

    def __str__(self) -> str:
        options = [("body", self.body), *(("fault", fault) for fault in self.faults), ("seed", self.seed or None)]
        options += [("watchdog_ms", self.watchdog_ms), ("scope", self.scope), ("name", self.name)]
        query = "&".join(f"{option}={quote(str(value), safe=':@/+.')}" for option, value in options if value is not None)
        return f"{SCHEME}://{self.model}" + (f"?{query}" if query else "")

    def parsed_faults(self) -> list[Fault]:
        """The faults; every text is sound, as `parse_address` has read them."""
        return [parse_fault(text) for text in self.faults]


def parse_address(url: str) -> Address:
    """Reads a URL. Raises AddressError with a sentence that lists the models or the options."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise AddressError(f"{url!r} is not a URL: {error}") from None
    if parts.scheme != SCHEME:
        raise AddressError(f"{url!r} is not a simulator's URL: {SCHEME}://MODEL with one of the models {_models()}")
    model = parts.netloc.lower()
    if model not in MODELS or parts.path not in ("", "/"):
        raise AddressError(f"{url!r}: no model is called {(parts.netloc + parts.path)!r}; there are {_models()}")
    if parts.fragment:
        raise AddressError(f"{url!r}: a '#' ends a URL; write it as %23")
    address = Address(model)
    for pair in filter(None, parts.query.split("&")):
        option, _, value = pair.partition("=")
        address = _with(address, url, option, unquote(value))
    return address


def _with(address: Address, url: str, option: str, value: str) -> Address:
    if option not in OPTIONS:
        raise AddressError(f"{url!r}: there is no option {option!r}; the options are {_options()}")
    if not value:
        raise AddressError(f"{url!r}: {option} has no value; it takes {OPTIONS[option]}")
    if option == "fault":
        _check_fault(url, value)
        return replace(address, faults=(*address.faults, value))
    if getattr(address, option) != getattr(Address(address.model), option):
        raise AddressError(f"{url!r}: {option} is given twice; only fault may be repeated")
    if option == "seed":
        return replace(address, seed=_whole(url, option, value, -(2**63), 2**63))
    if option == "watchdog_ms":
        return replace(address, watchdog_ms=_whole(url, option, value, 1, LONGEST_WATCHDOG_MS))
    return replace(address, **{option: value})  # type: ignore[arg-type]  # body, scope and name are texts


def _check_fault(url: str, text: str) -> None:
    try:
        parse_fault(text)
    except FaultTextError as error:
        raise AddressError(f"{url!r}: {error}") from None


def _whole(url: str, option: str, value: str, low: int, high: int) -> int:
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 20 and low <= int(value) <= high):
        raise AddressError(f"{url!r}: {option}={value!r} does not do; it takes {OPTIONS[option]}")
    return int(value)


def _models() -> str:
    return ", ".join(f"{SCHEME}://{model} ({about})" for model, (_, _, about) in MODELS.items())


def _options() -> str:
    return "; ".join(f"{option} ({about})" for option, about in OPTIONS.items())
