"""Whole numbers of the command line within bounds, refused in words."""

from typing import Any

import click


class Whole(click.IntRange):
    """A whole number from `min` to `max`. What it is not is said without signs of comparison."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number. Raises click.BadParameter, which names the option."""
        try:
            number = int(value)
        except ValueError:
            self.fail(f"{str(value)!r} is no whole number: {self.words()}.", param, ctx)
        if (self.min is not None and number < self.min) or (self.max is not None and number > self.max):
            self.fail(f"{number} cannot be: {self.words()}.", param, ctx)
        return number

    def words(self) -> str:
        """What it can be."""
        if self.max is None:
            return f"write {self.min:g} or more"
        return f"write a number from {self.min:g} to {self.max:g}"
