"""Figures as they are typed and shown."""

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from emscontrol.core.errors import UsageError
from emscontrol.tui.figures import bar, big, big_ma, clock, seconds, typed_ua
from emscontrol.tui.glyphs import ascii_only, plain


@pytest.mark.parametrize(
    ("text", "ua"),
    [("22.5", 22_500), ("20", 20_000), ("0.5", 500), ("7.125 mA", 7_125), ("7mA", 7_000), (" 12.0 ", 12_000), ("130", 130_000)],
)
def test_a_figure_with_a_point_is_read_exactly(text: str, ua: int) -> None:
    assert typed_ua(text) == ua


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "22,5",
            "1,000",
            "1'000",
            "1.000.0",
            "1e1",
            "+5",
            "-5",
            ".5",
            "5.",
            "0x10",
            "nan",
            "inf",
            "١٢",
            "２０",
            "20 A",
        ),
        *("20 µA", "1000", "0", "0.0", "12.3456", "1_0", "20 20", "20\u00a0mA", "½"),
    ],
)
def test_anything_else_is_refused_with_words(text: str) -> None:
    with pytest.raises(UsageError) as refusal:
        typed_ua(text)
    assert refusal.value.what


def test_the_comma_is_named() -> None:
    with pytest.raises(UsageError, match="comma"):
        typed_ua("22,5")


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789.,' mAeE+-\u066b\u00a0٣", max_size=8))
def test_typed_text_is_parsed_exactly_or_refused(text: str) -> None:
    try:
        ua = typed_ua(text)
    except UsageError:
        return
    figure = re.sub(r" ?mA$", "", text.strip(" "))
    assert Decimal(ua) == Decimal(figure) * 1000
    assert figure.isascii()
    assert 0 < ua < 1_000_000


def test_the_bar_is_as_long_as_the_share() -> None:
    assert bar(0, 20_000, 10) == "·" * 10
    assert bar(20_000, 20_000, 10) == "█" * 10
    assert bar(10_000, 20_000, 10) == "█" * 5 + "·" * 5
    assert bar(99_000, 20_000, 4) == "████"


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 200_000), st.integers(0, 200_000), st.integers(0, 60))
def test_the_bar_keeps_its_width_and_shows_anything_above_zero(value: int, whole: int, width: int) -> None:
    drawn = bar(value, whole, width)
    assert len(drawn) == width
    if value and whole and width:
        assert drawn[0] not in " ·"


def test_clocks_and_seconds() -> None:
    assert clock(0) == "0:00"
    assert clock(1) == "0:01"
    assert clock(725_000_000) == "12:05"
    assert seconds(4_250_000) == "4.2 s"
    assert big_ma(18_500) == "18.5"


@pytest.mark.parametrize("text", ["0123456789.", "?", "18.5", "130.0"])
def test_large_digits_have_three_rows_of_one_width(text: str) -> None:
    rows = big(text)
    assert len({len(row) for row in rows}) == 1


def test_no_two_large_digits_look_alike() -> None:
    assert len({big(digit) for digit in "0123456789.?"}) == 12


@pytest.fixture
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("EMSCONTROL_ASCII", "1")
    ascii_only.cache_clear()
    yield
    monkeypatch.undo()
    ascii_only.cache_clear()


@pytest.mark.usefixtures("plain_terminal")
def test_in_a_plain_terminal_figures_and_bars_are_ascii_and_no_two_digits_look_alike() -> None:
    shapes = {digit: big(digit) for digit in "0123456789.?"}
    assert len(set(shapes.values())) == len(shapes)
    assert all("".join(rows).isascii() and len({len(row) for row in rows}) == 1 for rows in shapes.values())
    for value in range(41):
        drawn = bar(value, 40, 10)
        assert drawn.isascii()
        assert len(drawn) == 10
        assert (drawn == "." * 10) == (value == 0)


def test_plain_signs_take_as_many_cells_as_what_they_stand_for() -> None:
    signs = "█▏·─│┌…µ×≤▼⏎"
    assert plain(signs).isascii()
    assert cell_len(plain(signs)) == cell_len(signs)
    assert plain("العربي 小明") == "العربي 小明"
