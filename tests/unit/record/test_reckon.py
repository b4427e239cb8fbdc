"""What the lines add up to: worked out by hand, and given up where they make no sense."""

import time
from pathlib import Path
from typing import Any

import pytest

from emscontrol.core.events import Event, make
from emscontrol.core.units import US_PER_S
from emscontrol.program.plateau import Plateau
from emscontrol.protocol.load import load_text
from emscontrol.protocol.travel import to_line
from emscontrol.record import open_journal
from emscontrol.record.journal import Journal
from emscontrol.record.reading import read
from emscontrol.record.reckon import KEYS, LONGEST_US, Reckoner
from emscontrol.record.verify import verify, verify_lines
from tests.unit.record.sample import APART_US, WALL, lines_of, opened, session, set_point, totals

DATA = Path(__file__).parents[2] / "data"


def reckoned(events: list[tuple[int, Event]]) -> Reckoner:
    reckoner = Reckoner()
    for t_us, event in events:
        reckoner.take(event.kind, event.args, t_us)
    return reckoner


def apart(events: list[Event]) -> list[tuple[int, Event]]:
    return [(number * APART_US, event) for number, event in enumerate(events)]


def test_a_session_adds_up_to_what_was_worked_out_by_hand() -> None:
    made = reckoned(apart(session(7)[:-2])).channels()
    assert {str(channel): row for channel, row in made.items()} == totals(7)
    assert tuple(made[1]) == KEYS


def test_what_the_stimulator_measured_is_kept_apart() -> None:
    told = {"channel": 2, "set_ua": 5000, "ohm": 900}
    found = reckoned(
        [
            (0, opened()),
            (1, make("measured", amplitude_ua=4900, pulses=10, **told)),
            (2, make("measured", amplitude_ua=4800, pulses=20, **told)),
        ]
    )
    assert (found.measured[2].pulses, found.measured[2].peak_ua) == (20, 4900)
    assert found.channels() == {}


def test_a_plateau_is_the_highest_of_each_contraction_weighted_by_time() -> None:
    plateau = Plateau()
    assert plateau.mean_ua == 0
    for amplitude_ua, for_us in ((5000, 1), (10_000, 3000), (12_000, 0), (4000, 9), (0, 50)):
        plateau.add(amplitude_ua, for_us)
    plateau.end()
    plateau.end()
    plateau.add(20_000, 1000)
    assert plateau.mean_ua == (10_000 * 3000 + 20_000 * 1000) // 4000


def test_a_common_pulse_clock_begins_with_the_first_set_point_without_outputs_too() -> None:
    """As in the engine, whose stimulator has one clock for all channels: 0, 28.572 ms … from the first command on."""
    begin = [(0, opened(capabilities={"channels": 8, "common_grid": True})), (0, set_point(1)), (20_000, set_point(2, 1000))]
    made = reckoned([*begin, (40_000, make("stop_sent"))]).channels()
    assert made[1]["pulses"] == 1  # at 28.572 ms; of a clock from 20 ms on the pulse at 20 ms
    made = reckoned([*begin, (28_572, make("stop_sent"))]).channels()
    assert made[1]["pulses"] == 0


def swell(**change: Any) -> Event:
    row = {"channel": 1, "amplitude_ua": 5000, "width_us": 300, "period_us": 1, "rise_us": 1, "hold_us": 1, "fall_us": 1}
    return make("set_point", number=1, outputs=[row | change], cause="x")


ACKED = make("acked", number=1)

