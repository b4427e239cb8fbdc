"""Reading the oscilloscope's file while it is being written."""

import json
from pathlib import Path

from firmware_sim.scope import ScopeLine
from tests.pty.waiting import wait_for


class Oscilloscope:
    """The truth of one simulated stimulator."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: list[ScopeLine] = []
        self._read = 0

    def lines(self) -> list[ScopeLine]:
        """Whole lines written up to now."""
        with self.path.open("rb") as file:
            file.seek(self._read)
            new = file.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        self._lines += [ScopeLine(**json.loads(line)) for line in whole.splitlines()]
        return self._lines

    def amplitudes(self) -> dict[int, int]:
        """What each channel carries (µA) by its last line."""
        return {line.channel: line.amplitude_ua for line in self.lines()}

    @property
    def flowing(self) -> bool:
        """True while any channel carries current."""
        return any(self.amplitudes().values())

    def first_us(self) -> int:
        """When the first current flowed."""
        return next(line.t_us for line in self.lines() if line.amplitude_ua)

    def zero_us(self) -> int:
        """When the last current ended; a channel that is switched on again later counts. Fails while any flows."""
        lines = self.lines()
        before: dict[int, int] = {}
        ended = 0
        for line in lines:
            if before.get(line.channel) and not line.amplitude_ua:
                ended = max(ended, line.t_us)
            before[line.channel] = line.amplitude_ua
        assert not any(before.values()), f"current still flows: {before}"
        assert ended, "no current ever flowed"
        return ended

    def wait_current(self, channels: int, amplitude_ua: int) -> None:
        """Until so many channels carry at least this."""
        wait_for(
            lambda: sum(ua >= amplitude_ua for ua in self.amplitudes().values()) >= channels,
            f"{channels} channels at {amplitude_ua} µA on the oscilloscope; they are at {self.amplitudes()}",
        )

    def wait_zero(self, limit_s: float) -> int:
        """Until no channel carries current; when that was (µs)."""
        wait_for(lambda: not self.flowing, f"zero on the oscilloscope, which shows {self.amplitudes()}", limit_s)
        return self.zero_us()
