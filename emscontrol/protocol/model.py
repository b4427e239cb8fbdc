"""A protocol as a whole: who it is for, where it comes from, its channels and its phases."""

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from emscontrol.protocol import rules
from emscontrol.protocol.fields import Text, Within
from emscontrol.protocol.parts import Channel, Citation, Evidence, LmnStatus, Part, PhaseSpec, Use

RULES_BROKEN = "rules"
"""Type of the pydantic error whose context `findings` lists the rules that do not hold."""


class Protocol(Part):
    """One protocol for electrical muscle stimulation, as its author wrote it. Constructing one checks every range and rule."""

    format: Annotated[int, Within("format")] = Field(description="Version of the file format: 1.")
    id: Annotated[
        str, Text(60, pattern="[a-z0-9]+(-[a-z0-9]+)*", spelt="small letters, digits and single hyphens, as acl-quadriceps")
    ] = Field(description="Short name, unique in a library: small letters, digits and single hyphens.")
    title: Annotated[str, Text(120)] = Field(description="What people read in lists.")
    indication: Annotated[str, Text(400)] = Field(description="What it is for, in the words of the field.")
    lmn_status: Annotated[LmnStatus, Field(strict=False)] = Field(
        description="State of the lower motor neuron that it needs: intact, damaged or any."
    )
    use: Annotated[Use, Field(strict=False)] = Field(
        description="standard, specialist (a named clinician), or not_recommended."
    )
    evidence: Annotated[Evidence, Field(strict=False)] = Field(
        description="A several trials agree; B trials, few or mixed; C pilots and case series; D opinion or extrapolation."
    )
    author: Annotated[str, Text(120)] = Field(description="Who wrote the file.")
    revision: Annotated[int, Within("revision")] = Field(description="Counts upward with each reviewed change.")
    citations: Annotated[tuple[Citation, ...], Field(strict=False, min_length=1, max_length=50)] = Field(
        description="A list of at least one source, each with text and mark."
    )
    notes: Annotated[str, Text(20_000, lines=True, shortest=0)] = Field(
        "", description="Anything a colleague should know: positions, doubts, cautions."
    )
    channels: Annotated[dict[Annotated[int, Within("channel")], Channel], Field(min_length=1, max_length=64)] = Field(
        description="Channels by number, each with muscle, side, label and electrode."
    )
    phases: Annotated[tuple[PhaseSpec, ...], Field(strict=False, min_length=1, max_length=100)] = Field(
        description="A list of phases in order, as warm-up, work, cool-down."
    )

    @model_validator(mode="after")
    def _rules_hold(self) -> Self:
        broken = rules.findings(self)
        if broken:
            words = "; ".join(f"{'.'.join(map(str, f.at))}: {f.found}; {f.right}" for f in broken)
            raise PydanticCustomError(RULES_BROKEN, "{words}", {"words": words, "findings": tuple(broken)})
        return self
