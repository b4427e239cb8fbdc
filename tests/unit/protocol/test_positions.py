"""Each kind of refusal names line, column, key, what was found, what would be right; all at once (F69, RC-06)."""

import pytest

from emscontrol.core.errors import ExitCode, ProtocolFileError
from emscontrol.protocol.load import load_text
from tests.unit.protocol.samples import GOOD, group, phase, place_of, problems, protocol, the_problem


def _after(needle: str, old: str, new: str) -> str:
    """GOOD with the first `old` behind `needle` replaced."""
    start = GOOD.index(needle)
    return GOOD[:start] + GOOD[start:].replace(old, new, 1)


KINDS = [
    ("repeated key", GOOD.replace("title: A", "id: b\ntitle: A"), "id: b", "id: found a second time (first in line 2)"),
    ("repeated number", GOOD.replace("  2:\n", "  1:\n"), "1:\n    muscle: ham", "channels.1: found a second time"),
    ("anchor", GOOD.replace("title: A", "title: &a A"), "&a A", 'title: found the anchor "&a"; remove it'),
    ("alias", GOOD.replace("author: nobody", "author: *a"), "*a", 'author: found the alias "*a"; write the value out'),
    ("tag", GOOD.replace("title: A", "title: !!str A"), "!!str", "title: found the tag"),
    ("own tag", GOOD.replace("title: A", "title: !python/object A"), "!python", "title: found the tag"),
    ("merge key", GOOD.replace("title: A", "<<: {id: b}\ntitle: A"), "<<", "<<: found a merge key; write the keys out"),
    ("nothing", GOOD.replace("title: A sample", "title:"), "title:\n", "title: found nothing; write a value"),
    ("second document", GOOD + "---\na: 1\n", "---", "found a second document; one protocol a file"),
    ("directive", "%YAML 1.1\n---\n" + GOOD, "%YAML", "found a line that begins with %"),
    ("list as key", GOOD.replace("title: A", "? [a]\n: 1\ntitle: A"), "[a]", "found a key that is no plain word"),
    ("text for a number", GOOD.replace("revision: 3", 'revision: "3"'), '"3"', 'revision: found the text "3"; a whole'),
    ("number for text", GOOD.replace("title: A sample", "title: 5"), "5\n", "title: found 5; one line of text"),
    ("number for a choice", GOOD.replace("use: standard", "use: 1"), "1\nevidence", "use: found 1; one of standard"),
    ("wrong choice", GOOD.replace("side: left", "side: lefft"), "lefft", 'side: found the text "lefft"; one of left'),
    ("range", _after("phases", "rate_hz: 50", "rate_hz: 500"), "500", "rate_hz: found 500; a number from 0.2 to 150 Hz"),
    ("list for keys", GOOD.replace("{width_cm: 5, height_cm: 9}", "[5, 9]"), "[5, 9]", "electrode: found a list of 2"),
    ("keys for a list", _after("phases", "[1]", "{a: 1}"), "{a: 1}", "channels: found keys and values; A list of the numbers"),
    ("text for a list", _after("phases", "[1]", "uno"), "uno", 'channels: found the text "uno"; A list of the numbers'),
    ("empty list", _after("phases", "[1]", "[]"), "[]", "channels: found a list of 0; at least 1"),
    ("entry of a list", _after("phases", "[1]", "[1, x]"), "x]", 'channels.1: found the text "x"'),
    ("text for keys", _after("phases", "{of: comfort, fraction: 0.75}", "0.75"), "0.75", "intensity: found 0.75; the keys"),
    ("mark", GOOD.replace("mark: R80", "mark: R8"), "R8}", 'citations.0.mark: found the text "R8"; one of S, S2'),
    ("id", GOOD.replace("id: sample", "id: A_b"), "A_b", 'id: found the text "A_b"; small letters'),
    ("newline", GOOD.replace("title: A sample", 'title: "A\\nb"'), '"A\\nb"', 'title: found the text "A\\nb"; one line'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "needle", "words"), [kind[1:] for kind in KINDS], ids=[kind[0] for kind in KINDS])
def test_each_kind_of_refusal_points_at_its_place(text: str, needle: str, words: str) -> None:
    first = [line for line in problems(text) if words in line]
    assert first, problems(text)
    line, column = place_of(text, needle).split(":")
    assert first[0].startswith(f"f.yaml:{line}:{column}: "), first


UNKNOWN = [
    ("amplitude_cap_a", "channel", "amplitude_cap_ma"),
    ("on_ms", "group", "on_s"),
    ("pulse_width_ms", "group", "pulse_width_us"),
    ("rate_khz", "group", "rate_hz"),
    ("rate", "group", "rate_hz"),
    ("frequency_hz", "group", None),
    ("reps", "group", None),
    ("duration", "group", None),
    ("ramp", "group", "ramp_up_s"),
    ("rampup_s", "group", "ramp_up_s"),
    ("pulse_widht_us", "group", "pulse_width_us"),
    ("Rate_Hz", "group", "rate_hz"),
    ("duration_ms", "phase", "duration_s"),
    ("contraction", "phase", "contractions"),
    ("titel", "top", "title"),
    ("electrod", "channel", "electrode"),
]


@pytest.mark.parametrize(("key", "where", "nearest"), UNKNOWN)
def test_an_unknown_key_names_the_nearest_known_one(key: str, where: str, nearest: str | None) -> None:
    text = {
        "top": GOOD.replace("title:", f"{key}: 1\ntitle:"),
        "channel": GOOD.replace("    side: left", f"    {key}: 1\n    side: left"),
        "phase": GOOD.replace("    contract:", f"    {key}: 1\n    contract:"),
        "group": protocol(phase(group(1, extra=f"        {key}: 1"), group(2))),
    }[where]
    said = the_problem(text)
    assert said.startswith(f"f.yaml:{place_of(text, f'{key}: 1')}: ")
    assert f"{key}: unknown key; " in said
    assert (f"the nearest key is {nearest}: " if nearest else "known here: channels, waveform") in said


