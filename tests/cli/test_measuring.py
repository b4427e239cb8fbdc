"""`threshold`, `strength-duration` and `electrodes`: what they find, what they refuse, and how they stop."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emscontrol.cli.electrodes import NOT_SEEN
from emscontrol.cli.keys import STOP_BYTES
from emscontrol.cli.measuring_live import BEST_FIRST, introduction, measuring_line
from emscontrol.core.errors import ExitCode
from emscontrol.measure.words import KEYS, MEANINGS, Word
from emscontrol.record.verify import verify
from tests.cli.command import USAGE, Command, Said
from tests.pty.terminal import Terminal
from tests.pty.waiting import wait_for

PLACE = ("--muscle", "quad_rf", "--pads", "5x9")


def test_a_simulated_body_answers_and_the_thresholds_are_those_of_the_sheet(emscontrol: Command, tmp_path: Path) -> None:
    """simulator-physiology §2.2: 7.33 mA sensory, 17.95 mA motor at 300 µs."""
    scope = tmp_path / "scope.jsonl"
    said = emscontrol("threshold", "--device", "p24@sim", *PLACE, "--up-to", "60", "--speed", "max", "--json", "--scope", scope)
    assert said.code == ExitCode.FINE
    assert said.facts["finished"]
    assert said.facts["thresholds"]["sensory"] == {"width_us": 300, "found_ma": 7.5, "not_at_ma": 7.0}
    assert said.facts["thresholds"]["motor"] == {"width_us": 300, "found_ma": 18.0, "not_at_ma": 17.5}
    assert 21.0 < said.facts["thresholds"]["comfort"]["found_ma"] < 35.0
    assert verify(Path(said.facts["journal"])).ok
    assert scope.stat().st_size > 1000


def test_a_curve_is_drawn_and_told_in_words(emscontrol: Command) -> None:
    said = emscontrol("strength-duration", "--device", "p24@sim", *PLACE, "--up-to", "75", "--speed", "max")
    assert said.code == ExitCode.FINE
    assert "●" in said.out
    assert "0.3 ms: 18 mA (none at 17.5 mA)" in said.out
    assert "Suggestion: innervated." in said.out
    assert "rheobase" in said.out


def test_plain_leaves_the_picture_out(emscontrol: Command) -> None:
    words = (
        "--device",
        "p24@sim",
        *PLACE,
        "--up-to",
        "40",
        "--speed",
        "max",
        "--plain",
        "--width-us",
        "300",
        "--width-us",
        "600",
    )
    said = emscontrol("strength-duration", *words)
    assert "●" not in said.out
    assert "0.6 ms: 14.5 mA" in said.out
    assert "Step 1 given" in said.err


def test_a_device_that_cannot_wait_two_seconds_gives_its_single_pulses_faster(emscontrol: Command) -> None:
    """A RehaStim 2 gives a pulse every 1025 ms at the slowest, in steps of 2 mA."""
    said = emscontrol("strength-duration", "--device", "rehastim2@sim", *PLACE, "--up-to", "60", "--speed", "max", "--json")
    assert [point["width_us"] for point in said.facts["points"]] == [500, 300, 200, 100]
    assert said.facts["points"][1] == {"width_us": 300, "found_ma": 18.0, "not_at_ma": 16.0}
    assert said.facts["suggestion"] == "innervated"


def test_no_contraction_is_a_result_and_no_error(emscontrol: Command) -> None:
    said = emscontrol(
        "strength-duration", "--device", "p24@sim", *PLACE, "--up-to", "30", "--body", "conus", "--speed", "max", "--json"
    )
    assert said.code == ExitCode.FINE
    assert said.facts["points"] == [{"width_us": 1000, "found_ma": None, "not_at_ma": 30.0}]
    assert said.facts["suggestion"] == "undecided"


def test_where_nothing_is_felt_the_end_is_no_comfort_level(emscontrol: Command) -> None:
    """A body without sensation whose nerve is whole: the one who looks on stops, and says so."""
    words = ("threshold", "--device", "p24@sim", *PLACE, "--up-to", "60", "--body", "sci", "--speed", "max")
    said = emscontrol(*words)
    assert said.code == ExitCode.FINE
    assert "nothing was felt: this is where the simulated clinician stopped, not a comfort level" in said.out
    assert emscontrol(*words, "--json").facts["thresholds"]["comfort"]["nothing_felt"] is True


def test_nothing_is_offered_for_run_where_nothing_contracted(emscontrol: Command) -> None:
    said = emscontrol("threshold", "--device", "p24@sim", *PLACE, "--up-to", "30", "--body", "conus", "--speed", "max")
    assert "motor at 300 µs: none up to 30.0 mA" in said.out
    assert "comfort at 300 µs: nothing was felt up to 30.0 mA" in said.out
    assert "for run" not in said.out
    assert "emscontrol patient threshold" not in said.out


def test_a_comfort_limit_that_was_not_reached_is_told_as_such(emscontrol: Command) -> None:
    words = ("threshold", "--device", "p24@sim", *PLACE, "--up-to", "8", "--speed", "max")
    said = emscontrol(*words)
    assert "comfort at 300 µs: comfortable up to 8.0 mA, the limit was not reached" in said.out
    assert emscontrol(*words, "--json").facts["thresholds"]["comfort"] == {
        "width_us": 300,
        "found_ma": None,
        "comfortable_up_to_ma": 8.0,
    }


def test_a_comfort_level_has_nothing_that_it_is_not_at(emscontrol: Command) -> None:
    words = ("threshold", "--device", "p24@sim", *PLACE, "--up-to", "60", "--speed", "max")
    said = emscontrol(*words, "--plain")
    for line in [line for line in (said.out + said.err).splitlines() if "comfort" in line]:
        assert " not " not in line
    assert "not_at_ma" not in emscontrol(*words, "--json").facts["thresholds"]["comfort"]


PROTOCOLS = Path(__file__).parents[2] / "protocols"


def test_a_protocol_says_what_to_measure_and_gets_its_levels(emscontrol: Command) -> None:
    """Muscle, pads and pulse are the protocol's, and what is printed is what `run` wants."""
    file = PROTOCOLS / "acl-quadriceps.yaml"
    words = ("--device", "p24@sim", "--protocol", file, "--channel", "2", "--up-to", "40", "--speed", "max")
    said = emscontrol("threshold", *words)
    assert said.code == ExitCode.FINE
    levels = said.out.partition("for run: ")[2].splitlines()[0].split()
    assert levels == ["--comfort", "2=27", "--motor", "2=18"]
    run = ("run", file, "--device", "p24@sim", "--comfort", "1=27", *levels[:2], "--speed", "max", "--json")
    assert emscontrol(*run).facts["result"] == "completed"


