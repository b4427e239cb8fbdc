"""Gathers the texts of the screens into the catalogues, and compiles them: python -m emscontrol.tui.language.extract.

Translations are kept; texts that are gone go. What has no translation is shown in English.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

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
}
"""Which arguments of which calls people read."""

NAMED: Final = frozenset({"Where"})
"""Enumerations whose values people read."""


def gather() -> dict[str, set[str]]:
    """Every text of the screens, with the files that it stands in."""
    found: dict[str, set[str]] = {}
    for file in sorted(SCREENS.rglob("*.py")):
        for text in _texts_in(ast.parse(file.read_text(encoding="utf-8"))):
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


def _texts_in(tree: ast.Module) -> Iterator[str]:
    constants = dict(_constants(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in NAMED:
            yield from (part.value.value for part in node.body if isinstance(part, ast.Assign) and _is_text(part.value))  # type: ignore[attr-defined]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield from _texts_of_call(node, node.func.id, constants)


def _texts_of_call(call: ast.Call, name: str, constants: Mapping[str, list[str]]) -> Iterator[str]:
    if name == "map" and len(call.args) == 2 and isinstance(call.args[0], ast.Name) and call.args[0].id == "_":
        yield from _texts_of(call.args[1], constants)
    for place in TEXTS_OF.get(name, ()):
        if place < len(call.args):
            yield from _texts_of(call.args[place], constants)


def _texts_of(node: ast.expr, constants: Mapping[str, list[str]]) -> Iterator[str]:
    """A text as it stands there, or those that a name of the module stands for."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.Name):
        yield from constants.get(node.id, [])
    elif isinstance(node, ast.IfExp):
        yield from _texts_of(node.body, constants)
        yield from _texts_of(node.orelse, constants)


def _constants(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """Texts, and rows of texts, that a module gives a name."""
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target if isinstance(node, ast.AnnAssign) else None
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and value is not None:
            parts = value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
            texts = [part.value for part in parts if _is_text(part)]
            if texts and len(texts) == len(parts):
                yield target.id, texts


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


if __name__ == "__main__":
    sys.exit(main())
