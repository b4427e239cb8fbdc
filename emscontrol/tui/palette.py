"""Finding a command by its name: the library's palette over the one table of commands."""

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.screen import Screen

from emscontrol.tui.commands.all import BY_PLACE
from emscontrol.tui.commands.table import STOP, Command, Where
from emscontrol.tui.language import _

AROUND = (Where.PAGES, Where.EVERYWHERE)
NOT_HERE = frozenset({STOP.name, "palette"})


def commands_of(screen: Screen[Any]) -> Iterator[Command]:
    """What can be done on this screen now, its own commands first; never STOP, which is not to be looked for in a list."""
    here = getattr(screen, "WHERE", Where.EVERYWHERE)
    for where in dict.fromkeys((here, *AROUND)):
        for command in BY_PLACE[where].values():
            if command.name not in NOT_HERE and allowed(screen, command):
                yield command


def allowed(screen: Screen[Any], command: Command) -> bool:
    """Whether its key would do something now."""
    return all(place.check_action("do", (command.name,)) for place in (screen, screen.app))


class TableOfCommands(Provider):
    """Hits by label and by help; what is chosen is done on the screen from which it was looked for."""

    async def discover(self) -> Hits:
        """All of them."""
        for command in commands_of(self.screen):
            yield DiscoveryHit(self._named(command), self._doing(command), help=_(command.help))

    async def search(self, query: str) -> Hits:
        """Those that fit what was typed."""
        matcher = self.matcher(query)
        for command in commands_of(self.screen):
            score = max(matcher.match(_(command.label)), matcher.match(_(command.help)) * 0.8)
            if score > 0:
                yield Hit(score, matcher.highlight(self._named(command)), self._doing(command), help=_(command.help))

    def _named(self, command: Command) -> str:
        return f"{_(command.label)}  ({command.keys_told})"

    def _doing(self, command: Command) -> Callable[[], Awaitable[Any]]:
        return partial(self.screen.run_action, f"do('{command.name}')")