def test_what_is_found_is_printed_as_whole_commands_that_enter_it_in_the_book(emscontrol: Command) -> None:
    words = ("threshold", "--device", "p24@sim", *PLACE, "--side", "left", "--up-to", "60", "--speed", "max")
    said = emscontrol(*words, "--body", "disuse", "--json")
    found = said.facts["thresholds"]
    size = dict(zip(PLACE[::2], PLACE[1::2], strict=True))
    assert said.facts["enter"] == [
        f"emscontrol patient threshold PATIENT {kind} {found[kind]['found_ma']:g} --muscle {size['--muscle']} --side left "
        f"--pads {size['--pads']} --width-us 300"
        for kind in ("sensory", "motor", "comfort")
    ]
    printed = emscontrol(*words, "--body", "disuse").out
    assert all(f"\n    {line}\n" in printed for line in said.facts["enter"])
    unfelt = emscontrol("threshold", "--device", "p24@sim", *PLACE, "--up-to", "60", "--body", "sci", "--speed", "max").out
    assert ("PATIENT motor" in unfelt, "PATIENT comfort" in unfelt, "--side SIDE" in unfelt) == (True, False, True)


def test_a_protocol_of_the_library_is_named_by_its_id(emscontrol: Command) -> None:
    words = ("threshold", "--device", "p24@sim", "--up-to", "60", "--speed", "max", "--json", "--protocol")
    named, filed = emscontrol(*words, "acl-high-rate"), emscontrol(*words, PROTOCOLS / "acl-high-rate.yaml")
    assert named.facts["thresholds"] == filed.facts["thresholds"]
    assert "--muscle quad_all --side SIDE --pads 7x12.7 --width-us 400" in named.facts["enter"][-1]
    near = emscontrol(*words, "acl-high-rat")
    assert (near.code, "The nearest is acl-high-rate" in near.err) == (ExitCode.USAGE, True)


