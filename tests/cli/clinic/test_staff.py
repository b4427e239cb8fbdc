"""Who is at the desk: logging in and out, roles, PINs, and what everybody else is told."""

import stat
from pathlib import Path

import pytest

from tests.cli.clinic.clinic import NOTICE, PIN, Clinic
from tests.cli.command import USAGE

REFUSED = 1


def test_everything_of_a_practice_book_begins_with_saying_so(clinic: Clinic) -> None:
    for words in (("staff", "whoami"), ("staff", "list"), ("book", "show"), ("book", "check"), ("staff", "logout")):
        said = clinic.ok(*words)
        assert said.err.startswith(NOTICE)
        assert "PRACTICE" not in said.out


def test_the_list_of_staff_tells_no_secret(clinic: Clinic) -> None:
    said = clinic.ok("staff", "list", "--json")
    assert {row["code"]: row["role"] for row in said.facts["staff"]} == {
        "anna": "therapist",
        "rudi": "reader",
        "sofia": "supervisor",
        "sven": "specialist",
    }
    assert "secret" not in said.out
    assert "argon2" not in said.out
    assert clinic.ok("staff", "list").out.splitlines()[1].split() == ["anna", "therapist", "Anna", "–"]


def test_who_is_nobody_is_told_how_to_log_in(clinic: Clinic) -> None:
    said = clinic("staff", "list", who=None)
    assert (said.code, said.out) == (REFUSED, "")
    assert said.err == f"{NOTICE}Nobody is logged in here.\nLog in: emscontrol staff login CODE.\n"
    facts = clinic("staff", "list", "--json").facts
    assert facts == {
        "refused": True,
        "reasons": ["Nobody is logged in here. Log in: emscontrol staff login CODE."],
        "exit_code": REFUSED,
    }


def test_a_wrong_pin_and_a_wrong_code_are_told_in_the_same_words(clinic: Clinic) -> None:
    wrong = clinic("staff", "login", "anna", "--pin-stdin", stdin="583921\n")
    nobody = clinic("staff", "login", "nobody", "--pin-stdin", stdin=f"{PIN}\n")
    assert (wrong.code, wrong.out) == (nobody.code, nobody.out) == (REFUSED, "")
    assert wrong.err == nobody.err
    assert "The code or the PIN is wrong." in wrong.err
    assert clinic.ok("staff", "whoami", "--json").facts["code"] == "anna", "who was logged in still is"


def test_after_three_wrong_pins_there_is_a_wait(clinic: Clinic) -> None:
    for _ in range(3):
        clinic("staff", "login", "anna", "--pin-stdin", stdin="583921")
    said = clinic("staff", "login", "anna", "--pin-stdin", stdin=PIN)
    assert (said.code, "Too many wrong tries" in said.err) == (REFUSED, True)
    clinic.wait(seconds=31)
    clinic.ok("staff", "login", "anna", "--pin-stdin", stdin=PIN)


def test_a_login_replaces_the_one_before_and_is_kept_for_this_user_alone(clinic: Clinic) -> None:
    said = clinic.ok("staff", "login", "sven", "--pin-stdin", "--json", stdin=PIN)
    expected = {"code": "sven", "role": "specialist", "station": "room 1", "idle_lock_min": 15, "logged_out": "anna"}
    assert said.facts == expected
    [kept] = (clinic.home / "run").glob("login-*")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert PIN not in kept.read_text("ascii")
    assert clinic.ok("staff", "whoami").out.startswith("sven, specialist, at room 1; may\n")
    assert clinic("staff", "whoami", who="anna").code == REFUSED, "her own login has ended"


def test_who_is_logged_out_by_a_colleague_is_told(clinic: Clinic) -> None:
    again = clinic.ok("staff", "login", "anna", "--pin-stdin", stdin=PIN).out
    assert again == "anna (therapist) is logged in at room 1.\n"
    said = clinic.ok("staff", "login", "sven", "--pin-stdin", stdin=PIN).out
    assert said == "sven (specialist) is logged in at room 1. anna was logged in here and is logged out.\n"


def test_a_lock_out_says_until_when_on_the_clinics_clock(clinic: Clinic) -> None:
    told = [clinic("staff", "login", "anna", "--pin-stdin", stdin="583921").err for _ in range(4)]
    assert "until" not in told[1]
    assert "Nothing is looked at until 10:00:30 (Europe/Berlin), for 30 s, then try again" in told[2]
    assert "Nothing is looked at until 10:00:30 (Europe/Berlin), for 30 s." in told[3]


def test_logging_out_ends_the_login_everywhere(clinic: Clinic) -> None:
    assert clinic.ok("staff", "logout").out == "anna is logged out.\n"
    assert clinic.ok("staff", "logout", "--json").facts == {"logged_out": ""}
    assert "not logged in here, or not any more" in clinic("staff", "whoami", who="anna").err


def test_an_idle_desk_is_locked(clinic: Clinic) -> None:
    clinic.wait(minutes=14)
    clinic.ok("staff", "whoami")
    clinic.wait(minutes=14)
    clinic.ok("staff", "whoami")
    clinic.wait(minutes=15)
    said = clinic("staff", "whoami")
    assert (said.code, said.out) == (REFUSED, "")
    assert "Nothing was done here for 15 minutes, so this login is locked." in said.err


def test_a_login_is_of_one_station(clinic: Clinic) -> None:
    (clinic.home / "settings.toml").write_text('[station]\nname = "room 2"\n', "utf-8")
    said = clinic("staff", "whoami")
    assert (said.code, "not logged in here" in said.err) == (REFUSED, True)


