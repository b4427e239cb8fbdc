"""Other values in the text of a protocol file, with every other character of it left as its author wrote it.

The places of values come from ruamel.yaml, which also reads the file; writing a tree back with it would keep the comments too,
but not the author's quotes, line breaks and columns.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from emscontrol.core.errors import ProtocolFileError
from emscontrol.protocol.findings import Place
from emscontrol.protocol.problems import dotted
from emscontrol.protocol.scalars import read_key

KEPT: Final = 16
_BLOCKS: Final = ("|", ">")


def rewritten(text: str, values: Mapping[Place, str]) -> str:
    """The text of a sound protocol file with these scalars in place of those that stand there.

    Raises ProtocolFileError when there is no scalar at a place, or one that goes over several lines.
    """
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
    spans = {place: node for place, node in _scalars_of(plain).items() if place in values}
    for place in values:
        if place not in spans or spans[place].style in _BLOCKS:
            raise ProtocolFileError(f"The protocol has no value at {dotted(place)} that can be changed.")
    for place, node in sorted(spans.items(), key=lambda item: -item[1].start_mark.index):
        plain = plain[: node.start_mark.index] + values[place] + plain[node.end_mark.index :]
    return plain


@lru_cache(maxsize=KEPT)
def _scalars_of(plain: str) -> Mapping[Place, ScalarNode]:
    """Every scalar by its place. A plan's protocol is rewritten for each of its steps."""
    return dict(_scalars(YAML(typ="safe", pure=True).compose(plain), ()))


def _scalars(node: Any, place: Place) -> Iterator[tuple[Place, ScalarNode]]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _scalars(value, (*place, read_key(key.value, key.style is None)))
    elif isinstance(node, SequenceNode):
        for number, value in enumerate(node.value):
            yield from _scalars(value, (*place, number))
    elif isinstance(node, ScalarNode):
        yield place, node
