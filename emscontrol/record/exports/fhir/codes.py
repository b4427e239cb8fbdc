"""Every code that a bundle may hold, as tables: the value sets of FHIR R4B (4.3.0), and what of the record becomes which code.

No reader checks these for us: fhir.resources takes any word for a status. A test walks every coded element of bundles that
were written and wants to find it here. A muscle, a procedure or a figure has no code of SNOMED CT or LOINC that is certain, so
these are told in words.
"""

from collections.abc import Mapping
from typing import Final

from emscontrol.record.knowledge import Knowledge

TERMINOLOGY: Final = "http://terminology.hl7.org/CodeSystem/"
ACT_REASON: Final = TERMINOLOGY + "v3-ActReason"
OBSERVATION_VALUE: Final = TERMINOLOGY + "v3-ObservationValue"
OBSERVATION_CATEGORY: Final = TERMINOLOGY + "observation-category"
ABSENT_REASON: Final = TERMINOLOGY + "data-absent-reason"
ADVERSE_CATEGORY: Final = TERMINOLOGY + "adverse-event-category"
PARTICIPANT: Final = TERMINOLOGY + "provenance-participant-type"
UCUM: Final = "http://unitsofmeasure.org"
ABSENT_EXTENSION: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"

OWN: Final = "urn:x-emscontrol:"
"""What stands before the names that this program gives; they lead to no page and need none."""
KNOWLEDGE: Final = OWN + "knowledge"
TAG: Final = OWN + "tag"
SIMULATED: Final = OWN + "simulated"
SIMULATED_PATIENT: Final = OWN + "simulated-patient"
PSEUDONYM: Final = OWN + "pseudonym"
JOURNAL: Final = OWN + "journal-sha256"
STATION_KEY: Final = OWN + "ed25519-key"

_EVENT_STATUS: Final = frozenset(
    {"preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown"}
)
_TAGS: Final = {
    ACT_REASON: frozenset({"HTEST"}),
    OBSERVATION_VALUE: frozenset({"PSEUDED"}),
}
_ABSENT: Final = frozenset(
    {"unknown", "asked-unknown", "temp-unknown", "not-asked", "asked-declined", "masked", "not-applicable", "unsupported"}
    | {"as-text", "error", "not-a-number", "negative-infinity", "positive-infinity", "not-performed", "not-permitted"}
)
_UNITS: Final = frozenset({"mA", "us", "s", "mC", "Ohm", "{contraction}", "{pulse}"})

VALUE_SETS: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "Bundle.type": {
        "": frozenset(
            {"document", "message", "transaction", "transaction-response", "batch", "batch-response", "history", "searchset"}
            | {"collection"}
        )
    },
    "Meta.security": _TAGS,
    "Meta.tag": {TAG: frozenset({"simulated"})},
    "Narrative.status": {"": frozenset({"generated", "extensions", "additional", "empty"})},
    "Procedure.status": {"": _EVENT_STATUS},
    "Device.status": {"": frozenset({"active", "inactive", "entered-in-error", "unknown"})},
    "DeviceDeviceName.type": {
        "": frozenset(
            {"udi-label-name", "user-friendly-name", "patient-reported-name", "manufacturer-name", "model-name", "other"}
        )
    },
    "DeviceUseStatement.status": {"": frozenset({"active", "completed", "entered-in-error", "intended", "stopped", "on-hold"})},
    "Observation.status": {
        "": frozenset(
            {"registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"}
        )
    },
    "Observation.category": {
        OBSERVATION_CATEGORY: frozenset(
            {"social-history", "vital-signs", "imaging", "laboratory", "procedure", "survey", "exam", "therapy", "activity"}
        )
    },
    "Observation.method": {KNOWLEDGE: frozenset(word.value for word in Knowledge)},
    "Observation.dataAbsentReason": {ABSENT_REASON: _ABSENT},
    "Extension.valueCode": {"": _ABSENT},
    "Quantity.code": {UCUM: _UNITS},
    "AdverseEvent.actuality": {"": frozenset({"actual", "potential"})},
    "AdverseEvent.category": {
        ADVERSE_CATEGORY: frozenset(
            {"product-problem", "product-quality", "product-use-error", "wrong-dose", "incorrect-prescribing-information"}
            | {"wrong-technique", "wrong-route-of-administration", "wrong-rate", "wrong-duration", "wrong-time", "expired-drug"}
            | {"medical-device-use-error", "problem-different-manufacturer", "unsafe-physical-environment"}
        )
    },
    "ProvenanceAgent.type": {
        PARTICIPANT: frozenset(
            {
                "enterer",
                "performer",
                "author",
                "verifier",
                "legal",
                "attester",
                "informant",
                "custodian",
                "assembler",
                "composer",
            }
        )
    },
    "ProvenanceEntity.role": {"": frozenset({"derivation", "revision", "quotation", "source", "removal"})},
}
"""By element (type and name), then by code system, "" for a plain code: the whole value set where the standard binds it."""

PROCEDURE_STATUS: Final[Mapping[tuple[str | None, bool], str]] = {
    ("completed", True): "completed",
    ("completed", False): "not-done",
    ("stopped", True): "stopped",
    ("stopped", False): "not-done",
    ("fault", True): "stopped",
    ("fault", False): "not-done",
    ("refused", True): "stopped",
    ("refused", False): "not-done",
    (None, True): "unknown",
    (None, False): "unknown",
}
"""By result of the session and whether a current was commanded; None is a record without its end, of which nobody knows."""

USE_STATUS: Final[Mapping[str, str]] = {"completed": "completed", "stopped": "stopped"}
"""Of DeviceUseStatement, by status of the procedure; one that was not done has used nothing, of an unknown one nobody knows."""

KNOWN: Final[Mapping[Knowledge, str]] = {
    Knowledge.ASSUMED: "assumed: worked out from the commands, taking for granted that the stimulator keeps to its timing",
    Knowledge.COMMANDED: "commanded: what the program asked the stimulator for, not what flowed",
    Knowledge.ACKNOWLEDGED: "acknowledged: the stimulator confirmed the command",
    Knowledge.MEASURED: "measured by the stimulator",
}
"""`Observation.method` in words."""

ENDANGERING: Final[Mapping[str, str]] = {
    "stop_unconfirmed": "The stimulator did not confirm that its output was off.",
    "link_lost": "The stimulator no longer answered; its output was unknown.",
    "device_fault": "The stimulator reported a fault of its own.",
    "engine_fault": "The program failed inside and stopped the stimulator.",
    "electrode_fault": "An electrode was open or made poor contact.",
}
"""Events that become an AdverseEvent: alarms of high priority, and electrodes, which can burn. A test holds the first part."""

MAKERS: Final[Mapping[str, tuple[str | None, str]]] = {
    "p24": ("HASOMED", "P24"),
    "rehastim2": ("HASOMED", "RehaStim 2"),
    "reference": (None, "stimulator with the open reference protocol"),
}
"""Manufacturer and model by the name that a port is asked for with."""
