"""One scalar of a file to text, a whole number or an exact decimal. Nothing is guessed.

A plain scalar that any YAML reader would take for something else than it looks like (`010`, `12:30`, `no`, `1_000`, `1e3`) is
refused in place of being read one way or the other.
"""

import re
from decimal import Decimal
from typing import Final

from emscontrol.protocol.bounds import DIGITS_MAX

Scalar = str | int | Decimal

_WHOLE: Final = re.compile(r"-?(0|[1-9][0-9]*)", re.ASCII)
_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+", re.ASCII)

_AMBIGUOUS: Final = (
    (r"~|null|", "nothing", "write a value, or remove the key"),
    (r"true|false|yes|no|on|off|y|n", "a yes/no word", "no key takes one; text goes in quotes"),
    (r"[-+]?\.?(nan|inf|infinity)", "a number that is not finite", "write a finite number"),
    (r"-0(\.0*)?", "minus zero", "write 0"),
    (r"[-+]?0[0-9_]+(\.[0-9_]*)?", "a number with leading zeros", "write it without them; text goes in quotes"),
    (r"[-+]?0[xob][0-9a-f_]+", "a number that is not decimal", "write it in decimal; text goes in quotes"),
    (r"[-+]?[0-9][0-9_]*(:[0-9_]+)+(\.[0-9_]*)?", "digits with colons", "write seconds as a number; text goes in quotes"),
    (r"[-+]?[0-9.]+_[0-9_.]*", "digits with underscores", "write the digits alone; text goes in quotes"),
    (r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)e[-+]?[0-9]+", "a number with an exponent", "write the number out"),
    (r"\+[0-9.]+", "a number with a plus sign", "write it without the sign"),
    (r"-?\.[0-9]+|[-+]?[0-9]+\.", "a number with a bare point", "write digits on both sides of the point"),
    (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?", "a date", "text goes in quotes"),
    (r"=|<<", "a word with a meaning of its own in YAML", "text goes in quotes"),
)
_SPELLING_MAX: Final = 64  # longer ones are text or too long a number; bounds the matching time
_REFUSALS: Final = tuple((re.compile(pattern, re.ASCII | re.IGNORECASE), found, right) for pattern, found, right in _AMBIGUOUS)


class AmbiguousScalar(Exception):
    """A plain scalar that is refused; `found` and `right` say why."""

    def __init__(self, found: str, right: str) -> None:
        super().__init__(found)
        self.found = found
        self.right = right


def read_plain(text: str) -> Scalar:
    """The value of a scalar without quotes. Raises AmbiguousScalar for spellings that readers disagree on."""
    for pattern, found, right in _REFUSALS if len(text) <= _SPELLING_MAX else ():
        if pattern.fullmatch(text):
            raise AmbiguousScalar(found, right)
    whole = _WHOLE.fullmatch(text)
    if not whole and not _DECIMAL.fullmatch(text):
        return text
    if len(text) > DIGITS_MAX:
        raise AmbiguousScalar(f"a number of {len(text)} characters", f"at most {DIGITS_MAX}")
    return int(text) if whole else Decimal(text)


def read_key(text: str, plain: bool) -> str | int:
    """A key: a whole number if it is written as one without quotes, else its text."""
    return int(text) if plain and len(text) <= DIGITS_MAX and _WHOLE.fullmatch(text) and text != "-0" else text
