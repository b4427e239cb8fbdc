"""Who a patient is, and what to look at first."""

from rich.text import Text

from emscontrol.tui.language import _
from emscontrol.tui.places import named
from emscontrol.tui.screens.patients.dossier import Dossier

_FEW_ROWS = 18
_ALERTS = 4


def head_words(dossier: Dossier) -> Text:
    """Code, name, year of birth; then the conditions."""
    page = dossier.page
    told = Text(page.code, style="bold")
    name = " ".join(filter(None, (page.given, page.family)))
    born = _("born {year}").format(year=page.birth_year) if page.birth_year else ""
    told.append("".join(f"   {part}" for part in (name, born, page.contact) if part))
    since = _("{what} since {since}")
    causes = [since.format(what=each.words, since=each.since) if each.since else each.words for each in page.conditions]
    told.append("\n" + ("; ".join(causes) or _("No condition is on record: c enters one.")), style="not bold")
    return told


def alert_words(dossier: Dossier, rows: int) -> str:
    """The most urgent ones, a line each, and how many more there are."""
    room = 1 if rows < _FEW_ROWS else _ALERTS
    alerts = [named(alert) for alert in dossier.alerts]
    if len(alerts) <= room:
        return "\n".join(f"! {alert}" for alert in alerts)
    shown = alerts[: max(1, room - 1)]
    more = _("and {count} more").format(count=len(alerts) - len(shown))
    if room == 1:
        return f"! ({more}) {shown[0]}"
    return "\n".join((*(f"! {alert}" for alert in shown), f"! … {more}"))
