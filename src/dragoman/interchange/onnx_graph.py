"""An ONNX graph that is written node by node: what every program that makes one needs, and nothing of the model."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper

from dragoman.errors import RequestError

OPSET, IR_VERSION = 17, 8  # of 2022: every ONNX Runtime from 1.12 on runs them
MOST_BYTES = 2_000_000_000  # of a protobuf message

End = tuple[int, list[int | str]]  # of the graph, an input or output: its TensorProto type, and its shape


class Graph:
    """A graph that grows; every method returns the name of what it computes."""

    def __init__(self) -> None:
        """Start with no node."""
        self._nodes: list[Any] = []
        self._tensors: dict[str, Any] = {}

    def op(self, kind: str, *inputs: str, named: str | None = None, **attributes: Any) -> str:
        """Add a node of one output, which is named after it where no name is given."""
        name = f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [named or name], name=name, **attributes))
        return named or name

    def stored(self, name: str, value: NDArray[Any]) -> str:
        """Return the name of a tensor of the file; a second one of the name is the first."""
        if name not in self._tensors:
            self._tensors[name] = numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def number(self, value: float) -> str:
        """Return a number in float32."""
        return self.stored(f"float {value}", np.array(value, dtype=np.float32))

    def integers(self, value: int | list[int]) -> str:
        """Return a whole number, or a list of them."""
        return self.stored(f"integers {value}", np.array(value, dtype=np.int64))

    def floats(self, name: str) -> str:
        """Return whole numbers as float32."""
        return self.op("Cast", name, to=TensorProto.FLOAT)

    def length(self, name: str, axis: int) -> str:
        """Return a dimension of a tensor."""
        return self.op("Gather", self.op("Shape", name), self.integers(axis), axis=0)

    def row(self, name: str, index: int) -> str:
        """Return what stands at an index of the first axis."""
        return self.op("Gather", name, self.integers(index), axis=0)

    def stack(self, rows: list[str], named: str) -> str:
        """Return tensors as one, along a new first axis."""
        return self.op("Concat", *(self.op("Unsqueeze", row, self.integers([0])) for row in rows), named=named, axis=0)

    def finished(self, name: str, inputs: Mapping[str, End], outputs: Mapping[str, End]) -> ModelProto:
        """Return the model; raises RequestError for one that is larger than a file of this kind can be."""
        size = sum(len(tensor.raw_data) for tensor in self._tensors.values())
        if size > MOST_BYTES:
            raise RequestError(f"ONNX cannot take this model: its {name} has {size / 1e9:.1f} GB, a file at most 2 GB")
        graph = helper.make_graph(
            self._nodes,
            name,
            [helper.make_tensor_value_info(end, *described) for end, described in inputs.items()],
            [helper.make_tensor_value_info(end, *described) for end, described in outputs.items()],
            initializer=list(self._tensors.values()),
        )
        opsets = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="dragoman")
