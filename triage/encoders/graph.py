"""Writing a BERT encoder as an ONNX graph, in float32 or int8, with pooling and normalising inside.

The graph is written with ONNX's own helpers, so that building an encoder folder needs neither torch nor an exporter.
The steps are those of the ``BertModel`` of transformers, and weights carry its names.

Int8 is dynamic: weights are whole numbers with one scale an output channel, activations are quantised as they come.
Weights use seven of the eight bits, because processors without VNNI add two products of eight bits in sixteen and
would saturate; against float32 the vectors lost nothing by it (cosine .996 either way), and every processor computes
the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import ModelProto

Floats = NDArray[np.float32]
OPSET = 20
IR_VERSION = 10
WORD = "embeddings.word_embeddings"
POSITION = "embeddings.position_embeddings"
TYPE = "embeddings.token_type_embeddings"
LINEAR_TOP, ROW_TOP = 63, 127
"""The largest whole number in a linear layer (seven bits, see above) and in an embedding (which is never multiplied
in int8)."""
INPUTS = ("input_ids", "attention_mask")
TOKENS, SENTENCE = "last_hidden_state", "sentence_embedding"


@dataclass(frozen=True)
class Bert:
    """A BERT encoder: its sizes, and its weights named as in transformers (``embeddings.word_embeddings.weight`` …).

    `offset` is the position of the first token: 0 in BERT, the padding index + 1 in RoBERTa and its kin.
    """

    layers: int
    heads: int
    eps: float
    weights: Mapping[str, Floats]
    offset: int = 0

    @property
    def dimension(self) -> int:
        """The length of a token's vector."""
        return int(self.weights[f"{WORD}.weight"].shape[1])

    @property
    def positions(self) -> int:
        """The most tokens that a text may have."""
        return int(self.weights[f"{POSITION}.weight"].shape[0]) - self.offset


