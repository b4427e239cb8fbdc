"""Gathers the texts of the screens into the catalogues, and compiles them: python -m emscontrol.tui.language.extract.

Translations are kept; texts that are gone go. What has no translation is shown in English.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from emscontrol.core.events import EVENTS
from emscontrol.tui.language.catalogue import compiled_mo, read_po, written_po
from emscontrol.tui.language.choosing import CATALOGUES, DOMAIN, ENGLISH, LANGUAGES

SCREENS: Final = Path(__file__).parent.parent
TEXTS_OF: Final[Mapping[str, tuple[int, ...]]] = {
    "_": (0,),
    "Command": (2, 3),
    "_page": (2, 3),
    "Look": (1, 2),
    "AlarmLook": (1,),
    "Binding": (2,),
    "Column": (0,),
}
"""Which arguments of which calls people read."""

EVENTS_IN: Final = "core/vocabulary.py"
NAMED: Final = frozenset(
    {"Where", "COACHING", "WHILE_RUNNING", "OTHERWISE", "THEN", "OVER_TITLE", "OVER", "OVER_KEY", "RESULT_WORDS", "NOTICES"}
)
"""Enumerations and tables whose values people read, though no call names them."""


def gather() -> dict[str, set[str]]:
    """Every text of the screens, with the files that it stands in."""
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in sorted(SCREENS.rglob("*.py"))}
    constants = {name: texts for tree in trees.values() for name, texts in _constants(tree)}
    found = {row.template: {EVENTS_IN} for row in EVENTS.values()}
    for file, tree in trees.items():
        for text in filter(None, _texts_in(tree, constants)):
            found.setdefault(text, set()).add(file.relative_to(SCREENS.parent).as_posix())
    return found


def place_of(language: str, ending: str) -> Path:
    """Where a catalogue is; `ending` is po or mo."""
    return CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.{ending}"


def fresh(language: str) -> tuple[str, bytes]:
    """What the .po and the .mo of a language should be, as the code is now."""
    po = place_of(language, "po")
    known = read_po(po.read_text(encoding="utf-8")) if po.exists() else {}
    texts = gather()
    kept = {text: words for text, words in known.items() if text in texts}
    return written_po(language, texts, kept), compiled_mo(kept)


def main() -> int:
    """Write all catalogues."""
    for language in LANGUAGES:
        if language == ENGLISH:
            continue
        po, mo = fresh(language)
        place_of(language, "po").parent.mkdir(parents=True, exist_ok=True)
        place_of(language, "po").write_text(po, encoding="utf-8")
        place_of(language, "mo").write_bytes(mo)
        known, all_of_them = len(read_po(po)), len(gather())
        sys.stdout.write(f"{language}: {known} of {all_of_them} texts are translated.\n")
    return 0


def _texts_in(tree: ast.Module, constants: Mapping[str, list[str]]) -> Iterator[str]:
    for name, texts in _constants(tree):
        if name in NAMED:
            yield from texts
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in NAMED:
            yield from (text for part in node.body if isinstance(part, ast.Assign) for text in _texts_of(part.value, {}))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield from _texts_of_call(node, node.func.id, constants)


def _texts_of_call(call: ast.Call, name: str, constants: Mapping[str, list[str]]) -> Iterator[str]:
    if name == "map" and len(call.args) == 2 and isinstance(call.args[0], ast.Name) and call.args[0].id == "_":
        yield from _texts_of(call.args[1], constants)
    for place in TEXTS_OF.get(name, ()):
        if place < len(call.args):
            yield from _texts_of(call.args[place], constants)


def _texts_of(node: ast.expr, constants: Mapping[str, list[str]]) -> Iterator[str]:
    """A text as it stands there, or those that the constants in it stand for."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts_of(node.body, constants)
        yield from _texts_of(node.orelse, constants)
    else:
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and part.id.isupper():
                yield from constants.get(part.id, [])


def _constants(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """Texts, and rows and tables of texts, that a module gives a name in capitals."""
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target if isinstance(node, ast.AnnAssign) else None
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and target.id.isupper() and value is not None:
            texts = [part.value for part in _parts(value) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            if texts and len(texts) == len(_parts(value)):
                yield target.id, texts


def _parts(value: ast.expr) -> list[ast.expr]:
    if isinstance(value, ast.Dict):
        return value.values
    return value.elts if isinstance(value, ast.Tuple | ast.List) else [value]


if __name__ == "__main__":
    sys.exit(main())
