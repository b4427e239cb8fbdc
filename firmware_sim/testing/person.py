"""Who is at the other end of the leads, as a test sees it: what the muscle does, what is felt, what is said."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from firmware_sim.body.patient import Patient, Thresholds
from firmware_sim.body.pulse import Pulse
from firmware_sim.body.sensation import Feeling
from firmware_sim.body.speech import Saying
from firmware_sim.serial_urls.live import LiveSimulator
from firmware_sim.server import clock_us
from firmware_sim.testing.waiting import wait_until

SHOWN_SENTENCES: Final = 8


class Person:
    """The simulated body on one simulator. Channels count from 1; an unknown one raises ValueError.

    Every question first lets the time pass that has gone by. LookupError when the simulator was switched on without a body.
    """

    def __init__(self, of: Callable[[], tuple[LiveSimulator, list[Saying]]]) -> None:
        self.source: Final = of

    @property
    def about(self) -> str:
        """Who this is, in a sentence."""
        with self._asked() as (patient, _):
            return patient.profile.about

    def force_n(self, channel: int) -> float:
        """The force at the joint now (N), spasms in it; negative when a spastic antagonist wins."""
        with self._asked(channel) as (patient, now_us):
            return patient.force_n(channel, now_us)

    def peak_n(self, channel: int) -> float:
        """The largest force of the muscle up to now (N), spasms not in it."""
        with self._asked(channel) as (patient, now_us):
            return patient.peak_n(channel, now_us)

    def contracts(self, channel: int) -> bool:
        """Whether one sees the muscle contract now."""
        with self._asked(channel) as (patient, now_us):
            return patient.contracts(channel, now_us)

    def strength(self, channel: int) -> float:
        """What fatigue has left of the muscle: 1 is fresh."""
        with self._asked(channel) as (patient, now_us):
            return patient.strength(channel, now_us)

    def feeling(self, channel: int) -> Feeling:
        """What it feels like now: `.word`, and `.discomfort` from 0 (none) over 4 (pain begins) to 10 (unbearable)."""
        with self._asked(channel) as (patient, now_us):
            return patient.feeling(channel, now_us)

    def charge_uc(self, channel: int) -> float:
        """The charge that reached the muscle in the first phases of all pulses (µC)."""
        with self._asked(channel) as (patient, _):
            return patient.charge_uc(channel)

    def thresholds(self, channel: int, width_us: int) -> Thresholds:
        """The true thresholds for this width (mA that the stimulator has to put out): `.sensory`, `.motor`, `.median`,
        `.pain`; None = there is none.
        """
        with self._asked(channel) as (patient, _):
            return patient.thresholds(channel, Pulse(1_000, width_us))

    @property
    def said(self) -> list[Saying]:
        """Every sentence of the patient up to now, oldest first: `t_us`, `channel`, `word`, `sentence`."""
        with self._asked():
            return sorted(self.source()[1], key=lambda saying: saying.t_us)

    def wait_for(self, condition: Callable[["Person"], bool], within_s: float = 5.0, what: str = "") -> int:
        """Waits until `condition` holds and returns when that was seen (µs). Raises NotSeen after `within_s`."""
        return wait_until(self.source()[0], lambda: condition(self), within_s, what, self._instead)

    @contextmanager
    def _asked(self, channel: int | None = None) -> Iterator[tuple[Patient, int]]:
        live, _ = self.source()
        patient = live.port.body
        if patient is None:
            raise LookupError('nobody is at the electrodes of this simulator; switch it on with a body, as in body="healthy"')
        live.check_channel(channel)
        with live.changed:
            now_us = clock_us()
            live.run(now_us)
            yield patient, now_us

    def _instead(self) -> str:
        sentences = [
            f"  {saying.t_us} µs, channel {saying.channel}: {saying.sentence}" for saying in self.said[-SHOWN_SENTENCES:]
        ]
        return "the patient said:\n" + "\n".join(sentences) if sentences else "the patient has said nothing"
