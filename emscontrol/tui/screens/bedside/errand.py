"""One appointment's session from the last tick to what is written down after it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from emscontrol.core.errors import EmsError, UsageError
from emscontrol.desk.desk import StationDesk
from emscontrol.desk.handing_in import hand_in
from emscontrol.desk.next_time import what_comes_next
from emscontrol.desk.occasion import Occasion
from emscontrol.desk.running import Running, prepare
from emscontrol.desk.visit import Visit
from emscontrol.desk.wanted import Attendant, Wanted
from emscontrol.protocol.load import load_text
from emscontrol.safety.screening import Answer
from emscontrol.safety.screening_rules import ScreeningRule
from emscontrol.session.spec import SessionSpec
from emscontrol.tui import choices
from emscontrol.tui.house import AfterWanted, Errand, House
from emscontrol.tui.language import _


class BookedErrand:
    """Holds the stimulator while the session runs. `pain_before` is what the patient said before it, None if not asked."""

    def __init__(self, house: House, wanted: Wanted, visit: Visit, pain_before: int | None) -> None:
        self._house = house
        self._wanted = wanted
        self._visit = visit
        self._pain_before = pain_before

    async def begin(self, over: Callable[[EmsError | None], None]) -> None:
        """Begin the session. Raises every reason why it may not be; then nothing was begun and nothing is held."""
        attendant = Attendant(self._house.told, lambda: self._wanted.patient, _nobody, self._house.bench.denervation)

        def hold(desk: StationDesk) -> Running:
            return prepare(desk, self._wanted, attendant, self._spec)

        running = await self._house.station.call(hold)

        def then(problem: EmsError | None) -> None:
            over(problem)
            self._house.afterwards(self._end(running, problem))

        try:
            self._house.begin_session(Errand(running.spec, then, who=self._who(), pads=self._visit.places))
        except EmsError:
            await self._house.station.call(lambda _desk: running.let_go(False))
            raise

    def _who(self) -> str:
        born = f", *{self._visit.birth_year}" if self._visit.birth_year else ""
        return f"{self._visit.patient} {self._visit.called}".strip() + born

    def _spec(self, chosen: Occasion) -> SessionSpec:
        """The session of this occasion. Raises UsageError when it is not the one that was shown, or not wanted any more."""
        if stopped := self._house.stop_while_beginning:
            raise UsageError(_("STOP was pressed ({key}): nothing was begun.").format(key=stopped))
        given = chosen.prescription
        if _found(chosen) != _shown(self._visit):
            raise UsageError(
                _("The stimulator, the protocol or the place has changed since it was shown and ticked."), _("Check again.")
            )
        if tuple(level.words for level in given.levels) != self._visit.levels:
            raise UsageError(_("The levels have changed since they were shown."), _("Look at them, and check again."))
        if not set(chosen.lifted) <= set(self._visit.lifted):
            raise UsageError(_("Something was overridden or acknowledged since it was shown."), _("Check again."))
        loaded = load_text(given.protocol_text, f"plan {given.booking.plan}")
        comfort_ua, motor_ua = (
            {int(channel): ua for channel, ua in given.amplitudes_ua(kind).items()} for kind in ("comfort", "motor")
        )
        spec = choices.session_spec(loaded, chosen.device, comfort_ua, motor_ua, self._house.home, self._house.rehearsal)
        return replace(spec, booking=given.booking.to_json())

    async def _end(self, running: Running, problem: EmsError | None) -> None:
        """Give back what was held, hand the record in, and ask what was found."""
        said: list[str] = []

        def end(desk: StationDesk) -> list[str]:
            running.let_go(problem is None)
            if problem is not None:
                return []
            handed_in = hand_in(desk, said.append, running.chosen.actor, Path(running.spec.journal))
            try:
                return what_comes_next(desk, running.chosen.prescription) if handed_in else []
            except EmsError as untold:  # what was found on the skin is asked all the same
                return [f"{untold.what} {untold.remedy}".strip()]

        try:
            coming = await self._house.station.call(end)
        except EmsError as untold:
            coming = [f"{untold.what} {untold.remedy}".strip()]
        if problem is None:
            self._house.wants(AfterWanted(self._visit, (*said, *coming), self._pain_before))
        for words in coming if problem is not None else ():
            self._house.told(words)


def _found(chosen: Occasion) -> tuple[object, ...]:
    """What would be given: by what, what, and where. To be the same as `_shown` of what a person has ticked."""
    given, booking = chosen.prescription, chosen.prescription.booking
    places = {int(channel): (place.muscle, place.side, place.area_mm2) for channel, place in booking.channels.items()}
    return booking.patient, booking.plan, booking.number, chosen.device, given.sha256, places


def _shown(visit: Visit) -> tuple[object, ...]:
    places = {place.channel: (place.muscle, place.side, place.area_mm2) for place in visit.places}
    return visit.patient, visit.plan, visit.number, visit.device, visit.protocol_sha256, places


def _nobody(rule: ScreeningRule) -> Answer:
    raise UsageError(
        _("To be asked before this session: {question}").format(question=rule.question),
        _("The book is out of reach. On the command line it can be asked: emscontrol run --appointment."),
    )
