"""The public client `science-mode-4`, unmodified, against the P24 simulator on a pseudo-terminal, and in its own process.

What the client asked for is compared with what the oscilloscope of the simulator has seen.
"""

import asyncio
import sys
import warnings
from collections.abc import Awaitable, Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from firmware_sim.scope import ScopeLine
from tests.unit.firmware_sim.served import Served, delivered, is_off, served

pytestmark = [
    pytest.mark.skipif(
        sys.platform == "win32", reason="there are no pseudo-terminals, and this client opens only a serial port"
    ),
    pytest.mark.skipif(find_spec("science_mode_4") is None, reason="science-mode-4 is not installed: pip install -e .[peers]"),
]

RUNNING = 0.35


@pytest.fixture(scope="module")
def client() -> Any:
    """The client's package; what it warns about when it is imported is its own affair."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import science_mode_4
    return science_mode_4


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, "p24") as simulator:
        yield simulator


def session(client: Any, path: str, use: Callable[[Any], Awaitable[None]]) -> None:
    """Opens the port as the client's examples do, initializes, uses the device, and closes the port whatever happens."""

    async def whole() -> None:
        connection = client.SerialPortConnection(path)
        connection.open()
        try:
            p24 = client.DeviceP24(connection)
            await p24.initialize()
            await use(p24)
        finally:
            connection.close()

    asyncio.run(whole())


def trains(client: Any, currents_ma: dict[int, float]) -> list[Any]:
    """Biphasic trains for some of the eight channels, each with a width and period of its own."""
    return [_train(client, at, currents_ma[at]) if at in currents_ma else None for at in range(8)]


def _train(client: Any, at: int, ma: float) -> Any:
    width = WIDTHS_US[at]
    points = [client.ChannelPoint(width, ma), client.ChannelPoint(100, 0), client.ChannelPoint(width, -ma)]
    return client.MidLevelChannelConfiguration(True, 0, PERIODS_MS[at], points)


WIDTHS_US = {0: 200, 4: 300, 7: 350}
PERIODS_MS = {0: 20, 4: 25, 7: 33}


def test_it_learns_who_it_talks_to(client: Any, device: Served) -> None:
    async def use(p24: Any) -> None:
        general = p24.get_layer_general()
        assert general.device_id.startswith("P24-SIM")
        assert len(general.device_id) == 10
        assert str(general.science_mode_version).startswith("4.")

    session(client, device.address, use)


