"""Measuring: what, where and how far; then the steps; then what was found, and what of it is kept."""

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from emscontrol.core.errors import EmsError, UsageError
from emscontrol.measure.suggestion import shown_width
from emscontrol.safety.sites import described_site
from emscontrol.session.spec import ProcedureSpec, SessionSpec
from emscontrol.tui.choices import is_simulated
from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.house import Errand
from emscontrol.tui.language import _
from emscontrol.tui.page import Page
from emscontrol.tui.screens.bedside.measure_asked import CURVE, device_asked, in_fields, procedure_asked, spec_asked
from emscontrol.tui.screens.bedside.measure_form import MeasureForm
from emscontrol.tui.screens.bedside.measure_found import Found, found_in, found_words
from emscontrol.tui.screens.bedside.measure_keep import far_above, keep_nerve, keep_thresholds, require_fit
from emscontrol.tui.screens.bedside.measure_known import curve_plot
from emscontrol.tui.screens.bedside.measure_live import MeasuringScreen
from emscontrol.tui.screens.bedside.measure_place import Place, place_of
from emscontrol.tui.stop_road import StopRoad
from emscontrol.tui.widgets.body_figure import BodyFigure, PadPlace
from emscontrol.tui.widgets.chart import Chart
from emscontrol.tui.widgets.form import Field, FormScreen


