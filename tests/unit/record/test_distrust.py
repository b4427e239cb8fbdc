"""A key that is no longer trusted: told on every record of it, never forgotten, and never a way for a thief's next key."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emscontrol.core.errors import StorageError, UsageError
from emscontrol.record.comparison import compare
from emscontrol.record.distrust import is_reason
from emscontrol.record.key_files import distrust, known_keys, own_key, rotate, station_signer, trust, vouch
from emscontrol.record.keys import KeyRing, PublicKey
from emscontrol.record.reports.session_proof import notices
from emscontrol.record.reports.session_read import read_session
from emscontrol.record.signing import key_id
from emscontrol.record.verify import verify
from tests.unit.record.sample import session
from tests.unit.record.stations import GOLDEN, line_of_keys, signed_by

MADE, LATER, LATEST = "2026-11-22T10:10:40+01:00", "2027-01-05T08:00:00+01:00", "2027-02-01T08:00:00+01:00"
RECORD = GOLDEN / "format-2-p24.jsonl"
GOLDEN_ID = "fe4494118e2a9bc2"
WHY = "the laptop was stolen"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A station that knows the golden key."""
    station_signer(tmp_path / "keys", MADE)
    trust(tmp_path / "keys", GOLDEN / "golden-keys.json")
    return tmp_path / "keys"


def test_a_record_of_it_says_since_when_why_and_what_that_means(folder: Path) -> None:
    ring = known_keys(folder)
    before = verify(RECORD, ring.names(), distrusted=ring.distrusted())
    assert (before.distrusted, "Golden." in before.signature_sentence()) == ("", True)
    distrust(folder, GOLDEN_ID, LATER, WHY)
    ring = known_keys(folder)
    report = verify(RECORD, ring.names(), distrusted=ring.distrusted())
    assert f"of Golden, no longer trusted since 2027-01-05 ({WHY})." in report.signature_sentence()
    assert "may be genuine" in report.distrusted
    assert "with any date" in report.distrusted
    assert report.ok, "its signatures fit as before"
    other = verify(GOLDEN / "format-1-p24.jsonl", ring.names(), distrusted=ring.distrusted())
    assert other.distrusted == "", "an unsigned record has no key"


def test_the_first_reason_and_time_stay(folder: Path) -> None:
    key = distrust(folder, GOLDEN_ID, LATER, WHY)
    distrust(folder, key.public.upper(), LATEST, "another reason")
    (kept,) = known_keys(folder).distrusts
    assert (kept.public, kept.since, kept.why) == (key.public, LATER, WHY)
    assert (folder / "distrusted.json").stat().st_mode & 0o777 == 0o600


def test_trusting_it_again_does_not_take_it_back(folder: Path) -> None:
    distrust(folder, GOLDEN_ID, LATER, WHY)
    assert [how for _, how in trust(folder, GOLDEN / "golden-keys.json")] == ["distrusted"]
    assert len(known_keys(folder).distrusts) == 1


def test_a_key_that_follows_a_stolen_one_is_as_new_as_any(tmp_path: Path, folder: Path) -> None:
    other = tmp_path / "other"
    station_signer(other, MADE)
    first, file = own_key(other), tmp_path / "first.json"
    assert first is not None
    file.write_text(KeyRing((first,)).to_json())
    trust(folder, file)
    second = rotate(other, LATER)
    file.write_text(KeyRing((second,)).to_json())
    distrust(folder, first.id, LATER, WHY)
    assert [how for _, how in trust(folder, file)] == ["new"], "the thief could have signed it"
    said = f"Its key follows {first.id}, which is no longer trusted since 2027-01-05 ({WHY})"
    record, ring = tmp_path / "theirs.jsonl", known_keys(folder)
    record.write_bytes(b"".join(signed_by(station_signer(other, MADE), session(2))))
    theirs = read_session(record, ring)
    assert theirs.verified.doubted.startswith(said)
    assert theirs.verified.distrusted == "", "itself it is not"
    (told,) = [notice for notice in notices(theirs) if notice.headline == "KEY IN DOUBT"]
    assert told.text.startswith(said)
    assert any(said in obstacle for obstacle in compare(theirs, theirs).obstacles)


