"""Which protocols come first for a patient, and what is said of muscles and nerves."""

import pytest

from emscontrol.clinic.patients.conditions import CONDITIONS
from emscontrol.clinic.plans.rules import progression
from emscontrol.clinic.plans.slots import require_week
from emscontrol.clinic.plans.suggest import ROWS, USUAL, Examined, Fit, suggested, warnings
from emscontrol.protocol.library import library_ids, load_named
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.parts import LmnStatus


@pytest.fixture(scope="module")
def library() -> dict[str, Protocol]:
    return {name: load_named(name).protocol for name in library_ids()}


@pytest.mark.parametrize("name", library_ids())
def test_every_protocol_of_the_library_has_its_row_with_a_week_that_can_be(library: dict[str, Protocol], name: str) -> None:
    assert ROWS[name] in library[name].notes or any(ROWS[name] in each.text for each in library[name].citations)
    rules, per_week, weeks = USUAL[ROWS[name]]
    require_week(per_week, weeks, progression().sets[rules].rest_min_h)


def test_rows_that_nothing_belongs_to_are_no_rows() -> None:
    known = {row for cause in CONDITIONS.values() for row in cause.rows}
    assert set(ROWS) == set(library_ids())
    assert set(ROWS.values()) - {"C01"} <= known


def test_what_fits_the_condition_comes_first_and_the_best_founded_before_the_rest(library: dict[str, Protocol]) -> None:
    found = suggested(library, ["stroke"], [])
    first = [row for row in found if row.fit is Fit.SUGGESTED]
    assert {row.protocol for row in first} == {
        "wrist-extensors-stroke",
        "shoulder-subluxation-stroke",
        "foot-drop-strengthening",
    }
    assert found[: len(first)] == first
    assert [row.evidence for row in first] == sorted(row.evidence for row in first)
    assert all("Stroke." in row.why for row in first)
    assert len(found) == len(library)


def test_a_muscle_without_its_nerve_gets_only_what_is_made_for_it(library: dict[str, Protocol]) -> None:
    found = suggested(library, ["disuse"], [Examined("quad_all", "left", "absent", "absent")])
    by_name = {row.protocol: row for row in found}
    assert found[0].protocol == "denervated-quadriceps-twitches"
    assert "Without its nerve: quadriceps" in found[0].why
    assert found[0].fit is Fit.NERVE
    for name, protocol in library.items():
        if all(c.muscle.startswith("quad_") for c in protocol.channels.values()) and protocol.lmn_status is LmnStatus.INTACT:
            assert by_name[name].fit is Fit.UNFIT, name
    assert not [row for row in found if row.fit is Fit.SUGGESTED]


def test_one_side_without_its_nerve_leaves_the_other(library: dict[str, Protocol]) -> None:
    both = [Examined("quad_all", "left", "absent", "normal"), Examined("quad_all", "right", "intact", "normal")]
    by_name = {row.protocol: row.fit for row in suggested(library, ["disuse"], both)}
    assert by_name["acl-high-rate"] is Fit.SUGGESTED
    assert by_name["denervated-quadriceps-twitches"] is Fit.NERVE


@pytest.mark.parametrize(
    ("lmn", "sensation", "words"),
    [
        ("intact", "normal", None),
        ("unknown", "normal", "nerve not examined"),
        ("partial", "normal", "the nerve is partial; this protocol needs it intact"),
        ("absent", "normal", "the nerve is absent"),
        ("intact", "reduced", "feeling is reduced"),
        ("intact", "absent", "feeling is absent"),
    ],
)
def test_what_was_found_of_a_muscle_is_said(library: dict[str, Protocol], lmn: str, sensation: str, words: str | None) -> None:
    told = list(warnings(library["acl-high-rate"], {1: "left"}, [Examined("quad_all", "left", lmn, sensation)]))
    assert (words is None and not told) or (words is not None and words in told[0])


def test_a_finding_of_the_whole_muscle_tells_of_its_parts(library: dict[str, Protocol]) -> None:
    told = list(warnings(library["acl-quadriceps"], {1: "left", 2: "left"}, [Examined("quad_all", "left", "absent", "normal")]))
    assert sum("the nerve is absent" in each for each in told) == 2
    assert sum("not examined" in each for each in told) == 2


def test_what_was_not_examined_or_has_no_side_is_said(library: dict[str, Protocol]) -> None:
    assert "nerve not examined" in next(warnings(library["acl-high-rate"], {1: "right"}, []))
    assert "choose the side" in next(warnings(library["acl-high-rate"], {}, []))
    intact = [Examined("quad_all", "left", "intact", "normal")]
    assert "the nerve is intact" in next(warnings(library["denervated-quadriceps-twitches"], {1: "left"}, intact))
