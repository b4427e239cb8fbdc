"""The session itself as resources: what was done, with what, what went wrong, and which record says so."""

from collections.abc import Mapping
from html import escape
from typing import Any, Final, TypeAlias

from emscontrol import __version__
from emscontrol.core.errors import SafetyRefusal
from emscontrol.record.exports.fhir import codes
from emscontrol.record.exports.fhir.summary import Summary, words
from emscontrol.record.exports.tables import Value
from emscontrol.safety.sites import described_site

Resource: TypeAlias = dict[str, Any]

SIMULATION: Final = "SIMULATION: nobody was stimulated."
WHAT: Final = "Electrical stimulation of muscles through the skin"


def coded(system: str, code: str, text: str = "") -> Resource:
    """A concept with one code, and words where they say more."""
    return {"coding": [{"system": system, "code": code}]} | ({"text": text} if text else {})


def subject(summary: Summary, nameless: bool) -> Resource:
    """Who was stimulated, as an identifier and never a name.

    The patient of a simulated session is in a system of identifiers of its own, where no record of a person can be found.
    """
    facts = summary.facts
    code = words(facts["patient"])
    if summary.simulated:
        value = code or words(facts["session"])
        return _who("Patient", codes.SIMULATED_PATIENT, value) | {"display": SIMULATION}
    if code is None:
        return {"type": "Patient", "display": "not recorded: a session outside the clinic's book"}
    return _who("Patient", codes.PSEUDONYM if nameless else _of_book(facts["book"]), code)


def performer(summary: Summary) -> Resource | None:
    """The member of staff, by code; None where the record names none."""
    code = words(summary.facts["staff"])
    return _who("Practitioner", _of_book(summary.facts["book"]), code) if code else None


def procedure(summary: Summary, refers: Mapping[str, Resource]) -> Resource:
    """The session. `refers` are references by what they are: device, subject, performer."""
    facts = summary.facts
    status = procedure_status(summary)
    made: Resource = {"resourceType": "Procedure", "text": _narrative(summary, status), "status": status}
    if status != "completed":
        made["statusReason"] = {"text": words(facts["reason"]) or words(facts["result"]) or "the record has no end"}
    made |= {"code": {"text": f"{SIMULATION} {WHAT}" if summary.simulated else WHAT}, "subject": refers["subject"]}
    if period := summary.period():
        made["performedPeriod"] = period
    if who := refers.get("performer"):
        made["performer"] = [{"actor": who}]
    if reason := words(facts["indication"]):
        made["reasonCode"] = [{"text": reason}]
    if sites := [site for channel in sorted(summary.channels) if (site := body_site(summary, channel))]:
        made["bodySite"] = [site for place, site in enumerate(sites) if site not in sites[:place]]
    return made | {"usedReference": [refers["device"]]}


def procedure_status(summary: Summary) -> str:
    """What the record allows to say: nothing is called completed that was not, nor done where no current was asked for."""
    result = summary.facts["result"]
    known = result if isinstance(result, str) else None
    return codes.PROCEDURE_STATUS.get((known, bool(summary.with_current)), "unknown")


def device(summary: Summary) -> Resource:
    """The stimulator as it named itself; a simulated one says so in its name."""
    facts = summary.facts
    maker, model = codes.MAKERS.get(str(facts["model"]), (None, words(facts["model"]) or "unknown"))
    name = f"SIMULATOR of a {model}" if summary.simulated else model
    made: Resource = {"resourceType": "Device", "status": "active"}
    if maker and not summary.simulated:
        made["manufacturer"] = maker
    if serial := words(facts["serial"]):
        made["serialNumber"] = serial
    made |= {"deviceName": [{"name": name, "type": "user-friendly-name"}], "modelNumber": model}
    made["type"] = {"text": "simulator, a program" if summary.simulated else "neuromuscular electrical stimulator"}
    if firmware := words(facts["firmware"]):
        made["version"] = [{"type": {"text": "firmware"}, "value": firmware}]
    return made


