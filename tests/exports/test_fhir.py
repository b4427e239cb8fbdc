"""FHIR bundles: somebody else's reader takes them, every code is of its value set, every figure is that of the tables."""

import json
import types
import typing
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir_core.fhirabstractmodel import FHIRAbstractModel
from fhir_core.types import Code

from emscontrol.core.events import EVENTS, Event, make
from emscontrol.core.vocabulary import Severity
from emscontrol.record.distrust import Distrust
from emscontrol.record.exports.fhir import codes
from emscontrol.record.exports.fhir.observations import ASIDE, AT_REST, GIVEN, MEASURED, THRESHOLD
from emscontrol.record.exports.fhir.resources import SIMULATION
from emscontrol.record.exports.formats import FORMATS
from emscontrol.record.exports.many import export_sessions
from emscontrol.record.exports.tables import RESULTS
from emscontrol.record.exports.veil import Pseudonyms
from emscontrol.record.journal import Journal
from emscontrol.record.knowledge import Knowledge
from emscontrol.record.signing import key_id
from emscontrol.record.verify import verify
from tests.exports.reading import Lines, from_csv
from tests.exports.sessions import NOW, exported, ran
from tests.unit.record.sample import opened, set_point
from tests.unit.record.stations import signer

KEY = Pseudonyms(bytes(range(32)))
BOOK = "00000000-0000-4000-8000-000000000001"


def told(journal: Path, folder: Path, pseudonyms: Pseudonyms | None = None) -> dict[str, Any]:
    """The bundle of a journal as plain JSON, which another reader has taken."""
    exported([journal], "fhir", folder, pseudonyms)
    [file] = folder.glob("*.fhir.json")
    Bundle.model_validate_json(file.read_text("utf-8"))
    return dict(json.loads(file.read_text("utf-8"), parse_float=Decimal))


def of(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]


def written(path: Path, *events: Event, simulated: bool = False, wall: str = NOW.isoformat(), signed: bool = False) -> Path:
    """A journal by hand, its events a second apart: of a session with a person, as no simulator makes one."""
    journal = Journal.in_memory(lambda: wall, signer=signer() if signed else None)
    for at_s, event in enumerate((opened(simulated=simulated, port="p24@/dev/ttyACM0"), *events)):
        journal.append(event, at_s * 1_000_000)
    journal.close()
    path.write_bytes(b"".join(journal.lines))
    return path


def booked(patient: str = "P-17") -> Event:
    return make(
        "booked",
        book=BOOK,
        patient=patient,
        plan=4,
        appointment=40,
        number=3,
        staff="anna",
        contractions=4,
        channels={"1": {"muscle": "quad_rf", "side": "left", "area_mm2": 4500}},
        screening="clear",
    )


OFF = make("stop_confirmed", after_us=1)
PERIODS = ("performedPeriod", "occurredPeriod", "effectivePeriod", "timingPeriod")
STIMULATOR = make("connected", model="p24", serial="4711", firmware="1.2", protocol_version="4.0")


def ended(result: str) -> Event:
    return make("session_ended", result=result, reason="because", duration_us=1)


# -- codes -------------------------------------------------------------------------------------------------------------


def elements(model: FHIRAbstractModel, at: str = "") -> Iterator[tuple[str, str, str, list[str]]]:
    """Every element that the library types as a code: type and name, system, code, and the words that the library knows.

    A coding is told by the element that it is in.
    """
    kind = type(model).__name__
    for name, field in type(model).model_fields.items():
        here = at if kind in ("Coding", "CodeableConcept") else f"{kind}.{name}"
        value = getattr(model, name)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, FHIRAbstractModel):
                yield from elements(each, here)
            elif isinstance(each, str) and _is_code(field.annotation, field.metadata):
                extra = field.json_schema_extra
                words = extra.get("enum_values", []) if isinstance(extra, dict) else []
                yield here, str(getattr(model, "system", None) or ""), each, list(words)  # type: ignore[arg-type]


