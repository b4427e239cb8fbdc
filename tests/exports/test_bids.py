"""The dataset in the manner of BIDS: names that a validator takes, sidecars that tell every column."""

import csv
import json
from pathlib import Path

import pytest
from bids_validator import BIDSValidator

from emscontrol.core.errors import UsageError
from emscontrol.record.exports.bids import FLAGS
from emscontrol.record.exports.veil import Pseudonyms
from tests.exports.sessions import exported, ran


@pytest.mark.parametrize("pseudonyms", [None, Pseudonyms(bytes(32))])
def test_a_validator_takes_every_name(tmp_path: Path, pseudonyms: Pseudonyms | None) -> None:
    journals = [
        ran(name).write(tmp_path / f"2026-11-22T09-10-40.{at}Z_a.jsonl") for at, name in enumerate(("p24 booked", "p24"))
    ]
    done = exported(journals, "bids", tmp_path / "out", pseudonyms)
    validator = BIDSValidator()
    assert [name for name in done.files if not validator.is_bids(f"/{name}")] == []
    assert not validator.is_bids("/sub-P17/ses-1/beh/sub-P17_ses-1_task-stimulation_anything.tsv")
    subjects = {name.split("/")[0] for name in done.files if name.startswith("sub-")}
    with (tmp_path / "out" / "participants.tsv").open(encoding="utf-8", newline="") as file:
        assert {row["participant_id"] for row in csv.DictReader(file, delimiter="\t")} == subjects
    assert len(subjects) == 2
    assert ("sub-P17" in subjects) == (pseudonyms is None)


def test_every_column_of_the_events_is_told(tmp_path: Path) -> None:
    exported([ran("reference").write(tmp_path / "one.jsonl")], "bids", tmp_path / "out")
    [events] = (tmp_path / "out").glob("sub-*/ses-*/beh/*_events.tsv")
    about = json.loads(events.with_suffix(".json").read_text("utf-8"))
    with events.open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file, delimiter="\t")) == [name for name in about if name not in FLAGS]
    assert (about["onset"]["Units"], about["amplitude_ma"]["Units"]) == ("s", "mA")
    assert json.loads((tmp_path / "out" / "dataset_description.json").read_text("utf-8"))["BIDSVersion"]


def test_two_people_are_never_one_subject(tmp_path: Path) -> None:
    booked = ran("p24 booked").write(tmp_path / "a.jsonl")
    lone = ran("p24").write(tmp_path / "session P17.jsonl")
    exported([booked, lone], "bids", tmp_path / "out")
    from emscontrol.record.exports.bids import BidsDataset
    from emscontrol.record.exports.place import ExportFolder

    with ExportFolder(tmp_path / "other") as folder:
        dataset = BidsDataset(folder, False)
        labels: dict[str, str] = {}
        assert dataset._labelled(labels, "P-17") == "P17"
        with pytest.raises(UsageError, match="both be sub-P17"):
            dataset._labelled(labels, "P17")
