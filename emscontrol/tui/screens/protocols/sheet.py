"""The picture of one phase: its pulse beside its cycle, or above it where there is little room."""

from itertools import zip_longest
from typing import Final

from rich.text import Text
from textual import events
from textual.widgets import Static

from emscontrol.core.pulse import Waveform
from emscontrol.protocol.findings import plain
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import Group
from emscontrol.tui.bench import Examined
from emscontrol.tui.glyphs import ascii_only
from emscontrol.tui.language import _
from emscontrol.tui.screens.protocols.drawing import cycle_drawn, folded, pulse_drawn

BESIDE_FROM: Final = 72  # columns from which pulse and cycle stand side by side
PULSE_SHARE: Final = 42  # percent of the room
USUAL_GAP_US: Final = 100


class PhasePicture(Static):
    """Draws one phase at a time, with every different pulse of it."""

    def __init__(self) -> None:
        super().__init__("", id="phase-picture", markup=False)
        self._protocol: Protocol | None = None
        self._examined: Examined | None = None
        self._phase = 0

    def show(self, protocol: Protocol, examined: Examined | None) -> None:
        """This protocol, with the pulses as the device would make them where that is known."""
        if self._protocol is None:
            sizes = [max(float(g.intensity.fraction) for g in phase.groups) for phase in protocol.phases]
            self._phase = sizes.index(max(sizes))
        self._protocol, self._examined = protocol, examined
        self._phase %= len(protocol.phases)
        self._draw()

    def step(self) -> None:
        """The next phase."""
        if self._protocol is not None:
            self._phase = (self._phase + 1) % len(self._protocol.phases)
            self._draw()

    def on_resize(self, event: events.Resize) -> None:
        """For the room there is."""
        self._draw()

    def _draw(self) -> None:
        if self._protocol is not None and self.size.width > 0:
            self.update(Text("\n", no_wrap=True, overflow="crop").join(self._lines(self._protocol, self.size.width)))

    def _lines(self, protocol: Protocol, width: int) -> list[Text]:
        phase = protocol.phases[self._phase]
        words = _("{name} ({number} of {count}): one pulse, and one cycle of contractions. p: next phase.")
        head = Text(words.format(name=phase.name, number=self._phase + 1, count=len(protocol.phases)), style="bold")
        beside = width >= BESIDE_FROM
        left = width * PULSE_SHARE // 100 if beside else width
        pulses = self._pulses(protocol, left)
        cycle = cycle_drawn(phase, protocol, width - left - 2 if beside else width, ascii_only())
        if not beside:
            return [head, *pulses, Text(""), *cycle]
        rows = []
        for one, other in zip_longest(pulses, cycle, fillvalue=Text("")):
            row = one.copy()
            row.truncate(left, pad=True)
            rows.append(Text("  ").join((row, other)))
        return [head, *rows]

    def _pulses(self, protocol: Protocol, width: int) -> list[Text]:
        lines: list[Text] = []
        drawn: list[tuple[Waveform, str]] = []
        for group in protocol.phases[self._phase].groups:
            percent = f"{plain(group.intensity.fraction * 100)} %"
            waveform = self._waveform(group)
            if (waveform, percent) not in drawn:
                drawn.append((waveform, percent))
                words = _("{percent} of the {level} level, {rate} Hz").format(
                    percent=percent, level=_(group.intensity.of.value), rate=plain(group.rate_hz)
                )
                burst = _(", {count} pulses each time").format(count=group.burst_pulses) if group.burst else ""
                lines += [*pulse_drawn(waveform, percent, width, ascii_only()), *folded(words + burst, width)]
        return lines

    def _waveform(self, group: Group) -> Waveform:
        """As the device would make it; where it cannot, as the file says."""
        plateaus = self._examined.judgement.plateaus if self._examined else ()
        made = (output.train.waveform for output in plateaus if output.channel in group.channels)
        asked = (group.waveform, group.pulse_width_us)
        gap_us = USUAL_GAP_US if group.interphase_gap_us is None else group.interphase_gap_us
        exact = Waveform(group.waveform, group.pulse_width_us, gap_us, group.recovery_ratio)
        return next((waveform for waveform in made if (waveform.shape, waveform.width_us) == asked), exact)
