"""The dose of each channel at its strongest, against the limits that were in force."""

from collections.abc import Sequence
from typing import Final

from emscontrol.record.dose import ChannelDose, DoseFigure
from emscontrol.record.knowledge import DOSE
from emscontrol.record.reports.blocks import Block, Table, Text
from emscontrol.record.reports.session_read import SessionRecord
from emscontrol.record.reports.words import UNKNOWN, ma
from emscontrol.safety.verdict import shown

SHOWN: Final = ("AMPLITUDE", "IEC_RMS", "J_RMS", "CHARGE", "CHARGE_DENSITY")
"""The rules whose figures are asked for first; of all others the one that comes nearest to its limit is told."""
OTHERS: Final = "Nearest of the other limits"
FIRST: Final = "Limit met first if raised"


def dose(session: SessionRecord) -> list[Block]:
    """A row for each figure that is known, a column for each channel that was given current; then why others are missing."""
    if not session.dose:
        return []
    rows = [_figures(rule, session.dose) for rule in SHOWN]
    rows += [(OTHERS, *map(_nearest, session.dose)), (FIRST, *map(_binding, session.dose))]
    rows = [row for row in rows if any(cell != UNKNOWN for cell in row[1:])]
    heads = ("Figure", *(f"Channel {each.channel}" for each in session.dose))
    why = " ".join(dict.fromkeys([*(text for each in session.dose for text in each.unknown), *_counted_charge(session)]))
    caption = "The strongest pulse train of each channel, of the limits in force: how much of each was used."
    return [Table(caption, heads, tuple(rows)), *([Text(why)] if why else [])]


def _counted_charge(session: SessionRecord) -> list[str]:
    """Why a measurement tells a charge all the same."""
    return (
        ["The charge above was counted by the session itself, which knew their shape."]
        if session.plan and session.told_totals
        else []
    )


def _figures(rule: str, channels: Sequence[ChannelDose]) -> tuple[str, ...]:
    found = [channel.figure(rule) for channel in channels]
    name = next((figure.quantity for figure in found if figure), rule)
    return (f"{name[0].upper()}{name[1:]}, {DOSE[rule].value}", *map(_cell, found))


def _nearest(channel: ChannelDose) -> str:
    """Of the limits that have no row of their own, the one of which most was used."""
    others = [figure for figure in channel.figures if figure.rule not in SHOWN and figure.margin_percent is not None]
    nearest = min(others, key=lambda figure: figure.margin_percent or 0, default=None)
    return f"{nearest.quantity}{_used(nearest)}" if nearest else UNKNOWN


def _binding(channel: ChannelDose) -> str:
    binding = next((figure for figure in channel.figures if figure.binds), None)
    return f"{binding.quantity}, at {ma(channel.allowed_ua)} ({binding.source})" if binding else UNKNOWN


def _cell(figure: DoseFigure | None) -> str:
    """The figure, its limit, and how much of it that is."""
    if figure is None:
        return "does not apply"
    if figure.value is None:
        return UNKNOWN
    told = shown(figure.value, figure.unit)
    if figure.limit is None:
        return f"{told}, no limit in force"
    return f"{told} of {'at least ' if figure.at_least else ''}{shown(figure.limit, figure.unit)}{_used(figure)}"


def _used(figure: DoseFigure) -> str:
    return "" if figure.margin_percent is None else f" ({100 - figure.margin_percent} %)"