def test_the_help_names_the_sides_that_there_are(emscontrol: Command) -> None:
    assert "--side [left|right] " in emscontrol("threshold", "--help").out


def test_a_protocol_with_long_pulses_is_measured_with_them(emscontrol: Command) -> None:
    """simulator-physiology §2.3: half of a denervated muscle answer to a 200 ms triangle of 20 mA × 1.1 × (1 + 0.2 × 0.4)."""
    words = ("--device", "reference@sim", "--protocol", PROTOCOLS / "denervated-tibialis-triangular.yaml", "--up-to", "40")
    said = emscontrol("threshold", *words, "--body", "conus", "--speed", "max", "--json")
    motor = said.facts["thresholds"]["motor"]
    assert motor["width_us"] == 200_000
    two_percent_ma = 20 * 1.1 * (1 + 0.2 * 200 / 500) * 0.6631
    assert motor["not_at_ma"] < two_percent_ma <= motor["found_ma"]


def test_a_protocol_leaves_no_choice_of_place(emscontrol: Command) -> None:
    words = ("--device", "p24@sim", "--protocol", PROTOCOLS / "acl-quadriceps.yaml", "--up-to", "40", "--speed", "max")
    assert "names muscle" in emscontrol("threshold", *words, "--muscle", "ham").err
    assert "does not use channel 7" in emscontrol("threshold", *words, "--channel", "7").err
    assert "--muscle" in emscontrol("threshold", "--device", "p24@sim", "--up-to", "40", "--speed", "max").err


def test_a_protocols_own_cap_holds(emscontrol: Command, tmp_path: Path) -> None:
    text = (PROTOCOLS / "acl-quadriceps.yaml").read_text(encoding="utf-8")
    capped = tmp_path / "capped.yaml"
    capped.write_text(text.replace("\n    electrode:", "\n    amplitude_cap_ma: 30\n    electrode:"), encoding="utf-8")
    words = ("--device", "p24@sim", "--protocol", capped, "--speed", "max", "--up-to")
    said = emscontrol("threshold", *words, "31")
    assert said.code == ExitCode.REFUSED
    assert "at most 30.0 mA" in said.err
    assert emscontrol("threshold", *words, "30").code == ExitCode.FINE


