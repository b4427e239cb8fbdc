"""Random legal parameters for any declared command of the ScienceMode family, drawn by walking its fields."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from hypothesis import strategies as st

from emscontrol.devices.declare.bits import Bits, Count, Flag, Named, Part
from emscontrol.devices.declare.command import Command, Layout
from emscontrol.devices.declare.field import Field
from emscontrol.devices.declare.lists import Groups, PerChannel, Rows
from emscontrol.devices.declare.plain import Fixed, Hex, Number, Numbers, Text, When
from emscontrol.devices.declare.quantity import Scale
from emscontrol.devices.declare.sets import ChannelSet, FlagSet, Nibbles
from emscontrol.devices.sciencemode4.electrodes import ElectrodeErrors

SCIENCEMODE = ("p24", "rehastim2")
"""The models with this framing and these declared fields."""
Params = dict[str, Any]
Drawn = st.SearchStrategy[Params]


def command_params(command: Command, packet_numbers: Scale) -> Drawn:
    """Parameters for one of the command's layouts, spelled as the decoder spells them."""
    layouts = [layout_params(layout, packet_numbers) for layout in command.layouts]
    return st.one_of(layouts)


def layout_params(layout: Layout, packet_numbers: Scale) -> Drawn:
    drawn = scaled(packet_numbers).map(lambda number: {"packet_number": number})
    for field in layout.fields:
        drawn = drawn.flatmap(partial(with_field, field))
    return drawn


def with_field(field: Field, so_far: Params) -> Drawn:
    return field_params(field, so_far).map(lambda more: so_far | more)


def scaled(scale: Scale) -> st.SearchStrategy[float]:
    steps = round((scale.high - scale.low) / scale.step)
    return st.integers(0, steps).map(lambda step: scale.low + step * scale.step)


def field_params(field: Field, so_far: Mapping[str, Any]) -> Drawn:
    match field:
        case Bits():
            return bits_params(field)
        case Rows():
            return rows_params(field, so_far)
        case PerChannel():
            return per_channel_params(field)
        case Groups():
            return groups_params(field)
        case When():
            return field_params(field.field, so_far) if so_far[field.other] == field.value else st.just({})
        case ElectrodeErrors():
            return electrode_params(field)
        case Fixed():
            return st.just({} if field.quiet else {field.name: field.value})
    return single_value(field).map(lambda value: {field.name: value})  # type: ignore[attr-defined]


def single_value(field: Field) -> st.SearchStrategy[Any]:
    match field:
        case Number():
            return scaled(field.scale) if field.null_count is None else st.none() | scaled(field.scale)
        case Numbers():
            return st.lists(scaled(field.scale), min_size=field.count, max_size=field.count)
        case Text():
            return st.text(st.characters(max_codepoint=255), min_size=field.length, max_size=field.length)
        case Hex():
            return st.binary(min_size=field.length, max_size=field.length).map(bytes.hex)
        case ChannelSet():
            return st.sets(st.integers(1, 8)).map(sorted)
        case FlagSet():
            return st.lists(st.booleans(), min_size=8, max_size=8)
        case Nibbles():
            return st.lists(scaled(field.scale), min_size=2 * field.size, max_size=2 * field.size)
    raise NotImplementedError(f"no strategy for {type(field).__name__}")


def bits_params(field: Bits) -> Drawn:
    drawn: Drawn = st.just({})
    for part in reversed(field.parts):  # a flag that chooses a scale stands behind its number
        drawn = drawn.flatmap(partial(with_part, part))
    return drawn


def with_part(part: Part | Named | Flag | Count, so_far: Params) -> Drawn:
    return part_params(part, so_far).map(lambda more: more | so_far)


def part_params(part: Part | Named | Flag | Count, so_far: Mapping[str, Any]) -> Drawn:
    match part:
        case Named():
            values: st.SearchStrategy[Any] = st.sampled_from(sorted(part.names))
        case Flag():
            values = st.booleans()
        case Count():
            values = st.integers(1, part.most).map(lambda length: [None] * length)  # filled by rows_params
        case Part():
            finer = part.finer is not None and so_far.get(part.finer[0].name, False)
            values = scaled(part.finer[1] if part.finer is not None and finer else part.scale)
    hidden = getattr(part, "quiet", False)
    return values.map(lambda value: {} if hidden and value == part.default else {part.name: value})  # type: ignore[union-attr]


def rows_params(field: Rows, so_far: Mapping[str, Any]) -> Drawn:
    length = len(so_far[field.name])
    row = bits_params(field.word).map(lambda entry: list(entry.values()))
    rows = st.lists(row, min_size=length, max_size=length)
    if field.none_without and not so_far[field.none_without]:
        rows = rows | st.just([])
    return rows.map(lambda values: {field.name: values})


def per_channel_params(field: PerChannel) -> Drawn:
    # Where a flag tells the layout, it is set: a cleared one makes the same bytes as the layout without it.
    flags = {flag.name: True for flag in field.flags}
    channels = st.sets(st.integers(0, field.channels - 1), min_size=1 if flags else 0, max_size=4).map(sorted)

    def blocks(numbers: list[int]) -> Drawn:
        drawn = [layout_params(Layout(field.block), Scale(0, 0)) for _ in numbers]
        return st.tuples(*drawn).map(
            lambda entries: (
                {
                    field.name: [
                        {field.key: n} | {k: v for k, v in e.items() if k != "packet_number"}
                        for n, e in zip(numbers, entries, strict=True)
                    ]
                }
                | flags
            )
        )

    return channels.flatmap(blocks)


def groups_params(field: Groups) -> Drawn:
    groups = st.lists(bits_params(field.word), min_size=1, max_size=field.most)
    return groups.map(
        lambda entries: {
            field.name: [{field.key: n} | e for n, e in enumerate(entries, 1)] if len(entries) == field.most else entries
        }
    )


def electrode_params(field: ElectrodeErrors) -> Drawn:
    sent = st.lists(st.booleans(), min_size=4 * field.size, max_size=4 * field.size)
    return st.tuples(st.booleans(), sent).map(
        lambda drawn: {"running": drawn[0], "electrode_error": drawn[1] + [False] * (8 - 4 * field.size)}
    )
