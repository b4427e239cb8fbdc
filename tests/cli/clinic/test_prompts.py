"""On a terminal what is missing is asked for: choices are listed, wrong answers asked again, PINs never shown."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from emscontrol.__main__ import main
from tests.tui.terminal import Terminal

PIN = b"294715\r"


class Person:
    """Somebody at a terminal, with a home of his own."""

    def __init__(self, home: Path) -> None:
        self.home = home

    @contextmanager
    def types(self, *words: str) -> Iterator[Terminal]:
        """One command on a terminal of its own."""
        terminal = Terminal(["-m", "emscontrol", "--home", str(self.home), *words], columns=120, rows=40)
        try:
            yield terminal
        finally:
            terminal.close()

    def runs(self, *words: str) -> str:
        """One command that has nothing to ask, in the test's own process; what it told."""
        told = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(told), redirect_stderr(told):
            patch.setattr("sys.argv", ["emscontrol", "--home", str(self.home), *words])
            assert main() == 0, told.getvalue()
        return told.getvalue()

    def answers(self, *words: str, says: tuple[tuple[str, bytes], ...], code: int = 0) -> str:
        """One command, with what is typed when these words stand on the screen; all that stood there in the end."""
        with self.types(*words) as terminal:
            for asked, keys in says:
                terminal.wait_for(asked, within_s=30)
                terminal.type(keys)
            assert terminal.wait_for_exit(30) == code, terminal.text
            return terminal.text


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Somebody who has made a practice book by answering questions, and is logged in."""
    made = Person(tmp_path_factory.mktemp("person") / "home")
    told = made.answers(
        "book", "create", "--kind", "practice", says=(("Name of the clinic:", b"Praxis\r"), ("Berlin:", b"Asia/Jakarta\r"))
    )
    assert "Made an empty book of Praxis" in told
    first = made.answers(
        "staff", "first", says=(("Code:", b"sofia\r"), ("Name:", b"Sofia S\r"), ("of sofia:", PIN), ("confirmation:", PIN))
    )
    assert "sofia is the first supervisor." in first
    assert "294715" not in first
    login = made.answers("staff", "login", "sofia", says=(("PIN or passphrase of sofia:", PIN),))
    assert "sofia (supervisor) is logged in" in login
    assert "294715" not in login
    made.answers("patient", "add", says=(("Code:", b"P-001\r"),))
    return made


def test_choices_are_listed_and_a_wrong_answer_is_asked_again(person: Person) -> None:
    told = person.answers(
        "staff", "add", "rudi", "--name", "Rudi",
        says=(
            ("(reader, therapist, specialist, supervisor):", b"doctor\r"),
            ("'doctor' is not one of", b"reader\r"),
            ("PIN has 6 digits or more and makes no pattern; a passphrase 10 characters or more", b""),
            ("New PIN or passphrase of rudi:", b"8351\r"),
            ("This PIN is too short. Take 6 digits or more.", b"835162\r"),
            ("confirmation:", b"835163\r"),
            ("do not match", b"835162\r"),
            ("confirmation:", b"835162\r"),
        ),
    )  # fmt: skip
    assert "rudi works here as reader." in told


def test_a_figure_that_is_none_is_asked_again(person: Person) -> None:
    told = person.answers(
        *("patient", "threshold", "P-001", "comfort", "--side", "left", "--pads", "5x9", "--width-us", "300"),
        says=(("Amplitude (MA):", b"22,5\r"), ("with a point", b"22.5\r"), ("Muscle", b"quad_all\r")),
    )
    assert "comfort of quad_all left 22.5 mA at 300" in told


def test_a_level_far_above_the_last_one_is_kept_with_what_is_said_for_it_only(person: Person) -> None:
    words = ("patient", "threshold", "P-001", "comfort", "40", "--muscle", "quad_all", "--side", "left", "--pads", "5x9")
    asked = ("is far above the last comfort level", b"\x03")
    person.answers(*words, "--width-us", "300", says=(asked,), code=130)
    told = person.answers(*words, "--width-us", "300", says=(("If it is right, why:", b"gel was dry\r"),))
    assert "comfort of quad_all left 40.0 mA" in told


def test_questions_are_asked_one_by_one_and_breaking_off_loses_nothing(person: Person) -> None:
    with person.types("screen", "ask", "P-001") as terminal:
        terminal.wait_for("1/43", 30)
        terminal.type(b"maybe\r")
        terminal.wait_for("y for yes, n for no, ? for unknown")
        terminal.type(b"n\r")
        terminal.wait_for("2/43")
        terminal.type(b"?\r")
        terminal.wait_for("3/43")
        terminal.type(b"y\r")
        terminal.wait_for("where, as thigh:left")
        terminal.type(b"knee:left\r")
        terminal.wait_for("is no place")
        terminal.type(b"thigh:left foot\r")
        terminal.wait_for("4/43")
        terminal.type(b"\x03")
        terminal.wait_for("3 answers kept of P-001, 40 questions to ask: emscontrol screen ask P-001")
        assert terminal.wait_for_exit(30) == 130
    told = person.runs("screen", "show", "P-001")
    assert "40 questions to ask" in told
    assert "thigh:left, foot" in told


def test_what_the_record_contradicts_is_asked_singly_with_all_no(person: Person) -> None:
    person.runs("patient", "add", "P-003")
    person.runs("patient", "condition", "P-003", "als")
    told = person.answers(
        *("screen", "ask", "P-003", "--all-no"), says=(("1/1", b""), ("(ALS) is on record)", b""), ("y n ?:", b"?\r"))
    )
    assert "43 answers kept of P-003" in told
    assert "ALS   unknown" in person.runs("screen", "show", "P-003")


def test_a_name_is_forgotten_only_when_that_is_meant(person: Person) -> None:
    person.answers("patient", "name", "P-001", says=(("Family name:", b"Muster\r"),))
    person.answers("patient", "forget-name", "P-001", says=(("[y/N]:", b"n\r"),), code=130)
    assert "is forgotten" in person.answers("patient", "forget-name", "P-001", says=(("[y/N]:", b"y\r"),))
