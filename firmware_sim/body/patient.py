"""One person on the leads of one device: a muscle, skin and sensation under each channel.

The person is lazy. Pulses are remembered as runs, and nothing is worked out before somebody asks: a session that nobody looks
at costs next to nothing. Whoever asks about a time must have let the device come that far (`SimulatedPort.read`); times of
questions never run backwards.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from firmware_sim.body.library import find
from firmware_sim.body.load import Load
from firmware_sim.body.muscle import Muscle
from firmware_sim.body.profile import Profile, Site
from firmware_sim.body.pulse import Pulse
from firmware_sim.body.sensation import MOTOR_FRACTION, NONE, Feeling, Sensation
from firmware_sim.body.spasm import Spasms
from firmware_sim.body.speech import Saying, sentence

if TYPE_CHECKING:
    from firmware_sim.output import OutputStage, Run

VISIBLE_N: Final = 1.0
"""A contraction is seen from this force on (a design figure)."""
MINUTE_US: Final = 60_000_000
REMEMBERED: Final = 10_000
WAITING: Final = 20_000
"""So many runs of pulses may wait for somebody to ask."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The true thresholds of one channel for pulses of one form (mA); None = there is none.

    `sensory`: felt. `motor`: 2 % of the fibres answer. `median`: half of them. `pain`: hurts, for somebody not used to it.
    """

    sensory: float | None
    motor: float | None
    median: float | None
    pain: float | None


class _Place:
    """What is under one channel."""

    def __init__(self, site: Site, seed: str) -> None:
        skin = site.skin
        self.site: Final = site
        self.load: Final = Load(pads=skin.pads, rs_factor=skin.series, rp_factor=skin.resistance, into_body=skin.into_body)
        self.muscle: Final = Muscle(site.muscle)
        self.sensation: Final = Sensation(site.sensation)
        self.spasms: Spasms | None = None
        self.charge_uc = 0.0
        self.feeling = NONE
        self.began = False
        self._felt: Final[deque[tuple[int, int, Feeling]]] = deque(maxlen=REMEMBERED)
        self._rng: Final = Random(seed)  # noqa: S311 - a course that can be repeated, not a secret

    def begin(self, now_us: int) -> None:
        """Stimulation begins: what goes on by itself from then on."""
        self.began = True
        if self.site.spasms.per_hour > 0.0:
            self.spasms = Spasms(self.site.spasms, self._rng, now_us)
        if self.site.skin.cold_and_dry_s > 0.0:
            self.load.set_dry_skin(now_us, round(self.site.skin.cold_and_dry_s * 1e6))
        if self.site.skin.dries_in_min is not None:
            self.load.dry_out(now_us, round(self.site.skin.dries_in_min * MINUTE_US))

    def feel(self, feeling: Feeling, from_us: int) -> None:
        """From this time on it feels like this, until `sensation.until_us`."""
        self._felt.append((from_us, self.sensation.until_us, feeling))

    def felt(self, at_us: int) -> Feeling:
        """What it felt like at a time. Times never run backwards."""
        felt = self._felt
        while len(felt) > 1 and felt[1][0] <= at_us:
            felt.popleft()
        return felt[0][2] if felt and felt[0][0] <= at_us < felt[0][1] else NONE

    def force_n(self, at_us: int) -> float:
        """The force at the joint."""
        spasm = self.spasms.force_n(at_us) if self.spasms else 0.0
        return self.muscle.force_n(at_us) + spasm


class Patient:
    """A person. The same profile and seed give the same course; `varied` draws strength and fatigue around the profile's."""

    def __init__(self, profile: Profile, seed: int = 0, *, varied: bool = False) -> None:
        drawn = profile.varied(Random(f"{seed} person")) if varied else profile  # noqa: S311 - as above
        self.profile: Final = drawn
        self.seed: Final = seed
        self.began_us: int | None = None
        """When the first current flowed."""
        self._places: Final[dict[int, _Place]] = {}
        self._stage: OutputStage | None = None
        self._waiting: Final[deque[tuple[int, Run]]] = deque()
        self._said: Final[deque[Saying]] = deque(maxlen=REMEMBERED)
        self._watchers: Final[list[Callable[[int], object]]] = []
        self._listeners: Final[list[Callable[[Saying], object]]] = []

    @classmethod
    def named(cls, name: str, seed: int = 0, *, varied: bool = False) -> "Patient":
        """A named body, or one from a .yaml file. Raises BodyError naming those there are."""
        return cls(find(name), seed, varied=varied)

    # ---- what an output stage asks of a body

    def connect(self, stage: "OutputStage") -> None:
        """The leads are on."""
        self._stage = stage

    def load(self, channel: int) -> Load:
        """Electrodes and skin of a channel: what fault switches act on."""
        return self._place(channel).load

    def begin(self, channel: int, now_us: int) -> None:
        """The first current of a channel is about to flow."""
        if self.began_us is None:
            self.began_us = now_us
        self._place(channel).begin(now_us)

    def receive(self, channel: int, run: "Run") -> None:
        """Pulses that were delivered; they are thought about when somebody asks."""
        self._waiting.append((channel, run))
        if len(self._waiting) > WAITING:
            self._take(*self._waiting.popleft())

    # ---- what tests, records and practice sessions ask

    @property
    def channels(self) -> list[int]:
        """The channels that current has reached."""
        return sorted(channel for channel, place in self._places.items() if place.began)

    def force_n(self, channel: int, at_us: int) -> float:
        """The force at the joint at a time (N), spasms in it; negative when a spastic antagonist wins."""
        return self._asked(channel, at_us).force_n(at_us)

    def contracts(self, channel: int, at_us: int) -> bool:
        """Whether one sees the muscle contract at a time."""
        return self._asked(channel, at_us).muscle.force_n(at_us) >= VISIBLE_N

    def peak_n(self, channel: int, at_us: int) -> float:
        """The largest force of the muscle up to a time (N), spasms not in it."""
        return self._asked(channel, at_us).muscle.peak_n(at_us)

    def strength(self, channel: int, at_us: int) -> float:
        """What fatigue has left of the muscle: 1 is fresh."""
        return self._asked(channel, at_us).muscle.strength(at_us)

    def feeling(self, channel: int, at_us: int) -> Feeling:
        """What it feels like at a time."""
        return self._asked(channel, at_us).felt(at_us)

    def look(self, channel: int, at_us: int) -> tuple[float, Feeling]:
        """Force and feeling at a time, for those who watch: they are not called for it."""
        place = self._place(channel)
        return place.force_n(at_us), place.felt(at_us)

    def charge_uc(self, channel: int) -> float:
        """The charge that reached the muscle in the first phases of all pulses (µC)."""
        self._settle()
        return self._place(channel).charge_uc

    def recruited(self, channel: int, pulse: Pulse, current_ma: float | None = None) -> float:
        """The fraction of the fibres that this pulse reaches, at its own current or at this effective one."""
        return self._place(channel).muscle.recruited(pulse, pulse.amplitude_ma if current_ma is None else current_ma)

    def thresholds(self, channel: int, pulse: Pulse) -> Thresholds:
        """The true thresholds for pulses of this form, as currents that the stimulator has to put out: what goes past the
        muscle is in them. The amplitude of the pulse does not matter. For fresh, dry skin and full contact.
        """
        share = self._place(channel).site.skin.into_body
        here = self.thresholds_in_place(channel, pulse)
        currents_ma = (here.sensory, here.motor, here.median, here.pain)
        return Thresholds(*(None if current_ma is None else current_ma / share for current_ma in currents_ma))

    def thresholds_in_place(self, channel: int, pulse: Pulse) -> Thresholds:
        """The same as effective currents, which a device does not know: those that reach nerve and muscle."""
        place = self._place(channel)
        fresh = Sensation(place.site.sensation)
        return Thresholds(
            fresh.threshold_ma(pulse),
            place.muscle.current_for(MOTOR_FRACTION, pulse),
            place.muscle.current_for(0.5, pulse),
            fresh.pain_ma(pulse),
        )

    def says(self, now_us: int, channel: int | None = None) -> list[Saying]:
        """What was said up to a time, of all channels or one, and not asked for yet. The oldest are forgotten at 10 000."""
        self._settle()
        self._hear_all(now_us)
        ready = [saying for saying in self._said if saying.t_us <= now_us and channel in (None, saying.channel)]
        for saying in ready:
            self._said.remove(saying)
        return sorted(ready, key=lambda saying: saying.t_us)

    def watch(self, watcher: Callable[[int], object]) -> None:
        """Calls this with the time, in order, before anything later is asked, and whenever time has passed (`advance`)."""
        self._watchers.append(watcher)

    def listen(self, listener: Callable[[Saying], object]) -> None:
        """Calls this with each sentence, as soon as it is known (`advance`); those of one channel in order of time."""
        self._listeners.append(listener)

    def advance(self, now_us: int) -> None:
        """Time has passed: those who watch look."""
        if not self._watchers and not self._listeners:
            return
        self._settle()
        self._hear_all(now_us)
        for watcher in self._watchers:
            watcher(now_us)

    def _asked(self, channel: int, at_us: int) -> _Place:
        self._settle()
        self.advance(at_us)
        return self._place(channel)

    def _settle(self) -> None:
        if self._stage is not None:
            self._stage.hand_over()
        while self._waiting:
            self._take(*self._waiting.popleft())

    def _place(self, channel: int) -> _Place:
        place = self._places.get(channel)
        if place is None:
            place = self._places[channel] = _Place(self.profile.site(channel), f"{self.seed} channel {channel}")
        return place

    def _take(self, channel: int, run: "Run") -> None:
        """Pulses arrive. Those without any width do nothing."""
        if run.pulse.width_us <= 0:
            return
        place = self._place(channel)
        current_ma = run.flow.effective_ma(run.pulse)
        place.charge_uc += run.count * len(run.offsets_us) * run.pulse.charge_pc * run.flow.fraction * run.flow.into_body / 1e6
        last_us = run.first_us + (run.count - 1) * run.period_us
        recruited = place.muscle.recruited(run.pulse, current_ma)
        self._hear(channel, place, run.first_us)
        feeling = place.sensation.begin(run.pulse, current_ma, recruited, run.first_us, run.period_us)
        self._say(channel, place, feeling, run.first_us)
        place.sensation.go_on(last_us)
        place.feel(feeling, run.first_us)
        if run.offsets_us == (0,):
            place.muscle.receive(run.pulse, current_ma, run.first_us, run.period_us, run.count)
        else:
            for pattern in range(run.count):
                for offset_us in run.offsets_us:
                    at_us = run.first_us + pattern * run.period_us + offset_us
                    place.muscle.receive(run.pulse, current_ma, at_us, 0, 1)

    def _hear_all(self, now_us: int) -> None:
        for channel, place in self._places.items():
            self._hear(channel, place, now_us)

    def _hear(self, channel: int, place: _Place, now_us: int) -> None:
        """Says when a feeling has faded by now."""
        if place.feeling.word is not NONE.word and now_us >= place.sensation.until_us:
            self._say(channel, place, NONE, place.sensation.until_us)

    def _say(self, channel: int, place: _Place, feeling: Feeling, at_us: int) -> None:
        before, place.feeling = place.feeling, feeling
        if (words := sentence(before, feeling)) is not None:
            saying = Saying(at_us, channel, feeling.word, words)
            self._said.append(saying)
            for listener in self._listeners:
                listener(saying)
