"""Writing a BERT-like encoder as an ONNX graph: pooling and normalising inside, float32 or int8.

The graph is written with ONNX's own helpers, so that neither torch nor an exporter is needed. Weights carry the names that
`transformers` gives them, the shapes and steps are those of its ``BertModel``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import onnx

Array = NDArray[np.float32]
OPSET = 20
WORD = "embeddings.word_embeddings.weight"


@dataclass(frozen=True)
class Bert:
    """A BERT encoder: its sizes and its weights, named as in ``transformers``.

    `offset` is the position of the first token: 0 for BERT, padding index + 1 for RoBERTa and its kin.
    """

    layers: int
    heads: int
    eps: float
    weights: Mapping[str, Array]
    offset: int = 0

    @property
    def dimension(self) -> int:
        return int(self.weights[WORD].shape[1])


class _Graph:
    """Collects nodes and constants; every method returns the name of the value that it makes."""

    def __init__(self, int8: bool, bits: int = 8) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.int8 = int8
        self.top = 2 ** (bits - 1) - 1
        self._quantised: dict[str, list[str]] = {}

    def constant(self, name: str, value: NDArray[Any]) -> str:
        from onnx import numpy_helper

        if all(existing.name != name for existing in self.constants):
            self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, operator: str, inputs: Sequence[str], name: str, outputs: int = 1, **attributes: Any) -> str:
        from onnx import helper

        names = [name] if outputs == 1 else [f"{name}.{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, name=name, **attributes))
        return names[0]

    def linear(self, value: str, name: str, weight: Array, bias: Array) -> str:
        """value · weightᵀ + bias, for a weight of shape (outputs, inputs)."""
        if not self.int8:
            product = self.node("MatMul", [value, self.constant(f"{name}.weight", weight.T)], f"{name}.product")
            return self.node("Add", [product, self.constant(f"{name}.bias", bias)], name)
        if value not in self._quantised:
            self.node("DynamicQuantizeLinear", [value], f"{value}.quantised", outputs=3)
            self._quantised[value] = [f"{value}.quantised.{i}" for i in range(3)]
        activation, scale, zero = self._quantised[value]
        whole, scales = symmetric(weight, self.top)
        kernel = self.constant(f"{name}.weight", whole.T)
        product = self.node("MatMulInteger", [activation, kernel, zero], f"{name}.integer")
        product = self.node("Cast", [product], f"{name}.cast", to=1)
        scale = self.node("Mul", [scale, self.constant(f"{name}.scale", scales)], f"{name}.scales")
        product = self.node("Mul", [product, scale], f"{name}.product")
        return self.node("Add", [product, self.constant(f"{name}.bias", bias)], name)

    def rows(self, index: str, name: str, weight: Array) -> str:
        """The rows of an embedding; as int8 with a scale a row, if the graph is int8."""
        if not self.int8:
            return self.node("Gather", [self.constant(f"{name}.weight", weight), index], name, axis=0)
        whole, scales = symmetric(weight, 127)
        found = self.node("Gather", [self.constant(f"{name}.weight", whole), index], f"{name}.integer", axis=0)
        found = self.node("Cast", [found], f"{name}.cast", to=1)
        scale = self.node("Gather", [self.constant(f"{name}.scale", scales[:, None]), index], f"{name}.scales", axis=0)
        return self.node("Mul", [found, scale], name)

    def norm(self, value: str, name: str, weights: Mapping[str, Array], eps: float) -> str:
        parts = [self.constant(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias")]
        return self.node("LayerNormalization", [value, *parts], name, axis=-1, epsilon=eps)


def symmetric(weight: Array, top: int) -> tuple[NDArray[np.int8], Array]:
    """Weights as int8 with one scale a row, so that ``int8 * scale`` is nearest to them."""
    scales = np.abs(weight).max(axis=1) / np.float32(top)
    scales[scales == 0] = 1
    return np.round(weight / scales[:, None]).astype(np.int8), scales.astype(np.float32)


def encoder_graph(bert: Bert, *, int8: bool, pooling: str = "mean", normalise: bool = True, bits: int = 8, attention="std", merged=False) -> onnx.ModelProto:
    g = _Graph(int8, bits)
    w, hidden = bert.weights, bert.dimension
    size = hidden // bert.heads
    mask = g.node("Cast", ["attention_mask"], "mask", to=1)
    kept = g.node("Unsqueeze", [mask, g.constant("axes12", np.array([1, 2]))], "mask.kept")
    gone = g.node("Sub", [g.constant("one", np.array(1, np.float32)), kept], "mask.gone")
    bias = g.node("Mul", [gone, g.constant("lowest", np.array(-10000.0, np.float32))], "mask.bias")
    length = g.node("Shape", ["input_ids"], "length", start=1, end=2)
    x = g.rows("input_ids", "embeddings.word_embeddings", w[WORD])
    first = g.constant("first", np.array([bert.offset]))
    last = g.node("Add", [length, first], "last") if bert.offset else length
    table = w["embeddings.position_embeddings.weight"] + w["embeddings.token_type_embeddings.weight"][0]
    places = g.node("Slice", [g.constant("positions", table), first, last, g.constant("axis0", np.array([0]))], "places")
    x = g.node("Add", [x, places], "embeddings")
    x = g.norm(x, "embeddings.LayerNorm", w, bert.eps)
    for layer in range(bert.layers):
        p = f"encoder.layer.{layer}"
        def lin(value: str, name: str) -> str:
            return g.linear(value, f"{p}.{name}", w[f"{p}.{name}.weight"], w[f"{p}.{name}.bias"])
        names = [f"{p}.attention.self.{n}" for n in ("query", "key", "value")]
        if attention == "std":
            if merged:
                W = np.concatenate([w[n + ".weight"] for n in names]); B = np.concatenate([w[n + ".bias"] for n in names])
                qkv = g.linear(x, f"{p}.qkv", W, B)
                g.node("Split", [qkv], f"{p}.split", outputs=3, axis=-1, num_outputs=3)
                q, k, v = (f"{p}.split.{i}" for i in range(3))
            else:
                q, k, v = (lin(x, f"attention.self.{n}") for n in ("query", "key", "value"))
            shape = g.constant("shape.heads", np.array([0, 0, bert.heads, size]))
            def heads(value: str, perm: list[int]) -> str:
                split = g.node("Reshape", [value, shape], f"{value}.heads")
                return g.node("Transpose", [split], f"{value}.turned", perm=perm)
            q, k, v = heads(q, [0, 2, 1, 3]), heads(k, [0, 2, 3, 1]), heads(v, [0, 2, 1, 3])
            q = g.node("Mul", [q, g.constant("size", np.array(size**-0.5, np.float32))], f"{p}.scaled")
            s = g.node("MatMul", [q, k], f"{p}.scores")
            s = g.node("Add", [s, bias], f"{p}.masked")
            s = g.node("Softmax", [s], f"{p}.softmax", axis=-1)
            c = g.node("MatMul", [s, v], f"{p}.context")
            c = g.node("Transpose", [c], f"{p}.context.turned", perm=[0, 2, 1, 3])
            c = g.node("Reshape", [c, g.constant("shape.joined", np.array([0, 0, hidden]))], f"{p}.context.joined")
        else:
            q, k, v = (lin(x, f"attention.self.{n}") for n in ("query", "key", "value"))
            ins = [q, k, v] if attention == "mha-nomask" else [q, k, v, "", g.node("Cast", ["attention_mask"], "mask32", to=6) if layer == 0 else "mask32"]
            c = g.node("MultiHeadAttention", ins, f"{p}.mha", num_heads=bert.heads, domain="com.microsoft")
        a = lin(c, "attention.output.dense")
        x = g.node("Add", [a, x], f"{p}.attended")
        x = g.norm(x, f"{p}.attention.output.LayerNorm", w, bert.eps)
        m = lin(x, "intermediate.dense")
        m = g.node("Gelu", [m], f"{p}.gelu")
        m = lin(m, "output.dense")
        x = g.node("Add", [m, x], f"{p}.fed")
        x = g.norm(x, f"{p}.output.LayerNorm", w, bert.eps)
    g.node("Identity", [x], "last_hidden_state")
    if pooling == "mean":
        column = g.node("Unsqueeze", [mask, g.constant("axis2", np.array([2]))], "mask.column")
        one = g.constant("axis1", np.array([1]))
        total = g.node("ReduceSum", [g.node("Mul", [x, column], "masked"), one], "total", keepdims=0)
        count = g.node("ReduceSum", [column, one], "count", keepdims=0)
        x = g.node("Div", [total, count], "pooled")
    if normalise:
        x = g.node("LpNormalization", [x], "normalised", axis=-1, p=2)
    g.node("Identity", [x], "sentence_embedding")
    from onnx import helper, TensorProto
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "length"]) for n in ("input_ids", "attention_mask")]
    outputs = [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "length", hidden]),
               helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["batch", hidden])]
    model = helper.make_model(helper.make_graph(g.nodes, "encoder", inputs, outputs, g.constants),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)], ir_version=10)
    return model