def _is_code(annotation: Any, metadata: Any = ()) -> bool:
    if any(isinstance(part, Code) for part in (annotation, *metadata)):
        return True
    if typing.get_origin(annotation) is typing.Annotated:
        return any(isinstance(part, Code) for part in annotation.__metadata__)
    if typing.get_origin(annotation) in (typing.Union, types.UnionType, list):
        return any(map(_is_code, typing.get_args(annotation)))
    return False


def test_every_coded_element_is_in_its_value_set(tmp_path: Path) -> None:
    journals = [ran(name).write(tmp_path / f"{at}.jsonl") for at, name in enumerate(("p24 booked", "p24 electrode off"))]
    threshold = make("threshold_found", channel=1, threshold="motor", width_us=300, amplitude_ua=12_000, below_ua=11_500)
    checked = make("electrode_checked", channel=1, ohm=None, text="nothing")
    journals.append(written(tmp_path / "2.jsonl", booked(), STIMULATOR, checked, threshold, wall="no time of day"))
    seen: dict[str, set[str]] = {}
    for pseudonyms, folder in ((None, "plain"), (KEY, "veiled")):
        exported(journals, "fhir", tmp_path / folder, pseudonyms)
        for file in (tmp_path / folder).iterdir():
            for place, system, code, words in elements(Bundle.model_validate_json(file.read_text("utf-8"))):
                allowed = codes.VALUE_SETS[place]
                assert code in allowed[system], (place, system, code)
                if words:  # what the library lists is the value set of the standard; + stands for more
                    assert set(words) - {"+"} <= allowed[system], place
                seen.setdefault(place, set()).add(code)
    assert seen.keys() == codes.VALUE_SETS.keys()
    assert {"HTEST", "PSEUDED"} == seen["Meta.security"]


def test_every_code_that_a_table_can_give_is_in_its_value_set() -> None:
    assert set(codes.PROCEDURE_STATUS.values()) <= codes.VALUE_SETS["Procedure.status"][""]
    assert {result for result, _ in codes.PROCEDURE_STATUS} == RESULTS | {None}
    assert set(codes.USE_STATUS.values()) <= codes.VALUE_SETS["DeviceUseStatement.status"][""]
    assert codes.USE_STATUS.keys() == set(codes.PROCEDURE_STATUS.values()) - {"not-done", "unknown"}
    figures = (*GIVEN, *MEASURED, AT_REST, THRESHOLD, *ASIDE)
    assert {figure.unit for figure in figures} == codes.VALUE_SETS["Quantity.code"][codes.UCUM]
    assert codes.KNOWN.keys() == set(Knowledge)
    high = {kind for kind, row in EVENTS.items() if row.severity is Severity.ALARM_HIGH}
    assert high | {"electrode_fault"} == codes.ENDANGERING.keys()


def test_the_reader_would_not_have_told(tmp_path: Path) -> None:
    bundle = told(ran("p24").write(tmp_path / "one.jsonl"), tmp_path / "out")
    of(bundle, "Procedure")[0]["status"] = "nonsense"
    model = Bundle.model_validate_json(json.dumps(bundle, default=float))
    assert ("Procedure.status", "nonsense") in {(place, code) for place, _, code, _ in elements(model)}


# -- figures -----------------------------------------------------------------------------------------------------------


def values(bundle: dict[str, Any]) -> dict[str, tuple[Any, str | None, str]]:
    """By what an observation says: value, unit, and how it is known."""
    found = {}
    for row in of(bundle, "Observation"):
        quantity = row.get("valueQuantity", {})
        assert ("valueQuantity" in row) != ("dataAbsentReason" in row)
        found[row["code"]["text"]] = (quantity.get("value"), quantity.get("code"), row["method"]["coding"][0]["code"])
    assert len(found) == len(of(bundle, "Observation"))
    return found


