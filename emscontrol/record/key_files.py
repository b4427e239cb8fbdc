"""Where a station's keys are: `station.json` with its secret half, `known.json` with the public keys of others and of earlier.

Both are for this user alone (0600, in a folder of 0700), beside and not among the journals.
"""

import contextlib
import json
import os
import platform
import stat
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from emscontrol.core.errors import StorageError, UsageError
from emscontrol.record.distrust import Distrust, Vouch, hold_against, judged, read_distrusts, seal_of, write_distrusts
from emscontrol.record.keys import NAME_MAX, KeyRing, PublicKey, read_ring
from emscontrol.record.place import HOME_VARIABLE
from emscontrol.record.signing import CONTEXT_KEY, Signer, private_key, public_of
from emscontrol.record.whole_files import alone_in, write_whole

OWN: Final = "station.json"
KNOWN: Final = "known.json"
SEED_BYTES: Final = 32
SEAL: Final = "distrusted"  # in known.json: how many keys are not trusted, with a hash
VOUCHED: Final = "vouched"  # there: the keys that somebody vouches for
FILE_MAX: Final = 2**20


def key_folder(home: str = "") -> Path:
    """Below `home`, else $EMSCONTROL_HOME, else the system's place for a user's data. Not made yet."""
    chosen = home or os.environ.get(HOME_VARIABLE, "")
    if chosen:
        return Path(chosen) / "keys"
    from platformdirs import user_data_path

    return user_data_path("emscontrol", appauthor=False) / "keys"


def station_name() -> str:
    """What a station is called unless somebody says otherwise: the computer's name."""
    name = "".join(c for c in platform.node() if c.isprintable()).strip()[:NAME_MAX]
    return name or "this station"


def station_signer(folder: Path, made: str) -> Signer:
    """The station's key, made at the first use; `made` is the time of that, ISO 8601. Raises StorageError."""
    if not (folder / OWN).exists():
        _make_first(folder, made)
    _, seed, own = _load(folder)
    return Signer(own.public, seed)


def own_key(folder: Path) -> PublicKey | None:
    """The public half of the station's key; None when there is none yet. Raises StorageError."""
    return _load(folder)[2] if (folder / OWN).exists() else None


def known_keys(folder: Path) -> KeyRing:
    """Every key that is known here, the station's own first, and which are no longer trusted. Raises StorageError."""
    own = own_key(folder)
    ring = KeyRing((own,) if own else (), read_distrusts(folder), own.public if own else "")
    if (folder / KNOWN).exists():
        text = _read(folder / KNOWN)
        try:
            ring = ring.with_keys(read_ring(text).keys)
            members = json.loads(text)
            ring = replace(ring, vouches=tuple(judged(Vouch, row) for row in members.get(VOUCHED, ())))
        except (UsageError, ValueError, TypeError, AttributeError) as problem:
            raise StorageError(
                f"{folder / KNOWN} is damaged: {problem.what if isinstance(problem, UsageError) else problem}",
                "Remove it, and trust the other stations' keys again.",
            ) from problem
        if SEAL in members:
            hold_against(folder, members[SEAL], ring.distrusts)
    return ring


def rotate(folder: Path, made: str, station: str = "") -> PublicKey:
    """Put a new key in the place of the old one, which signs it and is then forgotten. Raises StorageError."""
    if not (folder / OWN).exists():
        _make_first(folder, made, station)
        return _load(folder)[2]
    with alone_in(folder):
        return _rotated(folder, made, station)


def _rotated(folder: Path, made: str, station: str) -> PublicKey:
    _, seed, old = _load(folder)
    fresh_seed = os.urandom(SEED_BYTES).hex()
    unsigned = PublicKey(public_of(private_key(fresh_seed)), station or old.station, made, old.public)
    sig = private_key(seed).sign(CONTEXT_KEY + unsigned.statement()).hex()
    fresh = PublicKey(unsigned.public, unsigned.station, made, old.public, sig)
    ring = known_keys(folder)
    _write_known(folder, ring.with_keys((old,)).keys, ring)
    write_whole(folder / OWN, _own_text(fresh, fresh_seed))
    return fresh


def trust(folder: Path, file: Path) -> list[tuple[PublicKey, str]]:
    """Know the keys of this file from now on; each with what was known before: known, follows, new, or distrusted.

    A key that follows one that is no longer trusted is as new as any, and so is each that follows it: whoever stole that one
    could have made them.

    Raises UsageError when there are none in it, StorageError.
    """
    given = read_ring(_given(file)).keys
    with alone_in(folder):
        before = known_keys(folder)
        told: dict[str, str] = {}
        for key in given:  # oldest first, so a line of keys is followed to its end
            told[key.public] = _standing(key, before, told)
        own = own_key(folder)
        others = [key for key in before.with_keys(given).keys if own is None or key.public != own.public]
        _write_known(folder, others, before)
    return [(key, told[key.public]) for key in given]


