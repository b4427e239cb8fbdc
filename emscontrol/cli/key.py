"""`emscontrol key`: the key that this station signs its journals with, and the keys of others."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emscontrol.cli.places import new_file

if TYPE_CHECKING:
    from emscontrol.record.keys import KeyRing, PublicKey

as_json_option: Callable[..., Any] = click.option("--json", "as_json", is_flag=True, help="Print facts as JSON.")


@click.group()
def key() -> None:
    """The key that this station signs its journals with, and the keys of others."""


@key.command()
@as_json_option
@click.pass_obj
def show(home: str, as_json: bool) -> None:
    """This station's key, and every key that is known here."""
    from emscontrol.record.key_files import key_folder, known_keys, own_key

    folder = key_folder(home)
    own, ring = own_key(folder), known_keys(folder)
    if as_json:
        rows = [_facts(each, ring) for each in ring.keys]
        click.echo(json.dumps({"folder": str(folder), "own": own.id if own else "", "keys": rows}))
        return
    if own is None:
        click.echo("This station has no key yet; its first session makes one.")
    for each in ring.keys:
        mine = " (this station)" if each == own else ""
        click.echo(f"{each.id}  {ring.names()[each.public]}{mine}, made {each.made[:10]}")


@key.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), default=None, help="File to write; else standard output.")
@click.pass_obj
def export(home: str, output: Path | None) -> None:
    """The public half of this station's key, with those before it, for another station to trust. Nothing secret is in it."""
    from emscontrol.record.key_files import key_folder, known_keys, own_key, station_signer
    from emscontrol.record.keys import KeyRing

    folder = key_folder(home)
    station_signer(folder, _now())
    own = own_key(folder)
    text = KeyRing(known_keys(folder).line_of(own) if own else ()).to_json()
    if output is None:
        click.echo(text, nl=False)
        return
    new_file(output, "-o")
    output.write_text(text, encoding="utf-8")
    click.echo(f"Wrote {output}: key {own.id if own else ''}.", err=True)


@key.command()
@click.option("--station", default="", help="What this station is called from now on.")
@as_json_option
@click.pass_obj
def rotate(home: str, station: str, as_json: bool) -> None:
    """Sign with a new key from now on. The old one signs the new one and is forgotten; what it signed stays good."""
    from emscontrol.core.errors import UsageError
    from emscontrol.record.key_files import key_folder, known_keys
    from emscontrol.record.key_files import rotate as put_new_key
    from emscontrol.record.keys import is_name
    from emscontrol.record.signing import key_id

    if station and not is_name(station):
        raise UsageError("That is no name for a station.", "Give up to 80 printable characters with --station.")
    fresh = put_new_key(key_folder(home), _now(), station)
    if as_json:
        click.echo(json.dumps(_facts(fresh, known_keys(key_folder(home)))))
    elif fresh.after:
        click.echo(f"Key {fresh.id} of {fresh.station} takes the place of {key_id(fresh.after)}, which has signed it.")
    else:
        click.echo(f"Key {fresh.id} of {fresh.station} is this station's first.")


@key.command()
@click.argument("file", type=click.Path(path_type=Path, readable=False))
@as_json_option
@click.pass_obj
def trust(home: str, file: Path, as_json: bool) -> None:
    """Know the keys of this FILE, which `key export` wrote on another station. Compare a new key's id with the people there."""
    from emscontrol.record.key_files import key_folder, known_keys
    from emscontrol.record.key_files import trust as know

    told = know(key_folder(home), file)
    if as_json:
        ring = known_keys(key_folder(home))
        click.echo(json.dumps({"keys": [_facts(each, ring) | {"how": how} for each, how in told]}))
        return
    for each, how in told:
        click.echo(f"{each.id}  {each.station}: {_WORDS[how]}")


@key.command()
@click.argument("fingerprint")
@click.option("--why", required=True, help="The reason, for whoever reads a record of this key later.")
@as_json_option
@click.pass_obj
def distrust(home: str, fingerprint: str, why: str, as_json: bool) -> None:
    """Trust the key with this id no longer, as after a theft: every record that it signed says so from now on.

    Those of before may be genuine; but whoever has the key can sign a record of any date. It cannot be taken back.
    """
    from emscontrol.record.key_files import distrust as trust_no_longer
    from emscontrol.record.key_files import key_folder, known_keys, own_key

    _require_reason(why)
    folder = key_folder(home)
    found, ring = trust_no_longer(folder, fingerprint, _now(), why), known_keys(folder)
    followers, own = ring.followers_of(found.public), own_key(folder)
    mine = ring.line_of(own) if own else ()
    if as_json:
        click.echo(json.dumps(_facts(found, ring) | {"followers": [each.id for each in followers]}))
        return
    click.echo(f"{found.id}  {ring.names()[found.public]}")
    for each in followers:
        click.echo(f"{each.id}  {each.station}: {_OWN_FOLLOWS if each in mine else _FOLLOWS.format(id=each.id)}")
    click.echo("Tell the other stations to do the same; on the one that it was stolen from: emscontrol key rotate.", err=True)


@key.command()
@click.argument("fingerprint")
@click.option("--why", required=True, help="Who said so and how it was asked, for whoever reads a record of this key later.")
@as_json_option
@click.pass_obj
def vouch(home: str, fingerprint: str, why: str, as_json: bool) -> None:
    """Vouch for the key with this id, which is in doubt because it follows one that is no longer trusted.

    Ask the people of that station first, not by a file, whether this is their key's id. A key that is no longer trusted itself
    stays so.
    """
    from emscontrol.record.key_files import key_folder, known_keys
    from emscontrol.record.key_files import vouch as vouch_for

    _require_reason(why)
    folder = key_folder(home)
    found, ring = vouch_for(folder, fingerprint, _now(), why), known_keys(folder)
    click.echo(json.dumps(_facts(found, ring)) if as_json else f"{found.id}  {ring.names()[found.public]}")


def _require_reason(why: str) -> None:
    from emscontrol.core.errors import UsageError
    from emscontrol.record.distrust import WHY_MAX, is_reason

    if not is_reason(why):
        raise UsageError("That is no reason.", f"Give up to {WHY_MAX} printable characters with --why.")


_WORDS = {
    "distrusted": "no longer trusted here, and stays so.",
    "known": "known here already.",
    "follows": "signed by the key before it.",
    "new": "new here; ask the people there whether this is their key's id.",
}


_FOLLOWS = (
    "was signed by it, or by one that it signed, so a thief may have made it. Ask the people there whether this is their "
    "key's id; if so: emscontrol key vouch {id} --why WHY; if not: emscontrol key distrust {id} --why WHY"
)
_OWN_FOLLOWS = "was signed by it, or by one that it signed. It is this station's own and stays; tell the other stations its id."


def _facts(each: "PublicKey", ring: "KeyRing") -> dict[str, Any]:
    told = ring.distrusted().get(each.public)
    name = ring.names().get(each.public, each.station)
    distrusted = {"since": told.since, "why": told.why} if told else None
    return {"id": each.id, **asdict(each), "name": name, "distrusted": distrusted}


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")
