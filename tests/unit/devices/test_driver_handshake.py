"""Who is there? The handshake of each model, and what is said when it is somebody else."""

import pytest

from emscontrol.core.stimulator import Acked, Command, Connected, Identity, LinkSilent, ReadBack, Refused, Uncertain
from emscontrol.devices import registry
from emscontrol.devices.sciencemode2 import wire as wire2
from emscontrol.devices.sciencemode4 import wire as wire4
from firmware_sim.faults import FaultKind
from tests.unit.devices.driver_bench import ARMING, MS, SET_POINT, STOP, WIDEST, Bench, cleared, only, outputs, train

MODELS = sorted(registry.MODELS)
every_model = pytest.mark.parametrize("model", MODELS)
TRAIN = train()


@every_model
def test_the_handshake_ends_with_the_identity_and_no_arming_frame_leaves(model: str) -> None:
    bench = Bench(model)
    (connected,) = only(Connected, bench.connect())
    assert connected.identity.model == model
    assert (
        connected.identity
        == {
            "p24": Identity("p24", "P24-SIM001", "1.0.0", "4.0.0"),
            "rehastim2": Identity("rehastim2", "", "", "1"),
            "reference": Identity("reference", "REF-SIM001", "1.0.0", "1"),
        }[model]
    )
    assert not ARMING[model] & set(bench.names())


@every_model
def test_a_device_that_still_runs_is_brought_to_zero_before_anything_else(model: str) -> None:
    """As after a crash of the host: somebody else's current is on."""
    bench = Bench(model).ready(1)
    bench.send(outputs(TRAIN, ch1=10_000), for_us=100 * MS)
    assert bench.amplitude_ua(1) == 10_000
    bench.driver = registry.driver(model)
    began_us = bench.now_us
    bench.write(bench.driver.connect(bench.now_us))
    bench.run(10 * MS)
    assert bench.port.stage.is_zero
    assert {"reference": "HELLO"}.get(model, STOP[model]) in bench.names(began_us)
    assert len(only(Connected, bench.run(3_000 * MS))) == 1 or model != "rehastim2"
    assert not ARMING[model] & set(bench.names(began_us))


@every_model
def test_connecting_again_begins_from_the_beginning(model: str) -> None:
    bench = Bench(model).ready(1)
    bench.send(outputs(TRAIN, ch1=4_000), for_us=100 * MS)
    assert len(only(Connected, bench.connect())) == 1
    assert bench.port.stage.is_zero
    with pytest.raises(RuntimeError, match="prepare"):
        bench.driver.send(cleared(outputs(TRAIN, ch1=4_000)), bench.now_us)


