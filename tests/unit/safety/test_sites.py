"""The muscle catalogue: caps and refusals as the catalogue has them."""

import pytest

from emscontrol.core.errors import SafetyRefusal
from emscontrol.safety.sites import described_site, known_muscles, site

# muscle -> cap in mA as the catalogue prints it; the site limits of the limits sheet (section 8) come on top
CATALOGUE = {
    "quad_rf": 130, "quad_vm": 130, "quad_vl": 130, "quad_all": 130, "ham": 130, "add": 90, "glut_max": 130, "glut_med": 110,
    "tfl": 90, "hipflex": 0, "ta": 80, "peroneals": 80, "cpn": 80, "gastroc": 100, "soleus": 100, "edl": 70, "foot_int": 40,
    "delt_ant": 80, "delt_mid": 80, "delt_post": 80, "supraspin": 60, "infraspin": 70, "trap_mid": 70, "trap_up": 50,
    "rhomb": 70, "serratus": 0, "pec": 0, "biceps": 80, "triceps": 80, "ecr": 60, "edc": 60, "ecu": 60, "fcr_fcu": 60,
    "fds_fdp": 60, "pronator": 50, "fpl_epl": 40, "thenar": 30, "hypo_fdi": 30, "lumb_intr": 30, "rect_abd": 90, "obl": 90,
    "erector": 90, "facial_fr": 10, "facial_zyg": 10, "facial_oo": 10, "facial_orb": 0, "submental": 25, "thyrohyoid": 25,
    "diaph": 0,
}  # fmt: skip
FACE_AND_NECK = {muscle for muscle in CATALOGUE if muscle.startswith("facial")} | {
    "submental",
    "thyrohyoid",
    "diaph",
    "trap_up",
}
HAND_AND_FOREARM = {"ecr", "edc", "ecu", "fcr_fcu", "fds_fdp", "pronator", "fpl_epl", "thenar", "hypo_fdi", "lumb_intr"}
OUT = {"hipflex", "serratus", "pec", "diaph", "submental", "thyrohyoid"} | {m for m in CATALOGUE if m.startswith("facial")}


def test_all_49_muscles_are_known() -> None:
    assert list(known_muscles()) == list(CATALOGUE)
    assert len(CATALOGUE) == 49


@pytest.mark.parametrize("muscle", CATALOGUE)
def test_the_cap_is_the_tighter_of_catalogue_and_site(muscle: str) -> None:
    most = 25 if muscle in FACE_AND_NECK else 60 if muscle in HAND_AND_FOREARM else 10**6
    found = described_site(muscle)
    assert found.cap_ma == min(CATALOGUE[muscle], most)
    assert found.cap_ua == found.cap_ma * 1_000
    assert found.mark == "D"


@pytest.mark.parametrize("muscle", CATALOGUE)
def test_exactly_the_sites_outside_the_intended_use_are_refused(muscle: str) -> None:
    if muscle not in OUT:
        assert site(muscle).cap_ua > 0
        return
    with pytest.raises(SafetyRefusal) as refusal:
        site(muscle)
    assert refusal.value.rules == ("SITE",)
    assert muscle in str(refusal.value)


@pytest.mark.parametrize("muscle", [None, "", "quad", "QUAD_RF", 3, ["quad_rf"]])
def test_a_muscle_that_is_missing_or_unknown_is_refused(muscle: str) -> None:
    with pytest.raises(SafetyRefusal) as refusal:
        site(muscle)
    assert refusal.value.rules == ("SITE",)
    assert "quad_rf" in refusal.value.remedy


def test_no_site_is_described_in_shorthand() -> None:
    """These words are read by people, in a refusal: no word in capitals but abbreviations that are in use."""
    for muscle in known_muscles():
        described = described_site(muscle)
        assert not {"BLOCK", "OK"} & set((described.risks + described.refused).split())
        if described.refused:
            assert described.refused.endswith(".")


@pytest.mark.parametrize(
    ("word", "remedy"),
    [
        ("quadriceps", "Ids of muscles with this name: quad_all."),
        ("quad", "Ids of muscles with this name: quad_rf, quad_vm, quad_vl, quad_all."),
        ("gastrok", "The nearest id is gastroc."),
        ("xylophone", "One of quad_rf, quad_vm,"),
        ("", "One of quad_rf, quad_vm,"),
    ],
)
def test_an_unknown_muscle_is_answered_with_the_one_that_was_probably_meant(word: str, remedy: str) -> None:
    with pytest.raises(SafetyRefusal) as refusal:
        described_site(word)
    assert refusal.value.remedy.startswith(remedy)
