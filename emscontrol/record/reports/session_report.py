"""The report of one session: a journal, put together to be read on one page."""

from datetime import tzinfo
from pathlib import Path

from emscontrol.record.keys import KeyRing
from emscontrol.record.reports.blocks import Report, Section
from emscontrol.record.reports.session_chart import course_chart
from emscontrol.record.reports.session_delivered import delivered
from emscontrol.record.reports.session_dose import dose
from emscontrol.record.reports.session_events import WITHHELD, happened, important, withheld
from emscontrol.record.reports.session_facts import checks, facts, patient_of, title_of
from emscontrol.record.reports.session_measured import measured
from emscontrol.record.reports.session_prescribed import contractions_told
from emscontrol.record.reports.session_proof import SIMULATION, notices, proof
from emscontrol.record.reports.session_read import SessionRecord, read_session
from emscontrol.record.reports.session_short import in_short
from emscontrol.record.reports.words import short, time_of_day


def session_report(path: Path, ring: KeyRing, made: str) -> Report:
    """Of the journal at `path`. `ring` are the keys that are known here, `made` says when and by what it is made.

    Raises JournalBroken when not even the first record of the journal stands, UsageError when it cannot be read.
    """
    return report_of(read_session(path, ring), made)


def report_of(session: SessionRecord, made: str, zone: tzinfo | None = None) -> Report:
    """Of a session that has been read; its time of day on the clock of `zone`, else on that of the station."""
    told, more = important(session)
    drawn = course_chart(session, told)
    sections = (
        ("In short", in_short(session), False),
        ("Found", measured(session), False),
        ("Delivered", delivered(session), False),
        ("Over time", [drawn] if drawn else [], False),
        ("Session", [facts(session, zone)], False),
        ("Dose against the limits", dose(session), False),
        ("Alarms, stops and pauses", happened(session, told, more), True),
        ("Checks and outcomes", checks(session), True),
        (WITHHELD, withheld(session), True),
        ("Is this record as it was written?", proof(session), True),
    )
    return Report(
        title=_title(session),
        subtitle=f"{short(title_of(session), 120)} · {time_of_day(session.opened, zone)}",
        notices=tuple(notices(session)),
        sections=tuple(Section(title, tuple(blocks), half) for title, blocks, half in sections if blocks),
        made=f"{SIMULATION}. {made}" if session.simulated else made,  # at the foot of every page
    )


def _title(session: SessionRecord) -> str:
    """Whether anybody was there, whose, how it ended, how much of it was given."""
    simulation = f"{SIMULATION} · " if session.simulated else ""
    kind = "Measurement" if session.plan else "Session"
    whose = f" of {patient_of(session)}" if session.booked else ""
    ended = session.of("session_ended")
    no_end = "running now" if session.running else "no end in the record"
    result = str(ended[-1].event.args["result"]) if ended else no_end
    if not session.verified.ok:
        result = "the record is not intact"
    told = ", ".join(filter(None, (short(result, 30), contractions_told(session))))
    return f"{simulation}{kind}{whose}: {told}"