def use_of_device(summary: Summary, channel: int, refers: Mapping[str, Resource]) -> Resource | None:
    """One channel on one muscle; None where no current was commanded there, or nobody knows whether it has ended."""
    status = codes.USE_STATUS.get(procedure_status(summary))
    if channel not in summary.with_current or status is None or not summary.over:
        return None
    made: Resource = {"resourceType": "DeviceUseStatement", "status": status, "subject": refers["subject"]}
    made["derivedFrom"] = [refers["procedure"]]
    if period := summary.period():
        made["timingPeriod"] = period
    made["device"] = refers["device"]
    if site := body_site(summary, channel):
        made["bodySite"] = site
    return made | {"note": [{"text": f"Channel {channel} of the stimulator."}]}


def adverse_event(summary: Summary, kind: str, refers: Mapping[str, Resource]) -> Resource:
    """An alarm that could have harmed somebody. That it did is nothing that a record of a stimulator knows."""
    alarm = summary.alarms[kind]
    told = " ".join(filter(None, (codes.ENDANGERING[kind], words(alarm.sentence))))
    if alarm.times > 1:
        told += f" {alarm.times} times."
    made: Resource = {"resourceType": "AdverseEvent", "actuality": "potential"}
    made["category"] = [coded(codes.ADVERSE_CATEGORY, "product-problem")]
    made |= {"event": {"text": told}, "subject": refers["subject"]}
    if begun := summary.moment(alarm.first_us):
        made["date"] = begun
    return made | {"suspectEntity": [{"instance": refers["device"]}]}


def provenance(summary: Summary, targets: list[Resource], refers: Mapping[str, Resource]) -> Resource:
    """From which record all this was made. The station's key signs that record, and not these resources."""
    facts = summary.facts
    made: Resource = {"resourceType": "Provenance", "target": targets}
    if period := summary.period():
        made["occurredPeriod"] = period
    if told := summary.moment(summary.last_us):
        made["recorded"] = told
    else:
        made["_recorded"] = {"extension": [{"url": codes.ABSENT_EXTENSION, "valueCode": "unknown"}]}
    agents: list[Resource] = [_agent("assembler", {"type": "Device", "display": f"emscontrol {__version__}"})]
    if who := refers.get("performer"):
        agents.append(_agent("performer", who))
    if key := words(facts["signed_by"]):
        signed = f"the station's key; it has signed the journal up to record {facts['signed_to']} of {facts['records']}"
        if distrusted := words(facts["distrusted"]):
            signed = f"DISTRUSTED: {signed}. {distrusted}"
        agents.append(_agent("attester", _who("Device", codes.STATION_KEY, key) | {"display": signed}))
    digest = words(facts["last_hash"])
    system, value = (codes.JOURNAL, digest) if digest else (codes.PSEUDONYM, words(facts["session"]))
    closed = "" if facts["closed"] else ", without its end"
    gone = ", signed with a key that is not trusted" if facts["key_distrusted"] else ""  # also where no key is named
    display = f"journal of {facts['records']} records{closed}{gone}"
    source = {"identifier": {"system": system, "value": value}, "display": display}
    return made | {"agent": agents, "entity": [{"role": "source", "what": source}]}


def body_site(summary: Summary, channel: int) -> Resource | None:
    """Muscle and side in words."""
    told = summary.channels.get(channel, {})
    muscle, side = words(told.get("muscle")), words(told.get("side"))
    return {"text": ", ".join(filter(None, (_muscle(muscle), side)))} if muscle else None


def _muscle(muscle: str | None) -> str:
    try:
        return described_site(muscle).name
    except SafetyRefusal:
        return muscle or ""


def _who(kind: str, system: str | None, value: str | None) -> Resource:
    identifier = {name: told for name, told in (("system", system), ("value", value)) if told}
    return {"type": kind, "identifier": identifier}


def _of_book(book: Value) -> str | None:
    """The system that codes of a book are of: the book itself."""
    told = words(book)
    return f"urn:uuid:{told}" if told else None


def _agent(code: str, who: Resource) -> Resource:
    return {"type": coded(codes.PARTICIPANT, code), "who": who}


def _narrative(summary: Summary, status: str) -> Resource:
    """For whoever reads the resource as text; a simulation says so first."""
    simulated = f"{SIMULATION} " if summary.simulated else ""
    sites = "; ".join(site["text"] for channel in sorted(summary.channels) if (site := body_site(summary, channel)))
    told = escape(f"{simulated}{WHAT}: {status}. {sites}".strip())
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{told}</div>'}
