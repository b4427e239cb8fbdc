"""Every verb of the tables is there, explains itself and is called in a test; nothing of the book is loaded before that."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from emscontrol.cli.app import VERBS
from emscontrol.cli.clinic import verbs
from emscontrol.cli.clinic.command import BookCommand
from tests.cli.clinic.clinic import Clinic
from tests.cli.command import USAGE, Command

GROUPS = [name for name, (where, _) in VERBS.items() if where == "emscontrol.cli.clinic.verbs"]
EVERY = [(group, verb) for group in GROUPS for verb in getattr(verbs, group.upper())]
CALLS = "\n".join(file.read_text("utf-8") for file in Path(__file__).parent.glob("*.py"))


def test_the_groups_are_those_of_the_tables() -> None:
    tables = {name.lower() for name in vars(verbs) if name.isupper() and name[0] != "_"}
    assert tables == set(GROUPS)


@pytest.mark.parametrize(("group", "verb"), EVERY, ids=[" ".join(each) for each in EVERY])
def test_a_verb_explains_itself_without_a_book(emscontrol: Command, group: str, verb: str) -> None:
    said = emscontrol(group, verb, "--help")
    assert said.code == 0
    assert said.out.startswith(f"Usage: emscontrol {group} {verb}")
    assert "--json" in said.out
    command = getattr(verbs, group).get_command(click.Context(click.Command(group)), verb)
    assert isinstance(command, BookCommand)
    assert command.help
    assert all(param.help for param in command.params if isinstance(param, click.Option))
    assert said.err == ""


@pytest.mark.parametrize(("group", "verb"), [*EVERY, ("agenda", "")], ids=lambda word: word)
def test_a_verb_is_called_in_a_test(group: str, verb: str) -> None:
    words = rf'"{group}", "{verb}"' if verb else rf'"{group}"'
    assert re.search(words, CALLS), f"no test calls emscontrol {group} {verb}"


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_lists_its_verbs(emscontrol: Command, group: str) -> None:
    said = emscontrol(group, "--help")
    for verb, (_, about) in getattr(verbs, group.upper()).items():
        assert verb in said.out
        assert about.split()[0] in said.out
    wrong = emscontrol(group, "nonsense")
    assert (wrong.code, "No such command" in wrong.err) == (USAGE, True)


LISTS = [
    *(("patient", "list"), ("patient", "conditions"), ("patient", "thresholds", "P-001"), ("patient", "electrodes", "P-001")),
    *(("screen", "rules"), ("screen", "due", "P-001"), ("outcome", "measures"), ("outcome", "list", "P-001")),
    *(("plan", "list"), ("plan", "rules"), ("plan", "rules", "hold"), ("appointment", "list"), ("appointment", "waiting")),
    *(
        ("appointment", "hours"),
        ("appointment", "holiday"),
        ("appointment", "stimulator"),
        ("staff", "list"),
        ("book", "holds"),
    ),
]


@pytest.mark.parametrize("words", LISTS, ids=lambda words: " ".join(words))
def test_a_list_for_programs_is_one_object_with_one_list(busy: Clinic, words: tuple[str, ...]) -> None:
    facts = busy.ok(*words, "--json").facts
    [rows] = [value for value in facts.values() if isinstance(value, list)]
    assert all(isinstance(row, dict) and row.keys() == rows[0].keys() for row in rows)


def test_what_is_missing_is_named_for_programs_too(clinic: Clinic) -> None:
    said = clinic("plan", "add", "P-001", "acl-high-rate", "--json")
    assert said.code == USAGE
    assert said.facts == {"refused": True, "reasons": ["Missing option '--goal'."], "exit_code": USAGE}
    assert "Missing option '--goal'" in said.err
    assert clinic("patient", "add").err.count("Missing argument 'CODE'") == 1


@pytest.mark.parametrize("words", [("--help",), ("patient", "--help"), ("book", "--help"), ("run", "--help"), ("--version",)])
def test_nothing_of_the_book_is_loaded_before_a_verb_needs_it(words: tuple[str, ...]) -> None:
    program = (
        "import sys; from emscontrol.__main__ import main; main();"
        "sys.exit(any(name.split('.')[0] in ('sqlalchemy', 'alembic', 'argon2', 'icalendar') for name in sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, check=False)
    assert told.returncode == 0, told.stderr


def test_every_module_of_a_verb_is_there() -> None:
    for group in GROUPS:
        for where, _ in getattr(verbs, group.upper()).values():
            importlib.import_module(where.partition(":")[0])
