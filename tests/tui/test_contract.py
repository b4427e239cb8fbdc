"""What the STOP road rests on in the screen library, beyond what it promises. A new release is taken only when this passes."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from types import ModuleType

import pytest
from textual import _xterm_parser, app, constants, events, message_pump
from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message
from textual.message_pump import MessagePump
from textual.widgets import Footer

import emscontrol.tui.app  # noqa: F401 -- brings in every class of the screens
from emscontrol.tui.messages import EngineView


def test_the_release_is_the_one_that_was_read() -> None:
    assert version("textual") == "8.2.8"


def source(thing: type | ModuleType | object) -> str:
    return textwrap.dedent(inspect.getsource(thing))  # type: ignore[arg-type]


def test_the_driver_runs_the_input_thread_through_the_method_that_the_tap_replaces() -> None:
    assert "self.run_input_thread()" in source(LinuxDriver._run_input_thread)
    assert "Thread(target=self._run_input_thread" in source(LinuxDriver.start_application_mode)
    assert list(inspect.signature(LinuxDriver.run_input_thread).parameters) == ["self"]


@pytest.mark.parametrize("name", ["exit_event", "fileno", "_must_signal_resume"])
def test_the_driver_has_what_the_tap_reads(name: str) -> None:
    assert f"self.{name} = " in source(LinuxDriver.__init__)


@pytest.mark.parametrize("name", ["_sigtstp_application", "_sigcont_application"])
def test_the_driver_is_told_by_signals_through_the_methods_that_the_tap_replaces(name: str) -> None:
    assert f"self.{name})" in source(LinuxDriver.__init__)


def test_the_driver_sets_the_terminal_through_the_method_that_the_tap_replaces() -> None:
    assert "self._patch_lflag(" in source(LinuxDriver.start_application_mode)


def test_of_the_environment_the_library_reads_its_own_orders_which_are_taken_away_and_what_the_terminal_is() -> None:
    code = "".join(source(module) for module in (constants, app, linux_driver, _xterm_parser))
    names = set(re.findall(r"""(?:get_environ\w*|getenv|environ\.get)\(\s*"(\w+)\"""", code))
    assert {name for name in names if not name.startswith("TEXTUAL")} == {"ESCDELAY", "LC_TERMINAL", "TERM_PROGRAM"}
    assert {"TEXTUAL", "TEXTUAL_PRESS", "TEXTUAL_DRIVER", "TEXTUAL_ALLOW_SIGNALS", "TEXTUAL_SCREENSHOT"} <= names


def test_the_driver_ends_the_thread_by_its_event_and_waits_for_it() -> None:
    code = source(LinuxDriver.disable_input)
    assert "self.exit_event.set()" in code
    assert "self._key_thread.join()" in code


def test_the_thread_does_nothing_more_than_the_tap_does() -> None:
    """Read, decode, feed, tick, process: the whole of the library's own loop. Anything new in it would be missing in ours."""
    code = source(LinuxDriver.run_input_thread)
    calls = {
        node.func.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert calls == {
        "XTermParser",
        "getincrementaldecoder",
        "loop_last",
        "decode",
        "read",
        "feed",
        "tick",
        "process_selector_events",
    }


def test_messages_go_from_the_thread_to_the_loop_without_waiting() -> None:
    assert issubclass(LinuxDriver, linux_driver.Driver)
    code = source(linux_driver.Driver.send_message)
    assert "run_coroutine_threadsafe" in code
    assert ".result(" not in code


def test_the_parser_is_fed_in_pieces_and_ticked() -> None:
    parser = XTermParser(False)
    keys = [m for piece in ("\x1b", "[2", "4~") for m in parser.feed(piece)]
    assert [m.key for m in keys if isinstance(m, events.Key)] == ["f12"]
    assert list(parser.tick()) == []
    assert list(parser.feed("")) == []
    with pytest.raises(ParseError):
        list(parser.feed("x"))


def test_keys_with_priority_are_looked_up_from_the_app_down_before_a_widget_sees_them() -> None:
    code = source(App.on_event)
    assert "_check_bindings(event.key, priority=True)" in code
    assert code.index("_check_bindings") < code.index("forward_target._forward_event")
    assert "reversed(self.screen._binding_chain)" in source(App._check_bindings)


def test_messages_that_can_be_replaced_are_replaced() -> None:
    assert "message.can_replace(pending)" in source(message_pump.MessagePump._process_messages_loop)
    assert EngineView({"type": "view"}).can_replace(EngineView({"type": "view"}))
    assert not EngineView({"type": "view"}).can_replace(Message())


def test_posting_a_message_from_another_thread_is_allowed() -> None:
    assert "call_soon_threadsafe" in source(MessagePump.post_message)


def test_the_row_of_keys_is_told_of_every_change() -> None:
    assert "bindings_updated_signal.subscribe(self, self.bindings_changed)" in source(Footer.on_mount)


MEANT = {
    *("BINDINGS", "DEFAULT_CSS", "CSS_PATH", "TITLE", "ENABLE_COMMAND_PALETTE", "AUTO_FOCUS", "can_focus"),
    *("compose", "render", "check_action", "get_driver_class", "can_replace", "bubble", "no_dispatch", "verbose"),
    *("COMPONENT_CLASSES", "ALLOW_SELECT", "tooltip"),
    *(
        "get_theme_variable_defaults",
        "theme",
        "get_line_filters",
        "bell",
        "notify",
        "_fatal_error",
        "panic",
        "_return_code",
        "bindings_changed",
        "on_event",
        "discover",
        "search",
    ),
}
MADE_BY_THE_LIBRARY = {"can_focus_children"}


def ours(base: type) -> Iterator[type]:
    for child in base.__subclasses__():
        if child.__module__.startswith("emscontrol"):
            yield child
        yield from ours(child)


@pytest.mark.parametrize("kind", sorted({*ours(MessagePump), *ours(Message)}, key=lambda kind: kind.__qualname__))
def test_no_class_of_ours_takes_a_name_that_the_library_uses_for_itself(kind: type) -> None:
    own = {*vars(kind), *stored(kind)} - MEANT - MADE_BY_THE_LIBRARY
    theirs: set[str] = set()
    for base in kind.__mro__[1:-1]:
        if not base.__module__.startswith("emscontrol"):
            theirs |= {*vars(base), *stored(base)}
    made = {name for name in own if name.startswith(("__", "_css", "_inherit", "_merged", "_decorated"))}
    assert (own - made - {"_computes", "_reactives"}) & theirs == set()


@cache
def stored(kind: type) -> set[str]:
    """Names that the class's own code assigns on self."""
    if kind.__module__ in ("builtins", "abc", "typing"):
        return set()
    nodes = ast.walk(ast.parse(source(kind)))
    return {
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }
