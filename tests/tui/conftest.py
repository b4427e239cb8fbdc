"""Every module that the screens load when it is used is loaded here, before any thread runs.

The test runner reads the syntax tree of each module that it imports, and CPython 3.11 cannot do that in two threads at once
(gh-106905): it says "AST constructor recursion depth mismatch".
"""

import importlib
import pkgutil

import pytest

import emscontrol.clinic
import emscontrol.desk
import emscontrol.measure
import emscontrol.protocol
import emscontrol.record
import emscontrol.tui

for package in (
    emscontrol.clinic,
    emscontrol.desk,
    emscontrol.measure,
    emscontrol.protocol,
    emscontrol.record,
    emscontrol.tui,
):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations." not in module.name and not module.name.endswith("extract"):
            importlib.import_module(module.name)


@pytest.fixture(autouse=True)
def _quick_eyes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of a test come faster than a person looks; programs of their own on a terminal keep their time."""
    monkeypatch.setattr("emscontrol.tui.seen_state.SEEN_S", 0.0)
