"""Patients at the command line: by code, their names apart, findings, thresholds, electrodes, and one page of it all."""

import pytest

from tests.cli.clinic.clinic import MUSCLE, PULSE, Clinic
from tests.cli.command import USAGE

REFUSED = 1


def test_a_new_patient_is_a_code_and_everybody_is_told_what_is_next(clinic: Clinic) -> None:
    said = clinic.ok("patient", "add", "P-7", "--born", 1958, "--notes", "left knee")
    assert said.out == "P-7 is a patient.\n"
    assert "emscontrol screen ask P-7" in said.err
    assert clinic.ok("patient", "list", "--json").facts == {
        "patients": [{"code": "P-7", "birth_year": 1958, "family": "", "given": ""}]
    }
    page = clinic.ok("patient", "show", "P-7", "--json").facts
    assert (page["code"], page["notes"], page["version"]) == ("P-7", "left knee", 1)
    assert page["alerts"][0] == "The screening was never made."


@pytest.mark.parametrize("code", ["", "P 7", "../x", "p-001"])
def test_a_code_that_is_none_or_taken_is_refused(busy: Clinic, code: str) -> None:
    said = busy("patient", "add", code)
    assert (said.code, said.out) == (USAGE, "")


def test_an_unknown_code_is_answered_with_the_nearest(busy: Clinic) -> None:
    for words in (("patient", "show", "P-01"), ("screen", "show", "P-01"), ("plan", "list", "--patient", "P-01")):
        said = busy(*words)
        assert (said.code, "The nearest is P-001." in said.err) == (USAGE, True)


def test_a_patient_is_found_by_name_and_a_name_is_forgotten_for_good(clinic: Clinic) -> None:
    clinic.ok("patient", "add", "P-7")
    clinic.ok("patient", "add", "P-8")
    clinic.ok("patient", "name", "P-7", "--family", "Musterfrau", "--given", "Hildegard", "--contact", "030 1234")
    assert [row["code"] for row in clinic.ok("patient", "list", "muster", "--json").facts["patients"]] == ["P-7"]
    assert "Hildegard Musterfrau, 030 1234" in clinic.ok("patient", "show", "P-7").out
    without = clinic("patient", "forget-name", "P-7")
    assert (without.code, "--yes" in without.err) == (USAGE, True)
    clinic.ok("patient", "forget-name", "P-7", "--yes")
    assert clinic.ok("patient", "forget-name", "P-8").out == "P-8 has no name.\n"
    assert "Muster" not in clinic.ok("patient", "show", "P-7").out
    assert b"Musterfrau" not in b"".join(file.read_bytes() for file in clinic.home.glob("book.sqlite*"))


def test_what_is_changed_leaves_the_rest_and_a_stale_view_is_a_conflict(clinic: Clinic) -> None:
    clinic.ok("patient", "add", "P-7", "--born", 1958, "--notes", "left knee")
    said = clinic.ok("patient", "change", "P-7", "--notes", "right knee", "--seen", 1, "--json")
    assert said.facts == {"code": "P-7", "birth_year": 1958, "notes": "right knee", "version": 2}
    stale = clinic("patient", "change", "P-7", "--born", 1959, "--seen", 1)
    assert (stale.code, "anna changed it" in stale.err) == (REFUSED, True)
    assert clinic.ok("patient", "change", "P-7", "--born", 0, "--json").facts["birth_year"] is None
    assert clinic("patient", "change", "P-7").code == USAGE


def test_who_only_reads_changes_nothing(busy: Clinic) -> None:
    before = busy.ok("book", "check").out
    for words in (
        ("patient", "add", "P-9"),
        ("patient", "condition", "P-001", "stroke"),
        ("patient", "threshold", "P-001", "comfort", 23, *MUSCLE, *PULSE),
        ("screen", "ask", "P-001", "--all-no"),
        ("outcome", "add", "P-001", "nrs", 3),
        ("plan", "pause", 1),
        ("appointment", "cancel", 1, "--why", "no"),
    ):
        said = busy(*words, who="rudi")
        assert (said.code, "rudi is a reader and may not" in said.err) == (REFUSED, True), words
    busy.ok("patient", "show", "P-001")
    assert busy.ok("book", "check").out == before


