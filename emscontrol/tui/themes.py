"""Three sets of colours. Each colour stands beside a word or a mark, so everything reads without any of them.

The library's own names: `background` and `foreground` of the screens, `surface` for text to be read, `panel` for fields. The
program's own are in `OURS`. tests/tui/test_themes.py holds the contrast of each pair, and how far the states lie apart for eyes
that do not tell red from green.
"""

from collections.abc import Mapping
from typing import Final

from textual.theme import Theme

OURS: Final = {
    "state-quiet": "nothing flows and nothing is about to",
    "state-ready": "one step before current",
    "state-active": "current may flow",
    "state-alarm": "a fault, or nobody knows",
    "alarm-low": "alarm of low priority",
    "alarm-medium": "alarm of medium priority",
    "alarm-high": "alarm of high priority",
    "stop": "the STOP button",
    "title": "headings, and what Enter does",
}
"""Grounds, by what they mean. Each has a colour `on-…` for the words on it."""


def _theme(name: str, dark: bool, base: Mapping[str, str], grounds: Mapping[str, tuple[str, str]], flash: str) -> Theme:
    """`grounds` are the colours of `OURS` as (ground, words); `flash` is the ground of an alarm's dark half period."""
    own = {key: ground for key, (ground, _) in grounds.items()} | {f"on-{key}": words for key, (_, words) in grounds.items()}
    own |= {"stop-hover": grounds["state-alarm"][0], "panel-hover": base["boost"], "flash": flash}
    own |= {f"flash-{level}": base[f"flash-{level}"] for level in ("medium", "high")}
    own |= {"footer-background": base["panel"], "footer-description-foreground": base["foreground"]}
    own |= {"footer-foreground": base["foreground"], "footer-key-foreground": base["accent"]}
    own |= {"footer-item-background": base["panel"], "footer-key-background": base["panel"]}
    own |= {"footer-description-background": base["panel"], "input-selection-background": base["boost"]}
    own |= {"block-cursor-background": base["primary"], "block-cursor-foreground": base["on-primary"]}
    own |= {"block-cursor-blurred-background": base["boost"], "block-cursor-blurred-foreground": base["foreground"]}
    return Theme(
        name=name,
        dark=dark,
        primary=base["primary"],
        accent=base["accent"],
        foreground=base["foreground"],
        background=base["background"],
        surface=base["surface"],
        panel=base["panel"],
        warning=grounds["alarm-medium"][0],
        error=grounds["alarm-high"][0],
        success=grounds["alarm-low"][0],
        text_alpha=1.0,
        variables=own,
    )


DARK: Final = _theme(
    "dark",
    True,
    {
        "background": "#101418",
        "foreground": "#e6e6e6",
        "surface": "#0b0e11",
        "panel": "#26303a",
        "boost": "#3d4d5c",
        "primary": "#1f5fa8",
        "on-primary": "#ffffff",
        "accent": "#f0c808",
        "flash-medium": "#f0c808",
        "flash-high": "#ff8080",
    },
    {
        "state-quiet": ("#3a3f46", "#ffffff"),
        "state-ready": ("#1f5fa8", "#ffffff"),
        "state-active": ("#f0c808", "#000000"),
        "state-alarm": ("#b00020", "#ffffff"),
        "alarm-low": ("#0b6b74", "#ffffff"),
        "alarm-medium": ("#f0c808", "#000000"),
        "alarm-high": ("#b00020", "#ffffff"),
        "stop": ("#c1121f", "#ffffff"),
        "title": ("#1f5fa8", "#ffffff"),
    },
    flash="#101418",
)
LIGHT: Final = _theme(
    "light",
    False,
    {
        "background": "#f7f7f5",
        "foreground": "#1a1a1a",
        "surface": "#ffffff",
        "panel": "#dde3ea",
        "boost": "#c3ced9",
        "primary": "#1f5fa8",
        "on-primary": "#ffffff",
        "accent": "#7a3300",
        "flash-medium": "#5c4300",
        "flash-high": "#a00018",
    },
    {
        "state-quiet": ("#c9ced4", "#000000"),
        "state-ready": ("#1f5fa8", "#ffffff"),
        "state-active": ("#f5b800", "#000000"),
        "state-alarm": ("#a00018", "#ffffff"),
        "alarm-low": ("#0b5f66", "#ffffff"),
        "alarm-medium": ("#f5b800", "#000000"),
        "alarm-high": ("#a00018", "#ffffff"),
        "stop": ("#c1121f", "#ffffff"),
        "title": ("#1f5fa8", "#ffffff"),
    },
    flash="#f7f7f5",
)
CONTRAST: Final = _theme(
    "contrast",
    True,
    {
        "background": "#000000",
        "foreground": "#ffffff",
        "surface": "#000000",
        "panel": "#1c1c1c",
        "boost": "#4a4a4a",
        "primary": "#ffffff",
        "on-primary": "#000000",
        "accent": "#ffe000",
        "flash-medium": "#ffe000",
        "flash-high": "#ffb0b0",
    },
    {
        "state-quiet": ("#d0d0d0", "#000000"),
        "state-ready": ("#003a8c", "#ffffff"),
        "state-active": ("#ffe000", "#000000"),
        "state-alarm": ("#8a0010", "#ffffff"),
        "alarm-low": ("#00484f", "#ffffff"),
        "alarm-medium": ("#ffe000", "#000000"),
        "alarm-high": ("#8a0010", "#ffffff"),
        "stop": ("#9a0a14", "#ffffff"),
        "title": ("#ffffff", "#000000"),
    },
    flash="#000000",
)
THEMES: Final[Mapping[str, Theme]] = {theme.name: theme for theme in (DARK, LIGHT, CONTRAST)}