def test_the_figures_are_those_of_the_tables(journal: Path, tmp_path: Path) -> None:
    exported([journal], "csv", tmp_path / "csv")
    found = values(told(journal, tmp_path / "fhir"))
    tables: dict[str, Lines] = {name: from_csv(tmp_path / "csv" / f"{name}.csv") for name in ("channels", "measured")}
    for row in tables["channels"]:
        channel = row["channel"]
        assert found[f"Contractions begun, channel {channel}"] == (row["contractions"], "{contraction}", "commanded")
        assert found[f"Highest amplitude commanded, channel {channel}"] == (row["peak_ma"], "mA", "commanded")
        on_plateaus = found[f"Mean amplitude commanded on the plateaus, channel {channel}"]
        assert on_plateaus == (row["plateau_ma"], "mA", "commanded")
        assert found[f"Pulses, assumed, channel {channel}"] == (row["pulses"], "{pulse}", "assumed")
        assert found[f"Charge of all first phases, assumed, channel {channel}"] == (row["charge_mc"], "mC", "assumed")
        assert found[f"Time with a current commanded, channel {channel}"] == (row["on_s"], "s", "commanded")
        own = [line for line in tables["measured"] if line["channel"] == channel]
        peak = max((line["amplitude_ma"] for line in own), default=None)
        assert found[f"Highest current measured, channel {channel}"][::2] == (peak, "measured")
        pulses = own[-1]["pulses"] if own else None
        assert found[f"Pulses counted by the stimulator, channel {channel}"][::2] == (pulses, "measured")
        ohm = ([line["resistance_ohm"] for line in own if line["resistance_ohm"] is not None] or [None])[-1]
        assert found[f"End voltage ÷ current, last measured, channel {channel}"][::2] == (ohm, "measured")
    assert len(found) == 9 * len(tables["channels"]) == 18


def test_pulses_and_peak_are_those_of_the_oscilloscope(name: str, journal: Path, tmp_path: Path) -> None:
    if "off" in name or "stopped" in name:
        return  # what was cut short may have a pulse less than the host believes
    found = values(told(journal, tmp_path / "fhir"))
    for channel in (1, 2):
        assert found[f"Pulses, assumed, channel {channel}"][0] == ran(name).pulses[channel]
        peak_ua = max(line.amplitude_ua for line in ran(name).scope if line.channel == channel)
        assert found[f"Highest amplitude commanded, channel {channel}"][0] * 1000 == peak_ua


def test_thresholds_and_electrodes_at_rest(tmp_path: Path) -> None:
    journal = written(
        tmp_path / "one.jsonl",
        make("electrode_checked", channel=1, ohm=1480, text="fine"),
        make("electrode_checked", channel=2, ohm=None, text="nothing connected"),
        make("threshold_found", channel=1, threshold="motor", width_us=300, amplitude_ua=12_500, below_ua=12_000),
        make("threshold_absent", channel=2, threshold="comfort", width_us=400, up_to_ua=40_000, too_much_ua=None),
    )
    bundle = told(journal, tmp_path / "out")
    found = values(bundle)
    assert found["Impedance of the electrodes at rest, channel 1"] == (1480, "Ohm", "measured")
    assert found["Impedance of the electrodes at rest, channel 2"] == (None, None, "measured")
    assert found["Motor threshold, channel 1"] == (Decimal("12.5"), "mA", "commanded")
    assert found["Comfort threshold, channel 2"][0] is None
    motor, comfort = of(bundle, "Observation")[-2:]
    assert motor["effectiveDateTime"] == "2026-11-22T10:10:43.123+01:00"
    beside = [(part["code"]["text"], part["valueQuantity"]["value"]) for part in motor["component"]]
    assert beside == [("Pulse width of the first phase", 300), ("Highest step without it", 12)]
    assert [part["valueQuantity"]["value"] for part in comfort["component"]] == [400, 40]


def test_of_what_was_measured_it_tells_the_highest_current_and_the_last_of_the_rest(tmp_path: Path) -> None:
    rows = ((5_000, 900, 10), (7_000, 950, 20), (6_000, None, 30))
    measured = [make("measured", channel=1, amplitude_ua=ua, set_ua=7_000, ohm=ohm, pulses=pulses) for ua, ohm, pulses in rows]
    found = values(told(written(tmp_path / "one.jsonl", set_point(1, 7_000), *measured), tmp_path / "out"))
    assert found["Highest current measured, channel 1"] == (7, "mA", "measured")
    assert found["Pulses counted by the stimulator, channel 1"] == (30, "{pulse}", "measured")
    assert found["End voltage ÷ current, last measured, channel 1"] == (950, "Ohm", "measured")


