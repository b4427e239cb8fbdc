"""One journal as rows of the tables, read once from front to end with memory that does not grow.

Rows of one table come in order of time; those of different tables come as they are complete.
"""

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from emscontrol.core.events import EVENTS, Event, looked_at
from emscontrol.core.units import US_PER_S
from emscontrol.measure.words import Word
from emscontrol.record.exports.session import OWN_TABLE, UNSIGNED, SessionFacts, Signed
from emscontrol.record.exports.tables import MHZ_PER_HZ, Row, Value
from emscontrol.record.known_zero import KnownZero
from emscontrol.record.line import Record
from emscontrol.record.reading import TEXTS_KEPT, Rows
from emscontrol.record.replay import read_verified

Told: TypeAlias = tuple[str, Sequence[Row]]
"""A table and rows of it."""
Args: TypeAlias = Mapping[str, Any]
Arguments: TypeAlias = Callable[[Event], str | None]
"""How the arguments of an event are written, None for not at all."""

BULKY: Final = frozenset({"protocol_text", "protocol_compiled"})
WAITING_MAX: Final = 64  # set points whose answer is waited for; a driver has one at a time under way
_Outputs: TypeAlias = Sequence[Mapping[str, int]]


def plain_arguments(event: Event) -> str | None:
    """All of them but the protocol, which is longer than a cell of a spreadsheet takes and stands in the journal."""
    return json.dumps({name: value for name, value in event.args.items() if name not in BULKY})


NO_TRAIN: Final = (None,) * 6  # width, period, rate, rise, hold and fall of a channel that is off
SEVERITY: Final = {name: row.severity.value for name, row in EVENTS.items()}


class _Commanded(NamedTuple):
    """The part of the rows of a set point that follows from its outputs alone, with the channels that they name or turn on."""

    parts: Sequence[tuple[int, Row]]
    named: frozenset[int]
    on: frozenset[int]