class Graph:
    """Collects nodes and constants. Methods that add a step return the name of its value."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[str, NDArray[Any]] = {}

    def constant(self, name: str, value: NDArray[Any] | float | Sequence[int]) -> str:
        """A constant: numbers as float32, sequences as int64."""
        if not isinstance(value, np.ndarray):
            value = np.array(value, np.float32 if isinstance(value, float) else np.int64)
        self.constants[name] = value
        return name

    def step(self, operator: str, inputs: Sequence[str], name: str, outputs: int = 1, **attributes: Any) -> str:
        """Apply an operator; with several outputs they are called ``name.0``, ``name.1`` …, and the first is
        returned."""
        from onnx import helper

        names = [name] if outputs == 1 else [f"{name}.{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, name=name, **attributes))
        return names[0]

    def tensors(self) -> list[Any]:
        """The constants as ONNX holds them."""
        from onnx import numpy_helper

        return [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in self.constants.items()]

    def pool(self, tokens: str, pooling: str, normalise: bool) -> None:
        """One vector for each text from the vectors of its tokens: their ``mean``, or the first (``cls``).

        Written with operators as ONNX has them since opset 13, so that it can also be put behind a graph from
        elsewhere.
        """
        if pooling == "cls":
            vector = self.step("Gather", [tokens, self.constant("pool.first", np.array(0))], "pool.vector", axis=1)
        else:
            mask = self.step("Cast", ["attention_mask"], "pool.mask", to=1)
            mask = self.step("Unsqueeze", [mask, self.constant("pool.last_axis", [2])], "pool.column")
            axis = self.constant("pool.axis", [1])
            total = self.step(
                "ReduceSum", [self.step("Mul", [tokens, mask], "pool.kept"), axis], "pool.sum", keepdims=0
            )
            count = self.step("ReduceSum", [mask, axis], "pool.count", keepdims=0)
            vector = self.step("Div", [total, count], "pool.vector")
        if normalise:
            vector = self.step("LpNormalization", [vector], "pool.unit", axis=-1, p=2)
        self.step("Identity", [vector], SENTENCE)


class _BertGraph(Graph):
    """The steps of one BERT."""

    def __init__(self, bert: Bert, int8: bool) -> None:
        super().__init__()
        self.bert, self.int8 = bert, int8
        self.quantised: set[str] = set()

    def linear(self, value: str, name: str) -> str:
        """value · weightᵀ + bias."""
        weight, bias = self.bert.weights[f"{name}.weight"], self.bert.weights[f"{name}.bias"]
        if self.int8:
            product = self._integer_product(value, name, weight)
        else:
            product = self.step("MatMul", [value, self.constant(f"{name}.weight", weight.T)], f"{name}.product")
        return self.step("Add", [product, self.constant(f"{name}.bias", bias)], name)

    def _integer_product(self, value: str, name: str, weight: Floats) -> str:
        quantised = f"{value}.quantised"
        if value not in self.quantised:  # query, key and value share their input
            self.quantised.add(value)
            self.step("DynamicQuantizeLinear", [value], quantised, outputs=3)
        whole, scales = symmetric(weight, LINEAR_TOP)
        inputs = [f"{quantised}.0", self.constant(f"{name}.weight", whole.T), f"{quantised}.2"]
        product = self.step("Cast", [self.step("MatMulInteger", inputs, f"{name}.integer")], f"{name}.float", to=1)
        scale = self.step("Mul", [f"{quantised}.1", self.constant(f"{name}.scale", scales)], f"{name}.scales")
        return self.step("Mul", [product, scale], f"{name}.product")

    def words(self) -> str:
        """The rows of the word embedding; in int8 with one scale a row."""
        weight = self.bert.weights[f"{WORD}.weight"]
        if not self.int8:
            return self.step("Gather", [self.constant(f"{WORD}.weight", weight), "input_ids"], WORD)
        whole, scales = symmetric(weight, ROW_TOP)
        found = self.step("Gather", [self.constant(f"{WORD}.weight", whole), "input_ids"], f"{WORD}.integer")
        scale = self.step("Gather", [self.constant(f"{WORD}.scale", scales[:, None]), "input_ids"], f"{WORD}.scales")
        return self.step("Mul", [self.step("Cast", [found], f"{WORD}.float", to=1), scale], WORD)

    def embeddings(self) -> str:
        """Words + positions + the first token type, normalised."""
        weights, offset = self.bert.weights, self.bert.offset
        length = self.step("Shape", ["input_ids"], "length", start=1, end=2)
        first = self.constant("first", [offset])
        last = self.step("Add", [length, first], "last")
        places = weights[f"{POSITION}.weight"]
        if f"{TYPE}.weight" in weights:
            places = places + weights[f"{TYPE}.weight"][0]
        inputs = [self.constant(f"{POSITION}.weight", places), first, last, self.constant("rows", [0])]
        places_here = self.step("Slice", inputs, POSITION)
        return self.norm(self.step("Add", [self.words(), places_here], "embeddings"), "embeddings.LayerNorm")

    def norm(self, value: str, name: str) -> str:
        parts = [self.constant(f"{name}.{part}", self.bert.weights[f"{name}.{part}"]) for part in ("weight", "bias")]
        return self.step("LayerNormalization", [value, *parts], name, axis=-1, epsilon=self.bert.eps)

    def mask(self) -> str:
        """What is added to attention scores: 0 for tokens, a large negative number for padding."""
        kept = self.step("Cast", ["attention_mask"], "mask.float", to=1)
        kept = self.step("Unsqueeze", [kept, self.constant("mask.axes", [1, 2])], "mask.kept")
        gone = self.step("Sub", [self.constant("mask.one", 1.0), kept], "mask.gone")
        return self.step("Mul", [gone, self.constant("mask.lowest", -1e9)], "mask")

    def layer(self, value: str, name: str, mask: str) -> str:
        """Attention and feed-forward, each added to its input and normalised."""
        attended = self.linear(self.attention(value, f"{name}.attention.self", mask), f"{name}.attention.output.dense")
        attended = self.step("Add", [attended, value], f"{name}.attention.sum")
        attended = self.norm(attended, f"{name}.attention.output.LayerNorm")
        inner = self.step("Gelu", [self.linear(attended, f"{name}.intermediate.dense")], f"{name}.gelu")
        fed = self.step("Add", [self.linear(inner, f"{name}.output.dense"), attended], f"{name}.sum")
        return self.norm(fed, f"{name}.output.LayerNorm")

    def attention(self, value: str, name: str, mask: str) -> str:
        heads, size = self.bert.heads, self.bert.dimension // self.bert.heads
        apart = self.constant("heads.apart", [0, 0, heads, size])
        turned = {}
        for part, order in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3])):
            split = self.step("Reshape", [self.linear(value, f"{name}.{part}"), apart], f"{name}.{part}.heads")
            turned[part] = self.step("Transpose", [split], f"{name}.{part}.turned", perm=order)
        query = self.step("Mul", [turned["query"], self.constant("heads.scale", size**-0.5)], f"{name}.query.scaled")
        scores = self.step(
            "Add", [self.step("MatMul", [query, turned["key"]], f"{name}.scores"), mask], f"{name}.masked"
        )
        shares = self.step("Softmax", [scores], f"{name}.shares", axis=-1)
        context = self.step("MatMul", [shares, turned["value"]], f"{name}.context")
        context = self.step("Transpose", [context], f"{name}.context.turned", perm=[0, 2, 1, 3])
        return self.step("Reshape", [context, self.constant("heads.joined", [0, 0, heads * size])], f"{name}.joined")


def symmetric(weight: Floats, top: int) -> tuple[NDArray[np.int8], Floats]:
    """Weights as whole numbers up to `top` with one scale a row, so that number · scale is nearest to the weight."""
    scales = np.abs(weight).max(axis=1) / np.float32(top)
    scales[scales == 0] = 1
    return np.round(weight / scales[:, None]).astype(np.int8), scales.astype(np.float32)


def encoder_graph(bert: Bert, *, int8: bool = True, pooling: str = "mean", normalise: bool = True) -> ModelProto:
    """The encoder as an ONNX model.

    Inputs are ``input_ids`` and ``attention_mask`` (batch, length), outputs ``sentence_embedding`` (batch, dimension)
    and ``last_hidden_state`` (batch, length, dimension), which costs nothing unless it is asked for.
    """
    from onnx import TensorProto, helper

    graph = _BertGraph(bert, int8)
    mask, value = graph.mask(), graph.embeddings()
    for layer in range(bert.layers):
        value = graph.layer(value, f"encoder.layer.{layer}", mask)
    graph.step("Identity", [value], TOKENS)
    graph.pool(value, pooling, normalise)
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in INPUTS]
    outputs = [
        helper.make_tensor_value_info(TOKENS, TensorProto.FLOAT, ["batch", "length", bert.dimension]),
        helper.make_tensor_value_info(SENTENCE, TensorProto.FLOAT, ["batch", bert.dimension]),
    ]
    body = helper.make_graph(graph.nodes, "encoder", inputs, outputs, graph.tensors())
    return helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


def pooled_graph(model: ModelProto, *, pooling: str, normalise: bool) -> ModelProto:
    """A graph from elsewhere, so completed that it takes and gives what `encoder_graph` does.

    Token types become zeros inside; pooling is added, unless the graph gives a ``sentence_embedding`` already. Raises
    ValueError if it takes other inputs or is written for an opset before 13.
    """
    from onnx import TensorProto, helper

    body = model.graph
    opset = max((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), default=0)
    inputs, outputs = [value.name for value in body.input], [value.name for value in body.output]
    foreign = set(inputs) - set(INPUTS) - {"token_type_ids"}
    if foreign or not set(INPUTS) <= set(inputs) or opset < 13:
        raise ValueError(f"inputs {inputs}, opset {opset}; allowed are {list(INPUTS)} with opset 13 or later")
    graph = Graph()
    if "token_type_ids" in inputs:
        del body.input[inputs.index("token_type_ids")]
        body.node.insert(
            0, helper.make_node("Sub", ["input_ids", "input_ids"], ["token_type_ids"], name="token_type_ids")
        )
    if SENTENCE not in outputs:
        tokens = next((name for name in (TOKENS, "token_embeddings") if name in outputs), outputs[0])
        graph.pool(tokens, pooling, normalise)
        body.output.append(helper.make_tensor_value_info(SENTENCE, TensorProto.FLOAT, None))
    body.node.extend(graph.nodes)
    body.initializer.extend(graph.tensors())
    return model
