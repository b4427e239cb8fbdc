"""Which bytes mean STOP, and what a burst of keys may still do."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser

from emscontrol.tui.keyboard import STOP_KEYS, StopScanner, without_bursts

# From the documentation of xterm (ctlseqs) and of the kitty keyboard protocol, not from the scanner.
SPELLINGS = {
    "f12": (b"\x1b[24~", b"\x1b[24;1~"),
    "space": (b" ", b"\x1b[32u", b"\x1b[32;1u", b"\x1b[32;;32u"),
    "escape": (b"\x1b[27u", b"\x1b[27;1u"),
    "ctrl+c": (b"\x03", b"\x1b[99;5u"),
    "ctrl+q": (b"\x11", b"\x1b[113;5u"),
    "ctrl+z": (b"\x1a", b"\x1b[122;5u"),
}
# What the library names otherwise, and a hurried hand may well produce: held modifiers, caps lock, other encodings.
MORE = {
    "F12": (b"\x1b[24;2~", b"\x1b[24;5~", b"\x1b[24;6~", b"\x1b[24^", b"\x1b[24;1:1~"),
    "Space": (b"\x1b ", b"\x1b[32;2u", b"\x1b[32;65u", b"\x1b[32;1:1u", b"\x1b[27;2;32~"),
    "Ctrl+C": (
        *(b"\x1b[99;69u", b"\x1b[99;6u", b"\x1b[27;5;99~", b"\x1b[99:67;5u", b"\x1b[1089::99;5u", b"\x1b[1089:1057:99;6u"),
        *(b"\x1b[99::105;5u", b"\x1b[99:67:105;6u", b"\x1b[106::99;5u"),  # on Dvorak, whose C lies on I and J on C
    ),
    "Ctrl+Z": (b"\x1b[1103::122;5u", b"\x1b[122::119;5u"),  # the second on AZERTY, where Z lies on W
    "Ctrl+Q": (b"\x1b[113::97;5u", b"\x1b[113:81:120;6u"),  # on AZERTY, and on Dvorak
    "Ctrl+\u0441": (b"\x1b[1089;5u", b"\x1b[1089;69u", b"\x1b[27;5;1089~"),  # Cyrillic es, on C; Greek psi too lies there
    "Ctrl+\u03c8": (b"\x1b[968;5u", b"\x1b[968:936;6u"),
    "Esc": (b"\x1b\x1b", b"\x1b[27;2u"),
}
WORDS = {key.name: key.words for key in STOP_KEYS}
ALL = [(WORDS[name], data) for name, spelt in SPELLINGS.items() for data in spelt] + [
    (words, data) for words, spelt in MORE.items() for data in spelt
]
OTHER_KEYS = (
    *(bytes([byte]) for byte in range(0x21, 0x7F)),
    *(b"\r", b"\t", b"\x7f", b"\x01", b"\x13", b"\x00"),
    *(b"\x1b[A", b"\x1b[B", b"\x1bOP", b"\x1b[15~", b"\x1b[23~", b"\x1b[2~", b"\x1b[1;5C", b"\x1b[Z"),
    *(b"\x1b[97u", b"\x1b[97;;97u", b"\x1b[99u", b"\x1b[99;2u", b"\x1b[113;;113u", b"\x1b[122;3u", b"\x1b[13u"),
    *(
        b"\x1b[1089u",
        b"\x1b[1089;2u",
        b"\x1b[1092::97;5u",
        b"\x1b[111::115;5u",
        b"\x1b[57442;5u",
        b"\x1b[233;5u",
        b"\x1b[55296;5u",
        b"\x1b[8364;5u",
    ),
    *(b"\x1b[57358u", b"\x1b[27;2;13~", b"\x1b[124~", b"\x1b[2;24~"),
    *(b"\x1b[I", b"\x1b[O", b"\x1b[?2026;2$y", b"\x1b[12;32R", b"\x1b[48;24;80;480;800t"),
    *(b"\x1b[<35;32;27M", b"\x1b[<0;3;17m", b"\x1b[32;32;32M", b"\x1b[M   ", b"\x1b[M \x1b\x03"),
    *("é".encode(), "木".encode(), "🦵".encode()),
)


@pytest.mark.parametrize(("words", "data"), ALL, ids=lambda value: repr(value))
def test_every_spelling_of_every_stop_key_is_found_wherever_a_read_cuts_it(words: str, data: bytes) -> None:
    for before in (b"", b"aaaa+", b"\x1b[A", b"\x1b[<35;3;3M", "é".encode()):
        for cut in range(len(data) + 1):
            scanner = StopScanner()
            found = scanner.feed(before + data[:cut]) or scanner.feed(data[cut:])
            assert found == words, (before, cut)


@pytest.mark.parametrize("data", OTHER_KEYS, ids=repr)
def test_no_other_key_or_report_is_taken_for_it(data: bytes) -> None:
    scanner = StopScanner()
    assert scanner.feed(data * 3) is None
    assert not scanner.hanging


@pytest.mark.parametrize("name", SPELLINGS)
def test_the_screen_library_reads_the_same_spellings_as_the_same_key(name: str) -> None:
    for data in SPELLINGS[name]:
        keys = [message for message in XTermParser().feed(data.decode()) if isinstance(message, events.Key)]
        assert [key.key for key in keys] == [name], data


def test_the_table_has_a_spelling_in_this_test_for_every_key() -> None:
    assert set(SPELLINGS) == set(WORDS)


def test_a_lone_escape_byte_is_the_esc_key_once_nothing_has_followed() -> None:
    scanner = StopScanner()
    assert scanner.feed(b"ab\x1b") is None
    assert scanner.hanging
    assert scanner.nothing_followed() == "Esc"
    assert not scanner.hanging
    assert scanner.nothing_followed() is None


def test_an_escape_byte_at_the_end_of_a_read_may_still_begin_another_key() -> None:
    scanner = StopScanner()
    assert scanner.feed(b"\x1b") is None
    assert scanner.feed(b"[A") is None
    assert scanner.nothing_followed() is None


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([data for _, data in ALL if len(data) == 1]))
def test_one_byte_stop_keys_are_found_after_any_bytes_but_an_old_mouse_report(rubbish: bytes, key: bytes) -> None:
    scanner = StopScanner()
    scanner.feed(rubbish.replace(b"\x1b[M", b""))
    assert scanner.feed(b"..." + key) is not None


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from([k for k in OTHER_KEYS if k not in (b"\x1b[M   ", b"\x1b[M \x1b\x03")])), st.sampled_from(ALL))
def test_stop_is_found_in_any_backlog_of_other_keys(backlog: list[bytes], stop: tuple[str, bytes]) -> None:
    assert StopScanner().feed(b"".join(backlog) + stop[1]) == stop[0]


def test_a_held_key_on_a_slow_line_counts_once() -> None:
    assert without_bursts("+" * 40) == "+"
    assert without_bursts("+++") == "+++"


def test_pasted_text_does_nothing() -> None:
    assert without_bursts("as +++++ start\r\n") == ""
    assert without_bursts("as+\x1b[Aa\x1b[B+") == "\x1b[A\x1b[B"


@pytest.mark.parametrize("text", ["a", "s", "\x1b[A\x1b[B\x1b[24~", "\x1b[200~", "++", "a+", ""])
def test_what_a_person_types_passes(text: str) -> None:
    assert without_bursts(text) == text
