"""A large book: what the day's agenda and a patient's page cost, on SQLite and on PostgreSQL, side by side.

    .venv/bin/python bench/book.py [--small] [sqlite|postgresql ...]

Makes a book of 5,000 patients, 200,000 appointments and 100,000 sessions over two years in a folder that is gone afterwards, on
SQLite and on a PostgreSQL server of its own, and takes the time of RUNS calls each on random days of the next four weeks and
random patients: the whole call, a session of its own each, rows to values. The answers of the screening are all there, also
those that are asked at every session; what is left out is the trace of each row and the journals' content, which neither
call reads. `--small` makes a tenth of it.
"""

import gc
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import Connection, insert, text

from emscontrol.clinic.agenda.agenda import agenda_of, next_for
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.opening import Place, create_book
from emscontrol.clinic.patients.page import patient_page
from emscontrol.clinic.screening.load import shipped_rules
from emscontrol.clinic.tables.base import Base
from emscontrol.clinic.tables.facts import ClinicHours, Stimulator
from emscontrol.clinic.tables.findings import Outcome, ScreeningAnswer, Threshold
from emscontrol.clinic.tables.people import Condition, ElectrodeSet, MuscleState, Patient, PatientName, Staff
from emscontrol.clinic.tables.plans import Appointment, Plan, PlanChannel, PlanStep, ProtocolText
from emscontrol.clinic.tables.sessions import SessionChannel, SessionEntry
from emscontrol.safety.screening_grounds import NOT_ASKED
from tests.clinic.postgresql import Server, programs

RUNS = 100
AIM_MS = 50
ZONE = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 6, 1)
NOW = datetime.combine(TODAY, time(8), tzinfo=ZONE).astimezone(UTC)
WEEKS_BACK, WEEKS_ON = 62, 42
ROOMS = 40
SESSION_H = 4
BATCH = 20_000
MUSCLES = ("quad_all", "ham", "ta", "gastroc", "glut_max")
Row = dict[str, Any]


