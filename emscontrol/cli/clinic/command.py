"""What every verb of the book shares: its desk, `--json`, refusals as facts, and asking for what is missing."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

import click

from emscontrol.cli.clinic.desk import Desk
from emscontrol.cli.refusal import refusal_as_json
from emscontrol.core.errors import EmsError
from emscontrol.desk.wording import worded


class BookCommand(click.Command):
    """A verb that asks on a terminal for what was left out; elsewhere what is missing is wrong usage that names the option."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Parse, and parse again with each answer."""
        given = list(args)
        with refusal_as_json("--json" in args, refused):
            while True:
                try:
                    return super().make_context(info_name, list(given), parent, **extra)
                except click.MissingParameter as missing:
                    if missing.param is None or missing.ctx is None or not on_a_terminal():
                        raise
                    given = _with_answer(given, missing.param, missing.ctx)

    def invoke(self, ctx: click.Context) -> Any:
        """Do it; what is refused is a fact too."""
        with refusal_as_json(bool(ctx.params.get("as_json")), refused):
            return super().invoke(ctx)


def book_command(verb: Callable[..., None]) -> click.Command:
    """Make a command of a function that takes a Desk and what its options say."""

    @wraps(verb)
    def call(*, as_json: bool, **given: Any) -> None:
        ctx = click.get_current_context()
        desk = Desk(ctx.obj or "", as_json)
        ctx.call_on_close(desk.close)
        try:
            verb(desk, **given)
        except EmsError as problem:
            if desk.opened:
                worded(problem, desk.zone)
            raise
        desk.name_zone()

    command = click.command(cls=BookCommand)(call)
    command.params.append(click.Option(["--json", "as_json"], is_flag=True, help="Print facts as JSON."))
    return command


def refused(reasons: Sequence[str], exit_code: int) -> Mapping[str, Any]:
    """What is printed with `--json` for what was refused."""
    return {"refused": True, "reasons": list(reasons), "exit_code": exit_code}


def on_a_terminal() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin is not None and sys.stdin.isatty()


def _with_answer(given: list[str], param: click.Parameter, ctx: click.Context) -> list[str]:
    """The words of the command line with what somebody says to the question for this parameter."""
    several = isinstance(param, click.Option) and param.multiple
    raw = click.prompt(
        _question(param, several),
        type=param.type,
        value_proc=lambda text: _checked(text, param, ctx, several),
        err=True,
    )
    words = raw.split() if several else [raw]
    if isinstance(param, click.Option):
        return [*(f"{param.opts[-1]}={word}" for word in words), *given]
    return [*given, *words]


def _question(param: click.Parameter, several: bool) -> str:
    """An option is asked for by its help, an argument by its name and how it is written."""
    if isinstance(param, click.Option):
        words = (param.help or "").rstrip(".")
        return f"{words} (several with a space between)" if several else words
    words = (param.name or "").replace("_", " ").capitalize()
    return f"{words} ({param.metavar})" if param.metavar and param.metavar.lower() != param.name else words


def _checked(text: str, param: click.Parameter, ctx: click.Context, several: bool) -> str:
    for word in text.split() if several else [text]:
        param.type.convert(word, param, ctx)
    return text