def test_the_page_tells_all_that_is_known(busy: Clinic) -> None:
    page = busy.ok("patient", "show", "P-001").out
    for words in (
        "P-001, born 1985; version 1",
        "(disuse) since 2026-01",
        "quad_all left: nerve intact, feeling normal; pinprick, Mon 2026-03-02 10:00",
        "quad_all left comfort 23 mA at 400 µs on 88.9 cm²",
        "0 of 18 given, 18 booked, 0 missed",
        "quad_all left, 88.9 cm², opened 2026-03-02, 0 of 30 uses",
        "Mon 2026-03-02 11:00 booked, plan 1; anna, one",
    ):
        assert words in page
    facts = busy.ok("patient", "show", "P-001", "--json").facts
    assert facts["thresholds"][0]["amplitude_ma"] == 23.0
    assert facts["next_appointments"][0]["starts_at"] == "2026-03-02T11:00:00+01:00"


def test_the_page_tells_how_the_screening_stands(busy: Clinic) -> None:
    page = busy.ok("patient", "show", "P-001").out
    assert "Screening\n  plan 1: clear; the next question is due on Mon 2026-03-02 14:00\n" in page
    busy.ok("screen", "answer", "P-001", "HEART", "yes")
    page = busy.ok("patient", "show", "P-001").out
    assert "  plan 1: in the way: HEART (override needed); the next question is due on Mon 2026-03-02 14:00; why:" in page
    busy.ok("patient", "add", "P-002")
    assert (
        "  no plan yet: never made; 43 questions to ask: emscontrol screen ask P-002\n"
        in busy.ok("patient", "show", "P-002").out
    )
    for _ in range(20):
        busy.wait(minutes=13)
        busy.ok("staff", "whoami")
    [row] = busy.ok("patient", "show", "P-001", "--json").facts["screening"]
    assert (row["plan"], row["blocks"], row["due"] > 5) == (1, ["HEART (override needed)"], True)


def test_conditions_are_listed_and_an_unknown_one_is_refused_with_the_list(clinic: Clinic) -> None:
    rows = clinic.ok("patient", "conditions", "--json", who=None).facts["conditions"]
    assert {"stroke", "als", "polio", "burns"} <= {row["condition"] for row in rows}
    clinic.ok("patient", "add", "P-7", who="anna")
    said = clinic("patient", "condition", "P-7", "broken")
    assert (said.code, "stroke" in said.err) == (USAGE, True)
    assert "Shoulder: never through pain." in clinic.ok("patient", "condition", "P-7", "stroke").out


def test_an_implant_that_is_not_known_well_counts_as_everywhere(clinic: Clinic) -> None:
    clinic.ok("patient", "add", "P-7")
    said = clinic.ok("patient", "implant", "P-7", "metal")
    assert "everywhere or unknown" in said.out
    told = clinic.ok("patient", "implant", "P-7", "metal", "--region", "thigh", "--side", "left", "--placed", "2025", "--json")
    assert (told.facts["region"], told.facts["side"], told.facts["placed_on"]) == ("thigh", "left", "2025")
    assert clinic("patient", "implant", "P-7", "metal", "--region", "knee").code == USAGE


def test_a_threshold_is_exact_or_refused(busy: Clinic) -> None:
    for figure in ("22,5", "22.5mA", "-3", "1e1", "0", ""):
        said = busy("patient", "threshold", "P-001", "comfort", figure, *MUSCLE, *PULSE)
        assert (said.code, said.out) == (USAGE, ""), figure
    said = busy.ok("patient", "threshold", "P-001", "motor", "12.125", *MUSCLE, *PULSE, "--json")
    assert said.facts["amplitude_ma"] == 12.125
    assert busy("patient", "threshold", "P-001", "motor", "40", *MUSCLE, *PULSE).code == USAGE, "above comfort"


def test_a_comfort_level_far_above_the_last_one_needs_a_reason(busy: Clinic) -> None:
    higher = ("patient", "threshold", "P-001", "comfort", "32", *MUSCLE, *PULSE)
    said = busy(*higher)
    assert (said.code, said.out) == (USAGE, "")
    assert "32.0 mA is far above the last comfort level of quad_all left, 23.0 mA" in said.err
    assert "--much-higher REASON" in said.err
    busy.ok(*higher, "--much-higher", "the pads were dry last week")
    assert "the pads were dry last week" in busy.ok("patient", "thresholds", "P-001").out
    said = busy("patient", "threshold", "P-001", "comfort", "33", *MUSCLE, *PULSE, "--much-higher", "x")
    assert (said.code, "Leave --much-higher out" in said.err) == (USAGE, True)


def test_when_it_was_measured_is_told_in_the_clinics_time(busy: Clinic) -> None:
    words = ("patient", "threshold", "P-001", "sensory", 8, *MUSCLE, *PULSE, "--on", "2026-02-28", "--at", "9:30", "--json")
    assert busy.ok(*words).facts["measured_at"] == "2026-02-28T09:30:00+01:00"
    assert busy(*words[:-3]).code == USAGE, "a day without a time"
    assert busy(*words[:-5], "--at", "23:00").code == USAGE, "still to come"
    for wrong in ("28.2.2026", "2026-02-30", "2026-2-8"):
        assert busy(*words[:-4], wrong, "--at", "9:30").code == USAGE


