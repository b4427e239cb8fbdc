"""A drawn protocol as the session that an engine is given."""

import hashlib
from collections.abc import Mapping
from typing import Any

from emscontrol.protocol.load import load_text
from emscontrol.protocol.model import Protocol
from emscontrol.protocol.travel import to_line
from emscontrol.session.spec import SessionSpec
from emscontrol.trials.protocols import as_yaml


def spec_of(
    model: str,
    protocol: Mapping[str, Any],
    comfort_ua: Mapping[int, int],
    motor_ua: Mapping[int, int],
    from_text: bool = False,
) -> SessionSpec:
    """The session; with `from_text` the protocol is written as YAML and read back as a file would be."""
    if from_text:
        loaded = load_text(as_yaml(protocol), "trial")
        line, text, digest = to_line(loaded.protocol), loaded.text, loaded.sha256
    else:
        line = to_line(Protocol.model_validate(protocol))
        text, digest = line, hashlib.sha256(line.encode()).hexdigest()
    return SessionSpec(
        device=f"{model}@sim",
        protocol=line,
        protocol_text=text,
        sha256=digest,
        comfort_ua={str(channel): ua for channel, ua in comfort_ua.items()},
        motor_ua={str(channel): ua for channel, ua in motor_ua.items()},
    )
