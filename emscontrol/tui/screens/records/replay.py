"""A session played again from its record. Nothing flows by it, and in every state the screen says so.

Of other terminals it swears nothing: whether sessions run there it looks up, as the page of devices does.
"""

import asyncio
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from emscontrol.core.units import US_PER_S
from emscontrol.record.line import Record
from emscontrol.tui.beside import each
from emscontrol.tui.braille import Span
from emscontrol.tui.commands.all import bindings
from emscontrol.tui.commands.table import Where
from emscontrol.tui.figures import clock
from emscontrol.tui.language import _
from emscontrol.tui.looks import ALARM_LOOKS, STATE_LOOKS, UNKNOWN
from emscontrol.tui.page import Page
from emscontrol.tui.screens.devices.others import others
from emscontrol.tui.screens.records.player import Player
from emscontrol.tui.screens.records.shelf import place_of, stations
from emscontrol.tui.widgets.channel_strip import ChannelStrip
from emscontrol.tui.widgets.chart import Chart, Plot
from emscontrol.tui.widgets.course_clock import CourseClock
from emscontrol.tui.widgets.event_log import QUIET
from emscontrol.tui.widgets.key_row import KeyRow

if TYPE_CHECKING:
    from emscontrol.record.report import VerifyReport

TICK_S: Final = 0.1
JUMP_US: Final = 10 * US_PER_S
SPAN_S: Final = 60
TOLD_ROWS: Final = 40  # of the last events; what does not fit is cut off at the top
RECORDS_MAX: Final = 400_000  # a session of hours has a tenth of that
TALL_ROWS: Final = 4
OTHER_ROWS: Final = 16
OTHERS_S: Final = 2.0  # how often it is looked whether sessions run elsewhere
PROMISE: Final = "REPLAY of a record: nothing is connected here, and nothing flows by this replay."
ELSEWHERE: Final = "REPLAY. But a SESSION RUNS in another terminal; to stop it: emscontrol stop"


