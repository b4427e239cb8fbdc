"""One journal as rows of the tables, read once from front to end with memory that does not grow.

Rows of one table come in order of time; those of different tables come as they are complete.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from emscontrol.core.events import Event
from emscontrol.core.units import US_PER_S
from emscontrol.measure.words import Word
from emscontrol.record.exports.session import UNSIGNED, SessionFacts, Signed
from emscontrol.record.exports.tables import MHZ_PER_HZ, Row, Value
from emscontrol.record.line import Record
from emscontrol.record.replay import read_verified

Rows: TypeAlias = Iterator[tuple[str, Row]]
Arguments: TypeAlias = Callable[[Event], str | None]
"""How the arguments of an event are written, None for not at all."""

OWN_TABLE: Final = frozenset({"set_point", "acked", "measured"})
BULKY: Final = frozenset({"protocol_text", "protocol_compiled"})
WAITING_MAX: Final = 64  # set points whose answer is waited for; a driver has one at a time under way
_Outputs: TypeAlias = Sequence[Mapping[str, int]]


def plain_arguments(event: Event) -> str | None:
    """All of them but the protocol, which is longer than a cell of a spreadsheet takes and stands in the journal."""
    return json.dumps({name: value for name, value in event.args.items() if name not in BULKY})


class _SetPoint:
    """A command whose answer is still to come: the rows that it will be."""

    def __init__(self, number: int | None, rows: list[Row]) -> None:
        self.number = number  # None for a stop
        self.rows = rows
        self.answer: tuple[Value, Value] = (None, None)

    def finished(self) -> Iterator[tuple[str, Row]]:
        return (("set_points", row + self.answer) for row in self.rows)


class JournalReader:
    """Reads one journal that has been verified up to record `last_n`, under the name `session`: all of it with `rows`.

    While it is being verified, `take` the records as they come, then ask for the `rest`. `signed` says by which key, and how
    far.
    """

    def __init__(
        self,
        path: Path,
        session: str,
        last_n: int = 0,
        last_hash: str = "",
        arguments: Arguments = plain_arguments,
        signed: Signed = UNSIGNED,
    ) -> None:
        self._path, self._session, self._last_n = path, session, last_n
        self._arguments = arguments
        self._last_hash, self._signed = last_hash, signed
        self._facts = SessionFacts(session, path.name)
        self._phase: Value = None
        self._phase_name: Value = None
        self._contraction: dict[int, int] = {}
        self._open: dict[int, list[Any]] = {}  # by channel: begin, index, of, peak
        self._on: dict[int, Mapping[str, int]] = {}
        self._waiting: deque[_SetPoint] = deque()
        self._too_much: dict[tuple[int, int], int] = {}  # by channel and pulse width: the lowest step that was
        self._out: list[tuple[str, Row]] = []
        self._t_us = 0
        self._first_us: int | None = None

    def rows(self) -> Rows:
        """The rows. Raises JournalBroken where the journal is not what was verified, UsageError when it cannot be read."""
        return self.rows_of(read_verified(self._path, self._last_n, self._last_hash))

    def rows_of(self, records: Iterable[Record]) -> Rows:
        """The same of records that somebody else reads."""
        for record in records:
            if record.n > self._last_n:
                break
            yield from self.take(record)
            if record.n >= self._last_n:  # what comes after it may not even fit
                break
        yield from self.rest(self._last_hash, self._signed)

    def take(self, record: Record) -> Sequence[tuple[str, Row]]:
        """The rows that are complete with the next record."""
        self._first_us = record.t_us if self._first_us is None else self._first_us
        self._t_us = record.t_us - self._first_us
        self._facts.take(record)
        follow = _FOLLOWED.get(record.event.kind)
        if follow is not None:
            follow(self, record)
        rows, self._out = [("events", self._event(record)), *self._out], []
        return rows

    def rest(self, last_hash: str, signed: Signed) -> Sequence[tuple[str, Row]]:
        """The rows that are complete with the end of the journal, and with what was found of it."""
        self._cut_contractions(None)
        self._answered(len(self._waiting))
        return [*self._out, *self._facts.rows(last_hash, signed)]

    def _event(self, record: Record) -> Row:
        event = record.event
        channel = event.args.get("channel")
        told = event.kind not in OWN_TABLE
        return (
            self._session,
            record.n,
            self._t_us,
            record.wall,
            event.kind,
            event.row.severity.value,
            self._phase,
            self._phase_name,
            cast("int | None", channel),
            event.sentence() if told else None,
            self._arguments(event) if told else None,
        )

    # -- what is followed ----------------------------------------------------------------------------------------------

    def _on_phase(self, record: Record) -> None:
        self._cut_contractions(self._t_us)
        self._phase, self._phase_name = cast("int", record.event.args["index"]), cast("str", record.event.args["name"])
        self._contraction = {}

    def _on_begun(self, record: Record) -> None:
        args = cast("dict[str, Any]", record.event.args)
        for channel in args["channels"]:
            self._end_contraction(channel, self._t_us, whole=False)
            self._contraction[channel] = args["index"]
            self._open[channel] = [self._t_us, args["index"], args["of"], 0]

    def _on_over(self, record: Record) -> None:
        for channel in cast("list[int]", record.event.args["channels"]):
            self._end_contraction(channel, self._t_us, whole=True)

    def _on_set_point(self, record: Record) -> None:
        outputs = cast("_Outputs", record.event.args["outputs"])
        number = cast("int", record.event.args["number"])
        head = (self._session, record.n, self._t_us, number)
        now = {output["channel"]: output for output in outputs}
        rows = [head + self._output(output) for output in outputs]
        rows += [head + self._off(channel) for channel in sorted(self._on.keys() - now.keys())]
        self._on = {channel: output for channel, output in now.items() if output["amplitude_ua"]}
        self._await(_SetPoint(number, rows))

    def _on_stop(self, record: Record) -> None:
        head = (self._session, record.n, self._t_us, None)
        self._await(_SetPoint(None, [head + self._off(channel) for channel in sorted(self._on)]))
        self._on = {}
        self._cut_contractions(self._t_us)

    def _on_answer(self, record: Record) -> None:
        number = record.event.args.get("number")
        for place, waiting in enumerate(self._waiting):
            if waiting.number == number:
                waiting.answer = (record.event.kind, self._t_us)
                self._answered(place + 1)
                return

    def _on_measured(self, record: Record) -> None:
        a = cast("dict[str, Any]", record.event.args)
        row = (self._session, record.n, self._t_us, a["channel"], a["amplitude_ua"], a["set_ua"], a.get("ohm"), a["pulses"])
        self._out.append(("measured", row))

    def _on_word(self, record: Record) -> None:
        a = cast("dict[str, Any]", record.event.args)
        if a["word"] == Word.TOO_MUCH:
            place, step_ua = (a["channel"], a["width_us"]), a["amplitude_ua"]
            self._too_much[place] = min(step_ua, self._too_much.get(place, step_ua))

    def _on_threshold(self, record: Record) -> None:
        a = cast("dict[str, Any]", record.event.args)
        kind = record.event.kind
        found = kind in ("threshold_found", "curve_point")
        name = a.get("threshold", "motor")  # a strength–duration curve is one of motor thresholds
        where = self._facts.where(a["channel"])
        head = (self._session, record.n, self._t_us, a["channel"], *where, name, a["width_us"], found)
        levels = tuple(a.get(key) for key in ("amplitude_ua", "below_ua", "up_to_ua"))
        too_much_ua = a.get("too_much_ua")
        if found and name == "comfort":  # its event has no place for what only the word before it says
            too_much_ua = self._too_much.get((a["channel"], a["width_us"]))
        self._out.append(("thresholds", (*head, *levels, too_much_ua)))

    # -- parts of rows -------------------------------------------------------------------------------------------------

    def _output(self, output: Mapping[str, int]) -> Row:
        channel, amplitude_ua, period_us = output["channel"], output["amplitude_ua"], output["period_us"]
        under_way = self._open.get(channel)
        if under_way is not None and amplitude_ua > under_way[3]:
            under_way[3] = amplitude_ua
        return (
            channel,
            amplitude_ua,
            output["width_us"],
            period_us,
            round(US_PER_S * MHZ_PER_HZ / period_us) if period_us else None,
            output.get("rise_us"),
            output.get("hold_us"),
            output.get("fall_us"),
            self._phase,
            self._contraction.get(channel),
        )

    def _off(self, channel: int) -> Row:
        return (channel, 0, None, None, None, None, None, None, self._phase, self._contraction.get(channel))

    def _await(self, waiting: _SetPoint) -> None:
        self._waiting.append(waiting)
        self._answered(len(self._waiting) - WAITING_MAX)

    def _answered(self, count: int) -> None:
        """The oldest commands wait no longer: what came before an answered one was overtaken."""
        for _ in range(count):
            self._out.extend(self._waiting.popleft().finished())

    def _cut_contractions(self, at_us: int | None) -> None:
        for channel in list(self._open):
            self._end_contraction(channel, at_us, whole=False)

    def _end_contraction(self, channel: int, at_us: int | None, whole: bool) -> None:
        under_way = self._open.pop(channel, None)
        if under_way is None:
            return
        begin_us, index, of, peak_ua = under_way
        lasted_us = None if at_us is None else at_us - begin_us
        phase = (self._phase, self._phase_name)
        row = (self._session, *phase, index, of, channel, begin_us, at_us, lasted_us, peak_ua, whole)
        self._out.append(("contractions", row))


_FOLLOWED: Final[Mapping[str, Callable[[JournalReader, Record], None]]] = {
    "phase_started": JournalReader._on_phase,
    "contraction_started": JournalReader._on_begun,
    "contraction_ended": JournalReader._on_over,
    "set_point": JournalReader._on_set_point,
    "stop_sent": JournalReader._on_stop,
    "acked": JournalReader._on_answer,
    "refused_by_device": JournalReader._on_answer,
    "uncertain": JournalReader._on_answer,
    "stop_confirmed": JournalReader._on_answer,
    "stop_unconfirmed": JournalReader._on_answer,
    "measured": JournalReader._on_measured,
    "answered": JournalReader._on_word,
    "threshold_found": JournalReader._on_threshold,
    "threshold_absent": JournalReader._on_threshold,
    "curve_point": JournalReader._on_threshold,
    "curve_gap": JournalReader._on_threshold,
}
