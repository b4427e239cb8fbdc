"""How the program looks and sounds: its colours, its language, its bell, and plain characters where there are no others."""

from collections.abc import Sequence

from textual.filter import LineFilter

from emscontrol.config import ScreenSettings, keep_screen, read_screen
from emscontrol.tui.failing import FailsDiscreetly
from emscontrol.tui.glyphs import ascii_only
from emscontrol.tui.language import choose_language
from emscontrol.tui.plain import PlainCharacters
from emscontrol.tui.station import Station
from emscontrol.tui.themes import DARK, THEMES


class DressedApp(FailsDiscreetly, inherit_bindings=False):
    """As it was wanted on this station. `dress` comes before anything is shown."""

    station: Station
    looks: ScreenSettings

    def dress(self, home: str) -> None:
        """As it was kept."""
        for theme in THEMES.values():
            self.register_theme(theme)
        self._apply(read_screen(home))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours by what they mean, also before the first theme is chosen."""
        return DARK.variables

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Plain characters where the terminal takes no others."""
        filters = super().get_line_filters()
        return [*filters, PlainCharacters()] if ascii_only() else filters

    def look_like(self, chosen: ScreenSettings) -> None:
        """Other colours, another language, the bell: from now on, and kept. Raises StorageError when they cannot be kept."""
        self._apply(chosen)
        keep_screen(self.station.desk.settings, chosen)

    def _apply(self, chosen: ScreenSettings) -> None:
        self.looks = chosen
        self.theme = chosen.theme if chosen.theme in THEMES else DARK.name
        choose_language(chosen.language)

    def bell(self) -> None:
        """Where it is wanted."""
        if self.looks.bell:
            super().bell()
