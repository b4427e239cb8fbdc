"""A bundle for each session, of type `collection`: resources to read, with no order to write them anywhere.

A document would need somebody who answers for its composition, a transaction would tell a server what to do. Ids are made
from the journal's digest, so the same journal gives the same resources; without names from its pseudonym, so that nobody
who has the digest finds them.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID, uuid5

from emscontrol.record.exports.fhir import codes, resources
from emscontrol.record.exports.fhir.observations import Named, observations
from emscontrol.record.exports.fhir.resources import Resource
from emscontrol.record.exports.fhir.summary import Summary, words
from emscontrol.record.exports.place import ExportFolder
from emscontrol.record.exports.tables import Row

NAMESPACE: Final = UUID("0f2d1f0e-6d7c-5b4e-9c6b-1a5a8e0b6f43")
"""Of all ids that are made here; any constant does, and it stays this one."""


class FhirBundles:
    """A JSON file for each session."""

    def __init__(self, folder: ExportFolder, nameless: bool) -> None:
        self._folder = folder
        self._nameless = nameless
        self._session = ""
        self._summary = Summary()

    def begin(self, session: str) -> None:
        """A summary of its own."""
        self._session, self._summary = session, Summary()

    def rows(self, table: str, rows: Sequence[Row]) -> None:
        """Into the summary."""
        for row in rows:
            self._summary.take(table, row)

    def end(self) -> None:
        """The file of the session."""
        path = self._folder.new(f"{self._session}.fhir.json")
        text = json.dumps(bundle(self._summary, self._nameless), indent=1, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")

    def finish(self) -> None:
        """Each session has its file."""

    def close(self) -> None:
        """Nothing is open."""


def bundle(summary: Summary, nameless: bool) -> dict[str, Any]:
    """The bundle of one session, as plain values."""
    entries = [
        {"fullUrl": f"urn:uuid:{made['id']}", "resource": _marked(made, summary, nameless)}
        for made in _resources(summary, nameless)
    ]
    own = identity(summary, "bundle")
    head: dict[str, Any] = {"resourceType": "Bundle", "id": own}
    if meta := _meta(summary, nameless):
        head["meta"] = meta
    head |= {"identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{own}"}, "type": "collection"}
    if told := summary.moment(summary.last_us):
        head["timestamp"] = told
    return head | {"entry": entries}


def identity(summary: Summary, name: str) -> str:
    """The id of a resource: always the same for the same record."""
    facts = summary.facts
    return str(uuid5(NAMESPACE, f"{words(facts['last_hash']) or words(facts['session'])}/{name}"))


def _resources(summary: Summary, nameless: bool) -> Iterator[Resource]:
    """All of them with their ids, the procedure first and its provenance last."""
    refers: dict[str, Resource] = {"subject": resources.subject(summary, nameless)}
    if who := resources.performer(summary):
        refers["performer"] = who
    stimulator = {"id": _device_identity(summary)}
    refers["device"] = _refer("Device", stimulator["id"])
    refers["procedure"] = _refer("Procedure", identity(summary, "procedure"))
    targets = [refers["procedure"], refers["device"]]
    yield {"id": identity(summary, "procedure")} | resources.procedure(summary, refers)
    yield stimulator | resources.device(summary)
    for name, made in _parts(summary, refers):
        own = identity(summary, name)
        targets.append(_refer(made["resourceType"], own))
        yield {"id": own} | made
    yield {"id": identity(summary, "provenance")} | resources.provenance(summary, targets, refers)


def _parts(summary: Summary, refers: dict[str, Resource]) -> Iterator[Named]:
    for channel in sorted(summary.with_current):
        made = resources.use_of_device(summary, channel, refers)
        if made is not None:
            yield f"use {channel}", made
    yield from observations(summary, refers)
    for kind in codes.ENDANGERING:
        if kind in summary.alarms:
            yield f"alarm {kind}", resources.adverse_event(summary, kind, refers)


def _device_identity(summary: Summary) -> str:
    """A stimulator with a serial number is the same in every bundle; any other is that of its session."""
    facts = summary.facts
    serial = words(facts["serial"])
    if serial and not summary.simulated:
        return str(uuid5(NAMESPACE, f"device/{facts['model']}/{serial}"))
    return identity(summary, "device")


def _marked(made: Resource, summary: Summary, nameless: bool) -> Resource:
    """With what every resource says by itself, because a reader may take them apart."""
    marked = {"resourceType": made["resourceType"], "id": made["id"]}
    if meta := _meta(summary, nameless):
        marked["meta"] = meta
    marked |= made
    if summary.simulated:
        marked["modifierExtension"] = [{"url": codes.SIMULATED, "valueBoolean": True}]
    return marked


def _meta(summary: Summary, nameless: bool) -> Resource:
    meta: Resource = {}
    security = []
    if summary.simulated:
        security.append({"system": codes.ACT_REASON, "code": "HTEST", "display": "test health data"})
        meta["tag"] = [{"system": codes.TAG, "code": "simulated", "display": resources.SIMULATION}]
    if nameless:
        security.append({"system": codes.OBSERVATION_VALUE, "code": "PSEUDED", "display": "pseudonymized"})
    return meta | ({"security": security} if security else {})


def _refer(kind: str, own: str) -> Resource:
    return {"reference": f"urn:uuid:{own}", "type": kind}
