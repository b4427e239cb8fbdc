"""Colours: every pair can be read, the states lie apart for all kinds of eyes, and no colour is named elsewhere."""

import re
from itertools import combinations
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

import emscontrol.tui
from emscontrol.tui.themes import OURS, THEMES

NEEDED = {"dark": 4.5, "light": 4.5, "contrast": 7.0}  # WCAG 2.2, success criteria 1.4.3 (AA) and 1.4.6 (AAA)
STATES = ("state-quiet", "state-ready", "state-active", "state-alarm")

# Machado, Oliveira, Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009, severity 1.0.
EYES = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
APART = 20.0  # CIE76; 2.3 is just noticeable side by side


def linear(color: str) -> tuple[float, float, float]:
    parts = [part / 255 for part in Color.parse(color).rgb]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def luminance(color: str) -> float:
    red, green, blue = linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def lab(rgb: tuple[float, ...]) -> tuple[float, float, float]:
    red, green, blue = (min(1.0, max(0.0, part)) for part in rgb)
    xyz = (
        (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883,
    )
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def seen(color: str, eyes: tuple[tuple[float, ...], ...]) -> tuple[float, float, float]:
    rgb = linear(color)
    return lab(tuple(sum(weight * part for weight, part in zip(row, rgb, strict=True)) for row in eyes))


def pairs(theme: Theme) -> list[tuple[str, str, str]]:
    own = theme.variables
    grounds = [(name, own[name], own[f"on-{name}"]) for name in OURS]
    flashes = [(f"flash-{level}", own["flash"], own[f"flash-{level}"]) for level in ("medium", "high")]
    base = [(name, str(getattr(theme, name)), str(theme.foreground)) for name in ("background", "surface", "panel")]
    keys = [("keys", own["footer-background"], own["footer-key-foreground"])]
    cursor = [("cursor", own["block-cursor-background"], own["block-cursor-foreground"])]
    return [*grounds, *flashes, *base, *keys, *cursor, ("stop-hover", own["stop-hover"], own["on-stop"])]


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_words_stand_out_from_their_ground(theme: Theme) -> None:
    weak = {name: round(contrast(ground, words), 1) for name, ground, words in pairs(theme)}
    assert {name: ratio for name, ratio in weak.items() if ratio < NEEDED[theme.name]} == {}


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_the_states_lie_apart_for_every_kind_of_eye(theme: Theme, eyes: str) -> None:
    for one, other in combinations(STATES, 2):
        first, second = (seen(theme.variables[name], EYES[eyes]) for name in (one, other))
        distance = sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5
        assert distance > APART, (one, other, round(distance, 1))


def test_colours_have_names_everywhere_else() -> None:
    folder = Path(emscontrol.tui.__file__).parent
    files = [*folder.rglob("*.py"), *folder.rglob("*.tcss")]
    named = {file.name for file in files if re.search(r"(?<![0-9A-Za-z&])#[0-9a-fA-F]{6}\b", file.read_text("utf-8"))}
    assert named == {"themes.py"}


def test_all_themes_name_the_same_things() -> None:
    assert len({frozenset(theme.variables) for theme in THEMES.values()}) == 1
