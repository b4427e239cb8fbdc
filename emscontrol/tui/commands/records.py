"""The records of sessions."""

from typing import Final

from emscontrol.tui.commands.table import Command, Where

RECORDS: Final = (
    Command(
        "look", ("enter",), "Look", "The record of the chosen session: what was delivered, and what happened.", Where.RECORDS
    ),
    Command("verify", ("v",), "Check", "Read the chosen record again and say whether it is as it was written.", Where.RECORDS),
    Command("report", ("r",), "Report", "Write the session as a page for a browser, and say where it is.", Where.RECORDS),
    Command("verify_all", ("V",), "Check all", "The same with all records; Esc ends it.", Where.RECORDS),
    Command("play", ("p",), "Play", "Play the chosen session again, as it was recorded. No current flows.", Where.RECORDS),
    Command("play", ("p",), "Play", "Play this session again, as it was recorded. No current flows.", Where.RECORD),
    Command("report", ("r",), "Report", "Write this session as a page for a browser, and say where it is.", Where.RECORD),
    Command("check", ("v",), "Check", "Read the record again and say what of it does not fit.", Where.RECORD),
)
