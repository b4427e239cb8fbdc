"""Bodies from files: what is written is what is meant, and anything else is refused with what would be right."""

from contextlib import suppress
from dataclasses import fields
from math import inf
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.body.library import FOLDER, find, names
from firmware_sim.body.profile import MuscleProfile, SensationProfile, Site, SkinProfile, SpasmProfile
from firmware_sim.body.reading import SECTIONS, BodyError, read_profile

FULL = """
about: Somebody.
muscle: {force: 0.5, fatigue: 2, denervated: 0.25, fibres: degenerated}
sensation: {sensory: none, pain: 1.5}
skin: {pads: 2, dries_in_min: 10}
spasms: {per_hour: 3, against: true}
channels:
  2: {muscle: {force: 1.5}, sensation: {sensory: 1}}
"""


def test_a_file_says_what_it_says() -> None:
    profile = read_profile(FULL, "somebody")
    muscle = MuscleProfile(force=0.5, fatigue=2.0, denervated=0.25, fibres="degenerated")
    skin, spasms = SkinProfile(pads=2.0, dries_in_min=10.0), SpasmProfile(per_hour=3.0, against=True)
    assert profile.site(1) == Site(muscle, SensationProfile(None, 1.5), skin, spasms)
    two = profile.site(2)
    assert (two.muscle.force, two.muscle.fatigue, two.sensation) == (1.5, 2.0, SensationProfile(1.0, 1.5))
    assert two.skin == skin
    assert (profile.name, profile.about) == ("somebody", "Somebody.")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("muscle: {}", "`about` is missing"),
        ("about: ''", "`about` is missing"),
        ("about: x\nmusle: {}", "nothing is called 'musle' here; there are about, muscle, sensation, skin, spasms, channels"),
        ("about: x\nmuscle: {frce: 1}", "muscle: nothing is called 'frce' here; there are force, fatigue"),
        ("about: x\nmuscle: {force: strong}", "muscle, force: 'strong' is not a number from 0 to 5"),
        ("about: x\nmuscle: {force: -1}", "force: -1 is not a number from 0 to 5"),
        ("about: x\nmuscle: {force: .inf}", "force: inf is not a number"),
        ("about: x\nmuscle: {force: .nan}", "force: nan is not a number"),
        ("about: x\nmuscle: {force: true}", "force: True is not a number"),
        ("about: x\nmuscle: {force: none}", "force: 'none' is not a number from 0 to 5."),
        ("about: x\nmuscle: {fibres: new}", "'new' is not one of denervated, degenerated"),
        ("about: x\nsensation: {pain: 0}", "pain: 0 is not a number from 0.2 to 10, or none"),
        ("about: x\nspasms: {against: 1}", "against: 1 is not true or false"),
        ("about: x\nmuscle: 3", "muscle: 3 is not a table"),
        ("about: x\nchannels: {0: {}}", "0 is no channel; they go from 1 to 64"),
        ("about: x\nchannels: {one: {}}", "'one' is no channel"),
        ("about: x\nchannels: {1: {about: y}}", "channel 1: nothing is called 'about' here"),
        ("about: x\nchannels: {1: {muscle: {force: 9}}}", "channel 1, muscle, force: 9 is not a number"),
        ("about: x\nabout: y", "this is not YAML"),
        ("about: [x", "this is not YAML"),
        ("", "body x: nothing is in the file; write `about`"),
        ("# about: x", "nothing is in the file"),
        ("about: x\n\t- b", "this is not YAML: line 2, column 1: while scanning for the next token, found character"),
        ("- about", "is not a table"),
        ("a" * 70_000, "larger than 65536 bytes"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    with pytest.raises(BodyError) as refused:
        read_profile(text, "x")
    assert message in str(refused.value)
    assert str(refused.value).startswith("body x")
    assert not str(refused.value).endswith((":.", ".."))


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_no_text_does_anything_else(text: str) -> None:
    for wrapped in (text, f"about: x\nmuscle: {text}", f"about: x\nchannels: {{1: {text}}}"):
        with suppress(BodyError):
            read_profile(wrapped, "x")


def test_every_figure_has_bounds_that_its_default_keeps() -> None:
    for section in SECTIONS.values():
        for each in fields(section):
            rule = each.metadata
            if "low" in rule and each.default is not None:
                assert -inf < rule["low"] <= each.default <= rule["high"] < inf, each.name


def test_the_named_bodies() -> None:
    wanted = {"healthy", "disuse", "stroke", "sci", "conus", "regrowing", "icu_oedema", "elderly", "numb_skin"}
    sheet = {"sci_acute", "partial", "denervated", "degenerated", "thin_sensitive", "obese", "dry_skin", "worn_pads"}
    assert set(names()) == wanted | sheet
    assert len(list(FOLDER.glob("*.yaml"))) == len(names())


@pytest.mark.parametrize("name", names())
def test_each_named_body_can_be_read(name: str) -> None:
    assert find(name).about.endswith(".")


@pytest.mark.parametrize(
    ("name", "factors"),  # force, fatigue k: the sheet's §1.4 and §5
    [
        ("healthy", (1.0, 0.70)),
        ("disuse", (0.5, 1.0)),
        ("sci_acute", (0.5, 0.94)),
        ("sci", (0.3, 1.29)),
        ("stroke", (0.6, 1.1)),
    ],
)
def test_force_and_fatigue_of_the_sheet(name: str, factors: tuple[float, float]) -> None:
    muscle = find(name).usual.muscle
    assert (muscle.force, muscle.fatigue) == factors


def test_names_and_files_that_there_are_not(tmp_path: Path) -> None:
    with pytest.raises(BodyError, match=r"no body is called 'helthy'; there are conus, degenerated, .*healthy"):
        find("helthy")
    with pytest.raises(BodyError, match="cannot be read: No such file"):
        find(str(tmp_path / "x.yaml"))
    with pytest.raises(BodyError, match="no body is called"):
        find("../named/healthy")
    (tmp_path / "own.yaml").write_text("about: Me.\n", "utf-8")
    assert find(str(tmp_path / "own.yaml")).about == "Me."
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(BodyError, match="not text in UTF-8"):
        find(str(tmp_path / "bad.yaml"))
