"""Ranges, steps and refusals that every model in the registry keeps to."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emscontrol.core.errors import UsageError
from emscontrol.core.pulse import Shape, Train, Waveform
from emscontrol.devices import registry
from tests.unit.devices.driver_bench import train

MODELS = sorted(registry.MODELS)

waveforms = st.builds(Waveform, st.sampled_from(Shape), st.integers(0, 100_000), st.integers(0, 10_000), st.integers(1, 50))
trains = st.builds(Train, waveforms, st.integers(1, 20_000_000), st.integers(1, 8), st.integers(0, 200_000))


@pytest.mark.parametrize("model", MODELS)
@given(asked=trains)
@settings(max_examples=150, deadline=None)
def test_rounding_a_train_never_makes_it_faster_wider_or_denser_and_rounding_twice_changes_nothing(
    model: str, asked: Train
) -> None:
    profile = registry.profile(model)
    made = profile.quantise_train(asked)
    device = profile.capabilities
    assert made.period_us >= asked.period_us
    assert made.waveform.width_us <= asked.waveform.width_us
    assert made.burst_interval_us >= asked.burst_interval_us
    assert made.burst_pulses == asked.burst_pulses
    assert made.period_us - asked.period_us < 2 * max(device.period_step_us, 500)
    assert asked.waveform.width_us - made.waveform.width_us < device.width_step_us
    assert replace(made.waveform, width_us=asked.waveform.width_us) == asked.waveform
    assert profile.quantise_train(made) == made
    assert made.period_us % device.period_step_us == 0


@pytest.mark.parametrize("model", MODELS)
@given(asked=trains, amplitude_ua=st.integers(0, 200_000))
@settings(max_examples=150, deadline=None)
def test_rounding_an_amplitude_never_raises_it_by_less_than_a_step_and_leaves_no_charge(
    model: str, asked: Train, amplitude_ua: int
) -> None:
    profile = registry.profile(model)
    made_ua = profile.quantise_amplitude(asked, amplitude_ua)
    step_ua = profile.capabilities.amplitude_step_ua
    assert made_ua <= amplitude_ua
    assert amplitude_ua - made_ua < step_ua * asked.waveform.recovery_ratio
    assert made_ua % step_ua == 0
    assert profile.quantise_amplitude(asked, made_ua) == made_ua
    if profile.misfits({1: asked}) == ():
        first, second = asked.waveform.phases(made_ua)
        assert first.peak_ua * first.duration_us + second.peak_ua * second.duration_us == 0
        assert second.peak_ua % step_ua == 0


@pytest.mark.parametrize("model", MODELS)
@given(asked=trains)
@settings(max_examples=150, deadline=None)
def test_a_train_that_fits_lies_inside_every_range(model: str, asked: Train) -> None:
    profile = registry.profile(model)
    device = profile.capabilities
    if profile.misfits({1: asked}):
        return
    made = profile.quantise_train(asked)
    assert device.width_min_us <= made.waveform.width_us <= device.width_max_us
    assert device.gap_min_us <= made.waveform.gap_us <= device.gap_max_us
    assert device.period_min_us <= made.period_us <= device.period_max_us
    assert made.waveform.shape in device.shapes
    assert 1 <= made.burst_pulses <= device.burst_max


def _edges(model: str) -> list[tuple[str, Train, Train, str]]:
    """What is at each edge, the train just inside, the one just outside, and a word the refusal must hold."""
    device = registry.profile(model).capabilities
    step_us = device.period_step_us
    slow = 1_000_000
    short_us = device.width_max_us if device.denervation else 1_000  # beyond that it is the denervation rule that speaks
    width_max_us = min(device.width_max_us, short_us)
    longest = "1 ms or less" if width_max_us == 1_000 else f"to {width_max_us} µs"
    return [
        ("shortest width", train(device.width_min_us, slow), train(device.width_min_us - 1, slow), "pulse_width_us"),
        ("longest width", train(width_max_us, slow), train(width_max_us + 1, slow), longest),
        (
            "longest gap",
            train(gap_us=device.gap_max_us, period_us=slow),
            train(gap_us=device.gap_max_us + 1, period_us=slow),
            "gap",
        ),
        ("shortest period", train(20, device.period_min_us), train(20, device.period_min_us - step_us), "rate_hz"),
        ("longest period", train(20, device.period_max_us), train(20, device.period_max_us + step_us), "rate_hz"),
        ("single pulses", train(), train(pulses=device.burst_max + 1, interval_us=8_000), "burst"),
    ]


@pytest.mark.parametrize(
    ("model", "edge"), [(model, edge) for model in MODELS for edge in _edges(model)], ids=lambda value: str(value)[:60]
)
def test_the_edge_of_each_range_is_allowed_and_one_step_beyond_is_refused_in_a_sentence(
    model: str, edge: tuple[str, Train, Train, str]
) -> None:
    _, inside, outside, word = edge
    profile = registry.profile(model)
    assert profile.misfits({1: inside}) == ()
    sentences = profile.misfits({1: outside})
    assert sentences
    assert any(word in sentence for sentence in sentences)
    for sentence in sentences:
        assert sentence.startswith("Channel 1 asks for")
        assert profile.capabilities.name in sentence
        assert sentence.endswith(".")


@pytest.mark.parametrize("model", MODELS)
def test_every_channel_can_be_used_and_one_more_cannot(model: str) -> None:
    profile = registry.profile(model)
    channels = profile.capabilities.channels
    assert profile.misfits(dict.fromkeys(range(1, channels + 1), train())) == ()
    (sentence,) = profile.misfits({channels + 1: train()})
    assert f"Channel {channels + 1} does not exist" in sentence
    assert profile.misfits({0: train()})


@pytest.mark.parametrize("model", MODELS)
def test_pulses_for_denervated_muscle_are_refused_by_name_unless_the_device_is_declared_for_them(model: str) -> None:
    profile = registry.profile(model)
    assert profile.capabilities.denervation == (model == "reference")
    for asked in (train(1_001, 1_000_000), train(40_000, 1_000_000), train(400, shape=Shape.LONG_BIPHASIC)):
        sentences = profile.misfits({1: asked})
        assert not sentences if model == "reference" else any("denervated" in sentence for sentence in sentences)


@pytest.mark.parametrize("model", MODELS)
def test_a_shape_it_does_not_make_is_refused(model: str) -> None:
    profile = registry.profile(model)
    for shape in set(Shape) - profile.capabilities.shapes:
        assert profile.misfits({1: train(shape=shape)})
    for shape in profile.capabilities.shapes:
        assert profile.misfits({1: train(shape=shape, ratio=2 if shape is Shape.ASYMMETRIC else 1)}) == ()


@pytest.mark.parametrize("model", MODELS)
def test_a_symmetric_pulse_with_a_recovery_ratio_is_refused(model: str) -> None:
    assert registry.profile(model).misfits({1: train(ratio=2)})
    assert registry.profile(model).misfits({1: train(ratio=0)})


@pytest.mark.parametrize("model", MODELS)
def test_the_host_is_heard_at_least_twice_within_the_watchdog(model: str) -> None:
    device = registry.profile(model).capabilities
    assert device.keepalive_us * 2 <= device.watchdog_us
    assert device.source


@pytest.mark.parametrize("model", MODELS)
def test_a_driver_can_do_what_its_profile_says(model: str) -> None:
    assert registry.driver(model).capabilities == registry.profile(model).capabilities
    assert registry.profile(model).capabilities.model == model
    assert registry.profile(model).capabilities.name == registry.MODELS[model].name
    assert registry.MODELS[model].about.endswith(".")


def test_serial_settings_are_those_of_the_sheets() -> None:
    assert registry.serial_settings("p24") == registry.SerialSettings(3_000_000, 8, "N", 2, True)
    assert registry.serial_settings("reference") == registry.SerialSettings(921_600, 8, "N", 1, False)
    assert registry.serial_settings("rehastim2") == registry.SerialSettings(460_800, 8, "E", 1, False)


@pytest.mark.parametrize("ask", [registry.profile, registry.driver, registry.serial_settings, registry.model])
def test_an_unknown_model_is_refused_with_the_known_ones(ask: object) -> None:
    with pytest.raises(UsageError) as refused:
        ask("P24x")  # type: ignore[operator]
    for model in MODELS:
        assert model in str(refused.value)
    assert "Did you mean p24?" in str(refused.value)
