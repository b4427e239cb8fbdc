"""The vocabulary: every row is whole, and nothing outside it can be said."""

import re
from typing import Any

import pytest

from emscontrol.core.events import EVENTS, ArgType, Event, Severity, make, printable

EXAMPLES: dict[ArgType, Any] = {
    ArgType.TEXT: "some words",
    ArgType.COUNT: 3,
    ArgType.INTEGER: -3,
    ArgType.FLAG: True,
    ArgType.CHANNEL: 2,
    ArgType.CHANNELS: [1, 2],
    ArgType.UA: 12_500,
    ArgType.US: 1_500_000,
    ArgType.MN: 141_960,
    ArgType.PERCENT: 80,
    ArgType.OUTPUTS: [{"channel": 1, "amplitude_ua": 12_500, "width_us": 300, "period_us": 28_572}],
    ArgType.TOTALS: {"1": {"pulses": 1, "contractions": 1, "peak_ua": 500, "charge_pc": 10**9, "on_us": 10**6}},
    ArgType.OBJECT: {"a": [1, None, {"b": 0.5}]},
}
UNFIT: dict[ArgType, tuple[Any, ...]] = {
    ArgType.TEXT: (1, None, ["x"]),
    ArgType.COUNT: (-1, True, 1.0, "1", 2**63),
    ArgType.INTEGER: (True, 0.0, -(2**63)),
    ArgType.FLAG: (1, 0, "yes"),
    ArgType.CHANNEL: (0, -1, True, "1", 1.0),
    ArgType.CHANNELS: (1, [0], "12", [True], None),
    ArgType.UA: (-1, 0.5, 2**63),
    ArgType.US: (-1, 0.5),
    ArgType.MN: (-1, 141.96, "1"),
    ArgType.PERCENT: (-1, 101, 50.0),
    ArgType.OUTPUTS: ({}, [{}], [{"channel": 1}], [EXAMPLES[ArgType.OUTPUTS][0] | {"amplitude_ua": -1}], [1]),
    ArgType.TOTALS: ([], {"x": EXAMPLES[ArgType.TOTALS]["1"]}, {"1": {}}, {1: EXAMPLES[ArgType.TOTALS]["1"]}),
    ArgType.OBJECT: ([], {"a": float("nan")}, {"a": float("inf")}, {1: 2}, {"a": {1}}, {"a": 2**63}, {"a": b"x"}),
}


def example(kind: str) -> dict[str, Any]:
    return {name: EXAMPLES[arg.type] for name, arg in EVENTS[kind].args.items()}


@pytest.mark.parametrize("kind", EVENTS)
def test_every_kind_makes_one_plain_sentence(kind: str) -> None:
    sentence = make(kind, **example(kind)).sentence()
    assert sentence.isprintable()
    assert sentence[0].isupper()
    assert sentence[-1] in ".s"  # "s" where the sentence ends in the words of another
    assert "{" not in re.sub(r"\{'.*\}", "", sentence)
    assert len(sentence) < 250


@pytest.mark.parametrize("kind", EVENTS)
def test_every_argument_is_checked(kind: str) -> None:
    whole = example(kind)
    for name, arg in EVENTS[kind].args.items():
        without = {other: value for other, value in whole.items() if other != name}
        if arg.optional:
            make(kind, **without)
            always = re.sub(r"\[.*?\]", "", EVENTS[kind].template)
            assert "unknown" in make(kind, **without, **{name: None}).sentence() or f"{{{name}}}" not in always
        else:
            with pytest.raises(ValueError, match=name):
                make(kind, **without)
        for unfit in UNFIT[arg.type]:
            if unfit is None and arg.optional:
                continue
            with pytest.raises(ValueError, match=name):
                make(kind, **(whole | {name: unfit}))
    with pytest.raises(ValueError, match="surplus"):
        make(kind, **whole, surplus=1)


@pytest.mark.parametrize("kind", EVENTS)
def test_every_template_uses_only_its_arguments_and_every_quantity_names_its_unit(kind: str) -> None:
    row = EVENTS[kind]
    assert set(re.findall(r"\{(\w+)\}", row.template)) <= set(row.args)
    for name, arg in row.args.items():
        if arg.type is ArgType.UA:
            assert name.endswith("_ua")
            assert "µA" in arg.meaning
        if arg.type is ArgType.US:
            assert name.endswith("_us")
            assert "µs" in arg.meaning
        if arg.type is ArgType.MN:
            assert name.endswith("_mn")
            assert "mN" in arg.meaning


