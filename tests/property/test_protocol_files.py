"""Whatever the bytes: a protocol or ProtocolFileError, nothing else; what is accepted holds when recomputed."""

import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from emscontrol.core.errors import ProtocolFileError
from emscontrol.protocol.library import library_folder
from emscontrol.protocol.load import LoadedProtocol, load_file, load_text
from emscontrol.protocol.travel import from_line, to_line

LIBRARY = [path.read_text(encoding="utf-8") for path in sorted(library_folder().glob("*.yaml"))]
SHORT = min(LIBRARY, key=len)


@pytest.fixture(scope="module", autouse=True)
def _loaded_before() -> None:
    """What the first file of a process has to import is no time that any file takes."""
    load_text(SHORT)


def _judged(load: Callable[[], LoadedProtocol]) -> LoadedProtocol | tuple[str, ...]:
    """Load, and hold an error to its form."""
    start = time.process_time()
    try:
        outcome: LoadedProtocol | tuple[str, ...] = load()
    except ProtocolFileError as refused:
        outcome = refused.problems
        assert outcome
        assert all(line.isprintable() and len(line) < 700 for line in outcome)
    assert time.process_time() - start < 1
    return outcome


@settings(max_examples=250, deadline=None)
@given(data=st.binary(max_size=400))
def test_any_bytes_are_a_protocol_or_one_kind_of_error(data: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(data)
    assert isinstance(_judged(lambda: load_file(path)), tuple)


YAML_PIECES = st.sampled_from(
    [
        *("a", "format", ": ", ":", "\n", "\n  ", "\n    ", "- ", "[", "]", "{", "}", ", ", "?", "!", "!!int ", "&a ", "*a"),
        *("|", ">", "|2-", "|9", '"', "'", "\\", "\\x", "\\U0011", "#", " #", "%", "%YAML 1.2\n", "---\n", "...\n", "<<"),
        *("1", "0.5", "-", "\t", "é", "@", "`", "~", "="),
    ]
)


@settings(max_examples=400, deadline=None)
@given(text=st.lists(YAML_PIECES, max_size=30).map("".join))
def test_any_pieces_of_yaml_are_one_kind_of_error(text: str) -> None:
    assert isinstance(_judged(lambda: load_text(text)), tuple)


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_is_one_kind_of_error(text: str) -> None:
    assert isinstance(_judged(lambda: load_text(text)), tuple)


def _spoilt(text: str) -> SearchStrategy[str]:
    """The text with one stretch removed, repeated, replaced or put elsewhere."""
    places = st.integers(0, len(text))
    piece = st.one_of(YAML_PIECES, st.text(max_size=5), st.just(""))

    def change(first: int, length: int, new: str, repeat: bool) -> str:
        kept = text[first : first + length] if repeat else ""
        return text[:first] + kept + new + kept + text[first + length :]

    return st.builds(change, places, st.integers(0, 40), piece, st.booleans())


@settings(max_examples=300, deadline=None)
@given(text=st.sampled_from(LIBRARY).flatmap(_spoilt))
def test_a_spoilt_file_is_a_protocol_or_one_kind_of_error(text: str) -> None:
    outcome = _judged(lambda: load_text(text))
    if isinstance(outcome, LoadedProtocol):
        assert outcome.text == text
        assert from_line(to_line(outcome.protocol)) == outcome.protocol


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_spoilt_bytes_of_a_file_are_a_protocol_or_one_kind_of_error(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raw = bytearray(SHORT.encode())
    for place, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(raw) - 1), st.integers(0, 255)), min_size=1, max_size=4)
    ):
        raw[place] = value
    path: Path = tmp_path_factory.getbasetemp() / "spoilt.yaml"
    path.write_bytes(raw)
    _judged(lambda: load_file(path))


VALUES: SearchStrategy[Any] = st.recursive(
    st.sampled_from(
        ["x", '"20"', "1", "0", "-1", "5.5", "1e3", "~", "true", "12:30", "99999999", "[]", "{}", "left", "comfort", "*a"]
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda members: f"[{', '.join(members)}]"),
        st.dictionaries(st.sampled_from(["1", "muscle", "on_s", "x", "channels", "groups"]), inner, max_size=3).map(
            lambda members: "{" + ", ".join(f"{k}: {v}" for k, v in members.items()) + "}"
        ),
    ),
    max_leaves=6,
)
INLINE = [
    (number, line.partition(":")[0])
    for number, line in enumerate(SHORT.splitlines())
    if ": " in line and not line.startswith(("#", "  The", "  From")) and not line.strip().startswith("- {")
]