class _SetPoint(NamedTuple):
    """A command whose answer is still to come: what its rows will be made of."""

    number: int | None  # None for a stop
    head: Row
    parts: Sequence[tuple[int, Row]]
    off: Sequence[int]
    phase: Value
    contraction: Mapping[int, int]

    def rows(self, *answer: Value) -> list[Row]:
        """With what became of it, and when."""
        _, head, parts, off, phase, contraction = self
        rows: list[Row] = [(*head, *part, phase, contraction.get(channel), *answer) for channel, part in parts]
        for channel in off:
            rows.append((*head, channel, 0, *NO_TRAIN, phase, contraction.get(channel), *answer))
        return rows


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
        self._facts, self._zero = SessionFacts(session, path.name), KnownZero()
        self._phase: Value = None
        self._phase_name: Value = None
        self._contraction: dict[int, int] = {}
        self._open: dict[int, list[Any]] = {}  # by channel: begin, index, of, peak
        self._on: frozenset[int] = frozenset()
        self._commanded: dict[str, _Commanded] = {}  # of outputs that came before, by their text
        self._waiting: deque[_SetPoint] = deque()
        self._too_much: dict[tuple[int, int], int] = {}  # by channel and pulse width: the lowest step that was
        self._out: list[Told] = []
        self.highest_channel = 0  # that any row has named
        self._n = self._t_us = 0
        self._first_us: int | None = None

    def rows(self) -> Iterator[tuple[str, Row]]:
        """The rows. Raises JournalBroken where the journal is not what was verified, UsageError when it cannot be read."""
        return self.rows_of(read_verified(self._path, self._last_n, self._last_hash))

    def rows_of(self, records: Iterable[Record]) -> Iterator[tuple[str, Row]]:
        """The same of records that somebody else reads."""
        for record in records:
            if record.n > self._last_n:
                break
            yield from one_by_one(self.take(record.n, record.t_us, record.wall, record.event.kind, record.event.args))
            if record.n >= self._last_n:  # what comes after it may not even fit
                break
        yield from one_by_one(self.rest(self._last_hash, self._signed))

    def take(self, n: int, t_us: int, wall: str, kind: str, args: Args) -> Sequence[Told]:
        """The rows that are complete with the next record, whose arguments fit the vocabulary."""
        if self._first_us is None:
            self._first_us = t_us
        self._n, self._t_us = n, t_us - self._first_us
        self._zero.take(kind, args)
        own = kind in OWN_TABLE
        if not own:  # those say nothing of the session as a whole
            self._facts.take(n, wall, kind, args)
        follow = _FOLLOWED.get(kind)
        if follow is not None:
            follow(self, kind, args)
        head = (self._session, n, self._t_us, wall, kind, SEVERITY[kind], self._phase, self._phase_name)
        event: Told = ("events", ((*head, args.get("channel"), None, None) if own else self._event(head, kind, args),))
        if not self._out:
            return (event,)
        told, self._out = (event, *self._out), []
        return told

    def rest(self, last_hash: str, signed: Signed) -> Sequence[Told]:
        """The rows that are complete with the end of the journal, and with what was found of it."""
        self._note_channels(self._facts.channels)
        self._cut_contractions(None)
        self._overtaken(len(self._waiting))
        return [*self._out, *((table, (row,)) for table, row in self._facts.rows(last_hash, signed, self._n, self._zero.zero))]

    def _event(self, head: Row, kind: str, args: Args) -> Row:
        channel = args.get("channel")
        if channel is not None:
            self._note_channels((channel,))
        event = looked_at(kind, args)
        return (*head, channel, event.sentence(), self._arguments(event))

    # -- what is followed ----------------------------------------------------------------------------------------------

    def _on_phase(self, kind: str, args: Args) -> None:
        self._cut_contractions(self._t_us)
        self._phase, self._phase_name = args["index"], args["name"]
        self._contraction = {}

    def _on_begun(self, kind: str, args: Args) -> None:
        index: int = args["index"]
        begun = dict.fromkeys(args["channels"], index)
        self._contraction = {**self._contraction, **begun}  # commands that wait keep the one of their time
        self._note_channels(args["channels"])
        for channel in args["channels"]:
            self._end_contraction(channel, self._t_us, whole=False)
            self._open[channel] = [self._t_us, args["index"], args["of"], 0]

    def _on_over(self, kind: str, args: Args) -> None:
        for channel in args["channels"]:
            self._end_contraction(channel, self._t_us, whole=True)

    def _on_set_point(self, kind: str, args: Args) -> None:
        rows = args["outputs"]
        commanded = self._commanded_by(rows)
        if self._open:
            self._note_peaks(rows)
        off = () if self._on <= commanded.named else sorted(self._on - commanded.named)
        self._on = commanded.on
        self._await(args["number"], commanded.parts, off)

    def _commanded_by(self, rows: "_Outputs") -> _Commanded:
        text = rows.text if isinstance(rows, Rows) else None
        known = None if text is None else self._commanded.get(text)
        if known is None:
            known = _commanded(rows)
            self._note_channels(known.named)
            if text is not None and len(self._commanded) < TEXTS_KEPT:
                self._commanded[text] = known
        return known

    def _note_channels(self, channels: Iterable[int]) -> None:
        self.highest_channel = max((self.highest_channel, *channels))

    def _note_peaks(self, rows: "_Outputs") -> None:
        for output in rows:
            under_way = self._open.get(output["channel"])
            if under_way is not None and output["amplitude_ua"] > under_way[3]:
                under_way[3] = output["amplitude_ua"]

    def _on_stop(self, kind: str, args: Args) -> None:
        self._await(None, (), sorted(self._on))
        self._on = frozenset()
        self._cut_contractions(self._t_us)

    def _on_answer(self, kind: str, args: Args) -> None:
        number = args.get("number")
        for place, waiting in enumerate(self._waiting):
            if waiting.number == number:
                if place:
                    self._overtaken(place)
                self._waiting.popleft()
                self._out.append(("set_points", waiting.rows(kind, self._t_us)))
                return

    def _on_measured(self, kind: str, args: Args) -> None:
        self._note_channels((args["channel"],))
        told = (args["channel"], args["amplitude_ua"], args["set_ua"], args.get("ohm"), args["pulses"])
        row = (self._session, self._n, self._t_us, *told)
        self._out.append(("measured", (row,)))

    def _on_word(self, kind: str, args: Args) -> None:
        if args["word"] == Word.TOO_MUCH:
            place, step_ua = (args["channel"], args["width_us"]), args["amplitude_ua"]
            self._too_much[place] = min(step_ua, self._too_much.get(place, step_ua))

    def _on_threshold(self, kind: str, args: Args) -> None:
        found = kind in ("threshold_found", "curve_point")
        name = args.get("threshold", "motor")  # a strength–duration curve is one of motor thresholds
        where = self._facts.where(args["channel"])
        head = (self._session, self._n, self._t_us, args["channel"], *where, name, args["width_us"], found)
        levels = tuple(args.get(key) for key in ("amplitude_ua", "below_ua", "up_to_ua"))
        too_much_ua = args.get("too_much_ua")
        if found and name == "comfort":  # its event has no place for what only the word before it says
            too_much_ua = self._too_much.get((args["channel"], args["width_us"]))
        self._out.append(("thresholds", ((*head, *levels, too_much_ua),)))

    # -- parts of rows -------------------------------------------------------------------------------------------------

    def _await(self, number: int | None, parts: Sequence[tuple[int, Row]], off: Sequence[int]) -> None:
        head = (self._session, self._n, self._t_us, number)
        self._waiting.append(_SetPoint(number, head, parts, off, self._phase, self._contraction))
        if len(self._waiting) > WAITING_MAX:
            self._overtaken(1)

    def _overtaken(self, count: int) -> None:
        """The oldest commands wait no longer: what became of them is not told."""
        for _ in range(count):
            self._out.append(("set_points", self._waiting.popleft().rows(None, None)))

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
        self._out.append(("contractions", (row,)))


def one_by_one(told: Iterable[Told]) -> Iterator[tuple[str, Row]]:
    """Each row with its table."""
    return ((table, row) for table, rows in told for row in rows)


def _commanded(rows: _Outputs) -> _Commanded:
    return _Commanded(
        tuple((output["channel"], _part(output)) for output in rows),
        frozenset(output["channel"] for output in rows),
        frozenset(output["channel"] for output in rows if output["amplitude_ua"]),
    )


def _part(output: Mapping[str, int]) -> Row:
    period_us = output["period_us"]
    return (
        output["channel"],
        output["amplitude_ua"],
        output["width_us"],
        period_us,
        round(US_PER_S * MHZ_PER_HZ / period_us) if period_us else None,
        output.get("rise_us"),
        output.get("hold_us"),
        output.get("fall_us"),
    )


_FOLLOWED: Final[Mapping[str, Callable[[JournalReader, str, Args], None]]] = {
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
