"""What the record screens say: rows, sentences, figures. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import Final

from rich.table import Table
from rich.text import Text

from emscontrol.core.events import printable
from emscontrol.core.units import format_ma, format_s
from emscontrol.record.keys import KeyRing
from emscontrol.tui.clinic_time import when
from emscontrol.tui.figures import clock
from emscontrol.tui.language import _
from emscontrol.tui.looks import ALARM_LOOKS
from emscontrol.tui.screens.records.ending import Ended, explained
from emscontrol.tui.screens.records.shelf import Glance, State
from emscontrol.tui.screens.records.story import Channel, Story, Told

PC_PER_MC: Final = 10**9
EVENTS_MAX: Final = 2000  # beyond that nobody reads; the export has all


def whose(patient: str) -> str:
    """The patient's code, or that it was a session without the book."""
    return printable(patient) if patient else _("no book")


def kind(simulated: bool) -> str:
    """Whether anybody can have been on the other end."""
    return _("simulated") if simulated else _("real")


def glance_line(glance: Glance) -> str:
    """Everything about the row under the cursor."""
    parts = [
        printable(glance.title) or glance.path.name,
        printable(glance.device),
        kind(glance.simulated) if glance.device else "",
    ]
    if glance.result:
        parts.append(f"{_(glance.result)}: {printable(glance.reason)}")
    return f"{', '.join(part for part in parts if part)}. {' '.join(filter(None, (glance.finding, glance.signature)))}"


def state_cell(state: State) -> Text:
    """What a record is worth: whatever is not as it should be is seen before it is read, also without colour."""
    fine = state in (State.INTACT, State.RUNNING)
    return Text(_(state.value) if fine else f"! {_(state.value)}", style="" if fine else "bold")


def head(story: Story, opened: datetime, running: bool, zone: tzinfo | None) -> Text:
    """Whose session, when, with what, how it ended."""
    facts, booked = story.facts, story.facts.booked
    text = Text(overflow="fold")
    text.append(f"{when(opened, zone)}  {printable(story.title)}\n", style="bold")
    if booked:
        words = _("Patient {patient}: session {number} of plan {plan}, appointment {appointment}, for {staff}.")
        text.append(
            words.format(
                patient=printable(booked.patient),
                number=booked.number,
                plan=booked.plan,
                appointment=booked.appointment,
                staff=printable(booked.staff),
            )
        )
    else:
        text.append(_("A session without the book."))
    text.append(f"\n{printable(facts.device)}" + (_("  SIMULATION") if facts.simulated else ""))
    if story.battery_percent is not None:
        text.append(_("  battery then {level} %").format(level=story.battery_percent))
    if running:
        return text.append("\n" + _("RUNNING NOW: what follows is what has been recorded so far."), style="bold")
    if not facts.intact:
        return text.append("\n" + _("NOT INTACT: what follows is what stands of this record."), style="bold")
    text.append(f"\n{_(facts.result).upper()}: {printable(facts.reason)}", style="bold")
    text.append(_(". After {time} min.").format(time=clock(facts.duration_us)))
    return text


def verdict(story: Story, known: KeyRing) -> str:
    """What verify says of the record; `known` are the keys of stations."""
    facts, gone = story.facts, known.mistrusted().get(story.facts.key)
    stands = "" if facts.intact and facts.signer and gone is None else "! "
    finding = " ".join(filter(None, (facts.finding, facts.signature, gone.meaning() if gone else "")))
    return stands + _("Record: {finding}").format(finding=finding)


def explanation(story: Story) -> Text:
    """Why it ended where nobody meant it to, and what is not known; empty for a session that ended on purpose."""
    return Text("\n").join(
        Text(f"! {sentence}" if number == 0 else f"  {sentence}") for number, sentence in enumerate(explained(story.ending))
    )


def delivered(story: Story) -> Table:
    """A row a channel."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), expand=False)
    for title, side in (
        (_("Channel"), "left"),
        (_("begun"), "right"),
        (_("pulses"), "right"),
        (_("peak"), "right"),
        (_("charge"), "right"),
        (_("on"), "right"),
    ):
        table.add_column(title, justify=side, no_wrap=side == "right", overflow="ellipsis")  # type: ignore[arg-type]
    for channel in story.channels:
        table.add_row(*_cells(channel))
    if not story.facts.intact:
        table.title, table.title_justify, table.title_style = _("As far as the record stands:"), "left", "bold"
    elif not story.channels:
        table.add_row(_("No channel had current."))
    return table


def _cells(channel: Channel) -> Iterator[Text]:
    of = "" if channel.prescribed is None else _(" of {prescribed}").format(prescribed=channel.prescribed)
    yield Text(f"{channel.number} {printable(channel.where)}")
    yield Text(f"{channel.contractions}{of}")
    yield Text(str(channel.pulses))
    yield Text(format_ma(channel.peak_ua))
    yield Text(f"{channel.charge_pc / PC_PER_MC:.1f} mC")
    yield Text(format_s(channel.on_us))


def gave(story: Story) -> str:
    """What was delivered, in one sentence."""
    told = [_gave(channel) for channel in story.channels if channel.pulses or channel.contractions]
    if story.ending.how is Ended.DAMAGED:
        return _("Delivered as far as the record stands: {what}.").format(what="; ".join(told) or _("not known"))
    what = "; ".join(told) or _("nothing")
    if story.ending.how is Ended.NO_END:
        return _("Delivered up to the last record: {what}.").format(what=what)
    return _("Delivered: {what}.").format(what=what)


def _gave(channel: Channel) -> str:
    words = _("channel {number}: {given} of {prescribed} contractions begun, at most {peak}, {charge:.1f} mC")
    if channel.prescribed is None:
        words = _("channel {number}: at most {peak}, {charge:.1f} mC")
    return words.format(
        number=channel.number,
        given=channel.contractions,
        prescribed=channel.prescribed,
        peak=format_ma(channel.peak_ua),
        charge=channel.charge_pc / PC_PER_MC,
    )


def events(told: Sequence[Told]) -> Text:
    """A line an event; alarms have their mark."""
    lines = [_event(each) for each in told[:EVENTS_MAX]]
    if len(told) > EVENTS_MAX:
        lines.append(Text(_("… and {count} more; emscontrol export has all.").format(count=len(told) - EVENTS_MAX)))
    return Text("\n").join(lines)


def _event(told: Told) -> Text:
    look = ALARM_LOOKS.get(told.severity)
    time = f"{'-' if told.at_s < 0 else ''}{clock(abs(round(told.at_s * 1e6)))}"
    mark = f"{look.mark:<3}" if look else "   "
    return Text(f"{time:>7} {mark} {told.sentence}", style="bold" if look else "")
