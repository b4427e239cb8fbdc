"""A small sound protocol file, and ways to change it and to see what is said about it."""

from emscontrol.core.errors import ProtocolFileError
from emscontrol.protocol.load import LoadedProtocol, load_text

HEAD = """\
format: 1
id: sample
title: A sample
indication: none
lmn_status: intact
use: standard
evidence: D
author: nobody
revision: 3
citations:
  - {text: "Nobody 2020", mark: R80}
"""

CHANNELS = """\
channels:
  1:
    muscle: quad_rf
    side: left
    label: rectus femoris
    electrode: {width_cm: 5, height_cm: 9}
  2:
    muscle: ham
    side: right
    label: hamstrings
    electrode: {diameter_cm: 3.2}
"""


def group(channel: int | str = 1, extra: str = "", **changes: object) -> str:
    """One group, indented as an entry of `groups`; a value of None leaves the key out."""
    keys: dict[str, object] = {
        "waveform": "symmetric",
        "pulse_width_us": 300,
        "rate_hz": 50,
        "intensity": "{of: comfort, fraction: 0.75}",
        "on_s": 6,
        "off_s": 12,
        "ramp_up_s": "1.5",
        "ramp_down_s": 1,
    }
    keys.update(changes)
    lines = [f"      - channels: [{channel}]"]
    lines += [f"        {key}: {value}" for key, value in keys.items() if value is not None]
    return "\n".join([*lines, *([extra] if extra else [])]) + "\n"


def phase(*groups: str, **changes: object) -> str:
    """One phase; a value of None leaves the key out."""
    keys: dict[str, object] = {"name": "work", "contract": "together", "contractions": 5}
    keys.update(changes)
    lines = [f"    {key}: {value}" for key, value in keys.items() if value is not None]
    return "  -" + "\n".join(lines)[3:] + "\n    groups:\n" + "".join(groups or (group(1), group(2)))


def protocol(*phases: str, head: str = HEAD, channels: str = CHANNELS) -> str:
    """A whole file."""
    return head + channels + "phases:\n" + "".join(phases or (phase(),))


GOOD = protocol()


def loaded(text: str) -> LoadedProtocol:
    """What the text means."""
    return load_text(text, "f.yaml")


def problems(text: str) -> tuple[str, ...]:
    """What is said about a text; empty when it is accepted."""
    try:
        load_text(text, "f.yaml")
    except ProtocolFileError as refused:
        return refused.problems
    return ()


def the_problem(text: str) -> str:
    """The only thing that is said about a text."""
    said = problems(text)
    assert len(said) == 1, said
    return said[0]


def place_of(text: str, needle: str) -> str:
    """`line:column` of the first occurrence, from 1."""
    before = text[: text.index(needle)]
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