NONSENSE: dict[str, list[tuple[int, Event]]] = {
    "no beginning": [(0, set_point(1, 1000))],
    "a time that runs backwards": [(5, opened()), (4, set_point(1, 1000)), (4, make("stop_sent"))],
    "a day without a record": [(0, opened()), (1, swell()), (10**18, make("stop_sent"))],
    "a day without a record that says anything of output": [(0, opened()), (1, swell(hold_us=US_PER_S)), (10**18, ACKED)],
    "a record that says nothing of output and goes back": [(0, opened()), (9, set_point(1, 1000)), (4, ACKED)],
    "more pulses than any, a day at a time": [
        (0, opened()),
        *((n * 3600 * US_PER_S, swell(hold_us=3600 * US_PER_S)) for n in range(24)),
    ],
    "more pulses than any at another rate": [
        (0, opened()),
        (0, swell(hold_us=LONGEST_US - 2, period_us=US_PER_S)),
        (1, swell(hold_us=LONGEST_US - 2)),
        (LONGEST_US, ACKED),
    ],
    "a contraction of years": [(0, opened()), (1, swell(hold_us=2**62)), (10, make("stop_sent"))],
    "no period at the end": [(0, opened()), (1, swell(period_us=0))],
    "no period": [(0, opened()), (1, swell(period_us=0)), (2, make("stop_sent"))],
    "more channels than any": [(0, opened()), (1, set_point(1, *[0] * 65)), (2, make("stop_sent"))],
    "more channels than any, one by one": [(0, opened()), *((n, swell(channel=n, period_us=9)) for n in range(1, 66))],
    "more channels than any that contract": [
        (0, opened()),
        (1, make("contraction_started", phase=1, index=1, of=1, channels=list(range(1, 66)))),
    ],
    "more channels than any that are measured": [
        (0, opened()),
        *((n, make("measured", channel=n, amplitude_ua=1, set_ua=1, pulses=1)) for n in range(1, 66)),
    ],
    "a device of nonsense": [(0, opened(capabilities={"slot_us": "x"}))],
}


def test_what_was_measured_is_followed_on_when_the_rest_is_given_up() -> None:
    told = make("measured", channel=1, amplitude_ua=60_000, set_ua=1000, pulses=5186)
    for nonsense in NONSENSE["no period"], NONSENSE["a day without a record"]:
        found = reckoned([*nonsense, (10**18 + 1, told), (10**18 + 2, make("stop_sent"))])
        assert (found.lost, found.measured[1].peak_ua, found.measured[1].pulses) == (True, 60_000, 5186)
    many = reckoned([*NONSENSE["more channels than any that are measured"], (70, told)])
    assert (len(many.measured), many.measured[1].peak_ua) == (64, 60_000)


