"""Nothing is coerced: each doubtful spelling is refused where it stands, in figures and in text alike (fault F68)."""

from decimal import Decimal

import pytest

from emscontrol.protocol.scalars import AmbiguousScalar, read_key, read_plain
from tests.unit.protocol.samples import GOOD, group, loaded, phase, place_of, problems, protocol, the_problem

NO_NUMBERS = [
    *(".nan", ".NaN", ".NAN", "nan", "NaN", ".inf", "-.inf", ".Inf", ".INF", "inf", "infinity", "-Infinity"),
    *("1e309", "1E5", "1e3", "1.5e1", "-0", "-0.0", "0.0e0", "010", "007", "00", "08.5", "0x1F", "0o17", "0b11"),
    *("12:30", "1:30:00", "190:20:30", "1_000", "1_0.5", "+5", "+5.0", ".5", "5.", "-.5", "2024-01-01"),
    *("true", "false", "True", "FALSE", "yes", "no", "Yes", "on", "off", "ON", "y", "n", "Y", "~", "null", "Null"),
    *('"20"', "'20'", '"1.5"', "!!float 5", "=", "<<"),
]
ODD_NUMBERS = [
    "",
    "5 s",
    "5s",
    "5ms",
    "5,5",
    "five",
    "½",
    "٥",
    "５",
    "1 000",
    "5,",
    "--5",
    "1.2.3",
    "0.1.",
    "1e",
    "[5]",
    "{a: 5}",
    "|\n          5",
]


@pytest.mark.parametrize("spelling", NO_NUMBERS + ODD_NUMBERS)
def test_no_doubtful_spelling_is_a_number(spelling: str) -> None:
    text = protocol(phase(group(1, on_s=spelling), group(2)))
    said = problems(text)
    assert said
    assert any("on_s" in line or "not readable" in line or "found a tag" in line for line in said), said


AMBIGUOUS_TEXT = [s for s in NO_NUMBERS if s[0] not in "\"'!" and s not in ("nan", "NaN", "inf", "infinity", "-Infinity")]


@pytest.mark.parametrize("spelling", [*AMBIGUOUS_TEXT, "20", "1.5", "-3"])
def test_no_doubtful_spelling_is_text_without_quotes(spelling: str) -> None:
    text = GOOD.replace("title: A sample", f"title: {spelling}")
    assert the_problem(text).startswith("f.yaml:3:8: title: found ")


@pytest.mark.parametrize("spelling", [*AMBIGUOUS_TEXT, "20", "1.5", "-3"])
def test_in_quotes_it_is_text(spelling: str) -> None:
    assert loaded(GOOD.replace("title: A sample", f'title: "{spelling}"')).protocol.title == spelling


@pytest.mark.parametrize("number", ["6.00000000000000", "1" * 16, "9" * 5000, "0." + "1" * 14, "1" * 1500])
def test_endless_numbers_are_refused(number: str) -> None:
    assert problems(protocol(phase(group(1, on_s=number), group(2))))


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("5", 5), ("-7", -7), ("0.75", Decimal("0.75")), ("-1.50", Decimal("-1.50")), ("10.0", Decimal("10.0"))],
)
def test_plain_numbers_are_exact(text: str, value: int | Decimal) -> None:
    read = read_plain(text)
    assert read == value
    assert type(read) is type(value)
    assert str(read) == text


@pytest.mark.parametrize(
    "text", ["a", "left rectus femoris", "5 cm", "no pain", "x-1", "v1.2", "3rd", "on_s", "yes please", "e5"]
)
def test_plain_words_are_text(text: str) -> None:
    assert read_plain(text) == text


def test_ambiguous_scalars_say_why() -> None:
    with pytest.raises(AmbiguousScalar) as refused:
        read_plain("12:30")
    assert "colons" in refused.value.found
    assert "seconds" in refused.value.right


def test_keys_are_words_or_whole_numbers() -> None:
    assert read_key("1", True) == 1
    assert [read_key(text, True) for text in ("01", "-0", "1.0", "on", "yes", "1_0", "1" * 16)] == [
        "01", "-0", "1.0", "on", "yes", "1_0", "1" * 16,
    ]  # fmt: skip
    assert read_key("1", False) == "1"


def test_a_channel_number_in_quotes_is_no_number() -> None:
    text = GOOD.replace("  2:\n", '  "2":\n')
    assert any("channels.2: found as a key; a whole number from 1 to 64" in line for line in problems(text))


def test_a_whole_number_is_no_decimal_and_a_flag_no_number() -> None:
    text = protocol(phase(group(1, pulse_width_us="300.0"), group(2)))
    assert the_problem(text) == (
        f"f.yaml:{place_of(text, '300.0')}: phases.0.groups.0.pulse_width_us: found 300.0; a whole number from 20 to 200000 µs"
    )
    assert "format" in the_problem(GOOD.replace("format: 1", "format: true"))
