"""A few contractions of a protocol, for trying it out."""

from collections import Counter

import pytest

from emscontrol.program.timing import schedule
from emscontrol.protocol.adjust import main_phase
from emscontrol.protocol.library import library_ids, load_named
from emscontrol.protocol.shortened import FEW, few_contractions


@pytest.mark.parametrize("name", library_ids())
def test_each_group_contracts_once_in_each_phase_and_the_rest_of_three_times_in_the_one_that_does_the_work(name: str) -> None:
    loaded = load_named(name)
    short = few_contractions(loaded)
    _, contractions = schedule(short.protocol)
    phases, main = loaded.protocol.phases, main_phase(loaded.protocol)
    _, contractions = schedule(short.protocol)
    for (index, _), count in Counter((c.phase, c.group) for c in contractions).items():
        expected = 1 + (max(0, FEW - len(phases)) if index == main else 0)
        shares_a_cycle = len({group.cycle_us for group in phases[index].groups}) == 1
        assert count == expected if shares_a_cycle else count >= expected
    assert {(c.phase, c.group) for c in contractions} == {
        (index, group) for index, phase in enumerate(phases) for group in range(len(phase.groups))
    }
    assert len(contractions) < len(schedule(loaded.protocol)[1]) or short is loaded


def test_pulses_and_strength_are_those_of_the_protocol_and_its_first_line_says_what_it_was_made_from() -> None:
    loaded = load_named("acl-quadriceps")
    short = few_contractions(loaded)
    assert [phase.groups for phase in short.protocol.phases] == [phase.groups for phase in loaded.protocol.phases]
    assert loaded.sha256 in short.text.splitlines()[0]
    assert short.sha256 != loaded.sha256


def test_a_protocol_that_is_as_short_already_stays_the_very_same() -> None:
    short = few_contractions(load_named("acl-quadriceps"))
    assert few_contractions(short) is short