class Clinic:
    """The rows of a believable clinic, drawn from one seed: plans of 18 or so, four hundred appointments a working day."""

    def __init__(self, patients: int) -> None:
        self.draw = random.Random(4)
        self.patients = patients
        self.plans: list[Row] = []
        self.appointments: list[Row] = []
        self.sessions: list[Row] = []
        self._seats: dict[date, int] = {}
        while len(self.appointments) < 40 * patients:
            self._plan(len(self.plans) + 1)
        self.appointments.sort(key=lambda row: row["starts_at"])
        self._sessions(20 * patients)

    def _plan(self, number: int) -> None:
        patient = self.draw.randint(1, self.patients)
        first = TODAY + timedelta(days=self.draw.randint(-7 * WEEKS_BACK, 7 * WEEKS_ON - 42))
        plan = kept(number) | {
            "patient_id": patient,
            "protocol_sha256": f"{self.draw.randint(1, 5):064}",
            "goal": "stairs without a rail",
            "status": "active" if first + timedelta(days=42) >= TODAY else "finished",
            "sessions_per_week": 3,
            "weeks": 6,
            "rest_min_h": 48,
            "starts_on": first.isoformat(),
            "slot_min": 45,
            "therapist": f"t{number % ROOMS}",
            "stimulator": f"S-{number % ROOMS}",
            "progression": "strength",
            "prescribed_by": "t0",
        }
        self.plans.append(plan)
        day, count = first, 0
        while count < 18:
            if day.weekday() < 5 and (day.toordinal() + number) % 2 == 0:
                count += 1
                self.appointments.append(self._appointment(plan, day, count))
            day += timedelta(days=1)

    def _appointment(self, plan: Row, day: date, count: int) -> Row:
        seat = self._seats[day] = self._seats.get(day, -1) + 1
        at = datetime.combine(day, time(8), tzinfo=ZONE).astimezone(UTC) + timedelta(minutes=45 * (seat // ROOMS % 13))
        return kept(0) | {
            "patient_id": plan["patient_id"],
            "plan_id": plan["id"],
            "number": count,
            "starts_at": at,
            "ends_at": at + timedelta(minutes=45),
            "therapist": f"t{seat % ROOMS}",
            "stimulator": f"S-{seat % ROOMS}",
            "status": "booked",
            "reason": "",
            "moved": 0,
            "session_id": None,
        }

    def _sessions(self, wanted: int) -> None:
        """So many of the appointments that are past were done; the others were missed or called off."""
        for number, row in enumerate(self.appointments, start=1):
            row["id"] = number
        past = [row for row in self.appointments if row["starts_at"] < NOW]
        done = set(self.draw.sample(range(len(past)), min(wanted, len(past))))
        for place, row in enumerate(past):
            if place not in done:
                row["status"] = self.draw.choice(("missed", "missed", "cancelled"))
                continue
            row["status"], row["session_id"] = "done", len(self.sessions) + 1
            self.sessions.append(self._session(row, len(self.sessions) + 1))

    def _session(self, row: Row, number: int) -> Row:
        return {
            "id": number,
            "journal_id": f"{number:064}",
            "patient_id": row["patient_id"],
            "plan_id": row["plan_id"],
            "appointment_id": row["id"],
            "opened_at": row["starts_at"] + timedelta(minutes=self.draw.randint(0, 10)),
            "duration_us": 1_500_000_000,
            "result": self.draw.choices(("completed", "stopped", "interrupted"), (90, 7, 3))[0],
            "reason": "the program is over",
            "counts": True,
            "simulated": False,
            "device": "p24@/dev/ttyACM0",
            "staff": row["therapist"],
            "protocol_sha256": f"{1:064}",
            "contractions_prescribed": 80,
            "contractions": self.draw.randint(60, 80),
            "pulses": 60_000,
            "charge_pc": 400_000_000_000,
            "finding": "Intact and closed.",
        }

    def muscles(self, patient: int) -> tuple[str, str]:
        """The two that this patient's plans work."""
        return MUSCLES[patient % 5], MUSCLES[(patient + 1) % 5]


def kept(number: int) -> Row:
    """The columns of every kept row."""
    return {"id": number, "version": 1, "withdrawn_at": None, "withdrawn_by": None, "withdrawn_why": None}


def fill(connection: Connection, clinic: Clinic) -> None:
    """All rows, in the order in which they hang on each other."""
    staff = [
        kept(n + 1) | {"code": f"t{n}", "name": f"T{n}", "role": "therapist", "qualification": "", "secret": "x"}
        for n in range(ROOMS)
    ]
    boxes = [kept(n + 1) | {"name": f"S-{n}", "device": "p24@/dev/ttyACM0", "serial": str(n)} for n in range(ROOMS)]
    texts = [
        kept(n)
        | {"sha256": f"{n:064}", "protocol": f"p{n}", "revision": 1, "title": f"Strength {n}", "use": "standard", "text": "x"}
        for n in range(1, 6)
    ]
    hours = [kept(n + 1) | {"weekday": n, "opens_min": 480, "closes_min": 1080} for n in range(5)]
    for table, rows in (
        (Staff, staff),
        (Stimulator, boxes),
        (ClinicHours, hours),
        (ProtocolText, texts),
        *people(clinic),
        (Plan, clinic.plans),
        (PlanChannel, plan_channels(clinic)),
        (PlanStep, steps(clinic)),
        (SessionEntry, clinic.sessions),
        (SessionChannel, session_channels(clinic)),
        (Appointment, clinic.appointments),
        (Threshold, thresholds(clinic)),
        (Outcome, outcomes(clinic)),
        (ScreeningAnswer, answers(clinic)),
    ):
        put(connection, table, rows)
    connection.execute(text(answers_of_sessions(connection.dialect.name)))


def put(connection: Connection, table: type[Base], rows: Sequence[Row]) -> None:
    """Insert many rows, batch by batch; a number of 0 is left to the database."""
    if rows and rows[0].get("id") == 0:
        rows = [{key: value for key, value in row.items() if key != "id"} for row in rows]
    for first in range(0, len(rows), BATCH):
        connection.execute(insert(table), rows[first : first + BATCH])


def people(clinic: Clinic) -> Iterator[tuple[type[Base], list[Row]]]:
    """Patients with names, a condition, the state of two muscles, and two sets of electrodes."""
    everybody = range(1, clinic.patients + 1)
    yield Patient, [kept(n) | {"code": f"P-{n:05}", "birth_year": 1930 + n % 70, "notes": ""} for n in everybody]
    yield (
        PatientName,
        [kept(n) | {"patient_id": n, "given": f"G{n}", "family": f"F{n}", "contact": ""} for n in everybody],
    )
    yield Condition, [kept(n) | {"patient_id": n, "condition": "disuse", "since": "2025", "note": ""} for n in everybody]
    at = NOW - timedelta(days=200)
    state = {"side": "left", "lmn": "intact", "sensation": "normal", "how": "", "examined_at": at}
    yield (
        MuscleState,
        [kept(0) | state | {"patient_id": n, "muscle": muscle} for n in everybody for muscle in clinic.muscles(n)],
    )
    yield ElectrodeSet, [row for n in everybody for row in sets_of(n)]


def sets_of(patient: int) -> Iterator[Row]:
    """Two sets of electrodes in use, and the two before them, which were withdrawn."""
    opened = opened_on(patient)
    gone = {"withdrawn_at": NOW, "withdrawn_by": "t0", "withdrawn_why": "used up"}
    for number, (label, day, extra) in enumerate(
        (
            ("quad_all left", opened, {}),
            ("ham left", opened, {}),
            ("quad_all left", opened - timedelta(days=90), gone),
            ("ham left", opened - timedelta(days=90), gone),
        ),
        start=4 * patient - 3,
    ):
        pads = {"area_mm2": 4500, "uses_before": 0, "uses_max": 30, "patient_id": patient}
        yield kept(number) | pads | {"label": label, "opened_on": day.isoformat()} | extra


def opened_on(patient: int) -> date:
    """When the sets in use of a patient were opened: one in twenty more than three months ago."""
    return TODAY - timedelta(days=patient % 95)


def plan_channels(clinic: Clinic) -> list[Row]:
    """Two muscles of one side for each plan."""
    return [
        kept(0) | {"plan_id": plan["id"], "channel": channel, "muscle": muscle, "side": "left", "area_mm2": 4500}
        for plan in clinic.plans
        for channel, muscle in enumerate(clinic.muscles(plan["patient_id"]), start=1)
    ]


def steps(clinic: Clinic) -> list[Row]:
    """One decided step for each plan, and an open one for every fifth that goes on."""
    common = {"rule": "on_time", "changes": {}, "reason": "all contractions of four sessions", "facts": {}, "proposed_at": NOW}
    nobody = {"decided_at": None, "decided_by": None, "decided_why": None}
    return [
        kept(0) | common | nobody | {"plan_id": plan["id"], "number": number, "decision": decision}
        for plan in clinic.plans
        for number, decision in ((1, "accepted"), (2, "open"))
        if number == 1 or (plan["status"] == "active" and plan["id"] % 5 == 0)
    ]


def session_channels(clinic: Clinic) -> list[Row]:
    """Two channels of each session, each with its set of electrodes of that time."""
    figures = {"comfort_ua": 40_000, "peak_ua": 38_000, "contractions": 40, "pulses": 30_000}
    charge = {"charge_pc": 200_000_000_000, "on_us": 400_000_000, "side": "left"}
    return [
        figures
        | charge
        | {
            "session_id": row["id"],
            "channel": channel,
            "muscle": muscle,
            "electrode_set_id": 4 * row["patient_id"]
            - 4
            + channel
            + (2 if row["opened_at"].date() < opened_on(row["patient_id"]) else 0),
        }
        for row in clinic.sessions
        for channel, muscle in enumerate(clinic.muscles(row["patient_id"]), start=1)
    ]


def thresholds(clinic: Clinic) -> list[Row]:
    """Sensory, motor and comfort of both muscles at every third session."""
    common = {"side": "left", "area_mm2": 4500, "width_us": 300, "rate_mhz": 50_000, "how": "procedure", "journal_id": None}
    return [
        kept(0)
        | common
        | {
            "patient_id": row["patient_id"],
            "muscle": muscle,
            "kind": kind,
            "amplitude_ua": amplitude_ua,
            "measured_at": row["opened_at"],
            "measured_by": row["staff"],
        }
        for row in clinic.sessions[::3]
        for muscle in clinic.muscles(row["patient_id"])
        for kind, amplitude_ua in (("sensory", 8_000), ("motor", 18_000), ("comfort", 40_000))
    ]


def outcomes(clinic: Clinic) -> list[Row]:
    """Pain at every second session, strength and girth at every sixth."""
    common = {"muscle": "quad_all", "side": "left", "landmark": "", "scale": "", "appointment_id": None, "note": ""}
    return [
        kept(0)
        | common
        | {
            "patient_id": row["patient_id"],
            "measure": measure,
            "value_milli": 3_000,
            "taken_at": row["opened_at"],
            "taken_by": row["staff"],
        }
        for every, measure in ((2, "nrs"), (6, "mrc"), (6, "girth"))
        for row in clinic.sessions[::every]
    ]


def answers(clinic: Clinic) -> list[Row]:
    """The questions that hold for longer: each asked of everybody, some due again, a few answered with yes."""
    found = []
    for patient in range(1, clinic.patients + 1):
        for rule in shipped_rules().rules:
            if rule.id in NOT_ASKED or rule.asked_h <= SESSION_H:
                continue
            asked_at = NOW - timedelta(hours=clinic.draw.uniform(0, 1.1) * rule.asked_h)
            found.append(kept(0) | answer(patient, rule.id, asked_at, rule.asked_h, clinic.draw.random() < 0.02))
    return found


def answer(patient: int, rule: str, asked_at: datetime, hours: int, yes: bool) -> Row:
    """One answer."""
    return {
        "patient_id": patient,
        "rule": rule,
        "answer": "yes" if yes else "no",
        "places": [],
        "note": "",
        "asked_at": asked_at,
        "asked_by": "t0",
        "due_at": asked_at + timedelta(hours=hours),
        "rules_sha256": shipped_rules().sha256,
    }


def answers_of_sessions(dialect: str) -> str:
    """One statement that answers, for every session, the questions that are asked each time."""
    ids = [rule.id for rule in shipped_rules().rules if rule.id not in NOT_ASKED and rule.asked_h <= SESSION_H]
    later = {
        "sqlite": f"strftime('%Y-%m-%d %H:%M:%f000', opened_at, '+{SESSION_H} hours')",
        "postgresql": f"opened_at + interval '{SESSION_H} hours'",
    }[dialect]
    rules = " UNION ALL ".join(f"SELECT '{each}' AS rule" for each in ids)
    return (
        "INSERT INTO screening_answers"
        " (version, patient_id, rule, answer, places, note, asked_at, asked_by, due_at, rules_sha256)"
        f" SELECT 1, patient_id, rule, 'no', '[]', '', opened_at, 't0', {later}, '{shipped_rules().sha256}'"
        f" FROM sessions, ({rules}) AS rules"
    )


@contextmanager
def large_book(kind: str, clinic: Clinic) -> Iterator[Book]:
    """The book on one kind of database, gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        server, place = None, Place(file=Path(folder) / "book" / "book.sqlite")
        if kind == "postgresql":
            found = programs()
            if found is None:
                raise SystemExit("no PostgreSQL here: make postgresql")
            server = Server(found)
            server.statement("CREATE DATABASE large")
            place = Place(url=server.url("large"))
        book = create_book(place, name="Large", kind="clinic", time_zone=ZONE.key, now=NOW)
        try:
            with book.engine.connect() as connection:
                fill(connection, clinic)
                connection.commit()
            if server is not None:
                server.statement("VACUUM ANALYZE", "large")  # as a server does by itself in the background
            yield book
        finally:
            book.close()
            if server is not None:
                server.close()


def calls(clinic: Clinic) -> dict[str, Callable[[Book], object]]:
    """What is measured, each with other days or patients every time."""
    draw = random.Random(7)
    days = [day for day in (TODAY + timedelta(days=n) for n in range(28)) if day.weekday() < 5]
    return {
        "agenda_of, whole clinic": lambda book: reading(book, agenda_of, draw.choice(days), NOW, book.about),
        "agenda_of, one therapist": lambda book: reading(
            book, agenda_of, draw.choice(days), NOW, book.about, f"t{draw.randrange(ROOMS)}"
        ),
        "next_for": lambda book: reading(book, next_for, draw.randint(1, clinic.patients), NOW, book.about),
        "patient_page": lambda book: reading(book, patient_page, draw.randint(1, clinic.patients), NOW, book.about),
    }


def reading(book: Book, call: Callable[..., object], *words: object) -> object:
    """One call in a session of its own."""
    with book.reading() as session:
        return call(session, *words)


def measured(book: Book, clinic: Clinic) -> dict[str, tuple[float, float]]:
    """Median and 95th percentile in ms of each call."""
    gc.collect()
    gc.freeze()  # the rows that the book was made of lie in this process; no station has them
    found = {}
    for name, call in calls(clinic).items():
        times = []
        for number in range(RUNS + 5):
            begin = perf_counter()
            call(book)
            if number >= 5:  # the first ones fill the caches of statements
                times.append((perf_counter() - begin) * 1000)
        found[name] = (statistics.median(times), statistics.quantiles(times, n=20)[-1])
    return found


def main() -> None:
    """Make it, measure it, print one table."""
    words = [word for word in sys.argv[1:] if word != "--small"]
    clinic = Clinic(500 if "--small" in sys.argv else 5_000)
    results = {}
    for kind in words or ("sqlite", "postgresql"):
        begin = perf_counter()
        with large_book(kind, clinic) as book:
            made_s = perf_counter() - begin
            days = [len(reading(book, agenda_of, TODAY + timedelta(days=n), NOW, book.about)) for n in range(5)]  # type: ignore[arg-type]
            results[kind] = measured(book, clinic)
            with book.reading() as session:
                answers = session.execute(text("SELECT count(*) FROM screening_answers")).scalar()
            print(
                f"{kind}: made in {made_s:.0f} s; appointments on the first days: {days}; {answers:,} answers of the screening"
            )
    size = f"{clinic.patients:,} patients, {len(clinic.appointments):,} appointments, {len(clinic.sessions):,} sessions"
    print(f"{size}; {RUNS} calls each; median (95 %) in ms, aim {AIM_MS}")
    print(f"  {'':28}" + "".join(f"{kind:>20}" for kind in results))
    for name in next(iter(results.values())):
        cells = [f"{results[kind][name][0]:.1f} ({results[kind][name][1]:.1f})" for kind in results]
        print(f"  {name:28}" + "".join(f"{cell:>20}" for cell in cells))


if __name__ == "__main__":
    main()
