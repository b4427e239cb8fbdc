"""Many stations on one PostgreSQL book, all at once, and whether anything was lost or done twice.

    .venv/bin/python bench/stations.py [--stations 50] [--seconds 60] [--url URL]

Each station is a process of its own that edits the same few patients and plans as the others, books and moves appointments of
the same therapists and stimulators, takes stimulators and gives them back, and hands in journals, its own and its neighbour's,
some of them twice. What the book refuses with a clear conflict is told as such and tried again where a person would. At the end
the tables and the audit are held against what the stations say they did. Exit code 1 when anything does not add up.
"""

import argparse
import multiprocessing
import random
import sys
import tempfile
import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from time import monotonic, perf_counter

sys.path.insert(0, str(Path(__file__).parent.parent))

from sqlalchemy import func, select, text

from emscontrol.clinic.appointments.booking import book as book_one
from emscontrol.clinic.appointments.changing import move
from emscontrol.clinic.book.actor import Actor
from emscontrol.clinic.book.book import Book
from emscontrol.clinic.book.check import check
from emscontrol.clinic.book.opening import Place, create_book, open_book
from emscontrol.clinic.book.rows import as_seen
from emscontrol.clinic.stations.holds import LEASE_S, give_back, renew, take
from emscontrol.clinic.stations.outbox import announce, hand_in_all, waiting
from emscontrol.clinic.tables.facts import Audit, ClinicHours, Stimulator
from emscontrol.clinic.tables.people import Patient, Staff
from emscontrol.clinic.tables.plans import Appointment, Plan
from emscontrol.clinic.tables.sessions import Journal, SessionEntry
from emscontrol.core.errors import BookBusy, BookConflict
from tests.clinic.postgresql import Server, programs
from tests.clinic.sessions import material

SUPERVISOR = Actor("sofia", "supervisor", "office")
PATIENTS, THERAPISTS, STIMULATORS, SHARED = 40, 8, 8, 4
JOURNALS = 40  # appointments of each station that its journals are of; those after that are of none
DAYS = 20  # in which everybody books
CALLED_OUT_HZ = 4
CRASHED_S = 1  # the lease of a session whose station does not live to give it back
OVERLAPS = """
SELECT count(*) FROM appointments a JOIN appointments b ON a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
WHERE a.status = 'booked' AND b.status = 'booked' AND a.withdrawn_at IS NULL AND b.withdrawn_at IS NULL
AND (a.patient_id = b.patient_id OR a.therapist = b.therapist OR a.stimulator = b.stimulator)
"""


@dataclass
class Done:
    """What one station says it did."""

    times_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    conflicts: Counter[str] = field(default_factory=Counter)
    busy: Counter[str] = field(default_factory=Counter)
    edits: Counter[tuple[str, int]] = field(default_factory=Counter)
    booked: int = 0
    moved: int = 0
    holds: list[tuple[int, float, float]] = field(default_factory=list)
    journals: set[tuple[int, int]] = field(default_factory=set)
    failed: str = ""