class MeasureScreen(Page[None]):
    """Thresholds of one channel, or a strength-duration curve. Without a patient nothing can be kept but the record."""

    DEFAULT_CSS = """
    MeasureScreen #measure-title { height: auto; padding: 0 1; text-style: bold; }
    MeasureScreen #before { height: 1fr; }
    MeasureScreen #fields { height: auto; }
    MeasureScreen #measure-pads { height: auto; padding: 1 1 0 1; }
    MeasureScreen #afterwards { height: 1fr; padding: 0 1; display: none; }
    MeasureScreen #found { width: 1fr; height: 100%; }
    MeasureScreen #found Static { height: auto; }
    MeasureScreen #found-curve { width: 1fr; height: 100%; display: none; }
    MeasureScreen.found #before { display: none; }
    MeasureScreen.found #afterwards { display: block; }
    MeasureScreen.curve #found-curve { display: block; }
    MeasureScreen.small #measure-pads { padding: 0 1; }
    """
    WHERE = Where.MEASURE
    PAGE = "patients"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.MEASURE),
        Binding("escape", "app.back", "Back", key_display="Esc"),
    ]

    def __init__(self, code: str, plan: int | None, channel: int) -> None:
        super().__init__()
        self._code, self._plan, self._channel = code, plan, channel
        self._of: Place | None = None
        self._procedure: ProcedureSpec | None = None
        self._found: Found | None = None
        self._begun = False
        self._kept = ""

    def content(self) -> ComposeResult:
        """Before it the form with the pads, afterwards what was found."""
        yield Static("", id="measure-title", markup=False)
        with VerticalScroll(id="before", can_focus=False):
            yield Vertical(id="fields")
            with Vertical(id="measure-pads"):
                yield BodyFigure()
        with Horizontal(id="afterwards"):
            with VerticalScroll(id="found", can_focus=True):
                yield Static("", id="found-words", markup=False)
            yield Chart("found-curve")

    async def load(self) -> None:
        """Whom and where, looked up once; what was typed since is not thrown away."""
        if self._of is not None:
            return
        self._of = await self._look_up()
        form = MeasureForm(self._of, self._channel, self.house.bench, self.house.rehearsal.body)
        await self.query_one("#fields").mount(form)
        form.begin()
        self._show_place()

    async def _look_up(self) -> Place:
        if not self._code:
            return Place()
        practice = (await self.house.station.about()).practice
        return await self.house.station.read("look", lambda at_work: place_of(at_work, self._code, self._plan, practice))

    def can(self, name: str) -> bool:
        """Only what makes sense now."""
        found = self._found
        keeps = found is not None and bool(self._code and found.thresholds) and not self._kept
        return {
            "go_on": keeps or (found is None and not self._begun),
            "keep": keeps,
            "nerve": found is not None and bool(self._code and found.lmn),
            "again": found is not None,
        }.get(name, True)

    def on_resize(self, event: events.Resize) -> None:
        """As every page."""
        super().on_resize(event)
        self._show_place()

    # -- before --------------------------------------------------------------------------------------------------------

    def on_measure_form_changed(self) -> None:
        """Another channel or muscle: its pads."""
        self._show_place()

    def _show_place(self) -> None:
        forms = self.query(MeasureForm)
        if self._of is None or not forms or self._found is not None:
            return
        told = forms.first().answers
        channel = int(told["channel"]) if told["channel"].isascii() and told["channel"].isdigit() else 1
        muscle, side = told["muscle"], told["side"]
        pulse = ""
        if self._of.protocol is not None and channel in self._of.protocol.channels:
            place = self._of.protocol.channels[channel]
            muscle, side = place.muscle, place.side.value
            pulse = _(", for {protocol}").format(protocol=self._of.protocol.title)
        self.query_one(BodyFigure).show([PadPlace(channel, muscle, side)])
        who = self._of.who or _("Nobody's: nothing is kept but the record")
        self.query_one("#measure-title", Static).update(
            _("Measuring: {who}{pulse}. F5 connects; no current yet.").format(who=who, pulse=pulse)
        )

    def do_go_on(self) -> None:
        """Begin; afterwards keep."""
        if self._found is not None:
            self.do_keep()
        elif self._of is not None:
            self.work_on(self._begin, "begin")

    async def _begin(self) -> None:
        if self._of is None or self._begun:
            return
        told, bench, protocol = self.query_one(MeasureForm).answers, self.house.bench, self._of.protocol
        device, procedure = device_asked(told, bench), procedure_asked(told, protocol, bench)
        if self._of.practice is not None and is_simulated(device) != self._of.practice:
            kind = _("simulated stimulators only") if self._of.practice else _("no simulations")
            raise UsageError(
                _("This book takes {kind}.").format(kind=kind), _("Choose another stimulator; or measure without a patient.")
            )
        spec = spec_asked(procedure, device, protocol, told["body"], bench, self.house.home, self.house.rehearsal)
        self._procedure, self._begun = procedure, True
        self.set_focus(None)
        self.house.begin_session(Errand(spec, lambda problem: self._over(spec, problem), screen=self._live))

    def _live(self, spec: SessionSpec, road: StopRoad, name: str) -> Screen[EmsError | None]:
        return MeasuringScreen(spec, road, name, self._of.who if self._of is not None else "")

    # -- afterwards ----------------------------------------------------------------------------------------------------

    def _over(self, spec: SessionSpec, problem: EmsError | None) -> None:
        """Back from the steps: what was found, or why nothing was begun."""
        self._begun = False
        if problem is not None:
            self.say(in_fields(problem), stays=True)
        else:
            self.work_on(lambda: self._read(spec.journal), "found")

    async def _read(self, journal: str) -> None:
        """What was found, from the record."""
        found = await asyncio.to_thread(found_in, journal)
        self._found, self._kept = found, ""
        self.add_class("found")
        self.set_class(bool(found.points), "curve")
        self._show_found()
        self.query_one("#found").focus()
        self.refresh_bindings()

    def _show_found(self) -> None:
        found, procedure = self._found, self._procedure
        if found is None or procedure is None or self._of is None:
            return
        widths = "" if procedure.kind == CURVE else f", {shown_width(procedure.widths_us[0])}"
        simulated = _("SIMULATION: ") if found.simulated else ""
        where = f"{described_site(procedure.muscle).name}, {_(procedure.side)}, {procedure.area_mm2 / 100:g} cm²{widths}"
        self.query_one("#measure-title", Static).update(
            f"{simulated}{self._of.who} {where}: {found.ending}".replace(":  ", ": ")
        )
        lines = [*found_words(found), "", *self._ways_on(found)]
        self.query_one("#found-words", Static).update(Text("\n").join(map(Text, lines)))
        fits = found.assessment.fits if found.assessment is not None else ()
        self.query_one(Chart).show(curve_plot(found.points, fits, procedure.widths_us, procedure.up_to_ua))

    def _ways_on(self, found: Found) -> list[str]:
        """What can be done with it."""
        ways = [self._kept] if self._kept else []
        if self.can("keep"):
            ways.append(_("Enter keeps these thresholds for {code}.").format(code=self._code))
        if self.can("nerve"):
            ways.append(_("n keeps the nerve of this muscle as: {lmn}. Only if you think so too.").format(lmn=_(found.lmn)))
        if not self._code:
            ways.append(_("Without a patient nothing is kept but the record of the measurement."))
        return [*ways, _("m measures once more, Esc leaves.")]

    def do_keep(self) -> None:
        """Keep what was found."""
        if self.can("keep"):
            self.work_on(self._keep, "keep")
        elif not self._kept:
            self.say(_("There is no threshold to keep. m measures once more."))

    async def _keep(self) -> None:
        found, procedure, of = self._found, self._procedure, self._of
        if found is None or procedure is None or of is None or self._kept:
            return
        require_fit(found, bool(of.practice))
        station, code = self.house.station, self._code
        asked = await station.read("thresholds", lambda at_work: far_above(at_work, code, procedure, found))
        if asked:
            self._ask_why(asked)
            return
        self._say_kept(await station.write("thresholds", lambda at_work: keep_thresholds(at_work, code, procedure, found, "")))

    def _ask_why(self, question: str) -> None:
        """A comfort level far above the last one is kept with a reason, or not at all."""
        found, procedure = self._found, self._procedure
        if found is None or procedure is None:
            return

        async def keep(answers: Mapping[str, str]) -> str:
            why = answers["why"]
            if not why:
                raise UsageError(_("The reason is missing."), _("Say why the level is right, or go back with Esc."))
            return await self.house.station.write(
                "thresholds", lambda at_work: keep_thresholds(at_work, self._code, procedure, found, why)
            )

        self.app.push_screen(FormScreen(question, [Field("why", _("If it is right, why"))], keep), self._say_kept)

    def _say_kept(self, kept: str | None) -> None:
        if kept:
            self._kept = _("Kept for {code}: {what}.").format(code=self._code, what=kept)
            self._show_found()
            self.refresh_bindings()

    def do_nerve(self) -> None:
        """Take the suggestion over, by a person's key alone."""
        if self.can("nerve"):
            self.work_on(self._keep_nerve, "keep")

    async def _keep_nerve(self) -> None:
        found, procedure, of = self._found, self._procedure, self._of
        if found is None or procedure is None or of is None:
            return
        require_fit(found, bool(of.practice))
        await self.house.station.write("patients", lambda at_work: keep_nerve(at_work, self._code, procedure, found))
        self.say(
            _("Kept for {code}: nerve of {muscle}, {side}: {lmn}.").format(
                code=self._code, muscle=described_site(procedure.muscle).name, side=_(procedure.side), lmn=_(found.lmn)
            ),
            stays=True,
        )

    def do_again(self) -> None:
        """Back to the form, with what stands there."""
        self._found, self._kept = None, ""
        self.remove_class("found", "curve")
        self._show_place()
        self.query_one(MeasureForm).begin()
        self.refresh_bindings()

    async def do_back(self) -> None:
        """Leave."""
        await self.run_action("app.back")
