"""All commands of ScienceMode 4 (P24) and of ScienceMode 3 (RehaMove 3) where it differs, as one table.

Source: P24 instructions for use 1.1 (ScienceMode 4 protocol), RehaMove 3 protocol description 3.2.4, and the vendor's C
libraries 4.0.0 and 3.2.4b for commands that no document describes. Channels and connectors count from 0. The commands of the
I24 measurement device (100 to 115), which do not stimulate, are not here.
"""

from typing import Final

from emscontrol.devices.declare.bits import Bits, Count, Flag, Part
from emscontrol.devices.declare.command import Command, Layout, Table, exchange
from emscontrol.devices.declare.field import Field
from emscontrol.devices.declare.lists import PerChannel, Rows
from emscontrol.devices.declare.plain import Fixed, Hex, Number, Numbers, Text
from emscontrol.devices.declare.quantity import Scale
from emscontrol.devices.declare.sets import FlagSet, Nibbles
from emscontrol.devices.sciencemode4.electrodes import ElectrodeErrors

_BYTE: Final = Scale(0, 255)

RESULTS: Final = {
    0: "ok",
    1: "transfer error (checksum or length)",
    2: "parameter error",
    3: "wrong protocol version",
    4: "stimulation controller timed out",
    5: "EMG timed out",
    6: "EMG register error",
    7: "not initialized, or the other level is active",
    8: "high voltage error",
    9: "demultiplexer timed out",
    10: "electrode error",
    11: "unknown command",
    12: "demultiplexer error",
    13: "demultiplexer error",
    14: "demultiplexer error",
    15: "demultiplexer error",
    16: "pulse timed out: it did not fit its time frame",
    17: "fuel gauge error",
    18: "live signal error",
    19: "file timed out",
    20: "file not found",
    21: "busy",
    22: "file error",
    23: "flash or firmware error",
    24: "flash or firmware error",
    25: "flash or firmware error",
    26: "flash or firmware error",
    27: "fuel gauge not programmed",
    28: "pulse current too low: measured below what was set",
}
"""What the result codes say."""

RESULT: Final = Number("result", "result code, 0 is ok", "B", Scale(0, max(RESULTS)))

DURATION: Final = Part(
    "duration_us", 31, 20, Scale(0, 4095, "µs"), "how long the current is held; the device makes less than 10 µs into 10 µs"
)
CURRENT: Final = Part("current_ma", 19, 10, Scale(-130, 130, "mA", step=0.5, offset=-150), "current, signed")
POINT: Final = Bits(4, (DURATION, CURRENT))
POINT_COUNT: Final = Count("points", 7, 4, "number of points of the pulse, less one")
RAMP: Final = Part(
    "ramp", 3, 0, Scale(0, 15, "pulses"), "weaker, linearly rising pulses before full current when a channel is enabled"
)
QUARTER_MS: Final = Flag("quarter_ms", 0, "period in quarters instead of halves of a millisecond", default=False, quiet=True)
HALF_MS_PERIOD: Final = Scale(0.5, 16383, "ms", step=0.5)
QUARTER_MS_PERIOD: Final = Scale(0.25, 8191.75, "ms", step=0.25)
PERIOD: Final = Part("period_ms", 15, 1, HALF_MS_PERIOD, "time from pulse to pulse", finer=(QUARTER_MS, QUARTER_MS_PERIOD))

POINTS: Final = Rows("points", POINT, "the pulse as steps of [µs, mA]", most=16)
TRAIN_HEAD: Final = Bits(1, (POINT_COUNT, RAMP))
TRAIN_PERIOD: Final = Bits(2, (PERIOD, QUARTER_MS))
_TRAIN: Final = (TRAIN_HEAD, TRAIN_PERIOD, POINTS)
_COMPLETE: Final = "the complete set of channels that are to stimulate; a missing one is switched off"
TRAINS: Final = PerChannel("channels", "channel", 8, _TRAIN, _COMPLETE)
_SOFT: Final = Flag("softstart", 4, "let the current rise for about 20 s; the P24 takes this bit for its fifth channel")
_TRAINS_3: Final = PerChannel("channels", "channel", 4, _TRAIN, _COMPLETE, (_SOFT,))


def _exchange(
    name: str, number: int, meaning: str, request: tuple[Field, ...], answer: tuple[Field, ...]
) -> tuple[Command, Command]:
    return exchange(name, number, meaning, (Layout(request),), (Layout(answer),), "_ack")


_VERSION: Final = (
    RESULT,
    Numbers("firmware", "firmware version: major, minor, revision", 3, "B", _BYTE),
    Numbers("sciencemode", "protocol version: major, minor, revision", 3, "B", _BYTE),
)