def test_what_the_stimulator_measured_reaches_to_its_last_reading(tmp_path: Path) -> None:
    one = make("measured", channel=1, amplitude_ua=5_000, set_ua=5_000, ohm=900, pulses=10)
    course = (set_point(1, 5_000), one, one, OFF, ended("stopped"))  # a second apart, the set point after one
    bundle = told(written(tmp_path / "one.jsonl", *course), tmp_path / "out")
    ends = {row["code"]["text"]: row["effectivePeriod"]["end"][17:23] for row in of(bundle, "Observation")}
    assert {ends[f"{name}, channel 1"] for name in ("Highest current measured", "Pulses counted by the stimulator")} == {
        "43.123"
    }
    assert ends["Contractions begun, channel 1"] == "45.123"


def test_no_label_says_another_knowledge_than_the_method() -> None:
    for figure in (*GIVEN, *MEASURED):
        said = {word for word in ("commanded", "assumed", "measured") if word in figure.text}
        assert said <= {figure.knowledge.value}, figure.text


def test_a_key_that_is_not_trusted_any_more_is_told_as_such(tmp_path: Path) -> None:
    journal = written(tmp_path / "one.jsonl", set_point(1, 5_000), ended("stopped"), signed=True)
    public = verify(journal).key
    known = {public: Distrust(public, "2027-01-05T08:00:00+01:00", "the laptop was stolen")}
    for skip, at in ((False, "once"), (True, "twice")):
        for kind in ("fhir", "csv"):
            export_sessions([journal], FORMATS[kind], tmp_path / at / kind, skip_damaged=skip, distrusted=known)
        bundle = json.loads((tmp_path / at / "fhir" / "one.fhir.json").read_text("utf-8"))
        who = next(
            agent["who"]["display"] for agent in of(bundle, "Provenance")[0]["agent"] if "attester" in str(agent["type"])
        )
        assert who.startswith("DISTRUSTED: the station's key")
        assert "no longer trusted since 2027-01-05 (the laptop was stolen)" in who
        [row] = from_csv(tmp_path / at / "csv" / "sessions.csv")
        assert "the laptop was stolen" in row["distrusted"]
    exported([journal], "csv", tmp_path / "trusted")
    assert from_csv(tmp_path / "trusted" / "sessions.csv")[0]["distrusted"] is None


def test_what_a_crash_left_unknown_is_absent_and_not_zero(tmp_path: Path) -> None:
    bundle = told(written(tmp_path / "one.jsonl", booked(), set_point(1, 5_000)), tmp_path / "out")
    [procedure] = of(bundle, "Procedure")
    assert (procedure["status"], procedure["statusReason"]["text"]) == ("unknown", "the record has no end")
    assert {value for value, _, _ in values(bundle).values()} == {None}
    reasons = [row["dataAbsentReason"]["coding"][0]["code"] for row in of(bundle, "Observation")]
    assert reasons == ["unknown"] * 9


# -- what the session was ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "current", "status", "use"),
    [
        ("completed", True, "completed", "completed"),
        ("completed", False, "not-done", None),
        ("refused", True, "stopped", "stopped"),
        ("stopped", True, "stopped", "stopped"),
        ("stopped", False, "not-done", None),
        ("fault", True, "stopped", "stopped"),
        ("fault", False, "not-done", None),
        ("refused", False, "not-done", None),
    ],
)
def test_the_status_says_no_more_than_the_record(
    tmp_path: Path, result: str, current: bool, status: str, use: str | None
) -> None:
    given = [set_point(1, 5_000), make("stop_sent"), OFF] if current else [set_point(1, 0)]
    bundle = told(written(tmp_path / "one.jsonl", booked(), STIMULATOR, *given, ended(result)), tmp_path / "out")
    [procedure] = of(bundle, "Procedure")
    assert procedure["status"] == status
    assert procedure.get("statusReason", {}).get("text") == (None if status == "completed" else "because")
    assert ("performedPeriod" in procedure) == current
    assert [row["status"] for row in of(bundle, "DeviceUseStatement")] == ([use] if use else [])


