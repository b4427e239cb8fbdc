"""The people of a practice book fit the tables that they name, and are all of the seed's causes."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from emscontrol.clinic.patients.conditions import CONDITIONS
from emscontrol.clinic.plans.rules import rule_set
from emscontrol.clinic.screening.load import shipped_rules
from emscontrol.practice.cast import cast
from emscontrol.practice.muscle import Muscle, girth_cm, mrc_grade, mvc_nm
from emscontrol.protocol.library import library_ids, load_named
from emscontrol.protocol.parts import Side
from emscontrol.safety.screening import Place
from firmware_sim.body.library import names

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
RULES = {rule.id: rule for rule in shipped_rules().rules}
PEOPLE = cast()


def test_there_are_thirty_with_codes_of_their_own_over_every_cause() -> None:
    assert len(PEOPLE) == len({person.code for person in PEOPLE}) == 30
    assert {condition for person in PEOPLE for condition in person.conditions} == set(CONDITIONS)


def test_each_names_what_there_is() -> None:
    for person in PEOPLE:
        assert person.body in names(), person.code
        assert set(person.yes) | set(person.override) <= set(RULES), person.code
        assert set(person.override) <= set(person.yes), person.code
        for where in filter(None, person.yes.values()):
            region, _, side = where.partition(":")
            Place.from_plain({"region": region, "side": side})
        rule_set(person.progression)


def test_whoever_has_a_plan_has_all_of_one_and_whoever_has_none_has_a_reason() -> None:
    for person in PEOPLE:
        if not person.protocol:
            assert person.note, person.code
            continue
        assert person.protocol in library_ids()
        assert person.days, person.code
        assert person.weeks > 0, person.code
        sides = {channel.side for channel in load_named(person.protocol).protocol.channels.values()}
        assert (Side.EITHER in sides) == bool(person.side), person.code
    began = [person.began_weeks for person in PEOPLE if person.protocol]
    assert min(began) == 0
    assert max(began) == 8
    assert any(person.began_weeks >= person.weeks for person in PEOPLE if person.protocol)  # a plan that is over


@given(
    first=st.floats(0.1, 1.0),
    more=st.floats(0.0, 1.0),
    doses=st.lists(st.tuples(st.integers(0, 60), st.floats(0, 300), st.integers(0, 200)), max_size=20),
    day=st.integers(0, 120),
)
def test_a_muscle_stays_between_what_it_was_and_what_it_can_reach(
    first: float, more: float, doses: list[tuple[int, float, int]], day: int
) -> None:
    muscle = Muscle(first, first + more)
    for given_day, pull_n, contractions in sorted(doses):
        muscle = muscle.given(NOW + timedelta(days=given_day), pull_n, contractions)
    force = muscle.force(NOW + timedelta(days=day))
    assert first - 1e-9 <= force <= first + more + 1e-9


def test_what_is_given_shows_after_days_and_is_lost_without_use() -> None:
    muscle = Muscle(0.5, 1.0).given(NOW, 150.0, 200)
    assert muscle.force(NOW + timedelta(days=9)) == 0.5
    gained = muscle.force(NOW + timedelta(days=10))
    assert gained > 0.6
    assert muscle.force(NOW + timedelta(days=60)) < gained


def test_what_is_measured_follows_the_muscle() -> None:
    assert mvc_nm(0.8, 0.5) < mvc_nm(1.0, 0.5) < mvc_nm(1.0, 1.0)
    assert girth_cm(0.8) < girth_cm(1.0)
    grades = [mrc_grade(force / 20, 1.0) for force in range(25)]
    assert grades == sorted(grades)
    assert (grades[0], grades[-1]) == (0.0, 5.0)
