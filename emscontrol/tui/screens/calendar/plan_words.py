"""A plan in words: what is prescribed, how far it is, what is proposed."""

from collections.abc import Iterator
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

from emscontrol.clinic.appointments.wall_time import on_clock
from emscontrol.core.units import counted
from emscontrol.tui.glyphs import ascii_only
from emscontrol.tui.language import _
from emscontrol.tui.places import area_words, pads_size, place_name
from emscontrol.tui.screens.calendar.days import weekday
from emscontrol.tui.screens.calendar.words import why_its_time
from emscontrol.tui.widgets.listing import Column, Row
from emscontrol.tui.words import describe

if TYPE_CHECKING:
    from emscontrol.clinic.appointments.between import Occasion
    from emscontrol.clinic.plans.plan_page import PlanPage
    from emscontrol.clinic.sessions.adherence import Adherence

BAR: Final = 20


def columns() -> tuple[Column, ...]:
    """Of the list of appointments."""
    return (
        Column(_("SESSION"), 7),
        Column(_("DAY"), 14),
        Column(_("TIME"), 5),
        Column(_("STATUS"), 9),
        Column(_("WHO"), 10, from_width=60),
        Column(_("ON"), 10, from_width=70),
        Column(_("REASON"), 8, grow=1),
    )


def row_of(what: "Occasion", zone: tzinfo) -> Row:
    """One appointment. What was called off has no place in the plan any more."""
    begin = on_clock(what.starts_at, zone)
    why = why_its_time(what) or what.reason
    number = str(what.number or "") if what.status != "cancelled" else "–"
    cells = (number, f"{weekday(begin.date())} {begin:%Y-%m-%d}", f"{begin:%H:%M}", _(what.status))
    return Row(str(what.appointment), (*cells, what.therapist, what.stimulator, why))


def head(page: "PlanPage") -> str:
    """Whose it is, how it stands, how far it is."""
    who = page.patient if page.called == page.patient else f"{page.patient} {page.called}"
    title = page.loaded.protocol.title
    return "\n".join(
        (
            _("Plan {number} of {who}: {title}, {status}").format(
                number=page.id, who=who, title=title, status=_(page.status).upper()
            ),
            progress(page),
            _("Goal: {goal}").format(goal=page.goal),
        )
    )


def progress(page: "PlanPage") -> str:
    """Done, missed and to come of all sessions, and what was given of what was prescribed so far, with what that is."""
    given, held = page.given, sum(each.status in ("booked", "done") for each in page.appointments)
    unbooked = max(0, page.whole - held)
    rest = _(", {count} not booked (b)").format(count=unbooked) if unbooked and page.status == "active" else ""
    words = _("{done} of {whole} done, {missed} missed, {booked} ahead").format(
        done=given.done, whole=page.whole, missed=given.missed, booked=given.ahead
    )
    return f"{words}{rest}. {_('Adherence')}: {_share(given)}"


def _share(given: "Adherence") -> str:
    if given.permille is None:
        return _("nothing was due yet")
    of = _("({given} of {due} contractions due so far)").format(given=given.contractions, due=given.prescribed)
    return f"{bar(given.permille)} {given.permille / 10:g} % {of if given.prescribed else ''}".rstrip()


def decided_words(decision: str) -> str:
    """What was decided of a step."""
    return {"accepted": _("accepted"), "refused": _("refused")}.get(decision, decision)


def bar(permille: int) -> str:
    """So much of a line is full."""
    full = round(BAR * permille / 1000)
    filled, empty = ("#", "-") if ascii_only() else ("█", "░")
    return f"[{filled * full}{empty * (BAR - full)}]"


def proposal(page: "PlanPage") -> str:
    """What waits for a decision, else what is to be said of going on."""
    step = page.waiting
    if step is not None:
        return _("PROPOSED: {what}. {why} a accepts, r refuses.").format(what=step.words, why=step.reason)
    if page.proposes:
        return _("PROPOSED: {why} a accepts, r refuses.").format(why=page.outlook)
    if page.outlook:
        return _("It stays as it is: {why}").format(why=page.outlook)
    return _("No change is proposed.") if page.status == "active" else ""


def prescribed(page: "PlanPage") -> Iterator[str]:
    """Everything that was prescribed, and what was decided since."""
    week = _("{count} a week for {weeks} weeks from {day}: {whole}, {minutes} min each, {rest} h of rest.").format(
        count=page.sessions_per_week,
        weeks=page.weeks,
        day=page.starts_on,
        whole=counted(page.whole, "session"),
        minutes=page.slot_min,
        rest=page.rest_min_h,
    )
    yield week
    yield _("Therapist {who}, stimulator {box}; prescribed by {by}.").format(
        who=page.therapist, box=page.stimulator, by=page.prescribed_by
    )
    yield _("Going on by the rules {name}. Changed so far: {what}.").format(name=page.progression, what=page.changed)
    if page.library:
        yield page.library
    yield ""
    yield _("Where")
    for number, channel in sorted(page.loaded.protocol.channels.items()):
        words = _("  {number} {where}, pads of {size} ({area})")
        where, pad = place_name(channel.muscle, channel.side.value), channel.electrode
        yield words.format(number=number, where=where, size=pads_size(pad), area=area_words(pad.area_mm2))
    yield ""
    yield from describe(page.loaded.protocol, {})
    decided = [step for step in page.steps if not step.is_open]
    if decided:
        yield ""
        yield _("Decided")
    for step in reversed(decided):
        by = step.decided_by or _("the program")
        why = f" ({step.decided_why})" if step.decided_why else ""
        yield (
            _("  {number} {decision} by {who}: {what}. {reason}").format(
                number=step.number, decision=decided_words(step.decision), who=by, what=step.words, reason=step.reason
            )
            + why
        )
