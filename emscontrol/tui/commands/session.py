"""Before and during a session."""

from typing import Final

from emscontrol.tui.commands.table import Command, Where, in_states
from emscontrol.tui.looks import CLOSED

SETUP: Final = (
    Command("open", ("f5",), "Open session", "Start the engine and connect. No current yet.", Where.SETUP, key_words="F5"),
)
SESSION: Final = (
    Command(
        "connect", ("o",), "Connect", "Ask the stimulator who it is. No current.", Where.SESSION, in_states("idle"), "connect"
    ),
    Command("arm", ("a",), "Arm", "Prepare the stimulator at zero.", Where.SESSION, in_states("connected"), "arm", locks=True),
    Command(
        "start",
        ("s",),
        "Start",
        "Let the program run. Only within a minute of arming.",
        Where.SESSION,
        in_states("armed"),
        "start",
        locks=True,
    ),
    Command("pause", ("p",), "Pause", "All channels to zero; settings are kept.", Where.SESSION, in_states("running"), "pause"),
    Command(
        "resume", ("r",), "Resume", "Go on from zero, rising slowly.", Where.SESSION, in_states("paused"), "resume", locks=True
    ),
    Command(
        "clear",
        ("c",),
        "Fault seen",
        "The cause of the fault has been seen and mended. Then connect again; no current comes by itself.",
        Where.SESSION,
        in_states("fault"),
        "clear",
    ),
    Command("close", ("x",), "Close", "Leave a session that is at fault.", Where.SESSION, in_states("fault"), "close"),
    Command(
        "lower",
        ("minus", "underscore"),
        "Lower",
        "The chosen channel 1 mA lower.",
        Where.SESSION,
        in_states("armed", "running", "paused"),
        key_words="-",
    ),
    Command(
        "raise",
        ("plus", "equals_sign"),
        "Raise",
        "The chosen channel 1 mA higher. One step a press; a held key at most 5 mA a second.",
        Where.SESSION,
        in_states("running"),
        key_words="+",
        locks=True,
    ),
    Command(
        "contacts",
        ("e",),
        "Electrodes",
        "Measure the contact of each channel's electrodes at rest, where the stimulator can.",
        Where.SESSION,
        in_states("connected"),
    ),
    Command(
        "patient_view",
        ("v",),
        "Patient's view",
        "Contract or relax, as large as the terminal allows.",
        Where.SESSION,
        in_states("running", "paused"),
    ),
    Command("before", ("up",), "Channel", "Choose the channel above.", Where.SESSION, shown=False, key_words="Up"),
    Command("after", ("down",), "Channel", "Choose the channel below.", Where.SESSION, shown=False, key_words="Down"),
    Command("seen", ("k",), "Alarm seen", "The alarm has been seen; its words stay in the list.", Where.SESSION),
    Command("again", ("n",), "Go on", "The session is over: on to what comes after it.", Where.SESSION, in_states(CLOSED)),
)
