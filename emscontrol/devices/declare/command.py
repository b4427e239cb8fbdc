"""A command is a number, a name and a layout of fields; a table is all commands of a protocol."""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from emscontrol.devices.declare.field import Explained, Field
from emscontrol.devices.declare.plain import Fixed
from emscontrol.devices.declare.quantity import Scale
from emscontrol.devices.declare.refusal import BadParameter, Malformed, mapping, missing, refuse_unknown, shown, wrong

Sender = Literal["host", "device"]
PACKET_NUMBER = "packet_number"


@dataclass(frozen=True)
class Layout:
    """Fields in the order of the wire. Which of a command's layouts a frame has follows from its bytes alone."""

    fields: tuple[Field, ...] = ()
    dialect: str = ""

    @cached_property
    def keys(self) -> frozenset[str]:
        """All parameters."""
        return frozenset((PACKET_NUMBER,)).union(*(f.keys for f in self.fields))

    def fits(self, params: Mapping[str, Any]) -> bool:
        """True when these parameters can only be meant for this layout."""
        needs = frozenset((PACKET_NUMBER,)).union(*(f.needs for f in self.fields))
        agrees = all(f.agrees(params) for f in self.fields if isinstance(f, Fixed))
        return agrees and needs <= params.keys() <= self.keys

    def write(self, params: Mapping[str, Any], out: bytearray) -> None:
        """Append all fields. Raises BadParameter."""
        refuse_unknown(params, self.keys)
        for part in self.fields:
            part.write(params, out)

    @cached_property
    def _readers(self) -> tuple[Callable[[bytes, int, dict[str, Any]], int], ...]:
        return tuple(part.read for part in self.fields)

    def read(self, data: bytes, params: dict[str, Any]) -> dict[str, Any]:
        """Put all fields into the parameters and return them. Raises Malformed unless they use up the data exactly."""
        at = 0
        try:
            for read in self._readers:
                at = read(data, at, params)
        except (IndexError, struct.error):
            raise Malformed("data end too early") from None
        if at != len(data):
            raise Malformed("data go on after the last field")
        return params


@dataclass(frozen=True)
class Command:
    """One command: who sends it, its number, a sentence, its layouts; `answer` is the name of what the device sends back."""

    name: str
    number: int
    sender: Sender
    meaning: str
    layouts: tuple[Layout, ...] = field(default=(Layout(),))
    answer: str = ""

    def write(self, params: Mapping[str, Any], out: bytearray) -> None:
        """Append the command's data. Raises BadParameter that names command, field, value and what is allowed."""
        try:
            given = mapping("parameters", params)
            self._layout_for(given).write(given, out)
        except BadParameter as bad:
            raise bad.of_command(self.name) from None

    def read(self, packet_number: int, data: bytes) -> dict[str, Any]:
        """The parameters that the data hold. Raises Malformed when no layout agrees with them."""
        for layout in self.layouts:
            try:
                return layout.read(data, {PACKET_NUMBER: packet_number})
            except Malformed:
                continue
        raise Malformed("data follow no layout of the command")

    def explain(self) -> Iterator[Explained]:
        """Every named value in every layout."""
        for layout in self.layouts:
            for part in layout.fields:
                yield from part.explain()

    def _layout_for(self, params: Mapping[str, Any]) -> Layout:
        fitting = (layout for layout in self.layouts if layout.fits(params))
        return next(fitting, self._nearest(params))

    def _nearest(self, params: Mapping[str, Any]) -> Layout:
        return max(self.layouts, key=lambda layout: len(layout.keys & params.keys()) - len(params.keys() - layout.keys))


class Table:
    """All commands of a protocol, by name and by who sends which number. `packet_numbers` is the range of theirs."""

    def __init__(self, packet_numbers: Scale, *commands: Command) -> None:
        self.packet_numbers = packet_numbers
        self.commands = commands
        self.by_name = {command.name: command for command in commands}
        self.from_host = {command.number: command for command in commands if command.sender == "host"}
        self.from_device = {command.number: command for command in commands if command.sender == "device"}
        if not len(self.by_name) == len(self.from_host | self.from_device) == len(commands):
            raise ValueError("two commands share a name or a number")

    def sent_by(self, sender: Sender | None) -> Mapping[int, Command]:
        """The commands of one side by number, or of both for None."""
        sides = {"host": self.from_host, "device": self.from_device, None: self.from_host | self.from_device}
        if sender not in sides:
            raise ValueError(f"sender must be host, device or None, not {shown(sender)}")
        return sides[sender]

    def written(self, name: str, params: Mapping[str, Any]) -> tuple[int, int, bytes]:
        """Packet number, command number and data of a command. Raises BadParameter."""
        command = self.by_name.get(name)
        if command is None:
            raise wrong("command", name, ", ".join(self.by_name))
        data = bytearray()
        command.write(params, data)
        try:
            if PACKET_NUMBER not in params:
                raise missing(PACKET_NUMBER, self.packet_numbers.allowed)
            return self.packet_numbers.count(PACKET_NUMBER, params[PACKET_NUMBER]), command.number, bytes(data)
        except BadParameter as bad:
            raise bad.of_command(name) from None


def exchange(
    name: str, number: int, meaning: str, request: tuple[Layout, ...], answer: tuple[Layout, ...], suffix: str
) -> tuple[Command, Command]:
    """A host's command and the device's answer, whose number is the next one."""
    reply = name + suffix
    return (
        Command(name, number, "host", meaning, request, reply),
        Command(reply, number + 1, "device", f"answer to {name}", answer),
    )