GENERAL: Final = (
    *_exchange("get_version_main", 50, "ask for the version of the main controller", (), _VERSION),
    *_exchange("get_device_id", 52, "ask for the serial number", (), (RESULT, Text("device_id", "serial number", 10))),
    *_exchange(
        "get_battery_status",
        54,
        "ask for the battery's charge",
        (),
        (
            RESULT,
            Number("level_percent", "charge", "B", Scale(0, 100, "%")),
            Number("voltage_mv", "voltage", "H", Scale(0, 65535, "mV")),
        ),
    ),
    *_exchange(
        "set_power", 56, "switch modules on or off", (Hex("modules", "module bits, as the library sends them", 8),), (RESULT,)
    ),
    *_exchange("reset", 58, "restart the device; the answer may be lost", (), (RESULT,)),
    *_exchange("get_version_stim", 60, "ask for the version of the stimulation controller", (), _VERSION),
    *_exchange(
        "get_stim_status",
        62,
        "ask what the stimulation controller is doing",
        (),
        (
            RESULT,
            Number("stim_status", "0 none, 1 low level ready, 2 mid level ready, 3 mid level running", "B", Scale(0, 3)),
            Number("high_voltage", "1 off, 2 30 V, 3 60 V, 4 90 V, 5 120 V, 6 150 V", "B", Scale(0, 6)),
        ),
    ),
    *_exchange(
        "get_main_status",
        64,
        "ask what the main controller is doing",
        (),
        (RESULT, Number("main_status", "status, values undocumented", "B", _BYTE)),
    ),
    Command("general_error", 66, "device", "something failed that belongs to no command", (Layout((RESULT,)),)),
    Command("unknown_cmd", 67, "device", "the device does not know the command", (Layout((RESULT,)),)),
    *_exchange(
        "get_extended_version",
        68,
        "ask for versions and firmware hash",
        (),
        (
            *_VERSION,
            Hex("hash", "hash of the firmware", 4),
            Number("hash_type", "0 none, 1 git, 2 ELF MD5, 3 ELF SHA-256", "B", Scale(0, 3)),
            Number("hash_valid", "1 when the hash is valid", "B", Scale(0, 1)),
        ),
    ),
)

_SOCKET: Final = Bits(
    1,
    (
        Part("connector", 7, 4, Scale(0, 1), "0 yellow plug, 1 green plug"),
        Part("channel", 3, 0, Scale(0, 3), "red, blue, black, white"),
    ),
)
_CONFIG_HEAD: Final = Bits(
    1,
    (
        Flag("execute", 7, "give this one pulse; false only ends the channel's configuration"),
        Part("channel", 6, 5, Scale(0, 3), "red, blue, black, white"),
        Part("connector", 4, 4, Scale(0, 1), "0 yellow plug, 1 green plug; 0 on a RehaMove 3", default=0),
        Count("points", 3, 0, "number of points of the pulse, less one"),
    ),
)
_SAMPLES: Final = (
    RESULT,
    _SOCKET,
    Number("measurement", "1 stimulation current, 2 stimulation voltage, 3 high-voltage source", "B", Scale(1, 3)),
    Number("sampling_time_us", "time from sample to sample", "H", Scale(0, 65535, "µs")),
    Numbers("samples", "measured curve in hundredths of a mA or V", 128, "H", Scale(0, 65535)),
)

LOW_LEVEL: Final = (
    *_exchange(
        "ll_init",
        0,
        "enter the low level: one command, one pulse",
        (
            Bits(
                1,
                (
                    Part("measurement", 6, 4, Scale(0, 3), "curve to measure with each pulse, 0 none", default=0, quiet=True),
                    Part("high_voltage", 3, 1, Scale(0, 6), "0 standard 150 V, 1 off; RehaMove 3 also 2 to 6 for 30 to 150 V"),
                ),
            ),
        ),
        (RESULT,),
    ),
    Command(
        "ll_channel_config",
        2,
        "host",
        "one pulse on one channel",
        (Layout((_CONFIG_HEAD, Rows("points", POINT, "the pulse as steps of [µs, mA]", most=16, none_without="execute"))),),
        "ll_channel_config_ack",
    ),
    Command(
        "ll_channel_config_ack",
        3,
        "device",
        "answer to ll_channel_config, after the pulse",
        (
            Layout((RESULT, _SOCKET, Fixed("measurement", "no curve follows", 0, quiet=True)), "ScienceMode 4"),
            Layout(_SAMPLES, "ScienceMode 4 with measurement"),
            Layout(
                (RESULT, Number("electrode_error_channel", "channel with an open electrode, valid with result 10", "B", _BYTE)),
                "ScienceMode 3",
            ),
        ),
    ),
    *_exchange("ll_stop", 4, "leave the low level", (), (RESULT,)),
)

MID_LEVEL: Final = (
    *_exchange(
        "ml_init",
        30,
        "enter the mid level and enable the high voltage: the device repeats pulses by itself",
        (Bits(1, (Flag("stop_all_on_error", 0, "on an error stop all channels, not only the affected one"),)),),
        (RESULT,),
    ),
    *exchange(
        "ml_update",
        32,
        "what every channel is to do from now on; also a keep-alive",
        (
            Layout((TRAINS,), "ScienceMode 4"),
            Layout((_TRAINS_3,), "ScienceMode 3"),
        ),
        (Layout((RESULT,)),),
        "_ack",
    ),
    *_exchange("ml_stop", 34, "leave the mid level and switch the high voltage off", (), (RESULT,)),
    *exchange(
        "ml_get_current_data",
        36,
        "ask what the channels are doing; also a keep-alive",
        (
            Layout(
                (
                    Number(
                        "selection",
                        "4 states of 8 channels (P24), 3 electrode errors of 8, 2 of 4 (RehaMove 3)",
                        "B",
                        Scale(2, 4),
                    ),
                )
            ),
        ),
        (
            Layout(
                (
                    RESULT,
                    Fixed("selection", "states of 8 channels", 4),
                    FlagSet("active", "the channels that are stimulating, channel 0 first"),
                    Nibbles(
                        "channel_state", "0 ok, 1 electrode error, 2 pulse timeout, 3 pulse current too low", 4, Scale(0, 15)
                    ),
                )
            ),
            Layout((RESULT, Fixed("selection", "electrode errors of 8 channels", 3), ElectrodeErrors(2))),
            Layout((RESULT, Fixed("selection", "electrode errors of 4 channels", 2), ElectrodeErrors(1))),
        ),
        "_ack",
    ),
)

TABLE: Final = Table(Scale(0, 63), *GENERAL, *LOW_LEVEL, *MID_LEVEL)
