"""A count on the wire and the quantity it stands for."""

from dataclasses import dataclass

from emscontrol.devices.declare.refusal import wrong


@dataclass(frozen=True, slots=True)
class Scale:
    """quantity = count × step + offset, between `low` and `high`.

    Steps and offsets are whole numbers, halves or quarters, so that the sums are exact in binary floating point.
    """

    low: float
    high: float
    unit: str = ""
    step: float = 1
    offset: float = 0

    @property
    def allowed(self) -> str:
        """The legal values in words."""
        unit = f" {self.unit}" if self.unit else ""
        if self.low == self.high:
            return f"{self.low}{unit}"
        steps = "whole numbers" if self.step == 1 else f"multiples of {self.step}{unit}"
        return f"{self.low} to {self.high}{unit}, {steps}"

    def count(self, field: str, value: object, allowed: str = "") -> int:
        """The count of a quantity. Raises BadParameter when it is no number, out of range, or between two steps.

        `allowed` says what would be right where there is more to say than this scale can.
        """
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.low <= value <= self.high:
            raise wrong(field, value, allowed or self.allowed)
        count = int((value - self.offset) // self.step)
        if self.quantity(count) != value:
            raise wrong(field, value, allowed or self.allowed)
        return count

    def quantity(self, count: int) -> float:
        """What a count stands for; whole numbers stay integers where step and offset are."""
        return count * self.step + self.offset

    def thousandths(self) -> tuple[int, int, int, int]:
        """low, high, step and offset as integers of a thousandth of the unit (µA for mA, µs for ms)."""
        return int(self.low * 1000), int(self.high * 1000), int(self.step * 1000), int(self.offset * 1000)
