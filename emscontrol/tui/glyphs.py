"""Whether the terminal can be trusted with more than ASCII."""

import locale
import os
from functools import cache
from typing import Final

VARIABLE: Final = "EMSCONTROL_ASCII"


@cache
def ascii_only() -> bool:
    """True where `EMSCONTROL_ASCII` is set and where the locale is no Unicode one: bars and charts are plain then."""
    if os.environ.get(VARIABLE, "") not in ("", "0"):
        return True
    return "utf" not in (locale.getlocale()[1] or locale.getpreferredencoding(False) or "").lower()


_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys("▀▄█▌▐▉▊▋▍▎▏▇▆▅▃▂■●◆", "#"),
        **dict.fromkeys("░▒▓·∙•○◇□", "."),
        **dict.fromkeys("─━═╌┄–—−▔▁‐", "-"),
        **dict.fromkeys("│┃║╎┆", "|"),
        **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯╔╗╚╝╠╣╦╩╬┏┓┗┛", "+"),
        **dict.fromkeys("▼▾↓", "v"),
        **dict.fromkeys("▲▴↑", "^"),
        **dict.fromkeys("▶▸→›", ">"),
        **dict.fromkeys("◀◂←‹", "<"),
        **dict.fromkeys("“”„", '"'),
        **dict.fromkeys("‘’", "'"),
        "…": "~",
        "×": "x",
        "µ": "u",
        "μ": "u",
        "²": "2",
        "±": "~",
        "≤": "<",
        "≥": ">",
        "≈": "~",
        "Δ": "D",
        "Ω": "R",
        "✓": "+",
        "✗": "x",
        "⏎": "<",
        "°": "o",
        "\u00a0": " ",
    }
)
"""One plain character for each, so that nothing moves; letters of names stay as they are."""


def plain(text: str) -> str:
    """Lines, marks and signs in ASCII."""
    return text if text.isascii() else text.translate(_PLAIN)
