"""An appointment being moved: where it is to be put and what is in the way there."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from emscontrol.clinic.appointments.opening import clock
from emscontrol.tui.language import _
from emscontrol.tui.screens.calendar.days import DAY_MIN, Slot, Target, weekday
from emscontrol.tui.screens.calendar.reading import Looked

if TYPE_CHECKING:
    from emscontrol.clinic.appointments.between import Occasion

STEP_MIN: Final = 15


@dataclass(frozen=True, slots=True)
class Moving:
    """`looked` is what would come of it, None until that is known."""

    occasion: "Occasion"
    words: str
    day: date
    begin: int
    length: int
    looked: Looked | None = None

    @staticmethod
    def of(slot: Slot, day: date) -> "Moving":
        """From where it is."""
        return Moving(slot.what, slot.what.patient, day, slot.begin, slot.end - slot.begin)

    def by(self, days: int = 0, minutes: int = 0) -> "Moving":
        """Further on; never over midnight."""
        begin = max(0, min(DAY_MIN - self.length, self.begin + minutes))
        return replace(self, day=self.day + timedelta(days=days), begin=begin, looked=None)

    def to(self, day: date, begin: int | None) -> "Moving":
        """There; without a time the time stays."""
        return replace(self, day=day, begin=self.begin if begin is None else begin, looked=None)

    @property
    def target(self) -> Target:
        """For drawing."""
        return Target(self.day, self.begin, self.begin + self.length, self.words)

    @property
    def sentence(self) -> str:
        """Where it would be and what is in the way."""
        where = f"{weekday(self.day)} {self.day} {clock(self.begin)}-{clock(self.begin + self.length)}"
        head = _("Moving {whom} to {where}:").format(whom=self.words, where=where)
        if self.looked is None:
            return f"{head} …"
        if not self.looked.conflicts:
            return f"{head} {_('free.')} {self.looked.clock} {_('Enter puts it there, Esc leaves it where it was.')}"
        way = _("Enter asks for a reason.") if self.looked.possible else _("It cannot be put there.")
        return f"{head} {self.looked.sentences} {way}"
