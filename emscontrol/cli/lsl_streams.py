"""Two streams of the lab streaming layer: markers, and commanded amplitudes. The only place that knows pylsl."""

import math
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from emscontrol.core.errors import UsageError
from emscontrol.core.units import UA_PER_MA, US_PER_S
from emscontrol.session.markers import CHANNELS, LOST, Levels, Marker

if TYPE_CHECKING:
    import pylsl

NAME: Final = "emscontrol"
LOOKS: Final = 200  # at both clocks, of which the quickest counts
LINGER_S: Final = 1.0  # for the last markers to reach who listens, which nobody acknowledges
KNOWLEDGE: Final = "commanded, not measured"
NOT_YET: Final = "not known yet: the marker session/joined says it"
SETTINGS: Final = "LSLAPICFG"  # where the layer's library looks for its settings, once, at the first call
PORTS: Final = "16572 to 16603"  # of the layer's streams, unless its settings say otherwise
LOOPBACK: Final = """[ports]
IPv6 = disable
AllowRandomPorts = 0
[multicast]
ResolveScope = machine
AddressesOverride = {127.0.0.1}
ListenAddress = 127.0.0.1
Interfaces = {127.0.0.1}
[lab]
KnownPeers = {127.0.0.1}
"""
"""Announced at the loopback address and nowhere else. The ports of the streams themselves it cannot bind to an address, so it
takes none but those that a firewall can be told of."""


@contextmanager
def on_this_computer() -> Iterator[None]:
    """What is made within this, in a process that has not used the layer before, is announced on this computer only."""
    before = os.environ.get(SETTINGS)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "lsl_api.cfg"
        file.write_text(LOOPBACK, encoding="ascii")
        os.environ[SETTINGS] = str(file)
        try:
            yield
        finally:
            if before is None:
                del os.environ[SETTINGS]
            else:
                os.environ[SETTINGS] = before


class Streams:
    """`emscontrol-markers` and `emscontrol-stimulation`, there from the making on. Raises UsageError without pylsl.

    `offset_s` is what LSL's clock shows beyond this computer's monotonic clock, `doubt_s` how far that may be wrong.
    `simulated` is None where they are there before any session, whose first marker says it.
    """

    def __init__(self, simulated: bool | None) -> None:
        try:
            import pylsl
        except (ImportError, RuntimeError) as problem:  # RuntimeError: the package is there and its library is not
            raise UsageError(
                "The lab streaming layer is not installed.", "Install it with: pip install 'emscontrol[lsl]'"
            ) from problem
        self.offset_s, self.doubt_s = _compare()
        text = pylsl.StreamInfo(f"{NAME}-markers", "Markers", 1, 0, "string", _source("markers"))
        levels = pylsl.StreamInfo(f"{NAME}-stimulation", "Stimulation", CHANNELS, 0, "float32", _source("stimulation"))
        self._describe(text, simulated)
        self._describe(levels, simulated)
        channels = levels.desc().append_child("channels")
        for number in range(1, CHANNELS + 1):
            channel = channels.append_child("channel")
            channel.append_child_value("label", f"channel {number}")
            channel.append_child_value("unit", "mA")
            channel.append_child_value("type", "Stimulation")
        try:
            self._markers, self._levels = pylsl.StreamOutlet(text), pylsl.StreamOutlet(levels)
        except RuntimeError as problem:
            raise UsageError(
                f"The streams cannot be offered: {problem}",
                f"Each takes a free port of {PORTS}; end other streams of this computer.",
            ) from problem

    def mark(self, marker: Marker) -> None:
        """Tell a moment."""
        self._markers.push_sample([marker.text], self._time(marker.t_us))

    def command(self, levels: Levels) -> None:
        """Tell what is commanded from a moment on."""
        self._levels.push_sample([ua / UA_PER_MA for ua in levels.ua], self._time(levels.t_us))

    def lose(self, t_us: int) -> None:
        """The engine is gone without a word: from here on nothing is known, which is no number."""
        self.mark(Marker(t_us, LOST))
        self._levels.push_sample([math.nan] * CHANNELS, self._time(t_us))

    def linger(self) -> None:
        """Give those who listen a moment to take the last of it."""
        if self._markers.have_consumers() or self._levels.have_consumers():
            time.sleep(LINGER_S)

    def _time(self, t_us: int) -> float:
        return t_us / US_PER_S + self.offset_s

    def _describe(self, info: "pylsl.StreamInfo", simulated: bool | None) -> None:
        about = info.desc()
        about.append_child_value("manufacturer", NAME)
        about.append_child_value("knowledge", KNOWLEDGE)
        about.append_child_value("simulated", {True: "yes", False: "no", None: NOT_YET}[simulated])
        about.append_child_value("clock", "the engine's own times, CLOCK_MONOTONIC of this computer")
        about.append_child_value("clock_doubt_s", f"{self.doubt_s:.9f}")


def _source(kind: str) -> str:
    """The same whenever this computer offers it, so that a recording goes on after a break."""
    return f"{NAME}-{kind}-{socket.gethostname()}"


def _compare() -> tuple[float, float]:
    """LSL's clock against the engine's, and half the time that the comparison took."""
    import pylsl

    looks = []
    for _ in range(LOOKS):
        before, there, after = time.monotonic(), pylsl.local_clock(), time.monotonic()
        looks.append(((after - before) / 2, there - (before + after) / 2))
    doubt_s, offset_s = min(looks)
    return offset_s, doubt_s
