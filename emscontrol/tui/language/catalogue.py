"""The two forms of a catalogue: the .po file that translators edit, and the .mo file that the program reads."""

import re
import struct
from collections.abc import Iterable, Mapping
from typing import Final

MAGIC: Final = 0x950412DE  # of a .mo file (GNU gettext manual, "The Format of GNU MO Files")
HEAD_BYTES: Final = 28
_LINE: Final = re.compile(r'^(msgid|msgstr)?\s*"((?:[^"\\]|\\.)*)"$')
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
_PLACE: Final = re.compile(r"\{[a-z_]*(?:![rsa])?(?::[^{}]*)?\}")


def read_po(text: str) -> dict[str, str]:
    """Translations by their originals, without the head and without what is not translated. Raises ValueError."""
    found: dict[str, str] = {}
    original, translated, into = "", "", ""
    for number, line in enumerate([*text.splitlines(), 'msgid ""'], start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.match(line.strip())
        if match is None:
            raise ValueError(f"line {number}: neither a comment nor a text")
        keyword, words = match[1], _unescaped(match[2])
        if keyword == "msgid":
            if original and translated:
                found[original] = translated
            original, translated = "", ""
        into = keyword or into
        if into == "msgid":
            original += words
        else:
            translated += words
    return found


def written_po(language: str, texts: Mapping[str, Iterable[str]], translations: Mapping[str, str]) -> str:
    """The whole file: every text with the files it stands in, in the order of the texts."""
    head = f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    entries = [head]
    for text in sorted(texts):
        where = "".join(f"#: {file}\n" for file in sorted(texts[text]))
        entries.append(f'{where}msgid "{_escaped(text)}"\nmsgstr "{_escaped(translations.get(text, ""))}"\n')
    return "\n".join(entries)


def compiled_mo(translations: Mapping[str, str]) -> bytes:
    """What `gettext` reads: originals in order, their translations, and where each of them is."""
    head = {"": "Content-Type: text/plain; charset=UTF-8\n"}
    pairs = sorted((original.encode(), words.encode()) for original, words in {**head, **translations}.items())
    texts_at = HEAD_BYTES + 16 * len(pairs)
    tables, texts = bytearray(), bytearray()
    for which in (0, 1):
        for pair in pairs:
            tables += struct.pack("<II", len(pair[which]), texts_at + len(texts))
            texts += pair[which] + b"\0"
    start = struct.pack("<IIIIIII", MAGIC, 0, len(pairs), HEAD_BYTES, HEAD_BYTES + 8 * len(pairs), 0, texts_at)
    return start + bytes(tables) + bytes(texts)


def places(text: str) -> list[str]:
    """The places of a text that figures are put into, in alphabetical order."""
    return sorted(_PLACE.findall(text))


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(character, character) for character in text)


def _unescaped(text: str) -> str:
    back = {escape[1]: character for character, escape in _ESCAPES.items()}
    return re.sub(r"\\(.)", lambda found: back.get(found[1], found[1]), text)
