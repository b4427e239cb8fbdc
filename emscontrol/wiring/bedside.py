"""What the simulated body on the leads does and says, as events of the session: for practice, on simulators only."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from emscontrol.core.events import Event, make
from emscontrol.core.units import MN_PER_N
from emscontrol.session.links import Link, TimedLink
from emscontrol.session.turn import Bystander

if TYPE_CHECKING:
    from firmware_sim.body.patient import Patient
    from firmware_sim.body.speech import Saying
    from firmware_sim.world import SimulatedPort


class Bedside:
    """Listens to one body while a session runs (`session.turn.Bystander`)."""

    def __init__(self, patient: "Patient") -> None:
        self._patient = patient
        self._said: list[Event] = []
        patient.listen(self._hear)

    def heard(self) -> Iterable[Event]:
        """See Bystander."""
        said, self._said = self._said, []
        return said

    def after(self, event: Event, now_us: int) -> Iterable[Event]:
        """See Bystander. Tells what each contraction that has ended did, and each step of a procedure that is asked about."""
        if event.kind == "asked":
            return [self._answer(cast("int", event.args["channel"]), now_us)]
        if event.kind != "contraction_ended":
            return ()
        return [self._answer(channel, now_us) for channel in cast("list[int]", event.args["channels"])]

    def _hear(self, saying: "Saying") -> None:
        self._said.append(make("body_said", channel=saying.channel, text=saying.sentence, word=saying.word.value))

    def _answer(self, channel: int, now_us: int) -> Event:
        return make("body_answered", channel=channel, force_mn=round(self._patient.peak_n(channel, now_us) * MN_PER_N))


class SimulatedLink(TimedLink):
    """A simulator in memory, and whoever has its electrodes on."""

    def __init__(self, port: "SimulatedPort") -> None:
        super().__init__(port)
        self.bystander = None if port.body is None else Bedside(port.body)


def bystander_of(link: Link) -> Bystander | None:
    """Who is on the other end; None at a real port, of whose patient nothing is known."""
    return link.bystander if isinstance(link, SimulatedLink) else None
