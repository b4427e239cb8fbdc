"""A procedure in real time: a client of an engine process that shows the step in hand and passes the operator's words on."""

import os
import select
import sys
import textwrap
from collections.abc import Mapping
from typing import Any, Final

from emscontrol.cli.keys import RawKeys
from emscontrol.cli.outcome import Outcome
from emscontrol.cli.run_live import LiveRun, columns
from emscontrol.cli.stop_signals import StopSignals
from emscontrol.measure.suggestion import shown_width
from emscontrol.measure.words import KEYS, MEANINGS, WHEN_HELD
from emscontrol.session.handle import EngineHandle, start_engine
from emscontrol.session.spec import ProcedureSpec, SessionSpec

HELD_KEYS: Final = {key: word for key, word in KEYS.items() if word in WHEN_HELD}
WIDE: Final = 120  # of lines that no terminal shows
UNBROKEN: Final = "\N{NO-BREAK SPACE}"
BEGIN: Final = "+ or n begins, d ends"
BEST_FIRST: Final = ("t", "n", "f", "c", "l", "+", "-", "a", "d", "x")
"""The keys of a step, those that matter most first: a narrow terminal cuts the end off."""
BEDSIDE: Final = frozenset({"body_said", "body_answered"})
"""What a simulated body says and does: all that can be felt and seen in practice."""


def measure_live(spec: SessionSpec, plain: bool) -> Outcome:
    """Measure. Raises what the engine refused with."""
    signals = StopSignals()
    with RawKeys() as keys:
        handle = start_engine(spec, f"emscontrol, process {os.getpid()}")
        return MeasuringRun(handle, spec, plain, keys, signals).serve()


class MeasuringRun(LiveRun):
    """One procedure seen from the command line. Words come as keys, or as lines where standard input is no terminal."""

    def __init__(self, handle: EngineHandle, spec: SessionSpec, plain: bool, keys: RawKeys, signals: StopSignals) -> None:
        super().__init__(handle, spec, plain, keys, signals)
        self._channel = ProcedureSpec.from_json(spec.procedure).channel
        self._lines = None if sys.stdin.isatty() else PipedWords()
        self._open = False  # a question waits for a word
        self._unheard = False  # a word is on its way, and the engine has not said what became of it
        self._offered = ""  # the step that waits to be asked for
        self._refused = ""  # told once, and not for every repeat of a held key
        for line in introduction(columns() if self._progress else WIDE):
            self._tell(line)

    def _look_at_keys(self) -> None:
        super()._look_at_keys()
        for key in self._keys.typed():
            if key.lower() in KEYS:
                self._answer(KEYS[key.lower()].value)
        if self._lines is not None and self._open and not self._stopping:
            self._next_line(self._lines)

    def _next_line(self, lines: "PipedWords") -> None:
        word = lines.next()
        if word:
            self._answer(word)
        elif lines.ended:
            self._stop("operator", "the words have ended")

    def _answer(self, word: str) -> None:
        self._open, self._unheard = False, True
        self._handle.say("answer", channel=self._channel, word=word)

    def _hear(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "error" and message["do"] == "answer":
            self._unheard = False
            self._tell_refused(f"{message['what']} {message['remedy']}".strip())
            return
        super()._hear(message)

    def _tell_refused(self, text: str) -> None:
        if text != self._refused:
            self._end_progress()
            self._tell(text)
        self._refused = text

    def _tell_offered(self, question: Mapping[str, Any]) -> None:
        """A step that waits to be asked for is told in a line of its own: nothing flows, and nothing happens by itself."""
        offered = question["text"] if question["held"] else ""
        if offered and offered != self._offered:
            self._end_progress()
            self._tell(f"No current. {offered[0].upper()}{offered[1:]} a gives it, - and + offer another, d ends.")
        self._offered = offered

    def _hear_event(self, message: Mapping[str, Any]) -> None:
        if message["event"] == "answered":
            self._unheard, self._refused = False, ""
        super()._hear_event(message)
        if message["event"] in BEDSIDE and not self._plain:
            self._end_progress()
            self._tell(message["sentence"])

    def _hear_view(self, view: Mapping[str, Any]) -> None:
        question = view["question"]
        if not self._unheard and view["state"] == "running" and question is not None:
            self._open = bool(question["open"])
            self._tell_offered(question)
        super()._hear_view(view)

    def _picture(self, view: Mapping[str, Any]) -> str:
        return measuring_line(view, self._spec.device.endswith("@sim"), columns() - 1)


class PipedWords:
    """Words from standard input where it is no terminal: one a line. Never waits."""

    def __init__(self) -> None:
        self._text = b""
        self.ended = False

    def next(self) -> str:
        """The next word, or an empty text when none is there yet."""
        while b"\n" not in self._text and not self.ended and select.select([sys.stdin], [], [], 0)[0]:
            data = os.read(sys.stdin.fileno(), 4096)
            self._text += data or b"\n"
            self.ended = not data
        line, newline, rest = self._text.partition(b"\n")
        if not newline:
            return ""
        self._text = rest
        word = line.decode("utf-8", "replace").strip()
        return KEYS[word].value if word in KEYS else word


def introduction(width: int) -> list[str]:
    """What the keys do, told before the first step, in lines of at most this width."""
    keys = ", ".join(f"{key} {MEANINGS[word]}".replace(" ", UNBROKEN) for key, word in KEYS.items())
    told = (
        "Space stops everything. No current yet: + or n begins with the first step. After each step say what was felt and seen:"
    )
    indented = textwrap.wrap(keys, width - 3, break_on_hyphens=False)
    return [*textwrap.wrap(told, width - 1), *(f"  {line}".replace(UNBROKEN, " ") for line in indented)]


def measuring_line(view: Mapping[str, Any], simulated: bool, width: int) -> str:
    """Current, question and keys in one line of at most `width` characters; where it is narrow the rest is left out."""
    on = {c: v["amplitude_ua"] for c, v in view["channels"].items() if v["amplitude_ua"]}
    currents = " ".join(f"ch{c} {ua / 1000:g} mA" for c, ua in on.items()) or "no current"
    short = " ".join(f"{ua / 1000:g} mA" for ua in on.values()) or "0 mA"
    question, state, sim = view["question"], view["state"].upper(), "SIM " if simulated else ""
    asked = "" if question is None else f" | {_asked(question)}"
    shown = "" if view["state"] == "running" else f"{state} "
    head = f"[Space = STOP] {sim}"
    fitting = (
        f"{head}{state} {currents}{asked} | {view['doing']} {view['doing_left_us'] / 1e6:.1f} s",
        f"{head}{state} {currents}{asked}",
        f"{head}{shown}{short}{asked}",
        f"[Space = STOP] {shown}{short}{asked}",
    )
    return next((line for line in fitting if len(line) <= width), fitting[-1])


def _asked(question: Mapping[str, Any]) -> str:
    """The step in hand, and once a word counts the keys."""
    if not question["amplitude_ua"]:
        return BEGIN if question["open"] else "wait"
    ready = "ready for " if question["held"] else ""
    step = f"{ready}{question['amplitude_ua'] / 1000:g} mA {shown_width(question['width_us'])}"
    return f"{step}? {' '.join(HELD_KEYS if question['held'] else BEST_FIRST)}" if question["open"] else step
