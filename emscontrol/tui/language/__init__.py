"""The words of the screens in the language of their reader. English is what stands in the code.

`python -m emscontrol.tui.language.extract` gathers the texts of the code into the catalogues and compiles them.
"""

from emscontrol.tui.language.choosing import LANGUAGES, _, choose_language

__all__ = ["LANGUAGES", "_", "choose_language"]