REFUSED = {
    "above the site": (("threshold", "--up-to", "140"), ExitCode.REFUSED, "130.0 mA"),
    "a large step": (("threshold", "--up-to", "40", "--step", "5"), ExitCode.REFUSED, "at most 1.0 mA"),
    "a long pulse": (("strength-duration", "--up-to", "40", "--width-us", "20000"), ExitCode.REFUSED, "not declared"),
    "no current": (("threshold", "--up-to", "a lot"), USAGE, "--up-to"),
    "no pads": (("threshold", "--up-to", "40", "--pads", "big"), USAGE, "--pads"),
    "no rate": (("threshold", "--up-to", "40", "--rate-hz", "-1"), USAGE, "--rate-hz"),
    "half speed": (("threshold", "--up-to", "40", "--speed", "2"), USAGE, "--speed"),
    "no such body": (("threshold", "--up-to", "40", "--body", "nobody"), USAGE, "nobody"),
    "no such muscle": (("threshold", "--up-to", "40", "--muscle", "biceps_of_a_horse"), ExitCode.REFUSED, "catalogue"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_in_words(case: str, emscontrol: Command) -> None:
    (verb, *words), code, says = REFUSED[case]
    said = emscontrol(verb, "--device", "p24@sim", *PLACE, "--speed", "max", *words, "--json")
    assert said.code == code
    assert says in said.err
    assert said.facts["result"] == "refused"
    assert says in said.facts["reason"]


def test_a_body_is_no_business_of_a_real_stimulator(emscontrol: Command) -> None:
    for words in (("--speed", "max"), ("--body", "healthy")):
        said = emscontrol("threshold", "--device", "p24@/dev/null", *PLACE, "--up-to", "20", *words)
        assert said.code == USAGE
        assert "real person" in said.err


# -- with words from outside ---------------------------------------------------------------------------------------------------


def test_no_key_of_a_word_is_a_stop_key() -> None:
    assert not {key.encode() for key in KEYS} & set(STOP_BYTES)
    assert set(KEYS.values()) == set(Word)
    assert sorted(KEYS) == sorted(BEST_FIRST)


def started(tmp_path: Path, **how: object) -> "subprocess.Popen[str]":
    command = [
        sys.executable, "-m", "emscontrol", "--home", str(tmp_path / "home"), "threshold", "--device", "p24@sim", *PLACE,
        "--up-to", "20", "--journal", str(tmp_path / "record.jsonl"), "--json",
    ]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **how)  # type: ignore[call-overload,no-any-return]


def test_words_can_be_piped(tmp_path: Path) -> None:
    process = started(tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate("up\nnothing\nrubbish\nfelt\ncontracts\ndone\n", timeout=60)
    assert process.returncode == ExitCode.FINE, err
    assert "no word of this procedure" in err
    facts = json.loads(out)
    assert facts["result"] == "completed"
    assert facts["channels"]["1"]["peak_ma"] == 2.0
    assert facts["thresholds"]["sensory"]["found_ma"] is not None


def test_after_too_much_it_is_said_that_nothing_flows_and_what_goes_on(tmp_path: Path) -> None:
    process = started(tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate("up\nup\ntoo-much\nnothing\nagain\nfelt\ndone\n", timeout=60)
    assert process.returncode == ExitCode.FINE, err
    assert "No current. Ready for channel 1, 300 µs, 1.0 mA? a gives it, - and + offer another, d ends." in err
    assert "1.0 mA has not been given yet" in err, "a word that judges a step is refused while it is only offered"
    assert json.loads(out)["thresholds"]["sensory"]["found_ma"] == 1.0


def test_left_before_the_first_step_nothing_is_measured(tmp_path: Path) -> None:
    process = started(tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate("felt\ndone\n", timeout=60)
    assert process.returncode == ExitCode.FINE, err
    assert "+ or n begins" in err
    assert "At 0 mA nothing is given" in err
    assert json.loads(out)["thresholds"]["motor"] == {"width_us": 300, "found_ma": None, "none_up_to_ma": None}


def test_when_the_words_end_it_stops_and_tells_what_was_known(tmp_path: Path) -> None:
    process = started(tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    out, _ = process.communicate("up\nfelt\n", timeout=60)
    assert process.returncode == ExitCode.STOPPED
    facts = json.loads(out)
    assert not facts["finished"]
    assert facts["thresholds"]["sensory"]["found_ma"] == 1.0


def test_keys_are_words_and_space_is_stop(tmp_path: Path) -> None:
    terminal = Terminal()
    try:
        process = started(tmp_path, stdin=terminal.slave, stderr=terminal.slave)
        wait_for(lambda: "+ or n begins, d ends" in terminal.text, "it runs and waits for a word")
        terminal.press(b"+")
        wait_for(lambda: "1 mA 300 µs?" in terminal.text, "the first step is asked about")
        terminal.press(b"n")
        wait_for(lambda: "RUNNING ch1 2 mA" in terminal.text, "the second step is given")
        pressed_s = time.monotonic()
        terminal.press(b" ")
        out, _ = process.communicate(timeout=30)
        assert time.monotonic() - pressed_s < 3
        assert process.returncode == ExitCode.STOPPED
        assert json.loads(out)["reason"].startswith("stopped by operator")
    finally:
        terminal.close()
    assert verify(tmp_path / "record.jsonl").ok


def seen(amplitude_ua: int, flows: bool, held: bool, width_us: int = 300) -> dict[str, object]:
    """A view of the engine while a step is asked about."""
    channels = {"1": {"amplitude_ua": amplitude_ua if flows else 0}}
    question = {"amplitude_ua": amplitude_ua, "width_us": width_us, "open": True, "held": held}
    doing = {"doing": "wait for a word", "doing_left_us": 59_000_000}
    return {"state": "running", "channels": channels, "question": question, **doing}


@pytest.mark.parametrize("width", [59, 79, 89, 119])
@pytest.mark.parametrize("flows", [True, False])
@pytest.mark.parametrize("width_us", [100, 300_000])
def test_a_narrow_terminal_keeps_the_current_with_its_unit_and_the_keys_that_matter(
    width: int, flows: bool, width_us: int
) -> None:
    line = measuring_line(seen(120_500 if flows else 12_500, flows, held=False, width_us=width_us), True, width)[:width]
    assert line.startswith("[Space = STOP]")
    assert ("120.5 mA | 120.5 mA " in line) if flows else (" | 12.5 mA " in line)
    assert ("t n f c l" if width < 79 else "t n f c l + - a d x") in line
    assert ("SIM" in line) or width < 79


def test_at_zero_the_line_says_what_begins() -> None:
    assert measuring_line(seen(0, flows=False, held=False), True, 59).endswith("+ or n begins, d ends")
    held = measuring_line(seen(12_500, flows=False, held=True), True, 59)
    assert "ready for 12.5 mA 300 µs? " in held
    assert set(held.partition("? ")[2].split()) == {"a", "+", "-", "d"}


@pytest.mark.parametrize("width", [60, 72, 90, 120])
def test_the_introduction_breaks_between_keys(width: int) -> None:
    lines = introduction(width)
    assert max(map(len, lines)) < width
    assert "+ or n begins" in " ".join(lines)
    keys = " ".join(line.strip() for line in lines)
    for key, word in KEYS.items():
        assert any(f"{key} {MEANINGS[word]}" in line for line in lines), keys


# -- electrodes ----------------------------------------------------------------------------------------------------------------


def checked(tmp_path: Path, *words: str) -> Said:
    """The electrodes of two channels, in a process of its own."""
    command = [sys.executable, "-m", "emscontrol", "--home", str(tmp_path / "home"), "electrodes", "--json", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False)
    return Said(done.returncode, done.stdout, done.stderr)


TWO = ("--device", "reference@sim", "--channel", "1", "--channel", "2", "--body", "healthy")


def test_electrodes_are_measured_where_the_stimulator_can(tmp_path: Path) -> None:
    """Circuit of simulator-physiology §3.1 with 0.5 mA and 100 µs: 250 Ω + 8060 Ω × (1 - exp(-100 µs / 1.612 ms)) = 735 Ω."""
    said = checked(tmp_path, *TWO)
    assert said.code == ExitCode.FINE
    assert said.facts["result"] == "measured"
    assert {channel: (facts["ohm"] // 10, facts["contact"]) for channel, facts in said.facts["channels"].items()} == {
        "1": (73, "good"),
        "2": (73, "good"),
    }
    assert verify(Path(said.facts["journal"])).ok


@pytest.mark.parametrize(("fault", "contact"), [("electrode_off:2", "open"), ("short:2", "short")])
def test_a_bad_electrode_is_named(fault: str, contact: str, tmp_path: Path) -> None:
    said = checked(tmp_path, *TWO, "--fault", fault)
    assert said.code == ExitCode.DEVICE
    assert said.facts["channels"]["1"]["contact"] == "good"
    assert said.facts["channels"]["2"]["contact"] == contact


def test_what_the_check_cannot_see_is_said(tmp_path: Path) -> None:
    """100 µs into three times the 8060 Ω, still at 0.5 mA: 250 Ω + 24.2 kΩ × (1 - exp(-100 µs / 4.836 ms)) = 745 Ω: good."""
    command = [
        sys.executable,
        "-m",
        "emscontrol",
        "--home",
        str(tmp_path),
        "electrodes",
        "--channel",
        "1",
        "--body",
        "dry_skin",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=True)
    assert "channel 1: 745 Ω, good." in done.stdout
    assert NOT_SEEN in done.stdout


def test_a_channel_that_the_stimulator_does_not_have_is_refused_before_anything_is_made(
    tmp_path: Path, emscontrol: Command
) -> None:
    journal = tmp_path / "none.jsonl"
    said = emscontrol("electrodes", "--channel", "1", "--channel", "12", "--journal", str(journal))
    assert said.code == ExitCode.REFUSED
    assert "Channel 12 does not exist on the reference stimulator: use channels 1 to 8." in said.err
    assert not journal.exists()


@pytest.mark.parametrize("model", ["p24", "rehastim2"])
def test_a_stimulator_that_does_not_measure_says_so(model: str, emscontrol: Command) -> None:
    said = emscontrol("electrodes", "--device", f"{model}@sim", "--json")
    assert said.code == ExitCode.REFUSED
    assert "does not measure electrodes at rest" in said.err
    assert "only while current flows" in said.facts["reason"]
