"""Entering an outcome: what is measured at the left, where and how much at the right, with what may be typed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final, cast
from zoneinfo import ZoneInfo

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from emscontrol.core.errors import EmsError, NotAllowed, UsageError
from emscontrol.desk.desk import AtWork
from emscontrol.tui.house import House
from emscontrol.tui.language import _
from emscontrol.tui.places import muscle_id, muscle_name, place_name
from emscontrol.tui.station import Station
from emscontrol.tui.widgets.form import SMALL_ROWS
from emscontrol.tui.widgets.key_row import KeyRow
from emscontrol.tui.widgets.ordered_input import OrderedInput
from emscontrol.tui.widgets.stop_button import StopButton

if TYPE_CHECKING:
    from emscontrol.clinic.patients.measures import Measure

_FIELDS: Final = ("value", "scale", "muscle", "side", "landmark", "note")


class OutcomeForm(ModalScreen[str | None]):
    """Ends with what was kept, in a sentence; with None when nobody wants to."""

    DEFAULT_CSS = """
    OutcomeForm #outcome-title { height: 1; padding: 0 1; text-style: bold; }
    OutcomeForm #outcome-body { height: 1fr; }
    OutcomeForm #measures { width: 2fr; border: none; padding: 0 1; scrollbar-size-vertical: 1; }
    OutcomeForm #figures { width: 3fr; padding: 0 1; }
    OutcomeForm .field { height: 1; }
    OutcomeForm .field-words { width: 11; }
    OutcomeForm .field Input { width: 1fr; }
    OutcomeForm #range, OutcomeForm #outcome-said { height: auto; margin: 0 0 1 0; }
    OutcomeForm #outcome-said { text-style: bold; margin: 1 0 0 0; }
    OutcomeForm.small StopButton { height: 1; }
    OutcomeForm.small #range { margin: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
        Binding("f5", "keep", "Keep", key_display="F5"),
        Binding("escape", "leave", "Back", key_display="Esc"),
    ]
    AUTO_FOCUS = "#measures"

    def __init__(self, station: Station, patient_id: int, code: str, places: Sequence[tuple[str, str]], zone: ZoneInfo) -> None:
        super().__init__()
        self._station = station
        self._patient = patient_id
        self._code = code
        self._places = tuple(places)
        self._zone = zone

    def compose(self) -> ComposeResult:
        """Measures beside the fields; STOP below."""
        from emscontrol.clinic.patients.measures import MEASURES
        from emscontrol.safety.sites import known_muscles

        words = {
            "value": (_("Value"), ""),
            "scale": (_("Scale"), ""),
            "muscle": (_("Muscle"), _("e.g. hamstrings; right arrow completes")),
            "side": (_("Side"), _("left or right")),
            "landmark": (_("Landmark"), _("e.g. 10 cm above the patella")),
            "note": (_("Note"), _("may be left out")),
        }
        muscles = sorted(map(muscle_name, known_muscles()))
        yield Static(_("An outcome of {code}").format(code=self._code), id="outcome-title", markup=False)
        with Horizontal(id="outcome-body"):
            yield OptionList(*(Option(measure.name, id=key) for key, measure in MEASURES.items()), id="measures", markup=False)
            with VerticalScroll(id="figures", can_focus=False):
                yield Static("", id="range", markup=False)
                for name in _FIELDS:
                    with Horizontal(classes="field", id=f"row-{name}"):
                        yield Static(words[name][0], classes="field-words", markup=False)
                        suggester = SuggestFromList(muscles, case_sensitive=False) if name == "muscle" else None
                        yield OrderedInput(id=f"outcome-{name}", placeholder=words[name][1], compact=True, suggester=suggester)
                yield Static("", id="outcome-said", markup=False)
        with Vertical(id="foot"):
            yield StopButton()
            yield KeyRow()

    def on_mount(self) -> None:
        """Where there is one place only, it is that."""
        if len(self._places) == 1:
            muscle, side = self._places[0]
            self._field("muscle").value, self._field("side").value = muscle_name(muscle), side

    def on_resize(self, event: events.Resize) -> None:
        """Fewer rows: STOP takes one."""
        self.set_class(event.size.height < SMALL_ROWS, "small")

    def _field(self, name: str) -> Input:
        return self.query_one(f"#outcome-{name}", Input)

    @property
    def measure(self) -> str:
        """The one under the cursor."""
        listed = self.query_one("#measures", OptionList)
        at = listed.highlighted or 0
        return str(listed.get_option_at_index(at).id)

    @on(OptionList.OptionHighlighted, "#measures")
    def _other(self) -> None:
        """Only what this measure asks for is shown, with what may be typed."""
        from emscontrol.clinic.patients.measures import Where, expected, measure_of

        measure: Measure = measure_of(self.measure)
        asked = {
            "scale": "" not in measure.scales,
            "muscle": measure.where in (Where.MUSCLE, Where.FREE),
            "side": measure.where is not Where.PERSON,
            "landmark": measure.where is Where.SIDE,
        }
        for name, is_asked in asked.items():
            self.query_one(f"#row-{name}").display = is_asked
        self._field("scale").placeholder = _("one of {scales}").format(scales=", ".join(measure.scales))
        ranges = [f"{scale}: {expected(self.measure, scale)}".removeprefix(": ") for scale in measure.scales]
        every = _("Taken {when}.").format(when=measure.when) if measure.when else ""
        where = _("Of {where}.").format(where=measure.where.value)
        self.query_one("#range", Static).update("\n".join(filter(None, (measure.name, *ranges, where, every))))

    @on(OptionList.OptionSelected, "#measures")
    def _chosen(self) -> None:
        self._field("value").focus()

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        if event.input.id == "outcome-note":
            self.action_keep()
        else:
            self.focus_next()

    def action_keep(self) -> None:
        """Try to keep it."""
        self.run_worker(self._try(), exclusive=True)

    def action_leave(self) -> None:
        """Keep nothing."""
        self.dismiss(None)

    async def _try(self) -> None:
        typed = {name: self._field(name).value.strip() if self.query_one(f"#row-{name}").display else "" for name in _FIELDS}
        measure = self.measure

        def keep(at: AtWork) -> str:
            return _keep(at, self._patient, measure, typed, self._zone)

        try:
            said = await self._station.write("outcomes", keep)
        except EmsError as problem:
            self.query_one("#outcome-said", Static).update(f"{problem.what} {problem.remedy}".strip())
            if isinstance(problem, NotAllowed):
                cast("House", self.app).book_problem(problem)
            return
        self.dismiss(said)


def _keep(at: AtWork, patient_id: int, measure: str, typed: dict[str, str], zone: ZoneInfo) -> str:
    """In the book, and in a sentence. Raises UsageError."""
    from emscontrol.clinic.agenda.skin import skin_in_the_way
    from emscontrol.clinic.patients.measures import shown
    from emscontrol.clinic.patients.outcomes import Entered, record_outcome

    if not typed["value"]:
        raise UsageError(_("No value was typed."), _("Type it, or Esc leaves."))
    entered = Entered(
        measure=measure,
        text=typed["value"],
        taken_at=at.now,
        muscle=muscle_id(typed["muscle"]),
        side=typed["side"],
        scale=typed["scale"],
        landmark=typed["landmark"],
        note=typed["note"],
    )
    row = record_outcome(at.session, at.actor, at.now, patient_id, entered)
    value = shown(row.measure, row.value_milli, row.scale)
    said = _("Kept: {measure} {value}.").format(
        measure=f"{row.measure} {place_name(row.muscle, row.side)}".strip(), value=value
    )
    blocked = skin_in_the_way(at.session, patient_id, zone) if measure == "skin" else ""
    return f"{said} {blocked}".strip()