def distrust(folder: Path, fingerprint: str, since: str, why: str) -> PublicKey:
    """Trust this key, named by its id or public half, no longer. Raises UsageError for one that is not known here, or the own.

    Distrusting one again changes nothing: the first time and reason stay.
    """
    _found(known_keys(folder), fingerprint)  # before a folder is made for nothing
    with alone_in(folder):
        return _distrusted(folder, fingerprint, since, why)


def _distrusted(folder: Path, fingerprint: str, since: str, why: str) -> PublicKey:
    ring, own = known_keys(folder), own_key(folder)
    key = _found(ring, fingerprint)
    if own is not None and key.public == own.public:
        raise UsageError(
            f"{key.id} is the key that this station signs with.", "`emscontrol key rotate` first; then distrust the old one."
        )
    if key.public not in ring.distrusted():
        more = replace(ring, distrusts=(*ring.distrusts, Distrust(key.public, since, why)))
        write_distrusts(folder, more.distrusts)  # first: the seal is held against the beginning of the list
        _write_known(folder, [each for each in ring.keys if each.public != ring.own], more)
    return key


def vouch(folder: Path, fingerprint: str, since: str, why: str) -> PublicKey:
    """Vouch for this key, named by its id or public half, which is in doubt: its station's people say that the id is its key's.

    Then it counts, with those that follow it, until it is distrusted itself. Raises UsageError for one that is not known here,
    not in doubt, or no longer trusted, which cannot be taken back.
    """
    _found(known_keys(folder), fingerprint)
    with alone_in(folder):
        ring = known_keys(folder)
        key = _found(ring, fingerprint)
        why_not = ring.mistrusted().get(key.public)
        if isinstance(why_not, Distrust):
            raise UsageError(f"{key.id} is {why_not.words}.", "That cannot be taken back: its station rotates its key.")
        if why_not is None:
            raise UsageError(f"{key.id} is not in doubt.", "`emscontrol key show` has those that are.")
        _write_known(
            folder,
            [each for each in ring.keys if each.public != ring.own],
            replace(ring, vouches=(*ring.vouches, Vouch(key.public, since, why))),
        )
    return key


def _found(ring: KeyRing, fingerprint: str) -> PublicKey:
    key = ring.find(fingerprint)
    if key is None:
        raise UsageError(f"No key {fingerprint} is known here.", "`emscontrol key show` has those that are.")
    return key


def _standing(key: PublicKey, before: KeyRing, told: Mapping[str, str]) -> str:
    """How it stands to what was known `before`, and to what was `told` of the keys before it in the same file."""
    doubtful = before.mistrusted()
    if key.public in before.distrusted():
        return "distrusted"
    if before.have(key.public):
        return "known"
    trusted = before.have(key.after) or told.get(key.after) == "follows"
    return "follows" if trusted and key.after not in doubtful else "new"


def _write_known(folder: Path, keys: Iterable[PublicKey], ring: KeyRing) -> None:
    """These keys, with what the ring says of its distrusted ones and those that are vouched for."""
    members = json.loads(KeyRing(tuple(keys)).to_json()) | ({SEAL: seal_of(ring.distrusts)} if ring.distrusts else {})
    members |= {VOUCHED: [asdict(each) for each in ring.vouches]} if ring.vouches else {}
    write_whole(folder / KNOWN, json.dumps(members, indent=1) + "\n")


def _make_first(folder: Path, made: str, station: str = "") -> None:
    """A new key, unless another process makes one at this very moment: then that one."""
    seed = os.urandom(SEED_BYTES).hex()
    key = PublicKey(public_of(private_key(seed)), station or station_name(), made)
    with contextlib.suppress(FileExistsError):
        write_whole(folder / OWN, _own_text(key, seed), first=True)


def _own_text(key: PublicKey, seed: str) -> str:
    return json.dumps({"seed": seed} | asdict(key), indent=1) + "\n"


def _load(folder: Path) -> tuple[Path, str, PublicKey]:
    """Where it is, its secret half, its public half."""
    file = folder / OWN
    text = _read(file)
    if sys.platform != "win32" and stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise StorageError(
            f"The station's key {file} can be read by others.", f"chmod 600 {file}, then `emscontrol key rotate`."
        )
    try:
        members = json.loads(text)
        seed = str(members.pop("seed"))
        [key] = read_ring(json.dumps({"format": 1, "keys": [members]})).keys
    except (ValueError, KeyError, TypeError, AttributeError, UsageError) as problem:
        raise StorageError(
            f"The station's key {file} is damaged.", "Move it away; the next session makes another one."
        ) from problem
    return file, seed, key


def _given(file: Path) -> str:
    try:
        return _read(file)
    except StorageError as problem:
        raise UsageError(problem.what, "Give a file that `emscontrol key export` wrote.") from problem


def _read(file: Path) -> str:
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise StorageError(f"{file} is no file.", "Put it right, or move it away.")
        with file.open(encoding="utf-8") as stream:
            return stream.read(FILE_MAX)
    except (OSError, ValueError) as problem:
        raise StorageError(f"{file} cannot be read: {problem}.", "Mend its rights.") from problem
