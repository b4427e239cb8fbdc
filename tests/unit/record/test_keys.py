"""A station's keys: made once, private, replaced in a line that can be followed, and known by name elsewhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emscontrol.core.errors import StorageError, UsageError
from emscontrol.record.key_files import key_folder, known_keys, own_key, rotate, station_signer, trust
from emscontrol.record.keys import KeyRing, PublicKey, read_ring
from emscontrol.record.signing import key_id
from tests.unit.record.stations import key

MADE = "2026-11-22T10:10:40+01:00"
LATER = "2027-01-05T08:00:00+01:00"
MAKE = """
import sys
from pathlib import Path
from emscontrol.record.key_files import station_signer
print(station_signer(Path(sys.argv[1]), "2026-11-22").public)
"""


def test_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMSCONTROL_HOME", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert key_folder() == tmp_path / "data" / "emscontrol" / "keys"
    monkeypatch.setenv("EMSCONTROL_HOME", str(tmp_path / "env"))
    assert key_folder() == tmp_path / "env" / "keys"
    assert key_folder(str(tmp_path / "option")) == tmp_path / "option" / "keys"
    assert os.listdir(tmp_path) == []


def test_a_key_is_made_once_and_for_this_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "keys"
    assert own_key(folder) is None
    first = station_signer(folder, MADE)
    assert station_signer(folder, LATER).public == first.public
    own = own_key(folder)
    assert own is not None
    assert (own.public, own.made, own.after) == (first.public, MADE, "")
    assert (folder / "station.json").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert os.listdir(folder) == ["station.json"]
    assert (own.id, len(own.id)) == (key_id(first.public), 16)


def test_sessions_that_begin_at_the_same_moment_make_one_key(tmp_path: Path) -> None:
    made = [subprocess.Popen([sys.executable, "-c", MAKE, tmp_path / "keys"], stdout=subprocess.PIPE) for _ in range(4)]
    assert len({process.communicate()[0] for process in made}) == 1
    assert os.listdir(tmp_path / "keys") == ["station.json"]


def test_a_key_that_another_process_made_this_very_moment_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = station_signer(tmp_path, MADE).public
    with monkeypatch.context() as patch:
        patch.setattr(Path, "exists", lambda path: False)  # it was not there yet when this process looked
        assert station_signer(tmp_path, LATER).public == first
    assert os.listdir(tmp_path) == ["station.json"]


def test_a_new_key_is_signed_by_the_old_one_whose_secret_is_gone(tmp_path: Path) -> None:
    first = station_signer(tmp_path, MADE).public
    secret = json.loads((tmp_path / "station.json").read_text())["seed"]
    second, third = rotate(tmp_path, LATER, "Blue room"), rotate(tmp_path, LATER)
    assert (second.after, third.after, third.station) == (first, second.public, "Blue room")
    assert second.follows()
    assert third.follows()
    assert not PublicKey(second.public, "Red room", second.made, second.after, second.sig).follows()
    assert station_signer(tmp_path, LATER).public == third.public
    assert [each.public for each in known_keys(tmp_path).line_of(third)] == [first, second.public, third.public]
    assert "replaced 2027-01-05" in known_keys(tmp_path).names()[first]
    assert all(secret not in path.read_text() for path in tmp_path.iterdir())
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in tmp_path.iterdir())


def exported(folder: Path, file: Path) -> Path:
    own = own_key(folder)
    assert own is not None
    file.write_text(KeyRing(known_keys(folder).line_of(own)).to_json())
    return file


def test_another_station_knows_a_key_and_those_that_follow_it(tmp_path: Path) -> None:
    here, there, file = tmp_path / "here", tmp_path / "there", tmp_path / "keys.json"
    station_signer(here, MADE)
    rotate(there, MADE, "Blue room")
    assert [how for _, how in trust(here, exported(there, file))] == ["new"]
    fresh = rotate(there, LATER)
    assert [how for _, how in trust(here, exported(there, file))] == ["known", "follows"]
    assert known_keys(here).names()[fresh.public] == "Blue room"
    assert [how for _, how in trust(here, file)] == ["known", "known"]
    assert "seed" not in file.read_text()


def test_a_key_that_only_says_that_it_follows_a_known_one_is_refused(tmp_path: Path) -> None:
    old = station_signer(tmp_path, MADE).public
    public, secret = key(9)
    claimed = PublicKey(public, "Here", LATER, old)
    forged = PublicKey(public, "Here", LATER, old, secret.sign(b"emscontrol key\0" + claimed.statement()).hex())
    file = tmp_path / "forged.json"
    file.write_text(KeyRing((forged,)).to_json())
    with pytest.raises(UsageError, match="did not sign it"):
        trust(tmp_path, file)
    assert not known_keys(tmp_path).have(public)


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")))
def test_whatever_is_no_ring_of_keys_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read_ring(text)


@pytest.mark.parametrize(
    "change",
    [
        {"public": "AB" * 32},
        {"public": "ab"},
        {"station": "x\x1b[2J"},
        {"station": ""},
        {"made": 5},
        {"sig": "0"},
        {"more": 1},
        {"after": "ab" * 32, "sig": ""},
    ],
)
def test_a_key_that_is_not_as_it_should_be_is_refused(change: dict[str, object]) -> None:
    row = {"public": "ab" * 32, "station": "Here", "made": MADE, "after": "", "sig": ""} | change
    with pytest.raises(UsageError):
        read_ring(json.dumps({"format": 1, "keys": [row]}))


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    station_signer(tmp_path, MADE)
    (tmp_path / "station.json").chmod(0o640)
    with pytest.raises(StorageError, match="read by others"):
        station_signer(tmp_path, MADE)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"seed": "00"}', "\xff"])
def test_a_damaged_key_is_said_and_never_replaced_by_itself(text: str, tmp_path: Path) -> None:
    station_signer(tmp_path, MADE)
    (tmp_path / "station.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(StorageError):
        station_signer(tmp_path, MADE)
    assert (tmp_path / "station.json").read_bytes() == text.encode("latin-1")


def test_no_place_no_key(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        station_signer(tmp_path / "file" / "keys", MADE)
