"""The words of the screens in the language of their reader. English is what stands in the code."""

from emscontrol.tui.language.choosing import _, choose_language

__all__ = ["_", "choose_language"]
