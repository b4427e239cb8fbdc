"""Measuring procedures in the engine: what is found is what is there, and nothing flows that nobody asked for."""


from tests.session.patient import Bedside, Patient, threshold_spec


def test_the_search_finds_the_thresholds_of_the_sheet_within_a_step() -> None:
    """simulator-physiology §2.2: at 300 µs sensory 7.33 mA, motor 17.95 mA; comfort here is 0.6 of the pain threshold, 21.0."""
    bedside = Bedside(threshold_spec()).to_running().play(Patient().word)
    assert bedside.engine.result == "completed"
    found = bedside.thresholds()
    for name, true_ua in (("sensory", 7_333), ("motor", 17_950)):
        below_ua, at_ua = found[name]
        assert below_ua < true_ua <= at_ua
        assert at_ua - below_ua == 500
    assert found["comfort"] == (21_000, 21_000)
    assert bedside.pulses(2) == int(str(bedside.of("totals")[0].args["channels"]["2"]["pulses"]))