@pytest.mark.parametrize(
    "words",
    [
        ("add", "max", "--name", "Max", "--role", "reader", "--pin-stdin"),
        ("role", "rudi", "therapist"),
        ("withdraw", "rudi", "--why", "gone"),
        ("secret", "rudi", "--pin-stdin"),
    ],
)
def test_only_a_supervisor_changes_staff(clinic: Clinic, words: tuple[str, ...]) -> None:
    for who in ("anna", "sven", "rudi"):
        if (who, *words[:2]) == ("rudi", "secret", "rudi"):
            continue
        said = clinic("staff", *words, who=who, stdin="835162")
        assert (said.code, said.out) == (REFUSED, "")
        assert "may not enter and change staff" in said.err
        assert "Ask a supervisor" in said.err
    clinic.ok("staff", *words, who="sofia", stdin="835162")


def test_somebody_new_works_here_and_logs_in(clinic: Clinic) -> None:
    words = (
        "staff",
        "add",
        "max",
        "--name",
        "Max M",
        "--role",
        "therapist",
        "--qualification",
        "physiotherapist",
        "--pin-stdin",
    )
    said = clinic.ok(*words, "--json", who="sofia", stdin="835162")
    assert said.facts["qualification"] == "physiotherapist"
    clinic.ok("staff", "login", "max", "--pin-stdin", stdin="835162")
    assert clinic.ok("staff", "whoami", "--json").facts["role"] == "therapist"


def test_a_pin_that_is_easily_guessed_is_refused_and_a_code_that_is_none(clinic: Clinic) -> None:
    words = ("--name", "Max M", "--role", "reader", "--pin-stdin")
    assert "any" in clinic("staff", "add", "max", *words, who="sofia", stdin="123456").err
    assert clinic("staff", "add", "max", *words, stdin="1234").code == USAGE
    assert clinic("staff", "add", "m/x", *words, stdin="835162").code == USAGE


def test_a_pin_is_no_word_of_the_command_line_and_not_waited_for_in_a_script(clinic: Clinic) -> None:
    said = clinic("staff", "login", "anna")
    assert (said.code, said.out) == (USAGE, "")
    assert "--pin-stdin" in said.err


def test_a_role_has_its_effect_at_once(clinic: Clinic) -> None:
    assert clinic.ok("staff", "role", "anna", "reader", who="sofia").out == "anna is reader now.\n"
    assert clinic.ok("staff", "whoami", "--json", who="anna").facts["may"] == ["look"]


def test_who_is_gone_is_gone_at_once_and_only_in_the_whole_list(clinic: Clinic) -> None:
    clinic.ok("staff", "withdraw", "anna", "--why", "moved away", who="sofia")
    assert "anna" not in clinic.ok("staff", "list").out
    assert "moved away" in clinic.ok("staff", "list", "--all").out
    assert clinic("staff", "whoami", who="anna").code == REFUSED
    assert clinic("staff", "login", "anna", "--pin-stdin", stdin=PIN).code == REFUSED


def test_somebody_unknown_is_answered_with_the_nearest(clinic: Clinic) -> None:
    said = clinic("staff", "role", "soffia", "reader", who="sofia")
    assert (said.code, "The nearest is sofia." in said.err) == (USAGE, True)


def test_what_has_changed_since_it_was_looked_at_is_a_conflict(clinic: Clinic) -> None:
    clinic.ok("staff", "role", "rudi", "therapist", "--seen", 1, who="sofia")
    said = clinic("staff", "role", "rudi", "specialist", "--seen", 1)
    assert (said.code, said.out) == (REFUSED, "")
    assert "sofia changed it on 2026-03-02" in said.err


def test_a_new_pin_of_ones_own_ends_every_login(clinic: Clinic) -> None:
    clinic.ok("staff", "secret", "--pin-stdin", stdin="835162")
    assert clinic("staff", "whoami").code == REFUSED
    clinic.ok("staff", "login", "anna", "--pin-stdin", stdin="835162")


def test_there_is_one_first_supervisor_and_always_a_last(clinic: Clinic) -> None:
    assert clinic("staff", "first", "eve", "--name", "Eve", "--pin-stdin", stdin="835162").code == REFUSED
    said = clinic("staff", "withdraw", "sofia", "--why", "tired", who="sofia")
    assert (said.code, "last supervisor" in said.err) == (USAGE, True)


def test_in_a_clinics_book_a_pin_of_somebody_else_opens_nothing_but_the_choice_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "new").mkdir(mode=0o700)
    desk = Clinic(tmp_path / "new", monkeypatch, capsys)
    desk.ok("book", "create", "--name", "Clinic", "--time-zone", "Europe/Berlin")
    desk.ok("staff", "first", "sofia", "--name", "Sofia", "--pin-stdin", stdin=PIN)
    assert desk.ok("staff", "login", "sofia", "--pin-stdin", stdin=PIN).err == ""
    desk.ok("staff", "add", "sven", "--name", "Sven", "--role", "specialist", "--pin-stdin", stdin="835162")
    told = desk.ok("staff", "login", "sven", "--pin-stdin", stdin="835162")
    assert "Choose your own: emscontrol staff secret" in told.err
    for words in (
        ("staff", "whoami"),
        ("staff", "list"),
        ("patient", "add", "P-1"),
        ("staff", "secret", "sofia", "--pin-stdin"),
    ):
        said = desk(*words, stdin="731952")
        assert (said.code, said.out) == (REFUSED, "")
        assert "Somebody else has set the PIN of sven" in said.err
    assert desk("staff", "secret", "--pin-stdin", stdin="835162").code == USAGE
    desk.ok("staff", "secret", "--pin-stdin", stdin="731952")
    assert desk.ok("staff", "login", "sven", "--pin-stdin", stdin="731952").err == ""
    desk.ok("staff", "whoami")
