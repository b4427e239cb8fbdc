"""Who, what, when and on what; the checks before a session, and what a record cannot know of its outcome."""

from collections import Counter
from datetime import tzinfo
from typing import Any, Final

from emscontrol.core.units import counted
from emscontrol.measure.plan import KINDS
from emscontrol.record.reports.blocks import Block, Facts, Text
from emscontrol.record.reports.session_read import SessionRecord
from emscontrol.record.reports.words import UNKNOWN, clock, ma, short, time_of_day

ELSEWHERE: Final = "Skin, pain, effort and measured outcomes are written down in the clinic's book, not in this record."
SAID_MAX: Final = 2


def facts(session: SessionRecord, zone: tzinfo | None) -> Facts:
    """The frame of the session."""
    opening, ended = session.opening, [at.event.args for at in session.of("session_ended")]
    no_end = (
        "none yet: the session is running" if session.running else "the record has no end" if session.verified.ok else UNKNOWN
    )
    result = f"{ended[-1]['result']}: {ended[-1]['reason']}" if ended else no_end
    rows = [
        ("Patient", patient_of(session)),
        ("Prescribed", _booked(session)),
        ("Opened", time_of_day(session.opened, zone)),
        ("Result", result),
        ("Lasted", _lasted(session, ended)),
        ("Stimulator", _stimulator(session)),
        ("Comfort level", _comfort(session)),
        ("Program", f"emscontrol {_text(opening['versions'].get('emscontrol'))}"),
        ("Record", session.name),
    ]
    return Facts(tuple((name, short(told)) for name, told in rows if told))


def patient_of(session: SessionRecord) -> str:
    """The patient's code."""
    if not session.booked:
        return "not named (outside the book)"
    return short(str(session.booked["patient"]), 60) or UNKNOWN


def title_of(session: SessionRecord) -> str:
    """What was played."""
    if session.protocol:
        return f"{session.protocol.title} ({session.protocol.id}, revision {session.protocol.revision})"
    if session.plan:
        return KINDS[session.plan.kind].title
    return str(session.opening["protocol_id"])


def checks(session: SessionRecord) -> list[Block]:
    """What was looked at before and asked for, as far as the record has it."""
    told = [short(str(session.booked["screening"]))] if session.booked else ["The screening is not in this record."]
    told += [at.event.sentence() for at in session.of("electrode_checked")]
    return [*(Text(short(text)) for text in (*told, *_said(session))), Text(ELSEWHERE)]


def _said(session: SessionRecord) -> list[str]:
    """What a simulated patient said, each once, the last first that it said."""
    words = Counter(at.event.sentence() for at in session.of("body_said"))
    last = list(dict.fromkeys(at.event.sentence() for at in reversed(session.of("body_said"))))
    told = [text if words[text] == 1 else f"{text} ({words[text]} times)" for text in last[:SAID_MAX]]
    return [*told, f"And {len(last) - SAID_MAX} other sayings."] if len(last) > SAID_MAX else told


def _booked(session: SessionRecord) -> str:
    if not session.booked:
        return ""
    args = session.booked
    prescribed = counted(args["contractions"], "contraction")
    return f"plan {args['plan']}, session {args['number']}, {prescribed}; appointment {args['appointment']}; {args['staff']}"


def _lasted(session: SessionRecord, ended: list[Any]) -> str:
    if ended:
        return f"{clock(ended[-1]['duration_us'])} from start to end, pauses included"
    if session.start_us is None:
        return UNKNOWN
    return f"{clock(session.last_us - session.start_us)} from start to the last record"


def _stimulator(session: SessionRecord) -> str:
    name = _text(session.opening["capabilities"].get("name"))
    answered = session.of("connected")
    if not answered:
        return f"{name}, {session.opening['port']}; it did not answer"
    who = dict.fromkeys((at.event.args["serial"], at.event.args["firmware"]) for at in answered)  # after a link was lost, again
    return f"{name}, {session.opening['port']}{'; then'.join(_named(str(serial), str(firmware)) for serial, firmware in who)}"


def _named(serial: str, firmware: str) -> str:
    return f"{f', serial number {serial}' if serial else ''}{f', firmware {firmware}' if firmware else ''}"


def _comfort(session: SessionRecord) -> str:
    levels = [(number, each.get("comfort_ma")) for number, each in sorted(session.channels.items())]
    return ", ".join(f"channel {number} {ma(level)}" for number, level in levels if level is not None)


def _text(value: object) -> str:
    return value if isinstance(value, str) and value else UNKNOWN