def test_a_clause_is_told_only_where_its_argument_is_there() -> None:
    where = {"channel": 1, "width_us": 300}
    motor = make("threshold_found", threshold="motor", amplitude_ua=18_000, below_ua=17_500, **where)
    assert motor.sentence() == "Threshold (motor) of channel 1 at 300 µs: 18.0 mA, not 17.5 mA."
    comfort = make("threshold_found", threshold="comfort", amplitude_ua=4_500, **where)
    assert comfort.sentence() == "Threshold (comfort) of channel 1 at 300 µs: 4.5 mA."
    assert make("curve_gap", **where).sentence() == "Motor threshold of channel 1 at 300 µs: not measured."
    assert make("curve_gap", up_to_ua=11_000, too_much_ua=12_000, **where).sentence() == (
        "Motor threshold of channel 1 at 300 µs: none up to 11.0 mA, not tried higher: too much at 12.0 mA."
    )


def test_a_force_is_told_in_newtons_and_kept_in_millinewtons() -> None:
    answered = make("body_answered", channel=2, force_mn=141_960)
    assert answered.sentence() == "Simulated body, channel 2: strongest pull so far 142.0 N."
    assert answered.args["force_mn"] == 141_960


@pytest.mark.parametrize("kind", EVENTS)
def test_a_text_that_is_a_whole_sentence_brings_no_second_full_stop(kind: str) -> None:
    texts = {name: "The cable is out." for name, arg in EVENTS[kind].args.items() if arg.type is ArgType.TEXT}
    sentence = make(kind, **(example(kind) | texts)).sentence()
    assert ".." not in sentence.replace("...", "")


def test_one_of_a_thing_is_told_in_the_singular() -> None:
    one = {"1": EXAMPLES[ArgType.TOTALS]["1"]}
    two = {"1": EXAMPLES[ArgType.TOTALS]["1"] | {"pulses": 2, "contractions": 2}}
    assert "1 pulse in 1 contraction," in make("totals", **(example("totals") | {"channels": one})).sentence()
    assert "2 pulses in 2 contractions," in make("totals", **(example("totals") | {"channels": two})).sentence()


def test_what_is_not_in_the_vocabulary_cannot_be_said() -> None:
    with pytest.raises(ValueError, match="no event"):
        make("all_well")
    with pytest.raises(ValueError, match="no event"):
        Event("", {})


def test_too_deep_an_object_is_refused_without_a_crash() -> None:
    deep: Any = {}
    for _ in range(5000):
        deep = {"a": deep}
    with pytest.raises(ValueError, match="envelope"):
        make("session_opened", **(example("session_opened") | {"envelope": deep}))


def test_what_must_survive_a_crash_is_durable() -> None:
    """Decision 9: synced on every state change. Alarms and operator acts too; only what comes many times a second is not."""
    in_passing = {"set_point", "acked", "contraction_started", "contraction_ended", "link_noise", "battery", "read_back"} | {
        "measured"
    }
    assert {name for name, row in EVENTS.items() if not row.durable} == in_passing


def test_an_output_that_may_still_flow_is_the_loudest_alarm_and_says_what_to_do() -> None:
    for kind in ("stop_unconfirmed", "link_lost"):
        event = make(kind, **example(kind))
        assert event.severity is Severity.ALARM_HIGH
        assert event.severity.is_alarm
        assert "UNKNOWN" in event.sentence()
        assert "ull the leads" in event.sentence()
    assert not Severity.NOTICE.is_alarm


def test_quantities_are_shown_in_the_units_of_the_bedside() -> None:
    assert (
        make("adjusted", channel=3, from_ua=0, to_ua=12_500).sentence() == "The operator set channel 3 from 0.0 mA to 12.5 mA."
    )
    connected = make("connected", model="rehastim2", serial="", firmware="1.2", protocol_version="")
    assert connected.sentence() == "The stimulator answered: rehastim2, serial number –, firmware 1.2."
    assert make("set_point", number=7, outputs=[], cause="stop").sentence() == "Set point 7: all channels off."
    totals = {"2": {"pulses": 210, "contractions": 1, "peak_ua": 20_000, "charge_pc": 1_260_000_000, "on_us": 6_000_000}}
    assert make("totals", channels=totals).sentence() == (
        "Delivered: channel 2: 210 pulses in 1 contraction, peak 20.0 mA, 1.260 mC, 6.0 s on."
    )


def test_words_of_others_cannot_steer_the_terminal() -> None:
    event = make("device_fault", code=1, text="\x1b[2J\u202eoff\nall well {code} {text}")
    assert event.sentence() == "The stimulator reports a fault: \\x1b[2J\\u202eoff\\nall well {code} {text} (code 1)."
    assert printable("Kräftigung µ – ok") == "Kräftigung µ – ok"