def test_the_own_key_is_rotated_first_and_then_distrusted(folder: Path) -> None:
    own = own_key(folder)
    assert own is not None
    with pytest.raises(UsageError, match="signs with"):
        distrust(folder, own.id, LATER, WHY)
    rotate(folder, LATER)
    assert distrust(folder, own.id, LATEST, WHY) == own
    ring = known_keys(folder)
    assert set(ring.mistrusted()) == {own.public}, "the new one is here and was not made by a thief"
    names = ring.names()
    assert names[own.public].endswith(f", replaced 2027-01-05, no longer trusted since 2027-02-01 ({WHY})")


def test_a_key_that_is_not_known_cannot_be_named(folder: Path) -> None:
    for fingerprint in ("fe44", "0" * 16, ""):
        with pytest.raises(UsageError, match="is known here"):
            distrust(folder, fingerprint, LATER, WHY)


DAMAGED = {
    "no json": "{",
    "another format": json.dumps({"format": 2, "keys": []}),
    "no list": json.dumps({"format": 1}),
    "capital letters, which match nothing": json.dumps(
        {"format": 1, "keys": [{"public": "AB" * 32, "since": LATER, "why": WHY}]}
    ),
    "half a key": json.dumps({"format": 1, "keys": [{"public": "ab", "since": LATER, "why": WHY}]}),
    "a reason that steers": json.dumps({"format": 1, "keys": [{"public": "ab" * 32, "since": LATER, "why": "\x1b[2J"}]}),
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_list_is_said_and_never_taken_for_an_empty_one(text: str, folder: Path) -> None:
    (folder / "distrusted.json").write_text(text)
    with pytest.raises(StorageError, match="not trusted"):
        known_keys(folder)


def test_a_list_that_was_removed_or_cut_short_is_told(folder: Path, tmp_path: Path) -> None:
    distrust(folder, GOLDEN_ID, LATER, WHY)
    other = station_signer(tmp_path / "other", MADE)
    file = tmp_path / "other.json"
    file.write_text(KeyRing((PublicKey(other.public, "Other", MADE),)).to_json())
    trust(folder, file)
    distrust(folder, key_id(other.public), LATEST, WHY)
    listed = json.loads((folder / "distrusted.json").read_text())
    for keys in ([], listed["keys"][:1], listed["keys"][::-1], [listed["keys"][0], listed["keys"][1] | {"why": "none"}]):
        (folder / "distrusted.json").write_text(json.dumps(listed | {"keys": keys}))
        with pytest.raises(StorageError, match="has lost what stood in it"):
            known_keys(folder)
    (folder / "distrusted.json").unlink()
    with pytest.raises(StorageError, match="has lost what stood in it"):
        trust(folder, file)
    more = {"public": "ab" * 32, "since": LATEST, "why": WHY}  # written when the program died before the seal
    (folder / "distrusted.json").write_text(json.dumps(listed | {"keys": [*listed["keys"], more]}))
    assert len(known_keys(folder).distrusts) == 3
    rotate(folder, LATEST)
    (folder / "distrusted.json").write_text(json.dumps(listed))
    with pytest.raises(StorageError, match="has lost what stood in it"):
        known_keys(folder)


def trusted(folder: Path, keys: list[PublicKey]) -> list[str]:
    file = folder.parent / "given.json"
    file.write_text(KeyRing(tuple(keys)).to_json())
    return [how for _, how in trust(folder, file)]


def test_a_whole_line_after_a_stolen_key_is_new(folder: Path) -> None:
    a, b, c, d = line_of_keys(4)
    assert trusted(folder, [a]) == ["new"]
    distrust(folder, a.id, LATER, WHY)
    assert trusted(folder, [b, c, d]) == ["new", "new", "new"]
    assert trusted(folder, [a, b]) == ["distrusted", "known"]


def test_a_key_after_one_that_is_new_is_new_and_after_a_known_one_it_follows(folder: Path) -> None:
    a, b, c, d = line_of_keys(4)
    assert trusted(folder, [b, c]) == ["new", "new"]
    assert trusted(folder, [a, b, c, d]) == ["new", "known", "known", "follows"]


def test_keys_that_were_known_before_say_whom_they_follow_and_vouch_for_none(folder: Path) -> None:
    a, b, c, d = line_of_keys(4)
    assert trusted(folder, [a]) == ["new"]
    assert trusted(folder, [a, b, c]) == ["known", "follows", "follows"]
    distrust(folder, a.id, LATER, WHY)
    ring = known_keys(folder)
    assert ring.followers_of(a.public) == (b, c)
    for each in (b, c):
        assert f"follows {a.id}, which is no longer trusted" in ring.names()[each.public]
    assert trusted(folder, [d]) == ["new"]


def test_the_own_keys_before_the_present_one_are_no_thiefs_either(folder: Path) -> None:
    first = own_key(folder)
    assert first is not None
    second, third = rotate(folder, LATER), rotate(folder, LATEST)
    distrust(folder, first.id, LATEST, WHY)
    ring = known_keys(folder)
    assert set(ring.mistrusted()) == {first.public}, "the present one was made here of the one before it"
    assert not any("follows" in name for name in ring.names().values())
    elsewhere = KeyRing(ring.keys, ring.distrusts)
    assert set(elsewhere.mistrusted()) == {first.public, second.public, third.public}


def test_an_own_key_that_is_not_trusted_is_told_as_such_where_an_old_copy_was_put_back(folder: Path) -> None:
    copy, first = (folder / "station.json").read_bytes(), own_key(folder)
    assert first is not None
    rotate(folder, LATER)
    distrust(folder, first.id, LATEST, WHY)
    (folder / "station.json").write_bytes(copy)
    assert own_key(folder) == first
    assert first.public in known_keys(folder).mistrusted()


def test_a_key_in_doubt_counts_with_those_after_it_once_somebody_vouches_for_it(folder: Path) -> None:
    a, b, c, d = line_of_keys(4)
    trusted(folder, [a, b, c])
    for each in (a, GOLDEN_ID):
        with pytest.raises(UsageError, match="is not in doubt"):
            vouch(folder, each if isinstance(each, str) else each.id, LATEST, "asked")
    distrust(folder, a.id, LATER, WHY)
    assert set(known_keys(folder).mistrusted()) == {a.public, b.public, c.public}
    with pytest.raises(UsageError, match="no longer trusted since"):
        vouch(folder, a.id, LATEST, "asked")
    with pytest.raises(UsageError, match="is known here"):
        vouch(folder, d.id, LATEST, "asked")
    assert vouch(folder, b.id, LATEST, "asked Dr. A. by telephone") == b
    ring = known_keys(folder)
    assert set(ring.mistrusted()) == {a.public}
    assert ring.names()[b.public].endswith(", vouched for since 2027-02-01 (asked Dr. A. by telephone)")
    assert trusted(folder, [d]) == ["follows"]
    rotate(folder, LATEST)
    assert set(known_keys(folder).mistrusted()) == {a.public}, "what was vouched for stays so"
    distrust(folder, b.id, LATEST, WHY)
    assert set(known_keys(folder).mistrusted()) == {a.public, b.public, c.public, d.public}


def test_nobody_is_vouched_for_by_a_file_of_keys_nor_by_what_is_no_vouch(folder: Path) -> None:
    a, b = line_of_keys(2)
    trusted(folder, [a, b])
    distrust(folder, a.id, LATER, WHY)
    vouched = {"public": b.public, "since": LATEST, "why": "asked"}
    file = folder.parent / "given.json"
    file.write_text(json.dumps(json.loads(KeyRing((a, b)).to_json()) | {"vouched": [vouched]}))
    trust(folder, file)
    assert b.public in known_keys(folder).mistrusted()
    known = json.loads((folder / "known.json").read_text())
    for wrong in (vouched | {"why": ""}, vouched | {"more": 1}, {"public": b.public}, "b", None, 1):
        (folder / "known.json").write_text(json.dumps(known | {"vouched": [wrong]}))
        with pytest.raises(StorageError, match="is damaged"):
            known_keys(folder)


def test_those_who_distrust_at_the_same_moment_lose_nothing(folder: Path) -> None:
    keys = line_of_keys(6)
    trusted(folder, keys)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda each: distrust(folder, each.id, LATER, WHY), keys))
    assert known_keys(folder).distrusted().keys() == {each.public for each in keys}


@pytest.mark.parametrize("why", ["", "  ", "x" * 201, "a\x1bb", "two\nlines"])
def test_what_is_no_reason(why: str) -> None:
    assert not is_reason(why)
