"""The tables of `docs/reference-protocol.md`, made from the command table."""

from collections.abc import Iterator, Mapping
from typing import Final

from emscontrol.devices.reference.commands import (
    COMMANDS,
    EVENT,
    EVENT_CODE,
    RESULT_MEANINGS,
    Each,
    Field,
    Layout,
    Status,
    Wanted,
)

_BEGIN: Final = "<!-- generated: {} -->"
_END: Final = "<!-- end -->"


def tables() -> Mapping[str, str]:
    """The text of each generated part, by its name on the page."""
    return {
        "commands": "\n".join(_command_lines()),
        "payloads": "\n".join(_payload_lines()),
        "results": "\n".join(_result_lines()),
    }


def filled(page: str) -> str:
    """The page with its generated parts made anew. Raises ValueError when the page lacks one."""
    for name, text in tables().items():
        head, begin, rest = page.partition(_BEGIN.format(name))
        _, end, tail = rest.partition(_END)
        if not begin or not end:
            raise ValueError(f"the page has no part {name}")
        page = f"{head}{begin}\n\n{text}\n\n{end}{tail}"
    return page


def _command_lines() -> Iterator[str]:
    yield "| code | command | states | epoch | renews the lease | meaning |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for command in COMMANDS:
        states = "any" if len(command.states) == len(Status) else ", ".join(f"`{state.name}`" for state in command.states)
        epoch, renews = ("that of `ARM`" if command.epoch else "0"), ("yes" if command.renews else "no")
        yield f"| 0x{command.code:02X} | `{command.name}` | {states} | {epoch} | {renews} | {command.meaning} |"
    said = "said by the device unasked: the status block, without a result"
    yield f"| 0x{EVENT_CODE:02X} | `EVENT` | – | that in force | no | {said} |"


def _payload_lines() -> Iterator[str]:
    for command in COMMANDS:
        yield from _of_command(command)
    yield f"`EVENT` (0x{EVENT_CODE:02X}), from the device:"
    yield ""
    yield from _layout_lines(EVENT)


def _of_command(command: Wanted) -> Iterator[str]:
    yield f"`{command.name}` (0x{command.code:02X}), request:{'' if command.request else ' empty.'}"
    yield ""
    if command.request:
        yield from _layout_lines(command.request)
        yield ""
    yield f"`{command.name}`, answer: `result` (u8){'; then:' if command.answer else '.'}"
    yield ""
    if command.answer:
        yield from _layout_lines(command.answer)
        yield ""


def _layout_lines(layout: Layout) -> Iterator[str]:
    yield "| field | type | range | meaning |"
    yield "| --- | --- | --- | --- |"
    for part in layout:
        if isinstance(part, Each):
            for field in part.fields:
                yield _row(field, f"`{part.of}` × ")
        else:
            yield _row(part, "")


def _row(field: Field, repeated: str) -> str:
    bounds = "" if field.high is None else f"{field.low}–{field.high}"
    return f"| {repeated}`{field.name}` | {field.kind} | {bounds} | {field.meaning} |"


def _result_lines() -> Iterator[str]:
    yield "| number | result | meaning |"
    yield "| --- | --- | --- |"
    for result, meaning in RESULT_MEANINGS.items():
        yield f"| {result.value} | `{result.name}` | {meaning} |"