def test_trains_run_as_it_asked_change_and_stop(client: Any, device: Served) -> None:
    async def use(p24: Any) -> None:
        mid = p24.get_layer_mid_level()
        await mid.init(True)
        await mid.update(trains(client, {0: 20, 4: 12.5, 7: 5}))
        await asyncio.sleep(RUNNING)
        data = await mid.get_current_data()
        assert data.is_stimulation_active_per_channel == [at in WIDTHS_US for at in range(8)]
        assert {error.name for error in data.channel_error} == {"NO_ERROR"}
        await mid.update(trains(client, {0: 31.5, 7: 5}))
        await asyncio.sleep(RUNNING)
        await mid.stop()

    session(client, device.address, use)
    lines = device.wait(is_off)
    by_channel = {number: [line for line in lines if line.channel == number] for number in range(1, 9)}
    assert [number for number, own in by_channel.items() if own] == [1, 5, 8]
    for at in WIDTHS_US:
        assert _shapes(by_channel[at + 1]) == {(WIDTHS_US[at], PERIODS_MS[at] * 1000)}
    assert _amplitudes(by_channel[1]) == [20_000, 31_500, 0]
    assert _amplitudes(by_channel[5]) == [12_500, 0]
    assert _amplitudes(by_channel[8]) == [5_000, 0]
    for own in (by_channel[1], by_channel[5], by_channel[8]):
        on_us = own[-1].t_us - own[0].t_us
        assert delivered(own)[own[0].channel] == -(-on_us // own[0].period_us)


def test_single_pulses_come_out_one_by_one(client: Any, device: Served) -> None:
    async def use(p24: Any) -> None:
        low = p24.get_layer_low_level()
        await low.init(client.LowLevelMode.NO_MEASUREMENT, client.LowLevelHighVoltageSource.STANDARD)
        points = [client.ChannelPoint(250, 15.5), client.ChannelPoint(250, -15.5)]
        for channel, connector in (
            (client.Channel.RED, client.Connector.YELLOW),
            (client.Channel.WHITE, client.Connector.GREEN),
        ):
            for _ in range(3):
                low.send_channel_config(True, channel, connector, points)
                await asyncio.sleep(0.01)
        answers = []
        for _ in range(100):
            low.packet_buffer.update_buffer()
            while (answer := low.packet_buffer.get_packet_from_buffer()) is not None:
                answers.append(answer)
            if len(answers) == 6:
                break
            await asyncio.sleep(0.01)
        assert [answer.result for answer in answers] == [0] * 6
        await low.stop()

    session(client, device.address, use)
    lines = device.wait(lambda lines: delivered(lines) == {1: 3, 8: 3})
    assert {(line.amplitude_ua, line.width_us) for line in lines if line.amplitude_ua} == {(15_500, 250)}


def test_an_electrode_that_comes_off_is_told(client: Any, tmp_path: Path) -> None:
    async def use(p24: Any) -> None:
        mid = p24.get_layer_mid_level()
        await mid.init(False)
        await mid.update(trains(client, {0: 20, 4: 12.5}))
        await asyncio.sleep(RUNNING)
        data = await mid.get_current_data()
        assert [error.name for error in data.channel_error] == [*["NO_ERROR"] * 4, "ELECTRODE_ERROR", *["NO_ERROR"] * 3]
        assert data.is_stimulation_active_per_channel == [True, *[False] * 7]
        await mid.stop()

    with served(tmp_path, "p24", "--fault", "electrode_off:5@0.1") as simulator:
        session(client, simulator.address, use)
        simulator.wait(is_off)


def test_a_client_that_just_goes_is_followed_by_the_pause(client: Any, tmp_path: Path) -> None:
    async def use(p24: Any) -> None:
        mid = p24.get_layer_mid_level()
        await mid.init(True)
        await mid.update(trains(client, {0: 20}))

    with served(tmp_path, "p24", "--watchdog-ms", "400") as simulator:
        session(client, simulator.address, use)
        lines = simulator.wait(is_off)
        assert lines[-1].t_us - lines[0].t_us == 400_000
        assert delivered(lines) == {1: 20}
        session(client, simulator.address, use)
        simulator.wait(lambda lines: delivered(lines) == {1: 40} and is_off(lines))


def test_a_session_with_the_simulator_in_its_own_process(
    client: Any, ems_simulator: Any, ems_scope: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import serial

    from firmware_sim.serial_urls import Serial

    async def use(p24: Any) -> None:
        mid = p24.get_layer_mid_level()
        await mid.init(True)
        await mid.update(trains(client, {0: 20, 4: 12.5}))
        assert (ems_scope.current_now_ua(1), ems_scope.current_now_ua(5)) == (20_000, 12_500)
        assert (ems_scope.width_now_us(5), ems_scope.period_now_us(5)) == (WIDTHS_US[4], PERIODS_MS[4] * 1000)
        await asyncio.sleep(0.1)
        data = await mid.get_current_data()
        assert data.is_stimulation_active_per_channel == [at in (0, 4) for at in range(8)]
        await mid.stop()

    monkeypatch.setattr(serial, "Serial", Serial)  # the client opens its port with this class, which knows no URLs
    session(client, ems_simulator("p24").url, use)
    assert ems_scope.is_zero
    on_us = {channel: [line.t_us for line in ems_scope.lines if line.channel == channel] for channel in (1, 5)}
    for channel, period_us in ((1, 20_000), (5, 25_000)):
        first_us, last_us = on_us[channel]
        assert ems_scope.totals(channel).pulses == -(-(last_us - first_us) // period_us)


def _shapes(lines: list[ScopeLine]) -> set[tuple[int, int]]:
    return {(line.width_us, line.period_us) for line in lines if line.amplitude_ua}


def _amplitudes(lines: list[ScopeLine]) -> list[int]:
    """Amplitudes in order, repetitions left out."""
    values = [line.amplitude_ua for line in lines]
    return [value for at, value in enumerate(values) if at == 0 or values[at - 1] != value]
