"""docs/testing-with-the-simulators.md is true: every example runs, and its tables name what there is."""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from firmware_sim.serial_urls.address import OPTIONS
from firmware_sim.testing import Oscilloscope, Person, Simulator

pytest_plugins = "pytester"

PAGE = (Path(__file__).parents[3] / "docs" / "testing-with-the-simulators.md").read_text(encoding="utf-8")
EXAMPLES = {
    re.match(r"# (\w+\.py)\n", text)[1]: text  # type: ignore[index]
    for text in re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
}
NEEDS = {"test_science_mode_4.py": "science_mode_4", "test_pysciencemode.py": "pysciencemode"}
NEEDS_A_PTY = {"test_process.py", "test_pysciencemode.py"}
QUIET = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-W", "ignore::DeprecationWarning")


def can_run(name: str) -> bool:
    """Whether what the example needs is there."""
    return not (name in NEEDS and find_spec(NEEDS[name]) is None) and not (name in NEEDS_A_PTY and sys.platform == "win32")


@pytest.fixture
def folder(pytester: pytest.Pytester) -> Path:
    """A folder with all examples."""
    for name, text in EXAMPLES.items():
        (pytester.path / name).write_text(text, encoding="utf-8")
    return pytester.path


def test_every_block_is_an_example() -> None:
    assert PAGE.count("```") == 2 * len(EXAMPLES)
    assert len(EXAMPLES) == 11


def test_every_example_with_tests_passes(folder: Path, pytester: pytest.Pytester) -> None:
    names = [name for name in EXAMPLES if name.startswith("test_") and can_run(name)]
    written = sum(len(re.findall(r"^ *def test_", EXAMPLES[name], re.MULTILINE)) for name in names)
    result = pytester.runpytest_subprocess(*QUIET, *names)
    result.assert_outcomes(passed=written + 4)  # one is written once and runs with five seeds


def test_the_script_shows_what_the_page_says(folder: Path, pytester: pytest.Pytester) -> None:
    for _ in range(2):  # a reader runs it more than once
        lines = re.findall(r'"t_us": (\d+).*?"amplitude_ua": (\d+)', pytester.runpython(folder / "look.py").stdout.str())
        (on_us, first), *_, (off_us, last) = lines
        assert (first, last, int(off_us) - int(on_us)) == ("20000", "0", 100_000)


def rows(heading: str) -> list[str]:
    """The names in the first column of the table with this heading."""
    table = PAGE.partition(f"| {heading} |")[2].partition("\n\n")[0]
    return re.findall(r"`(\w+)[(=`]", "\n".join(row.split("|")[1] for row in table.splitlines()[2:]))


def test_the_table_of_options_is_whole() -> None:
    assert rows("option") == list(OPTIONS)


def test_the_tables_of_the_fixtures_are_whole() -> None:
    def public(kind: type) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    assert set(rows("of a device")) == public(Simulator)
    assert set(rows("of the oscilloscope")) == public(Oscilloscope)
    assert set(rows("of the body")) == public(Person)