@settings(max_examples=200, deadline=None)
@given(changes=st.lists(st.tuples(st.sampled_from(INLINE), VALUES), min_size=1, max_size=4))
def test_any_value_under_any_key_is_told_and_never_raises(changes: list[tuple[tuple[int, str], str]]) -> None:
    """Wrong types everywhere: the rules between keys meet half-known parts and still never stumble."""
    lines = SHORT.splitlines()
    for (number, key), value in changes:
        lines[number] = f"{key}: {value}"
    _judged(lambda: load_text("\n".join(lines) + "\n"))


# --- what is accepted, recomputed ------------------------------------------------------------------------------------

RIGHT: dict[str, list[Any]] = {
    "waveform": ["symmetric", "symmetric", "asymmetric", "triangular", "long_biphasic"],
    "pulse_width_us": ["20", "300", "500", "1000"],
    "rate_hz": ["0.2", "1", "20", "33.3", "50"],
    "of": ["motor", "comfort"],
    "fraction": ["0.05", "0.6", "1"],
    "on_s": ["4", "5"],
    "off_s": ["12"],
    "ramp_up_s": ["0.5", "1", "2"],
    "ramp_down_s": ["0", "1", "2"],
    "recovery_ratio": [None],
    "interphase_gap_us": [None, "0", "100"],
    "burst": [None, None, ("2", "8.5"), ("3", "10")],
}
DOUBTFUL: dict[str, list[Any]] = {
    "waveform": ["asymmetric"],
    "pulse_width_us": ["19", "1001", "5000", "100000", "200000", "200001"],
    "rate_hz": ["0.1", "75", "100", "150", "150.001"],
    "of": ["comfort"],
    "fraction": ["0.04", "1.001", "1.5", "1.501"],
    "on_s": ["0", "0.4", "0.5", "1", "1.5", "6", "8", "12"],
    "off_s": ["0", "1", "4", "6", "8", "13"],
    "ramp_up_s": ["0", "0.4", "0.499", "3"],
    "ramp_down_s": ["3", "5"],
    "recovery_ratio": ["2", "4", "11"],
    "interphase_gap_us": ["1000", "1001"],
    "burst": [("1", "5"), ("2", "0.5"), ("2", "1"), ("10", "100"), ("10", "1"), ("4", "12")],
}


@st.composite
def _groups(draw: st.DrawFn) -> dict[str, Any]:
    """A group that is right, but for a key or two that may not be."""
    group = {key: draw(st.sampled_from(values)) for key, values in RIGHT.items()}
    if group["waveform"] == "asymmetric":
        group["recovery_ratio"] = "4"
    for key in draw(st.lists(st.sampled_from(sorted(DOUBTFUL)), max_size=2)):
        group[key] = draw(st.sampled_from(DOUBTFUL[key]))
    return group


def _written(group: dict[str, Any], channel: int) -> str:
    lines = [f"      - channels: [{channel}]", f"        intensity: {{of: {group['of']}, fraction: {group['fraction']}}}"]
    if group["burst"]:
        pulses, interval_ms = group["burst"]
        lines.append(f"        burst: {{pulses: {pulses}, interval_ms: {interval_ms}}}")
    keys = [key for key in group if key not in ("of", "fraction", "burst") and group[key] is not None]
    return "\n".join([*lines, *(f"        {key}: {group[key]}" for key in keys)]) + "\n"


