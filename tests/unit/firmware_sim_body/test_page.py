"""docs/bodies.md tells what is there: every name, every key with its range, and the example is a body."""

import re
from dataclasses import MISSING, fields
from pathlib import Path

from firmware_sim.body.library import find, names
from firmware_sim.body.reading import SECTIONS, read_profile

PAGE = (Path(__file__).parents[3] / "docs" / "bodies.md").read_text(encoding="utf-8")


def test_the_page_names_every_body_with_its_own_words() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [(name, find(name).about) for name in names()]


def test_the_page_lists_every_key_with_its_range_and_default() -> None:
    rows = re.findall(r"^\| (muscle|sensation|skin|spasms) \| `(\w+)` \| (\S*) ?\| (\S*) ?\| (\S+) \|", PAGE, re.MULTILINE)
    expected = []
    for section, kind in SECTIONS.items():
        for each in fields(kind):
            assert each.default is not MISSING
            low, high = (f"{each.metadata[end]:g}" if end in each.metadata else "" for end in ("low", "high"))
            expected.append((section, each.name, low, high, shown(each.default)))
    assert rows == expected


def shown(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def test_the_example_is_a_body() -> None:
    example = PAGE.partition("```yaml\n")[2].partition("```")[0]
    profile = read_profile(example, "example")
    assert (profile.site(1).muscle.force, profile.site(2).muscle.force) == (0.6, 0.3)
    assert profile.site(2).sensation.pain is None