class ReplayScreen(Page[None]):
    """Plays one journal. `journal` is its path or the name of its file."""

    WHERE = Where.REPLAY
    PAGE = "records"
    OWN_SPACE = True
    DEFAULT_CSS = """
    #replay-head { height: auto; padding: 0 1; text-style: bold reverse; }
    #replay-foot { height: auto; padding: 0 1; text-style: bold reverse; }
    #replay-course { height: 9; padding: 0 1; }
    #replay-told { height: 1fr; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    ReplayScreen StepKey { display: none; }
    ReplayScreen.small #replay-course { display: none; }
    ReplayScreen.small CourseClock { height: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Where.REPLAY),
        Binding("space", "do('pause')", show=False),
        Binding("escape", "back", show=False),
    ]

    def __init__(self, journal: str, speed: float = 1.0) -> None:
        super().__init__()
        self._journal = journal
        self._speed = speed
        self._player: Player | None = None
        self._seen_s = 0.0
        self._told: list[int] = []  # the places of the records that are told in words
        self._elsewhere = False

    def compose(self) -> ComposeResult:
        """No page of the program and no STOP: what it is stands above and below."""
        with Vertical(id="head"):
            yield Static(_(PROMISE), id="replay-head", markup=False)
            yield CourseClock()
        with Vertical(id="foot"):
            yield Static("", id="message", markup=False)
            yield Static(_(PROMISE), id="replay-foot", markup=False)
            yield KeyRow()
        yield VerticalScroll(id="strips", can_focus=False)
        yield Chart("replay-course")
        yield Static(_("Reading the record …"), id="replay-told", markup=False)

    def on_mount(self) -> None:
        """Time passes from here on, once there is something to play."""
        self.set_interval(TICK_S, self._tick)
        self.set_interval(OTHERS_S, self._look_elsewhere)
        self._look_elsewhere()

    def _look_elsewhere(self) -> None:
        if self.is_current:
            self.work_on(self._look_for_others, "others")

    async def _look_for_others(self) -> None:
        self._elsewhere = bool(await asyncio.to_thread(others, self.house.home))
        self.query_one("#replay-foot", Static).update(_(ELSEWHERE) if self._elsewhere else _(PROMISE))

    async def load(self) -> None:
        """Read and check it once."""
        if self._player is not None:
            return
        path = place_of(self.house.home, self._journal)
        async for records, finding, intact in each(_read(path, self.house.home) for path in (path,)):
            if not records:
                self.query_one("#replay-told", Static).update("")
                self.say(finding, stays=True)
                return
            player = Player(records, self._speed, intact)
            self._seen_s = time.monotonic()  # before a tick can see the player: the time that reading took is not played
            self._player = player
            self._told = [place for place, record in enumerate(records) if _is_told(record)]
            self.say(finding, stays=bool(finding))
        self._show()

    def stop_is_void(self) -> str:
        """What to say when F12 is pressed here; the replay stands still then, so that nobody takes it for a session."""
        if self._player is not None:
            self._player.playing = False
            self._show()
        return f"{super().stop_is_void()} {_('Nothing flows by this replay; it stands still now.')}"

    # -- commands ------------------------------------------------------------------------------------------------------

    def can(self, name: str) -> bool:
        """Everything but leaving needs something to play."""
        return self._player is not None or name == "out"

    def do_pause(self) -> None:
        """Stand still or go on."""
        self._act(lambda player: player.pause())

    def do_back(self) -> None:
        """Ten seconds back."""
        self._act(lambda player: player.jump(-JUMP_US))

    def do_forward(self) -> None:
        """Ten seconds on."""
        self._act(lambda player: player.jump(JUMP_US))

    def do_before(self) -> None:
        """The contraction before."""
        self._act(lambda player: player.to_contraction(-1))

    def do_next(self) -> None:
        """The next contraction."""
        self._act(lambda player: player.to_contraction(1))

    def do_faster(self) -> None:
        """Twice as fast."""
        self._act(lambda player: player.faster(1))

    def do_slower(self) -> None:
        """Half as fast."""
        self._act(lambda player: player.faster(-1))

    def do_out(self) -> None:
        """To where it was opened."""
        self.dismiss(None)

    def action_back(self) -> None:
        """The same with Esc."""
        self.dismiss(None)

    def _act(self, what: Callable[[Player], None]) -> None:
        if self._player is not None:
            what(self._player)
            self._show()

    # -- showing -------------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        now_s = time.monotonic()
        elapsed_s, self._seen_s = now_s - self._seen_s, now_s
        if self._player is not None and self._player.playing:
            self._player.pass_time(elapsed_s)
            self._show()

    def _show(self) -> None:
        player = self._player
        if player is None:
            return
        view = player.view()
        known = not view["output_unknown"]
        self.query_one("#replay-head", Static).update(_head(player, view))
        ending = f"{_(view['result']).upper()}: {view['reason']}" if view["result"] else ""
        self.query_one(CourseClock).show(view, ending)
        self._strips(view, known)
        self.query_one(Chart).show(_course(player))
        self.query_one("#replay-told", Static).update(_lately(player, self._told, self.query_one("#replay-told").size.height))

    def _strips(self, view: Mapping[str, Any], known: bool) -> None:
        strips = {strip.channel: strip for strip in self.query(ChannelStrip)}
        if not strips:
            self.query_one("#strips").mount_all(ChannelStrip(int(channel)) for channel in view["channels"])
            self.call_after_refresh(self._show)
            return
        tall = len(strips) * TALL_ROWS <= self.size.height - OTHER_ROWS
        for channel, strip in strips.items():
            strip.set_class(tall, "tall")
            strip.show(view["channels"][str(channel)], view["doing"], False, known)


def _read(path: Path, home: str) -> tuple[list[Record], str, bool]:
    """The records as far as they stand, what is to be said of them, and whether all of them do.

    Raises UsageError when it cannot be read, StorageError when the keys of stations cannot.
    """
    from emscontrol.record.replay import read_verified
    from emscontrol.record.verify import verify

    ring = stations(home)
    report = verify(path, ring.names(), distrusted=ring.mistrusted())
    if not report.last_good or report.last_good > RECORDS_MAX:
        too_long = _("It is too long for the screen: use replay --plain.")
        return [], too_long if report.last_good else report.sentence(), report.ok
    return list(read_verified(path, report.last_good, report.last_hash)), _finding(report), report.ok


def _finding(report: "VerifyReport") -> str:
    """What is not as it could be with the record and its signature; "" for a whole one of a station that is trusted here."""
    stands = "" if report.ok and report.ended else f"{report.sentence()} {report.totals_sentence()}"
    whole = report.signer and report.signed_to == report.last_good
    signed = "" if whole else report.signature_sentence()
    return " ".join(filter(None, (stands.strip(), report.mistrust or signed)))


def _head(player: Player, view: Mapping[str, Any]) -> str:
    """That it is a replay, first; then what the session was doing, and where the replay stands."""
    look = STATE_LOOKS[UNKNOWN if view["output_unknown"] else view["state"]]
    mark = ">" if player.playing else "||"
    how = _("playing") if player.playing else _("standing still")
    was = _("it was {state}").format(state=_(look.word))
    at, end = clock(int(player.at_us)), clock(player.end_us)
    simulated = _("  SIMULATION") if player.simulated else ""
    cut_off = "   " + _("the record has no end") if player.count == len(player.records) and not player.ended else ""
    return f"{_('REPLAY, nothing flows by it')}{simulated}   {mark} {how} ×{player.speed:g}   {at} / {end}   {was}{cut_off}"


def _course(player: Player) -> Plot:
    to_s = player.at_us / US_PER_S
    lanes = player.lanes(SPAN_S)
    top = max((level for points in lanes.values() for _at, level in points), default=0.0)
    return Plot(
        series={_("channel {number}").format(number=number): points for number, points in lanes.items()},
        across_words="",
        upward_words=_("mA commanded then"),
        across=Span(to_s - SPAN_S, to_s),
        upwards=Span(0, max(10.0, top * 1.1)),
        ticks=((to_s - SPAN_S, _("a minute before")), (to_s, clock(int(player.at_us)))),
        nothing=_("No current was commanded."),
    )


def _is_told(record: Record) -> bool:
    return record.event.kind not in QUIET or record.event.severity.value in ALARM_LOOKS


def _lately(player: Player, told: Sequence[int], rows: int) -> Text:
    """The last of those that are told, by their places in the record: it is drawn ten times a second."""
    upto = bisect_left(told, player.count)
    places = told[max(0, upto - min(TOLD_ROWS, max(1, rows))) : upto]
    return Text("\n", no_wrap=True, overflow="ellipsis").join(_lines([player.records[place] for place in places], player))


def _lines(records: Sequence[Record], player: Player) -> Iterator[Text]:
    first_us = player.records[0].t_us
    for record in records:
        look = ALARM_LOOKS.get(record.event.severity.value)
        mark = f"{look.mark} " if look else ""
        text = f"{(record.t_us - first_us) / US_PER_S:7.1f} s  {mark}{record.event.sentence()}"
        yield Text(text, style="bold" if look else "")
