"""Frames of the reference protocol, put together by hand from its page."""

from typing import Any

STOP_7 = bytes.fromhex("03 0c 07 01 01 01 01 05 b2 85 c9 47 00")  # the example of the page
EPOCH = 0x5EED0001


def crc(data: bytes) -> int:
    """The page's CRC-32, bit by bit: reflected polynomial, initial value and final XOR all ones."""
    value = 0xFFFF_FFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xEDB8_8320 if value & 1 else 0)
    return value ^ 0xFFFF_FFFF


def line(code: int, seq: int, epoch: int, payload: bytes) -> bytes:
    """A frame as the page says: header, payload, CRC; pieces between zero bytes, each behind its length and one."""
    plain = bytes([code]) + seq.to_bytes(2, "little") + epoch.to_bytes(4, "little") + payload
    plain += crc(plain).to_bytes(4, "little")
    out = bytearray()
    piece = bytearray()
    for byte in plain:
        if byte:
            piece.append(byte)
        else:
            out += bytes([len(piece) + 1]) + piece
            piece.clear()
    return bytes(out + bytes([len(piece) + 1]) + piece) + b"\0"


def le(value: int, size: int) -> bytes:
    return value.to_bytes(size, "little", signed=value < 0)


STATUS_BYTES = (
    le(2, 1) + le(0x81, 2) + le(499, 2) + le(80, 1) + le(-5, 1) + le(123_456, 4) + le(2, 1)
    + le(1, 1) + le(5, 1) + le(70_000, 4) + le(300, 2) + le(299, 2) + le(1_200, 2)
    + le(8, 1) + le(2, 1) + le(0, 4) + le(0, 2) + le(0, 2) + le(0xFFFF, 2)
)  # fmt: skip
STATUS_VALUES: dict[str, Any] = {
    "state": 2,
    "faults": 0x81,
    "lease_left_ms": 499,
    "battery": 80,
    "temperature": -5,
    "device_ms": 123_456,
    "each": [
        {"channel": 1, "flags": 5, "pulses": 70_000, "set": 300, "measured": 299, "ohm": 1_200},
        {"channel": 8, "flags": 2, "pulses": 0, "set": 0, "measured": 0, "ohm": 0xFFFF},
    ],
}
LIMIT_BYTES = (
    bytes([3, 1, 0b1001, 6]) + le(1_200, 2) + le(200_000, 4) + le(2_500, 4) + le(24_000_000, 4) + le(12_000, 2)
)  # fmt: skip
LIMIT_VALUES = {
    "channel": 3,
    "flags": 1,
    "shapes": 9,
    "burst_max": 6,
    "amplitude_max": 1_200,
    "width_max_us": 200_000,
    "period_min_us": 2_500,
    "charge_max_nc": 24_000_000,
    "rise_max": 12_000,
}
VECTORS: list[tuple[str, int, bytes, dict[str, Any]]] = [
    ("HELLO", 0x01, b"\x01\x03", {"version_min": 1, "version_max": 3}),
    ("HELLO_ANSWER", 0x81, b"\x00\x01" + le(99, 4) + b"\x03", {"result": 0, "version": 1, "boot_id": 99, "state": 3}),
    ("HELLO_ANSWER", 0x81, b"\x19\x00", {"result": 25, "channel": 0}),
    ("IDENTIFY", 0x02, b"", {}),
    (
        "IDENTIFY_ANSWER",
        0x82,
        b"\x00\x02ab\x00\x03\xc2\xb5s\x011",
        {"result": 0, "maker": "ab", "model": "", "serial": "µs", "firmware": "1"},
    ),
    ("CAPABILITIES", 0x03, b"", {}),
    (
        "CAPABILITIES_ANSWER",
        0x83,
        b"\x00\x08\x03\x0f\x06" + le(1_200, 2) + le(20, 4) + le(200_000, 4) + le(2_500, 4) + le(5_000_000, 4)
        + le(1_500, 2) + le(500, 2),
        {
            "result": 0, "channels": 8, "flags": 3, "shapes": 15, "burst_max": 6, "amplitude_max": 1_200, "width_min_us": 20,
            "width_max_us": 200_000, "period_min_us": 2_500, "period_max_us": 5_000_000, "voltage_max": 1_500,
            "lease_max_ms": 500,
        },
    ),
    ("LIMITS", 0x04, LIMIT_BYTES, LIMIT_VALUES),
    ("LIMITS_ANSWER", 0x84, b"\x00", {"result": 0}),
    ("READ_LIMITS", 0x05, b"\x03", {"channel": 3}),
    ("READ_LIMITS_ANSWER", 0x85, b"\x00" + LIMIT_BYTES, {"result": 0, **LIMIT_VALUES}),
    (
        "TRAIN",
        0x06,
        b"\x02\x01" + le(300, 4) + le(100, 2) + b"\x04" + le(20_000, 4) + b"\x03" + le(5_000, 4),
        {
            "channel": 2, "shape": 1, "width_us": 300, "gap_us": 100, "recovery_ratio": 4, "period_us": 20_000,
            "burst_pulses": 3, "burst_interval_us": 5_000,
        },
    ),
    ("TRAIN_ANSWER", 0x86, b"\x0b\x02", {"result": 11, "channel": 2}),
    ("ARM", 0x07, le(500, 2), {"lease_ms": 500}),
    ("ARM_ANSWER", 0x87, b"\x00" + le(EPOCH, 4), {"result": 0, "epoch": EPOCH}),
    ("RENEW", 0x08, b"\x02\x81", {"state": 2, "channels": 0x81}),
    ("RENEW_ANSWER", 0x88, b"\x00" + STATUS_BYTES, {"result": 0, **STATUS_VALUES}),
    ("SET", 0x09, b"\x00", {"each": []}),
    ("SET", 0x09, b"\x01\x01" + le(1_200, 2), {"each": [{"channel": 1, "amplitude": 1_200}]}),
    ("SET_ANSWER", 0x89, b"\x00\x01\x01" + le(300, 2), {"result": 0, "each": [{"channel": 1, "amplitude": 300}]}),
    ("SET_ANSWER", 0x89, b"\x0d\x01", {"result": 13, "channel": 1}),
    (
        "CONTRACT",
        0x0A,
        b"\x01\x02" + le(300, 2) + le(2_000_000, 4) + le(6_000_000, 4) + le(0, 4),
        {"each": [{"channel": 2, "amplitude": 300, "rise_us": 2_000_000, "hold_us": 6_000_000, "fall_us": 0}]},
    ),
    ("CONTRACT_ANSWER", 0x8A, b"\x00\x00", {"result": 0, "each": []}),
    ("STATUS", 0x0B, b"", {}),
    ("STATUS_ANSWER", 0x8B, b"\x00" + STATUS_BYTES, {"result": 0, **STATUS_VALUES}),
    ("STOP", 0x0C, b"", {}),
    ("STOP_ANSWER", 0x8C, b"\x00\x03", {"result": 0, "state": 3}),
    ("CLEAR", 0x0D, b"", {}),
    ("CLEAR_ANSWER", 0x8D, b"\x00" + le(0x180, 2), {"result": 0, "faults": 0x180}),
    ("CHECK", 0x0E, b"\x08", {"channel": 8}),
    ("CHECK_ANSWER", 0x8E, b"\x00\x08\xff\xff", {"result": 0, "channel": 8, "ohm": 0xFFFF}),
    ("EVENT", 0xC0, STATUS_BYTES, STATUS_VALUES),
]  # fmt: skip
