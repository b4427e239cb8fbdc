"""The body figure: every muscle has its place, on the right view and patient's own side, whatever else is drawn."""

import asyncio

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from emscontrol.safety.sites import described_site, known_muscles
from emscontrol.tui.body import BACK, FRONT, LARGE, MIDDLE, PLACEMENTS, REGIONS, SMALL, TO_SMALL, WIDE
from emscontrol.tui.glyphs import ascii_only
from emscontrol.tui.widgets.body_figure import (
    FIGURE_COLUMNS,
    GAP,
    LARGE_ROWS,
    SMALL_ROWS,
    BodyFigure,
    PadPlace,
    body_text,
    figure,
    places_in_words,
)

BACK_FROM = WIDE + len(GAP)


def where(lines: list[str], mark: str) -> set[tuple[str, int, int]]:
    """(view, row of the outline, columns to the right of the middle) of each cell with this mark."""
    found = set()
    for row, line in enumerate(lines[1:]):
        for column, cell in enumerate(line):
            if cell == mark:
                found.add((FRONT, row, column - MIDDLE) if column < WIDE else (BACK, row, column - BACK_FROM - MIDDLE))
    return found


def test_the_outlines_are_of_one_width_and_the_small_one_has_a_row_for_each_of_the_large_one() -> None:
    for art in (LARGE, SMALL):
        assert {cell_len(line) for view in art.values() for line in view} == {WIDE}
        assert len(art[FRONT]) == len(art[BACK])
        for view in art.values():
            assert all(line[::-1].translate(str.maketrans("╭╮╰╯╱╲├┤", "╮╭╯╰╲╱┤├")) == line for line in view)
    assert len(TO_SMALL) == len(LARGE[FRONT])
    assert list(TO_SMALL) == sorted(TO_SMALL)
    assert TO_SMALL[-1] == len(SMALL[FRONT]) - 1


def test_every_muscle_of_the_catalogue_has_a_place_and_no_other_has() -> None:
    assert list(PLACEMENTS) == list(known_muscles())


@pytest.mark.parametrize("muscle", known_muscles())
def test_the_first_pad_lies_in_the_region_of_its_muscle_and_the_second_inside_the_body(muscle: str) -> None:
    first, second = PLACEMENTS[muscle].spots
    assert first != second
    region, site = REGIONS[LARGE[first.view][first.row][MIDDLE - first.out]], described_site(muscle)
    assert region == site.region
    for spot in (first, second):
        assert LARGE[spot.view][spot.row][MIDDLE - spot.out] in REGIONS
    if not site.refused:
        assert PLACEMENTS[muscle].first
        assert PLACEMENTS[muscle].pads not in ("", "-")


@pytest.mark.parametrize("rows", [SMALL_ROWS, LARGE_ROWS])
@pytest.mark.parametrize("muscle", [muscle for muscle in known_muscles() if not described_site(muscle).refused])
def test_the_patients_left_is_right_of_the_middle_in_front_and_left_of_it_behind(muscle: str, rows: int) -> None:
    if muscle == "rect_abd":  # one pad on each side of the navel
        return
    for side, in_front in (("left", 1), ("right", -1)):
        cells = where(figure([PadPlace(1, muscle, side)], rows), "1")
        assert cells
        assert len(cells) <= 2
        for view, _, out in cells:
            assert (out > 0) == ((in_front if view == FRONT else -in_front) > 0)


@pytest.mark.parametrize("rows", [SMALL_ROWS, LARGE_ROWS])
def test_both_sides_are_lettered_in_both_views(rows: int) -> None:
    head = figure([], rows)[0]
    assert head[0] == "R"
    assert head[WIDE - 1] == "L"
    assert head[BACK_FROM] == "L"
    assert head[-1] == "R"
    assert len(head) == FIGURE_COLUMNS


def test_channels_that_want_the_same_place_are_all_seen_on_their_own_side() -> None:
    places = [PadPlace(n, "quad_rf", "left") for n in range(1, 9)]
    for rows in (SMALL_ROWS, LARGE_ROWS):
        lines = figure(places, rows)
        for n in range(1, 9):
            cells = where(lines, str(n))
            assert cells
            assert all(out > 0 for _, _, out in cells)


def test_a_muscle_in_front_is_not_drawn_behind() -> None:
    assert where(figure([PadPlace(3, "quad_all", "left")], LARGE_ROWS), "3") == {(FRONT, 13, 3), (FRONT, 15, 3)}
    assert where(figure([PadPlace(3, "ham", "left")], LARGE_ROWS), "3") == {(BACK, 13, -3), (BACK, 15, -3)}


def test_a_side_that_is_not_chosen_is_drawn_nowhere_and_said() -> None:
    place = PadPlace(1, "quad_all", "either")
    assert not where(figure([place], LARGE_ROWS), "1")
    assert "SIDE NOT CHOSEN" in "\n".join(places_in_words([place]))


def test_the_words_name_the_patients_side_both_places_and_what_to_mind() -> None:
    words = "\n".join(places_in_words([PadPlace(2, "quad_all", "left")]))
    for part in ("2  patient's LEFT: quadriceps", "10 cm below the groin", "distal", "femoral vessels"):
        assert part in words


def test_it_never_takes_more_rows_or_columns_than_there_are() -> None:
    places = [PadPlace(1, "quad_all", "left"), PadPlace(2, "supraspin", "right")]
    for rows in range(30):
        assert len(figure(places, rows)) <= rows
    for width in (20, 41, 42, 60, 75, 76, 120):
        assert max(map(len, body_text(places, width, LARGE_ROWS).plain.split("\n"))) <= width
        assert "patient's" in body_text(places, width, 0).plain.replace("\n", " ")


def test_without_unicode_it_is_plain_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMSCONTROL_ASCII", "1")
    ascii_only.cache_clear()
    try:
        lines = figure([PadPlace(1, "quad_all", "left")], LARGE_ROWS)
    finally:
        ascii_only.cache_clear()
    assert all(line.isascii() for line in lines)
    assert where(lines, "1")


class Shown(App[None]):
    """One figure alone."""

    def compose(self) -> ComposeResult:
        """It."""
        yield BodyFigure([PadPlace(1, "quad_all", "left")])


@pytest.mark.parametrize(("size", "rows"), [((80, 24), SMALL_ROWS), ((120, 40), LARGE_ROWS)])
def test_the_widget_fits_its_room_and_shows_other_channels(size: tuple[int, int], rows: int) -> None:
    async def act() -> None:
        app = Shown()
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            shown = app.query_one(BodyFigure)
            assert shown.size.height == rows
            assert "patient's LEFT" in shown.words
            shown.show([PadPlace(2, "ham", "right")])
            await pilot.pause()
            assert "patient's RIGHT" in shown.words

    asyncio.run(act())