def _group_is_right(group: dict[str, Any], lmn: str) -> bool:
    """The rules of one group from their description in the documents, in exact fractions; shares no code with the loader."""
    number = {
        key: Fraction(value) for key, value in group.items() if key not in ("waveform", "of", "burst") and value is not None
    }
    shape, width, rate = group["waveform"], number["pulse_width_us"], number["rate_hz"]
    ratio = number.get("recovery_ratio", Fraction(1))
    gap = number.get("interphase_gap_us", Fraction(0))
    long_shape = shape in ("triangular", "long_biphasic")
    pulses, interval_us = (
        (Fraction(group["burst"][0]), Fraction(group["burst"][1]) * 1000) if group["burst"] else (Fraction(1), None)
    )
    pulse_us = width + width * ratio + gap
    all_us = pulse_us + (pulses - 1) * (interval_us or 0)
    return all(
        (
            Fraction(1, 5) <= rate <= 150,
            20 <= width <= (200_000 if long_shape and lmn == "damaged" else 1000),
            gap <= 1000,
            (2 <= ratio <= 10) if shape == "asymmetric" else ratio == 1,
            Fraction(1, 20) <= number["fraction"] <= (Fraction(3, 2) if group["of"] == "motor" else 1),
            number["on_s"] >= Fraction(1, 2),
            number["ramp_up_s"] >= Fraction(1, 2),
            number["ramp_up_s"] + number["ramp_down_s"] <= number["on_s"],
            all_us * rate <= 10**6,
            interval_us is None or (pulses >= 2 and interval_us >= 1000 and pulse_us <= interval_us and pulses * rate <= 150),
        )
    )


def _phase_is_right(groups: list[dict[str, Any]], contract: str, stagger: str | None) -> bool:
    cycles = [Fraction(group["on_s"]) + Fraction(group["off_s"]) for group in groups]
    if contract == "together":
        return stagger is None
    if len(set(cycles)) > 1 or len(groups) < 2:
        return False
    if contract == "alternately":
        return stagger is None and all(Fraction(group["on_s"]) * len(groups) <= cycles[0] for group in groups)
    return stagger is not None and Fraction(stagger) >= Fraction(1, 20) and Fraction(stagger) * (len(groups) - 1) < cycles[0]


@settings(max_examples=250, deadline=None)
@given(
    groups=st.lists(_groups(), min_size=1, max_size=2),
    contract=st.sampled_from(["together", "alternately", "staggered"]),
    stagger=st.sampled_from([None, None, "0.04", "0.5", "8.5"]),
    lmn=st.sampled_from(["intact", "damaged", "any"]),
)
def test_a_file_is_accepted_exactly_when_every_rule_holds(
    groups: list[dict[str, Any]], contract: str, stagger: str | None, lmn: str
) -> None:
    head = SHORT[: SHORT.index("notes:")].replace("lmn_status: intact", f"lmn_status: {lmn}")
    pad = "side: left, label: x, electrode: {width_cm: 5, height_cm: 9}"
    channels = "".join(f"  {n}: {{muscle: quad_rf, {pad}}}\n" for n in range(1, len(groups) + 1))
    staggered = f"    stagger_s: {stagger}\n" if stagger else ""
    phase = f"phases:\n  - name: work\n    contract: {contract}\n{staggered}    contractions: 3\n    groups:\n"
    text = head + "channels:\n" + channels + phase + "".join(_written(g, n) for n, g in enumerate(groups, 1))
    outcome = _judged(lambda: load_text(text))
    right = all(_group_is_right(g, lmn) for g in groups) and _phase_is_right(groups, contract, stagger)
    assert isinstance(outcome, LoadedProtocol) == right, (outcome, text)
    if isinstance(outcome, LoadedProtocol):
        for made, asked in zip(outcome.protocol.phases[0].groups, groups, strict=True):
            assert (made.on_us, made.off_us) == (Fraction(asked["on_s"]) * 10**6, Fraction(asked["off_s"]) * 10**6)
            assert Fraction(10**6, made.period_us) <= Fraction(asked["rate_hz"]) < Fraction(10**6, made.period_us - 1)


def test_hypothesis_sees_both_sides() -> None:
    """The oracle above accepts and refuses: a plain group is right, and wrong once its ramps do not fit."""
    plain = {
        "waveform": "symmetric", "pulse_width_us": "300", "rate_hz": "50", "of": "comfort", "fraction": "1", "on_s": "6",
        "off_s": "12", "ramp_up_s": "1", "ramp_down_s": "1", "recovery_ratio": None, "interphase_gap_us": None, "burst": None,
    }  # fmt: skip
    assert _group_is_right(plain, "intact")
    assert not _group_is_right({**plain, "on_s": "1.5"}, "intact")
    assert _phase_is_right([plain, plain], "alternately", None)