@pytest.mark.parametrize(
    "given",
    [
        pytest.param((), id="crash"),
        pytest.param((make("stop_sent"), make("stop_unconfirmed", text=""), ended("fault")), id="stop not confirmed"),
        pytest.param(
            (make("stop_sent"), OFF, make("link_lost", text="", silent_us=1), ended("fault")), id="link lost after it"
        ),
    ],
)
def test_no_end_is_told_of_a_current_that_nobody_saw_end(tmp_path: Path, given: tuple[Event, ...]) -> None:
    bundle = told(written(tmp_path / "one.jsonl", booked(), STIMULATOR, set_point(1, 5_000), *given), tmp_path / "out")
    periods = [entry["resource"][name] for entry in bundle["entry"] for name in PERIODS if name in entry["resource"]]
    assert periods
    assert [set(period) for period in periods] == [{"start"}] * len(periods)
    assert of(bundle, "DeviceUseStatement") == []
    [provenance] = of(bundle, "Provenance")
    assert provenance["entity"][0]["what"]["display"].endswith(", without its end") == (given == ())


def test_words_of_a_record_are_printable_in_a_bundle_too(tmp_path: Path) -> None:
    found = {"threshold": "mo\u202etor\x1b[31m", "width_us": 400, "amplitude_ua": 1_000, "below_ua": 500, "channel": 1}
    bundle = told(written(tmp_path / "one.jsonl", make("threshold_found", **found)), tmp_path / "out")
    assert not set("\u202e\x1b") & set(json.dumps(bundle, ensure_ascii=False, default=str))


def test_a_real_session_names_patient_staff_and_stimulator_by_code(tmp_path: Path) -> None:
    given = {"pulses": 35, "contractions": 0, "peak_ua": 5_000, "plateau_ua": 5_000, "charge_pc": 35 * 5_000 * 300}  # in 1 s
    totals = make("totals", channels={"1": given | {"on_us": 1_000_000}})
    course = (booked(), STIMULATOR, set_point(1, 5_000), OFF, totals, ended("completed"))
    journal = written(tmp_path / "one.jsonl", *course, signed=True)
    bundle = told(journal, tmp_path / "out")
    [procedure], [stimulator], [use] = (of(bundle, kind) for kind in ("Procedure", "Device", "DeviceUseStatement"))
    patient = {"type": "Patient", "identifier": {"system": f"urn:uuid:{BOOK}", "value": "P-17"}}
    assert procedure["subject"] == use["subject"] == patient
    assert procedure["performer"][0]["actor"]["identifier"]["value"] == "anna"
    assert procedure["performedPeriod"]["start"] == "2026-11-22T10:10:43.123+01:00"
    assert procedure["bodySite"] == [{"text": "rectus femoris, left"}] == [use["bodySite"]]
    assert (stimulator["manufacturer"], stimulator["modelNumber"], stimulator["serialNumber"]) == ("HASOMED", "P24", "4711")
    assert "SIMULAT" not in json.dumps(bundle, default=str).upper()
    report = verify(journal)
    [provenance] = of(bundle, "Provenance")
    source = provenance["entity"][0]["what"]["identifier"]
    assert source == {"system": codes.JOURNAL, "value": report.last_hash}
    attester = next(agent for agent in provenance["agent"] if agent["type"]["coding"][0]["code"] == "attester")
    assert attester["who"]["identifier"]["value"] == key_id(report.key)
    assert f"up to record {report.signed_to} of {report.lines}" in attester["who"]["display"]
    assert {row["reference"] for row in provenance["target"]} == {entry["fullUrl"] for entry in bundle["entry"][:-1]}


def test_a_session_outside_the_book_is_of_nobody_who_is_known(tmp_path: Path) -> None:
    [procedure] = of(told(written(tmp_path / "one.jsonl", ended("stopped")), tmp_path / "out"), "Procedure")
    assert procedure["subject"] == {"type": "Patient", "display": "not recorded: a session outside the clinic's book"}
    assert "performer" not in procedure


