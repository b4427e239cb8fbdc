"""What is to be measured, where, on which stimulator, and how far the current may go."""

from collections.abc import Iterator, Sequence
from typing import Final, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Grid, Horizontal
from textual.message import Message
from textual.widgets import Input, Select, Static

from emscontrol.core.units import UA_PER_MA
from emscontrol.safety.sites import described_site, known_muscles
from emscontrol.tui.bench import Bench
from emscontrol.tui.choices import is_simulated, stimulators
from emscontrol.tui.language import _
from emscontrol.tui.screens.bedside.measure_asked import CURVE, THRESHOLD, Answers
from emscontrol.tui.screens.bedside.measure_place import UP_TO_PERCENT, Place
from emscontrol.tui.widgets.ordered_input import OrderedInput

TWO_FROM: Final = 76  # columns for two fields beside each other
USUAL_BODY: Final = "healthy"
FREE: Final = ("muscle", "side", "pads")
"""Fields that a plan answers."""
PULSES: Final = ("widths", "rate")
"""Fields that a plan answers for a threshold search."""

Choices = Sequence[tuple[str, str]]


class MeasureForm(Grid):
    """All fields; those that are answered already are not shown."""

    DEFAULT_CSS = """
    MeasureForm { grid-size: 2; grid-gutter: 0 2; height: auto; grid-rows: 1; padding: 0 1; }
    MeasureForm.one { grid-size: 1; }
    MeasureForm .field { height: 1; }
    MeasureForm .field-words { width: 15; }
    MeasureForm .field Input, MeasureForm .field Select { width: 1fr; }
    """

    class Changed(Message):
        """Another place: muscle, side or channel."""

    def __init__(self, place: Place, channel: int, bench: Bench, body: str) -> None:
        super().__init__(id="asked")
        self._of = place
        self._first_channel = channel
        self._bench = bench
        self._body = body

    def compose(self) -> ComposeResult:
        """In the order in which one thinks of them."""
        kinds = ((THRESHOLD, _("thresholds")), (CURVE, _("strength-duration curve")))
        yield from self._chosen("kind", _("Measure"), kinds)
        if self._of.protocol is not None:
            channels = [(str(n), f"{n} {c.label}") for n, c in sorted(self._of.protocol.channels.items())]
            yield from self._chosen("channel", _("Channel"), channels, str(self._first_channel))
        else:
            yield from self._typed("channel", _("Channel"), "1", str(self._first_channel))
            yield from self._chosen("muscle", _("Muscle"), list(_muscles()))
            yield from self._chosen("side", _("Side"), (("left", _("patient's LEFT")), ("right", _("patient's RIGHT"))))
            yield from self._typed("pads", _("Pads, cm"), _("the smaller one, as 5x9"))
        yield from self._chosen("device", _("Stimulator"), list(self._devices()))
        yield from self._typed("port", _("or another"), _("MODEL@PORT"))
        yield from self._chosen("body", _("Simulated body"), self._bodies(), self._body or USUAL_BODY)
        yield from self._typed("up_to", _("Up to, mA"), _("never higher"), self._usual_up_to())
        yield from self._typed("step", _("Step, mA"), "1", "1")
        yield from self._typed("fine", _("Fine, mA"), "0.5", "0.5")
        yield from self._typed("widths", _("Widths, µs"), _("the usual ones"))
        yield from self._typed("rate", _("Rate, Hz"), _("as usual"))

    def _typed(self, name: str, words: str, hint: str, value: str = "") -> Iterator[Horizontal]:
        yield self._field(name, words, OrderedInput(value, id=f"asked-{name}", placeholder=hint, compact=True))

    def _chosen(self, name: str, words: str, choices: Choices, value: str = "") -> Iterator[Horizontal]:
        options = [(told, kept) for kept, told in choices]
        known = value if value in {kept for kept, _told in choices} else choices[0][0]
        chooser = Select(options, id=f"asked-{name}", allow_blank=False, value=known, compact=True)
        yield self._field(name, words, chooser)

    def _field(self, name: str, words: str, asked: "Input | Select[str]") -> Horizontal:
        return Horizontal(Static(words, classes="field-words", markup=False), asked, classes="field", id=f"row-{name}")

    def _devices(self) -> Iterator[tuple[str, str]]:
        yield from ((device, f"{name}  {device}") for name, device in self._of.stimulators)
        if self._of.practice is not False:
            taken = {device for _name, device in self._of.stimulators}
            offered = (choice for choice in stimulators(self._bench.models) if choice.value not in taken)
            yield from ((choice.value, choice.words) for choice in offered)
        elif not self._of.stimulators:
            yield "", _("none in the book")

    def _bodies(self) -> Choices:
        return [(body.name, body.name) for body in self._bench.bodies()]

    def _usual_up_to(self) -> str:
        """A quarter above the last comfort level where there is one, in whole mA; else it must be said."""
        comfort_ua = self._of.last_comfort_ua(self._first_channel)
        return str(-(-comfort_ua * UP_TO_PERCENT // 100 // UA_PER_MA)) if comfort_ua else ""

    # -- answers -------------------------------------------------------------------------------------------------------

    @property
    def answers(self) -> Answers:
        """What stands in the fields, "" for those that there are not."""
        names = ("kind", "channel", *FREE, "device", "port", "body", "up_to", "step", "fine", *PULSES)
        return {name: self._answer(name) for name in names}

    def _answer(self, name: str) -> str:
        found = self.query(f"#asked-{name}")
        return str(cast("Input | Select[str]", found.first()).value).strip() if found else ""

    def begin(self) -> None:
        """The cursor to what must be said first."""
        empty = [name for name in ("pads", "up_to") if self.query(f"#asked-{name}") and not self._answer(name)]
        self.query_one(f"#asked-{(*empty, 'kind')[0]}").focus()

    def on_mount(self) -> None:
        """Only what is not answered yet."""
        self._fit()

    def on_resize(self, event: events.Resize) -> None:
        """One or two columns."""
        self.set_class(event.size.width < TWO_FROM, "one")

    def on_select_changed(self, event: Select.Changed) -> None:
        """Other fields are to be answered, or it is another place."""
        event.stop()
        self._fit()
        self.post_message(self.Changed())

    def on_input_changed(self, event: Input.Changed) -> None:
        """The same."""
        event.stop()
        self._fit()
        if event.input.id == "asked-channel":
            self.post_message(self.Changed())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """On to the next field."""
        event.stop()
        self.screen.focus_next()

    def _fit(self) -> None:
        told = self.answers
        simulated = is_simulated(told["port"] or told["device"])
        answered = self._of.protocol is not None and told["kind"] == THRESHOLD
        for name, shown in (("body", simulated), *((name, not answered) for name in PULSES)):
            self.query_one(f"#row-{name}").display = shown


def _muscles() -> Iterator[tuple[str, str]]:
    """Those that are offered, by their id."""
    sites = (described_site(muscle) for muscle in known_muscles())
    return ((site.muscle, f"{site.muscle}  {site.name}") for site in sites if not site.refused)
