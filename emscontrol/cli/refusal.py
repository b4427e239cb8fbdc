"""Refusals as facts: with `--json`, what is refused is said on standard output as well."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

from emscontrol.core.errors import DeviceMisfit, EmsError, ProtocolFileError

Shape = Callable[[Sequence[str], int], Mapping[str, Any]]
"""From the reasons and the exit code to the object that is printed."""


@contextmanager
def refusal_as_json(as_json: bool, shape: Shape) -> Iterator[None]:
    """Print `shape` of what is refused inside, if `as_json`; the refusal itself goes on to standard error and the exit code."""
    try:
        yield
    except EmsError as problem:
        if as_json:
            click.echo(json.dumps(shape(reasons_of(problem), int(problem.exit_code))))
        raise
    except click.ClickException as problem:
        if as_json:
            click.echo(json.dumps(shape((problem.format_message(),), problem.exit_code)))
        raise


def reasons_of(problem: EmsError) -> tuple[str, ...]:
    """Why, a sentence each: every problem of a file, every misfit of a device."""
    if isinstance(problem, ProtocolFileError):
        return problem.problems
    if isinstance(problem, DeviceMisfit):
        return problem.reasons
    return (str(problem),)