class Station:
    """One station's process: does one thing after the other until the time is over."""

    def __init__(self, number: int, of: int, url: str, folder: Path) -> None:
        self.number, self.of = number, of
        self.draw = random.Random(number)
        self.actor = Actor(f"t{number}", "therapist", f"room {number}")
        self.folder = folder / str(number)
        self.outbox = self.folder / "outbox"
        self.book: Book = open_book(Place(url=url))
        self.done = Done()
        self.mine: list[int] = []
        self.handed: Counter[int] = Counter()

    def work(self, until: float) -> Done:
        """Everything in turn, at random."""
        things: tuple[tuple[int, Callable[[], None]], ...] = (
            (30, self.edit_patient),
            (20, self.edit_plan),
            (25, self.book_appointment),
            (10, self.move_appointment),
            (25, self.hold_stimulator),
            (6, self.hand_in),
        )
        while monotonic() < until:
            (_, thing), *_ = self.draw.choices(things, [weight for weight, _ in things])
            thing()
        self.book.close()
        return self.done

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """A change that may be refused; how long it took counts when it was not."""
        begun = perf_counter()
        try:
            yield
            self.done.times_ms[what].append((perf_counter() - begun) * 1000)
        except BookConflict:
            self.done.conflicts[what] += 1
        except BookBusy:
            self.done.busy[what] += 1

    def edit_patient(self) -> None:
        """One more in a field that all others count up too."""
        self._edit(Patient, "birth_year", "edit a patient")

    def edit_plan(self) -> None:
        """The same for a plan."""
        self._edit(Plan, "weeks", "edit a plan")

    def _edit(self, table: type[Patient] | type[Plan], column: str, what: str) -> None:
        """Look, think, change what was seen; on a conflict look again, as a person would, until it is done."""
        number = self.draw.randint(1, SHARED)
        done = False
        while not done:
            with self.book.reading() as session:
                seen = session.get_one(table, number).version
            with self.timed(what):
                with self.book.writing(self.actor, datetime.now(UTC)) as session:
                    row = session.get_one(table, number)
                    as_seen(session, row, seen)
                    setattr(row, column, getattr(row, column) + 1)
                done = True
        self.done.edits[table.__tablename__, number] += 1

    def _chance(self) -> random.Random:
        """Half the time one that says the same to everybody in this very moment."""
        return random.Random(int(monotonic() * CALLED_OUT_HZ)) if self.draw.random() < 0.5 else self.draw

    def book_appointment(self) -> None:
        """A therapist and a stimulator at some quarter of an hour; often what all want, as when a slot was called out."""
        draw = self._chance()
        who, box, slot = f"t{draw.randrange(THERAPISTS)}", f"S{draw.randrange(STIMULATORS)}", _slot(draw)
        with self.timed("book"):
            with self.book.writing(self.actor, datetime.now(UTC)) as session:
                patient = self.draw.randint(1, PATIENTS)
                now, about = datetime.now(UTC), self.book.about
                number = book_one(session, patient, slot, now, about, minutes=45, therapist=who, stimulator=box).id
            self.mine.append(number)
            self.done.booked += 1

    def move_appointment(self) -> None:
        """One of its own to another time."""
        if self.mine:
            with self.timed("move"):
                with self.book.writing(self.actor, datetime.now(UTC)) as session:
                    number = self.draw.choice(self.mine)
                    move(session, number, _slot(self.draw), "asked for it", datetime.now(UTC), self.book.about)
                self.done.moved += 1

    def hold_stimulator(self) -> None:
        """As long as a session of some hundredths of a second; now and then the station is gone before it is over.

        From when to when it was held is compared with all others.
        """
        number, word, crashes = self._chance().randint(1, STIMULATORS), uuid.uuid4().hex, self.draw.random() < 0.1
        with self.timed("hold"):
            with self.book.writing(self.actor, datetime.now(UTC)) as session:
                begun = monotonic()
                take(session, number, word, self.actor, datetime.now(UTC), CRASHED_S if crashes else LEASE_S)
            since = monotonic()
            if crashes:
                self.done.holds.append((number, since, max(since, begun + CRASHED_S)))
                return
            with self.book.writing(self.actor, datetime.now(UTC)) as session:
                renew(session, number, word, datetime.now(UTC))
            until = monotonic()
            with self.book.writing(self.actor, datetime.now(UTC)) as session:
                given = give_back(session, number, word)
            if not given:
                raise RuntimeError(f"stimulator {number} was lost while it was held")
            self.done.holds.append((number, since, until))

    def hand_in(self) -> None:
        """The next journal of its own, or that of its neighbour, which hands it in too; now and then a second time."""
        whose = self.draw.choice((self.number, (self.number + 1) % self.of))
        key = (whose, self.handed[whose])
        self.handed[whose] += 1
        file = self.folder / f"{whose}-{key[1]}.jsonl"
        file.write_bytes(journal(self.book.about.uuid, *key))
        announce(self.outbox, file, self.actor.station, datetime.now(UTC))
        while waiting(self.outbox):
            with self.timed("hand in"):
                outcome = hand_in_all(self.book, self.outbox, self.actor, datetime.now(UTC))
                for _, problem in outcome.left:
                    raise problem
        self.done.journals.add(key)
        if self.draw.random() < 0.3:
            announce(self.outbox, file, self.actor.station, datetime.now(UTC))