def test_what_holds_today_is_measured_estimated_or_missing(busy: Clinic) -> None:
    said = busy.ok("patient", "thresholds", "P-001", *MUSCLE, "--pads", "7x12.7", "--width-us", "300", "--json")
    comfort = said.facts["levels"]["comfort"]
    assert comfort["estimated"] is True
    assert 23 < comfort["amplitude_ma"] <= 25.948, "never more than the strength–duration relation says"
    assert "estimated from 23.0 mA at 400 µs" in comfort["sentence"]
    assert said.facts["levels"]["motor"]["amplitude_ma"] is None
    assert busy("patient", "thresholds", "P-001", *MUSCLE).code == USAGE
    assert [row["due"] for row in busy.ok("patient", "thresholds", "P-001", "--json").facts["thresholds"]] == [False]


def test_electrodes_are_listed_and_opened(busy: Clinic) -> None:
    said = busy.ok("patient", "electrodes", "P-001", "ta left", "--pads", "5x5", "--uses-before", 30, "--json")
    assert said.facts["due"] == "Used 30 times; a set is renewed after 30."
    rows = busy.ok("patient", "electrodes", "P-001", "--json").facts["electrodes"]
    assert [(row["set"], row["uses"]) for row in rows] == [(2, 30), (1, 0)]
    assert busy("patient", "electrodes", "P-001", "new").code == USAGE


def test_electrodes_that_are_not_there_and_labels_that_are_none_say_what_to_do(busy: Clinic) -> None:
    before = busy.ok("patient", "electrodes", "P-001", "--json").facts
    said = busy("patient", "electrodes", "P-001", "quad_al left", "--pads", "7x12.7")
    assert (said.code, "'quad_al' is no muscle" in said.err, "quad_all" in said.err) == (USAGE, True, True)
    assert busy.ok("patient", "electrodes", "P-001", "--json").facts == before
    add = 'emscontrol patient electrodes P-001 "quad_all left" --pads WxH'
    assert add not in busy.ok("patient", "threshold", "P-001", "motor", 12, *MUSCLE, *PULSE).err
    assert busy.ok("patient", "threshold", "P-001", "motor", 12, *MUSCLE, "--pads", "5x9", *PULSE[2:]).err.count(add) == 1
    busy.ok("patient", "add", "P-002")
    assert "emscontrol patient electrodes P-002" in busy.ok("patient", "electrodes", "P-002").err


def test_one_thing_of_a_record_is_taken_back_with_a_reason(busy: Clinic) -> None:
    assert busy("patient", "withdraw", "P-001", "threshold", 1).code == USAGE, "no reason"
    assert busy("patient", "withdraw", "P-001", "threshold", "--why", "x").code == USAGE, "no number"
    busy.ok("patient", "withdraw", "P-001", "threshold", 1, "--why", "wrong leg")
    assert busy.ok("patient", "thresholds", "P-001", "--json").facts["thresholds"] == []
    busy.ok("patient", "add", "P-002")
    said = busy("patient", "withdraw", "P-002", "condition", 1, "--why", "x")
    assert (said.code, "somebody else's" in said.err) == (USAGE, True)


def test_a_patient_with_plans_is_not_taken_back(busy: Clinic) -> None:
    assert busy("patient", "withdraw", "P-001", "--why", "double").code == USAGE
    busy.ok("patient", "add", "P-002")
    busy.ok("patient", "withdraw", "P-002", "--why", "double")
    said = busy("patient", "show", "P-002")
    assert (said.code, "withdrawn by anna: double" in said.err) == (USAGE, True)
    assert [row["code"] for row in busy.ok("patient", "list", "--json").facts["patients"]] == ["P-001"]


def test_what_somebody_typed_cannot_steer_a_terminal(busy: Clinic) -> None:
    busy.ok("patient", "change", "P-001", "--notes", "red \x1b[31m \u202e note\nsecond line")
    page = busy.ok("patient", "show", "P-001").out
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert r"red \x1b[31m \u202e note" in page


def test_a_long_list_says_how_it_goes_on(clinic: Clinic) -> None:
    for number in range(3):
        clinic.ok("patient", "add", f"P-{number}")
    said = clinic.ok("patient", "list", "--limit", 2)
    assert "--after P-1" in said.err
    assert clinic.ok("patient", "list", "--after", "P-1", "--json").facts["patients"][0]["code"] == "P-2"