@pytest.mark.parametrize("events", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_is_given_up_and_costs_no_time(events: list[tuple[int, Event]]) -> None:
    begun = time.perf_counter()
    found = reckoned(events)
    assert found.lost
    found.channels()  # of what came before it, as the book tells them
    assert time.perf_counter() - begun < 2


def test_a_longest_contraction_is_still_worked_out() -> None:
    long = swell(hold_us=600 * US_PER_S, period_us=20_000)
    made = reckoned([(0, opened()), (0, long), (600 * US_PER_S, make("stop_sent"))]).channels()
    assert (made[1]["on_us"], made[1]["plateau_ua"]) == (600 * US_PER_S, 5000)


def test_long_after_a_contraction_of_the_device_nothing_more_is_worked_out() -> None:
    begun = time.perf_counter()
    made = reckoned([(0, opened()), (0, swell(hold_us=US_PER_S, period_us=20_000)), (LONGEST_US, ACKED)]).channels()
    assert made[1]["pulses"] == 50, "at 20, 40, … 1000 ms; that at 0 is at zero current"
    assert time.perf_counter() - begun < 0.5


def test_a_record_that_says_that_lines_are_missing_is_not_held_to_its_totals() -> None:
    events = session(5)
    del events[6:9]  # set points that the disk did not take
    assert verify_lines(lines_of(events)).exit_code == 3
    events.insert(6, make("journal_failed", text="4096 records wait for the disk"))
    report = verify_lines(lines_of(events))
    assert (report.ok, report.ended, report.totals_checked, report.totals_told) == (True, True, False, True)
    assert report.totals_sentence() == (
        "The totals could not be held against the lines, because the record itself says that lines are missing in it."
    )


def test_totals_after_lines_that_make_no_sense_are_not_said_to_agree() -> None:
    events = session(5)
    events[6:6] = [swell(period_us=0)]
    report = verify_lines(lines_of(events))
    assert (report.ok, report.totals_checked) == (True, False)
    assert "could not be held against the lines, because the lines before them do not make sense" in report.totals_sentence()


def test_totals_of_more_channels_than_any_stimulator_has_are_one_problem() -> None:
    events, invented = session(5), {str(number): totals(5)["1"] for number in range(1, 66)}
    events[-2] = make("totals", channels=invented)
    report = verify_lines(lines_of(events))
    assert [problem.kind for problem in report.problems] == ["totals"]
    assert "65 channels" in report.problems[0].sentence
    assert set(report.totals) == {1, 2}


def test_totals_of_a_channel_that_the_lines_do_not_know_are_found() -> None:
    events = session(5)
    events[-2] = make("totals", channels=totals(5) | {"3": totals(5)["1"]})
    assert "channel 3" in verify_lines(lines_of(events)).problems[0].sentence


def test_no_totals_at_all_agree_with_nothing() -> None:
    report = verify_lines(lines_of([*session(5)[:-2], session(5)[-1]]))
    assert (report.ok, report.totals_told, report.totals_checked, report.totals_sentence()) == (True, False, False, "")
    assert report.totals[1]["pulses"] == totals(5)["1"]["pulses"], "then they are those that the lines add up to"


@pytest.mark.parametrize(
    ("nonsense", "why"),
    [
        (make("journal_failed", text="disk full"), "the record itself says that lines are missing in it"),
        (swell(period_us=0), "they do not make sense as a session"),
    ],
)
def test_of_lines_that_cannot_be_added_up_no_part_is_told_as_the_whole(nonsense: Event, why: str, tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_bytes(b"".join(lines_of([*session(5)[:8], nonsense, *session(5)[8:-2]])))
    report = verify(path)
    assert (report.ok, dict(report.totals), report.totals_told, report.totals_unheld) == (True, {}, False, why)
    assert report.totals_sentence() == f"There are no totals: the lines cannot be added up, because {why}."
    assert [(one.channel, one.comfort_ua, one.pulses, one.on_us) for one in open_journal(path).channels] == [
        (1, 40_000, None, None),
        (2, 38_000, None, None),
    ]


def test_two_channels_with_the_same_width_and_rate_keep_each_its_own_pulses() -> None:
    text = (DATA / "protocols" / "quick_two_channels.yaml").read_text(encoding="utf-8")
    head, group = text.split("      - channels: [1, 2]\n")
    doublets = f"      - channels: [2]\n        burst: {{pulses: 2, interval_ms: 5}}\n{group}"
    compiled = to_line(load_text(f"{head}      - channels: [1]\n{group}{doublets}").protocol)
    course = [
        (0, opened(protocol_compiled=compiled)),
        (1, make("phase_started", name="work", index=1, of=1)),
        (2, set_point(1, 5000, 5000)),
        (2 + 100 * 28_572, make("stop_sent")),
    ]
    made = reckoned(course).channels()
    assert (made[1]["pulses"], made[2]["pulses"]) == (100, 200)
    assert made[2]["charge_pc"] == 2 * made[1]["charge_pc"] == 200 * 5000 * 300


def read_again(course: list[tuple[int, Event]]) -> dict[int, dict[str, int]]:
    """The same from the lines of a journal, in which equal outputs are one and the same object."""
    journal, reckoner = Journal.in_memory(lambda: WALL), Reckoner()
    for t_us, event in course:
        journal.append(event, t_us)
    for line in journal.lines:
        found = read(line[:-1])
        assert not isinstance(found, str)
        reckoner.take(found.event, found.args, found.t_us, found.fits)
    assert not reckoner.lost
    return reckoner.channels()


def test_the_same_outputs_in_another_phase_have_the_pulses_of_that_phase() -> None:
    text = (DATA / "protocols" / "quick_two_channels.yaml").read_text(encoding="utf-8")
    head, phase = text.split("phases:\n")
    doublets = phase.replace("name: work", "name: more").replace(
        "rate_hz", "burst: {pulses: 2, interval_ms: 5}\n        rate_hz"
    )
    compiled = to_line(load_text(f"{head}phases:\n{phase}{doublets}").protocol)
    half_us = 100 * 28_572
    course = [
        (0, opened(protocol_compiled=compiled)),
        (1, make("phase_started", name="work", index=1, of=2)),
        (2, set_point(1, 5000)),
        (2 + half_us, make("stop_sent")),
        (3 + half_us, make("phase_started", name="more", index=2, of=2)),
        (4 + half_us, set_point(1, 5000)),
        (4 + 2 * half_us, make("stop_sent")),
    ]
    assert read_again(course)[1]["pulses"] == 100 + 2 * 100


def test_a_contraction_of_the_device_that_is_told_again_in_the_same_words_when_it_is_over_is_another() -> None:
    contract = swell(hold_us=US_PER_S, period_us=20_000)
    course = [(0, opened()), (0, contract), (2 * US_PER_S, contract), (4 * US_PER_S, make("stop_sent"))]
    assert read_again(course)[1]["pulses"] == 50 + 50