def _slot(draw: random.Random) -> datetime:
    day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=draw.randint(1, DAYS))
    return day + timedelta(minutes=15 * draw.randrange(32, 72))


def journal(book: str, station: int, number: int) -> bytes:
    """One session of one station: the same bytes whoever makes them."""
    appointment = station * JOURNALS + number + 1 if number < JOURNALS else 0
    about = material.Book(book, patient=f"P-{appointment % PATIENTS + 1}", appointment=appointment)
    return material.booked(about, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=station, seconds=number), real=True)


def prepare(book: Book, stations: int) -> None:
    """People, stimulators, plans, and for each station some appointments of the past whose journals it hands in."""
    now = datetime.now(UTC)
    with book.writing(SUPERVISOR, now) as session:
        material.planned(session, 0)
        session.add_all(Patient(code=f"P-{number}", birth_year=0, notes="") for number in range(2, PATIENTS + 1))
        session.add_all(Staff(code=f"t{n}", name="", role="therapist", qualification="", secret="x") for n in range(THERAPISTS))
        session.add_all(Stimulator(name=f"S{number}", device="p24@sim", serial="") for number in range(STIMULATORS))
        session.add_all(ClinicHours(weekday=day, opens_min=0, closes_min=1440) for day in range(7))
        session.flush()
        first = session.get_one(Plan, 1)
        values = {
            column.key: getattr(first, column.key) for column in Plan.__table__.columns if column.key not in ("id", "version")
        }
        session.add_all(Plan(**values) for _ in range(SHARED - 1))
        for number in range(1, SHARED + 1):
            session.get_one(Patient, number).birth_year = 0
    with book.writing(SUPERVISOR, now) as session:
        for number in range(1, stations * JOURNALS + 1):
            begins = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number)
            session.add(
                Appointment(
                    id=number,
                    patient_id=number % PATIENTS + 1,
                    starts_at=begins,
                    ends_at=begins + timedelta(minutes=45),
                    therapist="anna",
                    stimulator="S-1",
                    status="booked",
                    reason="",
                    moved=0,
                )
            )
        session.flush()
        session.execute(text("SELECT setval(pg_get_serial_sequence('appointments', 'id'), max(id)) FROM appointments"))


def run(url: str, stations: int, seconds: float) -> list[Done]:
    """All stations at once; what each says it did."""
    material.recorded()  # once, before the others are made
    context = multiprocessing.get_context("fork")
    ready, results = context.Barrier(stations), context.Queue()
    with tempfile.TemporaryDirectory() as name:
        processes = [
            context.Process(target=_station, args=(number, stations, url, Path(name), seconds, ready, results))
            for number in range(stations)
        ]
        for process in processes:
            process.start()
        done = [results.get(timeout=seconds + 300) for _ in processes]
        for process in processes:
            process.join()
    return done


def _station(number: int, of: int, url: str, folder: Path, seconds: float, ready, results) -> None:  # type: ignore[no-untyped-def]
    done = Done(failed=f"station {number} ended in the middle; standard error says how")
    try:
        station = Station(number, of, url, folder)
        station.folder.mkdir()
        ready.wait(120)
        done = station.work(monotonic() + seconds)
    finally:
        results.put(done)


