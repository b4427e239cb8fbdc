"""The calendar, one plan, and making a new one."""

from typing import Final

from emscontrol.tui.commands.table import Command, Where

CALENDAR: Final = (
    Command(
        "open", ("enter",), "Open", "The plan of the chosen appointment. While one is moved: put it there.", Where.CALENDAR
    ),
    Command("move", ("m",), "Move", "Move the chosen appointment: arrows, then Enter puts it, Esc leaves it.", Where.CALENDAR),
    Command("cancel", ("x",), "Call off", "The chosen appointment will not take place: with a reason.", Where.CALENDAR),
    Command("view", ("w", "v"), "Week/month", "From the week to the month and back.", Where.CALENDAR, key_words="w"),
    Command("patient", ("p",), "Patient", "The page of the chosen appointment's patient.", Where.CALENDAR),
    Command(
        "whose", ("f",), "Therapist", "Only the appointments of one therapist; the next one with each press.", Where.CALENDAR
    ),
    Command("waiting", ("l",), "Waiting", "Show or hide who waits for a slot.", Where.CALENDAR),
    Command(
        "take", ("g",), "Give slot", "Give the slot that became free to who is chosen in the waiting list.", Where.CALENDAR
    ),
    Command("now", ("t",), "Today", "Back to today.", Where.CALENDAR),
    Command("left", ("left",), "Day", "A day earlier.", Where.CALENDAR, shown=False, key_words="Left"),
    Command("right", ("right",), "Day", "A day later.", Where.CALENDAR, shown=False, key_words="Right"),
    Command("up", ("up",), "Before", "The appointment before; in the month a week earlier.", Where.CALENDAR, shown=False),
    Command("down", ("down",), "After", "The appointment after; in the month a week later.", Where.CALENDAR, shown=False),
    Command("earlier", ("pageup",), "Earlier", "A week earlier; in the month a month.", Where.CALENDAR, shown=False),
    Command("later", ("pagedown",), "Later", "A week later; in the month a month.", Where.CALENDAR, shown=False),
)
PLAN: Final = (
    Command("accept", ("a",), "Accept", "Accept the change that is proposed; it holds from the next session on.", Where.PLAN),
    Command("refuse", ("r",), "Refuse", "Refuse the change that is proposed, with a reason.", Where.PLAN),
    Command("move", ("m",), "Move", "Move the chosen appointment on the calendar.", Where.PLAN),
    Command("cancel", ("x",), "Call off", "The chosen appointment will not take place: with a reason.", Where.PLAN),
    Command("book", ("b",), "Book rest", "Book every session of the plan that is neither booked nor done.", Where.PLAN),
    Command("hold", ("h",), "Pause", "Nothing of this plan is given until it is resumed.", Where.PLAN),
    Command("resume", ("u",), "Resume", "Go on with this plan.", Where.PLAN),
    Command("finish", ("f",), "Finish", "This plan is over.", Where.PLAN),
    Command("protocol", ("o",), "Protocol", "The library's protocol of this plan.", Where.PLAN),
    Command("patient", ("p",), "Patient", "The page of this plan's patient.", Where.PLAN),
)
NEW_PLAN: Final = (
    Command(
        "make",
        ("f5",),
        "Prescribe and book",
        "Make the plan and book all of its appointments, or nothing at all.",
        Where.NEW_PLAN,
        key_words="F5",
    ),
)