def test_of_anchors_and_aliases_the_first_is_told_and_the_rest_counted_and_nothing_is_called_missing() -> None:
    laughs = "\n".join(
        ["a: &a [lol, lol]", *(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcd", "bcde", strict=True))]
    )
    said = problems(laughs)
    assert said[:2] == (
        'f.yaml:1:4: a: found the anchor "&a"; remove it; values are written out where they are needed',
        "f.yaml:1:4: and 40 more of these (anchors, aliases, merge keys); write every value out where it is needed",
    )
    assert len(said) == 2


def test_what_is_shared_does_not_hide_other_problems() -> None:
    text = (
        GOOD.replace("title: A sample", "title: &t A sample")
        .replace("author: nobody", "author: *t")
        .replace("use: standard\n", "")
    )
    text = text[: text.index("phases")] + text[text.index("phases") :].replace("rate_hz: 50", "rate_hz: 500", 1)
    said = problems(text)
    assert [line.split(": ", 1)[1] for line in said[:2]] == [
        'title: found the anchor "&t"; remove it; values are written out where they are needed',
        "and 1 more of these (anchors, aliases, merge keys); write every value out where it is needed",
    ]
    assert len(said) == 3
    assert "rate_hz: found 500" in said[2]


def test_a_number_is_no_key_where_words_are() -> None:
    text = GOOD.replace("title:", "5: x\ntitle:")
    assert the_problem(text).startswith(f"f.yaml:{place_of(text, '5: x')}: 5: unknown key; known here: format, id")


def test_a_key_in_the_wrong_part_is_told_where_it_belongs() -> None:
    assert "rate_hz belongs in a group" in the_problem(GOOD.replace("    contract:", "    rate_hz: 50\n    contract:"))
    assert "side belongs in a channel" in the_problem(GOOD.replace("title:", "side: left\ntitle:"))


@pytest.mark.parametrize("key", ["rate_hz", "on_s", "waveform", "intensity"])
def test_a_missing_key_points_at_the_part_and_says_what_it_takes(key: str) -> None:
    text = protocol(phase(group(1), group(2, **{key: None})))
    second = place_of(text, "channels: [2]")
    assert the_problem(text).startswith(f"f.yaml:{second}: phases.0.groups.1.{key}: missing; ")


def test_a_missing_key_at_the_top_points_at_the_beginning() -> None:
    assert the_problem(GOOD.replace("author: nobody\n", "")).startswith("f.yaml:1:1: author: missing; one line of text")


def test_all_problems_of_a_file_come_at_once_in_their_order() -> None:
    first = group(1, rate_hz=500, on_s=2, ramp_down_ms=1)  # range, ramps beside it, unknown unit
    second = group(7, off_s="12:30", intensity="{of: comfort, fraction: 1.2}")  # undeclared, spelling, rule
    text = protocol(phase(first, second, duration_s=300)).replace("title: A sample", "title: &x no").replace("D\n", "E\n", 1)
    said = problems(text)
    for words in (
        "title: found the anchor",
        'evidence: found the text "E"',
        "channels.2: found in no phase",
        "phases.0: found contractions and duration_s",
        "groups.0.rate_hz: found 500",
        "groups.0.on_s: found 2 s on, with ramps of 2.5 s",
        "groups.0.ramp_down_ms: unknown key",
        "groups.1.channels.0: found channel 7, which is not declared",
        'groups.1.off_s: found "12:30"',
        "groups.1.intensity.fraction: found 1.2 of comfort",
    ):
        assert any(words in line for line in said), (words, said)
    places = [tuple(map(int, line.split(":")[1:3])) for line in said]
    assert places == sorted(places)
    assert len(set(said)) == len(said)


def test_a_wrong_value_does_not_draw_wrong_conclusions() -> None:
    """What depends on a refused value is not judged: no second message about the same slip."""
    assert the_problem(protocol(phase(group(1, on_s="1e1"), group(2), contract="alternately"))).count("on_s") == 1
    assert "channels.0" in the_problem(protocol(phase(group("x"), group("1, 2"))))
    assert "phases.0.contract" in the_problem(protocol(phase(contract="alternatly")))


def test_a_file_with_hundreds_of_problems_lists_a_hundred_and_counts_the_rest() -> None:
    text = GOOD + "".join(f"key{number}: 1\n" for number in range(250))
    said = problems(text)
    assert len(said) == 101
    assert said[-1] == "f.yaml: 150 more problems are not listed."


def test_the_error_is_one_that_a_command_line_ends_with_two() -> None:
    with pytest.raises(ProtocolFileError, match=r"f\.yaml has 2 problems") as refused:
        load_text(GOOD.replace("revision: 3", "revision: x").replace("D\n", "E\n", 1), "f.yaml")
    assert refused.value.exit_code is ExitCode.USAGE
    assert all(line in str(refused.value) for line in refused.value.problems)
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("title: a: b\n", "quotes"),
        ("title:\n\tid: 1\n", "indent with spaces"),
        ("a: [1, 2\nb: 3\n", "close the bracket"),
        ('a: "x\nb: 1\n', "close the quotes"),
        ("- a\nb: 1\n", "same column"),
        ('a: "\\UFFFFFFFF"\n', "no such character"),
        ('a: "\\U00110000"\n', "no such character"),
    ],
)
def test_what_is_no_yaml_gets_a_place_and_a_hint(text: str, hint: str) -> None:
    said = the_problem(text)
    assert "not readable as YAML" in said
    assert hint in said