def wrong(book: Book, done: list[Done], weeks: int) -> Iterator[str]:
    """Everything that does not add up, a sentence each."""
    yield from (one.failed for one in done if one.failed)
    edits = sum((one.edits for one in done), Counter[tuple[str, int]]())
    keys = set().union(*(one.journals for one in done))
    expected = {key[0] * JOURNALS + key[1] + 1 for key in keys if key[1] < JOURNALS}
    with book.reading() as session:
        for number in range(1, SHARED + 1):
            for table, value in (
                (Patient, session.get_one(Patient, number).birth_year),
                (Plan, session.get_one(Plan, number).weeks),
            ):
                name = table.__tablename__
                told = value - (weeks if table is Plan else 0)
                if told != edits[name, number]:
                    yield f"{name} {number}: {edits[name, number]} changes were confirmed, {told} are there"
                where = (Audit.entity == name, Audit.entity_id == number, Audit.who.like("t%"))
                if (traces := session.scalar(select(func.count()).select_from(Audit).where(*where))) != edits[name, number]:
                    yield f"{name} {number}: {edits[name, number]} changes were confirmed, {traces} have a trace"
        prepared = len(done) * JOURNALS
        booked = session.scalar(select(func.count()).select_from(Appointment).where(Appointment.id > prepared))
        moved = session.scalar(select(func.sum(Appointment.moved)))
        if (booked, moved or 0) != (sum(one.booked for one in done), sum(one.moved for one in done)):
            yield f"{booked} appointments and {moved} moves are there, another number was confirmed"
        if double := session.execute(text(OVERLAPS)).scalar_one():
            yield f"{double} pairs of appointments share a patient, a therapist or a stimulator"
        for table in (Journal, SessionEntry):
            if (there := session.scalar(select(func.count()).select_from(table))) != len(keys):
                yield f"{there} rows of {table.__tablename__}, and {len(keys)} journals were handed in"
        finished = select(Appointment.id, Appointment.version).where(Appointment.status == "done")
        if {tuple(row) for row in session.execute(finished)} != {(number, 2) for number in expected}:
            yield "the appointments that are done are not those of the journals, each once"
        yield from check(session)
    yield from _held_twice(done)


def _held_twice(done: list[Done]) -> Iterator[str]:
    by_box: defaultdict[int, list[tuple[float, float]]] = defaultdict(list)
    for one in done:
        for number, since, until in one.holds:
            by_box[number].append((since, until))
    for number, spans in by_box.items():
        spans.sort()
        for (_, until), (since, _) in pairwise(spans):
            if since < until:
                yield f"stimulator {number} was held by two at once"


def show(done: list[Done], seconds: float) -> None:
    """The figures."""
    names = sorted({name for one in done for name in (*one.times_ms, *one.conflicts, *one.busy)})
    print(f"{'':16}{'done':>8}{'per s':>8}{'conflicts told':>16}{'busy':>6}{'median ms':>11}{'p99 ms':>9}")
    for name in (*names, "all"):
        times = sorted(time for one in done for kind, some in one.times_ms.items() if name in (kind, "all") for time in some)
        told = sum(count for one in done for kind, count in one.conflicts.items() if name in (kind, "all"))
        busy = sum(count for one in done for kind, count in one.busy.items() if name in (kind, "all"))
        median, p99 = (times[len(times) * part // 100] for part in (50, 99)) if times else (0.0, 0.0)
        print(f"{name:16}{len(times):8}{len(times) / seconds:8.0f}{told:16}{busy:6}{median:11.1f}{p99:9.1f}")


@contextmanager
def _somewhere(url: str) -> Iterator[str]:
    """The URL of an empty database: the one that was named, or one on a server of our own."""
    folder = programs()
    if url or folder is None:
        yield url
        return
    server = Server(folder)
    try:
        server.statement("CREATE DATABASE stations")
        yield server.url("stations")
    finally:
        server.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--stations", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--url", default="")
    asked = parser.parse_args()
    with _somewhere(asked.url) as url:
        if not url:
            sys.exit("NO POSTGRESQL HERE: install it with make postgresql")
        kind = {"name": "Stations", "kind": "clinic", "time_zone": "Europe/Berlin"}
        with_rows = create_book(Place(url=url), **kind, now=datetime.now(UTC))
        prepare(with_rows, asked.stations)
        with with_rows.reading() as session:
            weeks = session.get_one(Plan, 1).weeks
        with_rows.close()
        done = run(url, asked.stations, asked.seconds)
        show(done, asked.seconds)
        found = list(wrong(with_rows, done, weeks))
        with_rows.close()
    print(f"{asked.stations} stations, {asked.seconds:g} s: {'; '.join(found) if found else 'nothing lost, nothing twice'}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
