"""The table of commands, and the tables of looks: walked row by row."""

import pytest
from textual import events
from textual._xterm_parser import XTermParser
from textual.keys import Keys

from emscontrol.core.events import Severity
from emscontrol.session.messages import REQUESTS
from emscontrol.session.states import State
from emscontrol.tui.commands.all import COMMANDS, bindings
from emscontrol.tui.commands.table import STOP, Command, Where
from emscontrol.tui.looks import ALARM_LOOKS, ALARM_ORDER, CLOSED, STATE_LOOKS
from emscontrol.tui.screens.help import help_text

TYPED = "".join(map(chr, range(0x21, 0x7F)))
KNOWN_KEYS = {key.value for key in Keys} | {m.key for m in XTermParser().feed(TYPED) if isinstance(m, events.Key)}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_command_has_keys_words_a_known_verb_and_known_states(command: Command) -> None:
    assert command.label
    assert command.help.endswith(".")
    assert not command.asks or command.asks in REQUESTS
    assert command.states is None or command.states <= {*State, CLOSED}
    assert command.help in help_text()
    for key in command.keys:
        assert key in KNOWN_KEYS, key


def test_plus_and_minus_mean_the_same_in_both_encodings() -> None:
    for kitty, legacy in (("\x1b[61;2;43u", "+"), ("\x1b[45;;45u", "-"), ("\x1b[61;;61u", "=")):
        names = [[m.key for m in XTermParser().feed(data) if isinstance(m, events.Key)] for data in (kitty, legacy)]
        assert names[0] == names[1]


def test_what_raises_or_starts_is_never_on_a_stop_key() -> None:
    others = [key for command in COMMANDS if command is not STOP and command.name != "leave" for key in command.keys]
    assert not set(others) & set(STOP.keys)


@pytest.mark.parametrize("place", Where)
def test_a_key_means_one_thing_in_a_place(place: Where) -> None:
    there = [c for c in COMMANDS if c.where in (place, Where.EVERYWHERE, Where.PAGES)]
    keys = [(key, command.name) for command in there for key in command.keys if command is not STOP]
    assert len({key for key, _ in keys}) == len(keys)


def test_stop_goes_before_every_other_binding() -> None:
    made = bindings(Where.EVERYWHERE)
    stops = [b for b in made if b.action.startswith("stop(")]  # type: ignore[union-attr]
    assert [b.key for b in stops] == list(STOP.keys)  # type: ignore[union-attr]
    assert all(b.priority for b in stops)  # type: ignore[union-attr]
    assert not any(b.priority for b in made if b not in stops)  # type: ignore[union-attr]


def test_every_state_of_the_engine_has_a_look_of_its_own_without_colour() -> None:
    assert set(State) <= set(STATE_LOOKS)
    live = [look for name, look in STATE_LOOKS.items() if name != CLOSED]
    assert len({look.word for look in live}) == len(live)
    assert STATE_LOOKS["unknown"].word == "UNKNOWN"
    assert STATE_LOOKS["unknown"].mark != STATE_LOOKS["fault"].mark


def test_alarm_rhythms_are_those_of_the_standard_and_below_three_flashes_a_second() -> None:
    # IEC 60601-1-8 table 2: high 1.4 to 2.8 Hz, medium 0.4 to 0.8 Hz, low constant.
    rate = {name: 1 / (2 * look.half_period_s) if look.half_period_s else 0 for name, look in ALARM_LOOKS.items()}
    assert 1.4 <= rate["alarm_high"] <= 2.8
    assert 0.4 <= rate["alarm_medium"] <= 0.8
    assert rate["alarm_low"] == 0
    assert set(ALARM_ORDER) == {severity.value for severity in Severity if severity.is_alarm}
    assert [look.mark for look in ALARM_LOOKS.values()] == ["*", "**", "***"]
