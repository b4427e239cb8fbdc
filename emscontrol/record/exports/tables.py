"""The tables that every export is made of: their columns, with unit, meaning, and what becomes of each without names.

A row has the record's own whole numbers (µA, µs, pC); a column's `scale` is how many of them make the unit in its name, so
that a figure is divided once, where it is written, and stays exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from emscontrol.core.units import UA_PER_MA, US_PER_S

Value: TypeAlias = int | str | bool | None
Row: TypeAlias = tuple[Value, ...]

PC_PER_MC: Final = 10**9
MM2_PER_CM2: Final = 100
MHZ_PER_HZ: Final = 1000  # millihertz


class Kind(StrEnum):
    """What a column holds."""

    WHOLE = "whole number"
    NUMBER = "number"
    TEXT = "text"
    FLAG = "true or false"


class Veil(StrEnum):
    """What becomes of a column in an export without names."""

    KEPT = "kept"
    WORD = "kept where it is a word of a closed list, else left out"
    MUSCLE = "kept where it is in the catalogue of muscles, else left out"
    PSEUDONYM = "a pseudonym, the same in every export with the same key"
    SHIFTED = "moved by a time of its own for each patient, in UTC"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `unit` is a UCUM code, "" for what has none; `words` are the closed list of `Veil.WORD`."""

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    scale: int = 1
    veil: Veil = Veil.KEPT
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Table:
    """One table, and what a row of it is."""

    name: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Of its columns."""
        return tuple(column.name for column in self.columns)

    def place(self, column: str) -> int:
        """Where a column is in a row."""
        return next(place for place, each in enumerate(self.columns) if each.name == column)


def _ma(name: str, meaning: str) -> Column:
    return Column(name, Kind.NUMBER, meaning, "mA", UA_PER_MA)


def _s(name: str, meaning: str) -> Column:
    return Column(name, Kind.NUMBER, meaning, "s", US_PER_S)


def _whole(name: str, meaning: str, unit: str = "", veil: Veil = Veil.KEPT) -> Column:
    return Column(name, Kind.WHOLE, meaning, unit, veil=veil)


def _text(name: str, meaning: str, veil: Veil = Veil.LEFT_OUT, words: frozenset[str] = frozenset()) -> Column:
    return Column(name, Kind.TEXT, meaning, veil=veil, words=words)


def _flag(name: str, meaning: str) -> Column:
    return Column(name, Kind.FLAG, meaning)


MODELS: Final = frozenset({"reference", "p24", "rehastim2"})
RESULTS: Final = frozenset({"completed", "stopped", "fault", "refused"})
SIDES: Final = frozenset({"left", "right"})
ANSWERS: Final = frozenset({"acked", "refused_by_device", "uncertain", "stop_confirmed", "stop_unconfirmed"})
THRESHOLDS: Final = frozenset({"sensory", "motor", "comfort"})
SEVERITIES: Final = frozenset({"info", "notice", "alarm_low", "alarm_medium", "alarm_high"})

ASSUMED: Final = "assumed: worked out from the commands, taking for granted that the stimulator keeps to its timing"

_SESSION: Final = _text("session", "the session: the name of its journal, or a pseudonym of it", Veil.KEPT)
_T: Final = _s("t_s", "since the first record, by a clock that never jumps")
_N: Final = _whole("n", "number of the record in its journal, from 1")
_PHASE: Final = _whole("phase", "phase of the programme, from 1; empty before the first and in a measurement")
_PHASE_NAME: Final = _text("phase_name", "the author's name of the phase")
_CHANNEL: Final = _whole("channel", "channel, from 1")
_MUSCLE: Final = _text("muscle", "muscle, as in the catalogue", Veil.MUSCLE)
_SIDE: Final = _text(
    "side", "left or right; empty where the record does not tell it, as of a protocol for either", Veil.WORD, SIDES
)
_NUMBER: Final = _whole("contraction", "contraction of the channel within the phase, from 1; empty outside")

_TABLES: Final = (
    Table(
        "sessions",
        "one session",
        (
            _SESSION,
            _text("patient", "code of the patient; empty for a session outside the book", Veil.PSEUDONYM),
            _text("opened", "time of day of the first record, ISO 8601 with offset", Veil.SHIFTED),
            _text("protocol", "id of the protocol, or the procedure of a measurement", Veil.PSEUDONYM),
            _text("indication", "what the protocol is for, in its author's words; empty for a measurement"),
            _text("model", "the stimulator", Veil.WORD, MODELS),
            _text("serial", "serial number that the stimulator gave; empty where it has none"),
            _text("firmware", "firmware that the stimulator gave; empty where it does not tell"),
            _flag("simulated", "true when no person can have been on the other end"),
            _ma("amplitude_step_ma", "step of the stimulator's amplitude"),
            _text("result", "completed, stopped, fault or refused; empty when the journal was not closed", Veil.WORD, RESULTS),
            _text("reason", "why it ended, in words"),
            _s("duration_s", "from the start of the programme to the end, pauses included"),
            _flag("closed", "false for the record of a crash, or one whose end was cut off"),
            _flag(
                "off_known",
                "true when the stimulator's last word was that no current flows; false where some may have flowed on",
            ),
            _whole("records", "records in the journal"),
            _whole("number", "which session of its plan, from 1"),
            _whole("plan", "number of the plan in the book", veil=Veil.LEFT_OUT),
            _whole("appointment", "number of the appointment in the book", veil=Veil.LEFT_OUT),
            _text("staff", "code of the member of staff"),
            _text("book", "uuid of the clinic's book that these codes and numbers are of"),
            _text("journal", "file name of the journal"),
            _text("last_hash", "hash of the last record: it stands for the whole journal"),
            _text("signed_by", "short name of the station's key that signed the journal; empty when it is not signed"),
            _whole("signed_to", "last record with a signature of that key; 0 for none"),
            _text(
                "distrusted", "since when and why that key, or one that it follows, is not trusted any more; empty while it is"
            ),
            _flag(
                "key_distrusted", "true when that key, or one that it follows, is not trusted any more; false for no key too"
            ),
            _text("protocol_sha256", "SHA-256 of the protocol file"),
        ),
    ),
    Table(
        "channels",
        "one channel of one session, with what it was given as the closing record totals it",
        (
            _SESSION,
            _CHANNEL,
            _MUSCLE,
            _SIDE,
            Column("area_cm2", Kind.NUMBER, "area of the smaller pad", "cm2", MM2_PER_CM2),
            _ma("comfort_ma", "comfort threshold that the levels were made from"),
            _whole("pulses", f"pulses, {ASSUMED}"),
            _whole("contractions", "contractions begun"),
            _ma("peak_ma", "highest amplitude commanded"),
            _ma("plateau_ma", "mean amplitude commanded on the plateaus; empty in older journals"),
            Column("charge_mc", Kind.NUMBER, f"charge of all first phases, {ASSUMED}", "mC", PC_PER_MC),
            _s("on_s", "time with a current commanded"),
        ),
    ),
    Table(
        "events",
        "one record of the journal, in order",
        (
            _SESSION,
            _N,
            _T,
            _text("wall", "time of day, ISO 8601 with offset; may jump", Veil.SHIFTED),
            _text("event", "what happened: a word of the vocabulary", Veil.KEPT),
            _text("severity", "info, notice, alarm_low, alarm_medium or alarm_high", Veil.WORD, SEVERITIES),
            _PHASE,
            _PHASE_NAME,
            _whole("channel", "the channel that it speaks of; empty for none or several"),
            _text("sentence", "in plain words; empty for set_point, acked and measured, which have tables of their own"),
            _text("args", "its arguments as JSON, in µA, µs and pC; empty where the sentence is", Veil.KEPT),
        ),
    ),
    Table(
        "set_points",
        "what one channel was commanded from this time on; 0 mA where it is turned off",
        (
            _SESSION,
            _N,
            _T,
            _whole("number", "clearance number; empty for a stop, which needs none"),
            _CHANNEL,
            _ma("amplitude_ma", "amplitude commanded; of a contraction that the stimulator makes by itself, its plateau"),
            _whole("pulse_width_us", "width of the first phase", "us"),
            _whole("period_us", "from pulse to pulse, or burst to burst", "us"),
            Column("rate_hz", Kind.NUMBER, "pulses or bursts a second", "Hz", MHZ_PER_HZ),
            _s("ramp_up_s", "rise that the stimulator makes by itself; empty where every step is a set point"),
            _s("hold_s", "plateau that the stimulator makes by itself"),
            _s("ramp_down_s", "fall that the stimulator makes by itself"),
            _PHASE,
            _NUMBER,
            _text("answer", "what became of it: acked, refused_by_device, uncertain, stop_confirmed, …", Veil.WORD, ANSWERS),
            _s("answer_t_s", "when, since the first record"),
        ),
    ),
    Table(
        "contractions",
        "one contraction of one channel",
        (
            _SESSION,
            _PHASE,
            _PHASE_NAME,
            _whole("contraction", "contraction within the phase, from 1"),
            _whole("of", "contractions that the phase has"),
            _CHANNEL,
            _s("begin_s", "begin, since the first record"),
            _s("end_s", "end, since the first record; empty where the journal ends before it"),
            _s("duration_s", "from begin to end"),
            _ma("peak_ma", "highest amplitude commanded in it"),
            _flag("whole", "true when it ran to its end; false when it was cut short"),
        ),
    ),
    Table(
        "measured",
        "what the stimulator itself measured on one channel",
        (
            _SESSION,
            _N,
            _T,
            _CHANNEL,
            _ma("amplitude_ma", "peak current of the last pulse, measured"),
            _ma("set_ma", "what the stimulator had set there"),
            _whole("resistance_ohm", "end voltage ÷ current; empty where the stimulator cannot tell", "Ohm"),
            _whole("pulses", "pulses that the stimulator has counted since it was made ready"),
        ),
    ),
    Table(
        "thresholds",
        "what a procedure found, or did not find, on one channel at one pulse width",
        (
            _SESSION,
            _N,
            _T,
            _CHANNEL,
            _MUSCLE,
            _SIDE,
            _text("threshold", "sensory, motor or comfort", Veil.WORD, THRESHOLDS),
            _whole("pulse_width_us", "width of the first phase", "us"),
            _flag("found", "false where it was not reached or not measured"),
            _ma("amplitude_ma", "the threshold; empty where not found"),
            _ma("below_ma", "highest step without it"),
            _ma("up_to_ma", "where not found: highest step given"),
            _ma("too_much_ma", "the step that was too much: above a comfort threshold, and where one was not found"),
        ),
    ),
)

TABLES: Final[Mapping[str, Table]] = {table.name: table for table in _TABLES}
