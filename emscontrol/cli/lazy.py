"""A group of verbs, each imported only when it is used."""

import importlib
from collections.abc import Mapping
from typing import Any, TypeAlias

import click

Verbs: TypeAlias = Mapping[str, tuple[str, str]]
"""{verb: (where, what it is for)}. `where` is a module with a command named like its verb (_ for -), or `module:command`."""


class LazyGroup(click.Group):
    """The verbs of a table, in its order."""

    def __init__(self, *arguments: Any, table: Verbs, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command, or None."""
        if cmd_name not in self.table:
            return None
        where, _, name = self.table[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(where), name or cmd_name.replace("-", "_"))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of verbs, without importing any of them."""
        with formatter.section("Verbs"):
            formatter.write_dl([(name, about) for name, (_, about) in self.table.items()])