def test_each_resource_of_a_simulation_says_so_by_itself_and_leads_to_no_person(name: str, tmp_path: Path) -> None:
    bundle = told(ran(name).write(tmp_path / "one.jsonl"), tmp_path / "out")
    for row in (bundle, *(entry["resource"] for entry in bundle["entry"])):
        assert row["meta"]["security"][0]["code"] == "HTEST", row["resourceType"]
        assert row["meta"]["tag"][0]["display"] == SIMULATION
        assert row is bundle or row["modifierExtension"] == [{"url": codes.SIMULATED, "valueBoolean": True}]
        who = row.get("subject")
        assert who is None or (who["identifier"]["system"], who["display"]) == (codes.SIMULATED_PATIENT, SIMULATION)
    assert of(bundle, "Device")[0]["deviceName"][0]["name"].startswith("SIMULATOR of a ")
    assert "manufacturer" not in of(bundle, "Device")[0]
    assert SIMULATION in of(bundle, "Procedure")[0]["text"]["div"]


def test_alarms_that_could_harm_are_adverse_events_once_a_kind(tmp_path: Path) -> None:
    lost = make("link_lost", text="nothing came", silent_us=600_000)
    events = (booked(), set_point(1, 5_000), lost, lost, make("stop_unconfirmed", text=""), ended("fault"))
    found = of(told(written(tmp_path / "one.jsonl", *events), tmp_path / "out"), "AdverseEvent")
    assert [row["actuality"] for row in found] == ["potential", "potential"]
    assert found[0]["event"]["text"].startswith("The stimulator did not confirm that its output was off.")
    assert found[1]["event"]["text"].endswith("2 times.")
    assert found[1]["date"] == "2026-11-22T10:10:43.123+01:00"
    [off] = of(told(ran("p24 electrode off").write(tmp_path / "two.jsonl"), tmp_path / "off"), "AdverseEvent")
    assert "channel 1" in off["event"]["text"]
    assert not of(told(ran("p24").write(tmp_path / "three.jsonl"), tmp_path / "fine"), "AdverseEvent")


# -- identity ----------------------------------------------------------------------------------------------------------


def identities(bundle: dict[str, Any]) -> set[str]:
    own = {entry["fullUrl"].removeprefix("urn:uuid:") for entry in bundle["entry"]}
    assert own == {entry["resource"]["id"] for entry in bundle["entry"]}
    assert len(own) == len(bundle["entry"])
    return own | {bundle["id"]}


def test_the_same_journal_gives_the_same_bundle_and_without_names_another_that_leads_not_back(tmp_path: Path) -> None:
    journal = ran("p24 booked").write(tmp_path / "one.jsonl")
    first = told(journal, tmp_path / "a")
    assert first == told(journal, tmp_path / "b")
    veiled = told(journal, tmp_path / "c", KEY)
    assert not identities(first) & identities(veiled)
    assert not identities(veiled) & identities(told(journal, tmp_path / "d", Pseudonyms(bytes(32))))
    assert verify(journal).last_hash not in json.dumps(veiled, default=str)
    assert values(first) == values(veiled)
    assert "performer" not in of(veiled, "Procedure")[0]
    assert of(veiled, "Provenance")[0]["entity"][0]["what"]["identifier"]["system"] == codes.PSEUDONYM


def test_a_stimulator_is_the_same_device_in_every_bundle_but_without_names(tmp_path: Path) -> None:
    journals = [written(tmp_path / f"{at}.jsonl", STIMULATOR, booked(f"P-{at}")) for at in range(2)]
    plain = [of(told(journal, tmp_path / f"out{at}"), "Device")[0]["id"] for at, journal in enumerate(journals)]
    veiled = [of(told(journal, tmp_path / f"v{at}", KEY), "Device")[0]["id"] for at, journal in enumerate(journals)]
    assert len({*plain, *veiled}) == 3


def test_the_stimulator_is_the_one_that_answered_first(tmp_path: Path) -> None:
    """Who answered is not signed: what is hung on to the record of a crash must not exchange the device."""
    other = make("connected", model="p24", serial="9999", firmware="1.2", protocol_version="4.0")
    bundle = told(written(tmp_path / "one.jsonl", STIMULATOR, booked(), other), tmp_path / "out")
    assert [device["serialNumber"] for device in of(bundle, "Device") if "serialNumber" in device] == ["4711"]
