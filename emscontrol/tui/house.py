"""What a screen may ask of the program around it, and the intentions that lead from one screen to another."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from textual.message import Message
from textual.screen import Screen

from emscontrol.config import ScreenSettings
from emscontrol.core.errors import EmsError
from emscontrol.desk.visit import PlaceOfPads, Visit
from emscontrol.session.spec import SessionSpec
from emscontrol.tui.bench import Bench
from emscontrol.tui.choices import Rehearsal
from emscontrol.tui.link import EngineLink
from emscontrol.tui.station import Station
from emscontrol.tui.stop_road import StopRoad


class House(Protocol):
    """The program, as its screens see it: `typed(self.app)` of every screen."""

    station: Station
    bench: Bench
    home: str
    rehearsal: Rehearsal
    road: StopRoad
    looks: ScreenSettings

    def look_like(self, chosen: ScreenSettings) -> None:
        """Other colours, another language, the bell: from now on, and kept. Raises StorageError when they cannot be kept."""

    def logged_out(self) -> None:
        """Nobody is at work here any more."""

    def logged_in(self) -> None:
        """Somebody has logged in on another screen than the log-in."""

    def afterwards(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this beside the screens, whichever is in front; what is refused is said on the one that is."""

    def told(self, words: str) -> None:
        """A line for the person at the screen in front. From any thread."""

    def wants(self, message: "Wanted") -> None:
        """As if the screen in front had asked for it."""

    @property
    def stop_while_beginning(self) -> str:
        """The STOP key that calls off what is being begun; "" for none."""

    def about_to_begin(self, begins: bool) -> None:
        """What a session needs is being looked for, or is not any more: pages stay, and a STOP calls it off."""

    def begin_session(self, errand: "Errand") -> None:
        """Start an engine for this and show its screen. Nothing happens while a session is open."""

    def book_problem(self, problem: EmsError) -> None:
        """Something was refused: the log-in is shown when that is why, else the message stands on the screen in front."""


class LiveScreen(Protocol):
    """A screen that an engine belongs to: what the app needs of it, for STOP and for leaving."""

    link: EngineLink

    @property
    def output_known(self) -> bool:
        """False when current may flow and nobody knows."""

    def say(self, text: str) -> None:
        """A line for the person at the screen."""

    def stop_is_void(self) -> str:
        """What to say when STOP is pressed and there is no engine."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One session about to begin, and what is done when its screen is left: with what the engine refused, or with None.

    `screen` makes the screen that shows it (a `LiveScreen`) from the session, the road of STOP and the name under which it
    joins the engine; without one it is the screen of a session.

    `coached` for somebody who does it for the first time: a line says which key is next. `who` is the patient as shown
    through the session, `pads` where they are; both empty where the book does not say.
    """

    spec: SessionSpec
    then: Callable[[EmsError | None], None]
    coached: bool = False
    screen: Callable[[SessionSpec, StopRoad, str], Screen[EmsError | None]] | None = None
    who: str = ""
    pads: Sequence[PlaceOfPads] = ()


class Told(Message):
    """Something for the person at the screen in front, from wherever it comes."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words


class Wanted(Message):
    """A screen wants another one. The app has a table of which."""

    bubble = True


class PatientWanted(Wanted):
    """The page of a patient."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


class PlanWanted(Wanted):
    """A plan."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class NewPlanWanted(Wanted):
    """A new plan for a patient; `protocol` is a library name chosen already, "" for none."""

    def __init__(self, code: str, protocol: str = "") -> None:
        super().__init__()
        self.code = code
        self.protocol = protocol


class ProtocolWanted(Wanted):
    """A protocol of the library, or a file."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path


class RunWanted(Wanted):
    """The session of an appointment: the checks come first."""

    def __init__(self, appointment: int, code: str) -> None:
        super().__init__()
        self.appointment = appointment
        self.code = code


class QuestionsWanted(Wanted):
    """Asking the questions of the screening that are due."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


class AfterWanted(Wanted):
    """Writing down what was found after a session. `told` is what became of its record and what comes next.

    It is `late` where nobody could at its end: the patient may be gone.
    """

    def __init__(self, visit: Visit, told: Sequence[str], pain_before: int | None, late: bool = False) -> None:
        super().__init__()
        self.visit = visit
        self.told = told
        self.pain_before = pain_before
        self.late = late


class MeasureWanted(Wanted):
    """Measuring thresholds: of one channel of a plan's protocol where `plan` is given, else freely."""

    def __init__(self, code: str = "", plan: int | None = None, channel: int = 1) -> None:
        super().__init__()
        self.code = code
        self.plan = plan
        self.channel = channel


class RecordWanted(Wanted):
    """The record of one session."""

    def __init__(self, journal: str) -> None:
        super().__init__()
        self.journal = journal


class ReplayWanted(Wanted):
    """A session played again from its record, so many times faster than it was."""

    def __init__(self, journal: str, speed: float = 1.0) -> None:
        super().__init__()
        self.journal = journal
        self.speed = speed


class TourWanted(Wanted):
    """The short tour of a first start."""


class FreeSessionWanted(Wanted):
    """A session without the book: protocol, stimulator and levels by hand. `body` and `faults` are for a simulator."""

    def __init__(self, protocol: str = "", device: str = "", body: str = "", faults: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.protocol = protocol
        self.device = device
        self.body = body
        self.faults = faults


class PracticeWanted(Wanted):
    """A practice session with a simulated patient."""