@pytest.fixture(
    params=[
        (b"", "Nothing at all"),
        (b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n", "satellite receiver"),
        (b"\r\nOK\r\nAT\r\nERROR\r\n", "modem"),
        (b"openEMSstim v2.1 ready\r\n", "sends text was heard instead (“openEMSstim v2.1 ready”)"),
        (bytes(range(100, 256)) * 2, "wrong speed"),
        (b"\x1b]0;\xe2\x80\xae\x07" * 40, "no frames of its protocol"),
    ],
    ids=["silence", "nmea", "modem", "text", "binary", "escapes"],
)
def somebody_else(request: pytest.FixtureRequest) -> tuple[bytes, str]:
    return request.param  # type: ignore[no-any-return]


@every_model
def test_something_else_on_the_port_is_named_and_never_armed(model: str, somebody_else: tuple[bytes, str]) -> None:
    said, words = somebody_else
    bench = Bench(model, faults=["dead_link"])
    bench.write(bench.driver.connect(0))
    events = []
    for at_ms in range(0, 4_000, 50):
        bench.now_us = at_ms * MS
        events += bench.driver.receive(said if at_ms % 500 == 0 else b"", bench.now_us)
        bench.write(bench.driver.tick(bench.now_us))
    (failed,) = only(Uncertain, events)
    assert failed.command is Command.CONNECT
    assert failed.text.startswith(f"No {bench.driver.capabilities.name} answered.")
    assert words in failed.text
    assert failed.text.isprintable()
    assert only(LinkSilent, events) == only(Connected, events) == []
    assert not ARMING[model] & set(bench.names())
    assert not bench.driver.busy
    with pytest.raises(RuntimeError, match="not connected"):
        bench.driver.prepare({1: TRAIN}, {1: WIDEST}, bench.now_us)


@every_model
def test_an_echo_is_named(model: str) -> None:
    driver = registry.driver(model)
    echo = driver.connect(0)
    events = []
    for at_ms in range(0, 4_000, 50):
        events += driver.receive(echo, at_ms * MS)
        echo = driver.tick(at_ms * MS)
    (failed,) = only(Uncertain, events)
    assert "something on this port echoes" in failed.text


def test_a_rehastim2_on_a_p24s_port_is_named_and_the_reverse() -> None:
    init = wire2.encode("Init", {"packet_number": 3, "protocol_version": 1})
    p24 = registry.driver("p24")
    p24.connect(0)
    events = [*p24.receive(init, 10 * MS)]
    for at_ms in range(0, 2_000, 50):
        p24.tick(at_ms * MS)
        events += p24.receive(b"", at_ms * MS)
    assert "ScienceMode 2 stimulator (RehaStim 2)" in only(Uncertain, events)[0].text
    rehastim2 = registry.driver("rehastim2")
    rehastim2.connect(0)
    answer = wire4.encode("general_error", {"packet_number": 0, "result": 1})
    assert only(Uncertain, rehastim2.receive(answer, 10 * MS)) == []
    (failed,) = only(Uncertain, rehastim2.receive(b"", 2_500 * MS))
    assert "ScienceMode 3 or 4" in failed.text


# -- P24 ---------------------------------------------------------------------------------------------------------------


def p24_in_handshake(*answers: tuple[str, dict[str, object]]) -> tuple[Bench, list[object]]:
    """A P24 that gives these answers to the first requests."""
    bench = Bench("p24", faults=["dead_link"])
    bench.write(bench.driver.connect(0))
    events: list[object] = []
    for name, params in answers:
        events += bench.say(name, result=0, **params)
    return bench, events


def test_a_stimulator_of_another_protocol_generation_is_refused() -> None:
    _, events = p24_in_handshake(
        ("get_stim_status_ack", {"stim_status": 0, "high_voltage": 1}),
        ("get_device_id_ack", {"device_id": "RM30001234"}),
        (
            "get_extended_version_ack",
            {"firmware": [2, 1, 16], "sciencemode": [3, 2, 4], "hash": "00000000", "hash_type": 0, "hash_valid": 0},
        ),
    )
    (refused,) = only(Refused, events)
    assert refused.command is Command.CONNECT
    assert "ScienceMode 3.2.4" in refused.text


def test_a_p24_that_still_runs_after_a_stop_is_refused() -> None:
    running: tuple[str, dict[str, object]] = ("get_stim_status_ack", {"stim_status": 3, "high_voltage": 6})
    bench, events = p24_in_handshake(running, ("ml_stop_ack", {}), running)
    (refused,) = only(Refused, events)
    assert refused.command is Command.CONNECT
    assert "mid level is running" in refused.text
    assert not ARMING["p24"] & set(bench.names())


def test_a_p24_in_the_low_level_is_stopped_there() -> None:
    bench, _ = p24_in_handshake(("get_stim_status_ack", {"stim_status": 1, "high_voltage": 6}))
    bench.say("ml_stop_ack", result=7)
    assert bench.names()[-1] == "ll_stop"
    bench.say("ll_stop_ack", result=0)
    assert bench.names()[-1] == "get_stim_status"


def test_a_p24_that_was_made_ready_without_our_hearing_it_is_ready() -> None:
    """The answer to ml_init is lost and its repeat is answered with 7: the status tells which."""
    bench = Bench("p24")
    bench.connect()
    bench.inject("dead_link")
    bench.write(bench.driver.prepare({1: TRAIN}, {1: WIDEST}, bench.now_us))
    bench.run(70 * MS)
    assert bench.names().count("ml_init") == 2
    bench.say("ml_init_ack", result=7)
    assert bench.names()[-1] == "get_stim_status"
    assert bench.say("get_stim_status_ack", result=0, stim_status=2, high_voltage=6) == [Acked(Command.PREPARE)]


# -- RehaStim 2 --------------------------------------------------------------------------------------------------------


def test_init_is_answered_with_its_own_packet_number_and_then_the_mode_is_read_back() -> None:
    bench = Bench("rehastim2")
    bench.connect()
    stop, init_ack, stop_again, mode = [frame for _, frame in bench.requests()][:4]
    assert [stop.command, init_ack.command, stop_again.command, mode.command] == [
        "StopChannelListMode",
        "InitAck",
        "StopChannelListMode",
        "GetStimulationMode",
    ]
    assert init_ack.params == {"packet_number": 0, "result": 0}


def test_a_lost_init_ack_is_given_again_at_the_next_init() -> None:
    bench = Bench("rehastim2", faults=["dead_downlink"])
    bench.write(bench.driver.connect(0))
    bench.run(100 * MS)
    bench.port.faults.clear(FaultKind.DEAD_DOWNLINK)
    assert len(only(Connected, bench.run(1_000 * MS))) == 1
    assert bench.names().count("InitAck") == 2


def test_an_unknown_version_is_declined_and_refused() -> None:
    bench = Bench("rehastim2", faults=["dead_link"])
    bench.write(bench.driver.connect(0))
    (refused,) = only(Refused, bench.say("Init", packet_number=9, protocol_version=2))
    assert (refused.command, refused.code) == (Command.CONNECT, -5)
    assert bench.requests()[-1][1].params == {"packet_number": 9, "result": -5}
    assert "InitChannelListMode" not in bench.names()


def test_a_session_from_before_ends_by_the_devices_own_watchdog_and_then_it_connects() -> None:
    bench = Bench("rehastim2").ready(1)
    bench.driver = registry.driver("rehastim2")
    bench.write(bench.driver.connect(bench.now_us))
    assert only(Connected, bench.run(1_100 * MS)) == []
    assert len(only(Connected, bench.run(700 * MS))) == 1


def test_a_rehastim2_held_by_another_program_is_said_to_be() -> None:
    bench = Bench("rehastim2", faults=["dead_link"])
    bench.write(bench.driver.connect(0))
    bench.say("StopChannelListModeAck", result=0)
    (failed,) = only(Uncertain, bench.run(2_600 * MS))
    assert "another program may be talking to it" in failed.text


def test_a_channel_list_that_was_set_up_without_our_hearing_it_is_ready() -> None:
    bench = Bench("rehastim2")
    bench.connect()
    bench.inject("drop_reply:1")
    bench.write(bench.driver.prepare({1: TRAIN}, {1: WIDEST}, bench.now_us))
    assert only(Acked, bench.run(150 * MS)) == [Acked(Command.PREPARE)]
    assert bench.names().count("InitChannelListMode") == 2
    assert SET_POINT["rehastim2"] not in bench.names()
    (report,) = only(ReadBack, bench.read_back())
    assert report.output_on is False
