"""What is kept of a session: in the order in which it happened, and never over what is there already."""

from pathlib import Path

from click.testing import CliRunner

from emscontrol.cli.campaign import campaign
from emscontrol.record.replay import read_records
from emscontrol.trials.story import keep

SEED = 3


def told(folder: Path) -> list[tuple[str, str, str]]:
    """(time, who, words) of each line with a time."""
    lines = (folder / "story.txt").read_text(encoding="utf-8").splitlines()
    return [(line[:14], line[18:28].strip(), line[28:]) for line in lines if line[14:18] == " s  "]


def test_the_story_keeps_the_order_in_which_things_happened(tmp_path: Path) -> None:
    place = keep(SEED, ("p24",), tmp_path)
    story = told(place)
    records = read_records((place / "journal.jsonl").read_bytes().splitlines(keepends=True))
    assert [words for _, who, words in story if who == "journal"] == [record.event.sentence() for record in records]
    for number, (time, who, words) in enumerate(story):
        if who == "operator" and words in ("arm", "start"):
            after = next(line for line in story[number + 1 :] if line[1] == "journal")
            assert after[0] == time
            assert after[2].startswith("From ")
            assert story[number - 1][0] < time  # nothing that it has caused is told before it
    assert {"arm", "start"} <= {words for _, who, words in story if who == "operator"}


def test_what_was_kept_before_is_left_as_it_is(tmp_path: Path) -> None:
    before = keep(SEED, ("p24",), tmp_path)
    (before / "story.txt").write_text("mine", encoding="utf-8")
    again = CliRunner().invoke(campaign, ["--seeds", str(SEED), "--model", "p24", "--keep", str(tmp_path)])
    assert again.exit_code == 0, again.output
    assert f"Kept in {tmp_path / 'seed-3-2'} (seed-3 was there already and is left as it is)" in again.stderr
    assert (before / "story.txt").read_text(encoding="utf-8") == "mine"
    assert {file.name for file in (tmp_path / "seed-3-2").iterdir()} == {file.name for file in before.iterdir()}
