"""Reads a .tflite file without TensorFlow: a small flatbuffer reader and a runner in PyTorch.

Only what hand-landmark networks use is understood: float32 weights, or float16 behind
DEQUANTIZE, and the operators CONV_2D, DEPTHWISE_CONV_2D, ADD, PAD, MAX_POOL_2D, MEAN,
FULLY_CONNECTED and LOGISTIC. Field numbers follow TensorFlow's lite/schema/schema.fbs.
"""
import struct
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F

from depthwise import same_padding

OPERATORS = {0: "add", 3: "conv", 4: "depthwise", 6: "dequantize", 9: "dense", 14: "logistic",
             17: "maxpool", 34: "pad", 40: "mean"}
ACTIVATIONS = {0: "linear", 1: "relu", 3: "relu6"}
# Which field of an operator's options holds (padding, stride, activation, pool width).
OPTION_FIELDS = {"conv": (0, 1, 3, None), "depthwise": (0, 1, 4, None), "maxpool": (0, 1, 5, 3),
                 "add": (None, None, 0, None), "dense": (None, None, 0, None)}
NUMPY_TYPES = {0: np.float32, 1: np.float16, 2: np.int32}


class Table:
    """One flatbuffer table: fields are found through its vtable, absent ones have a default."""

    def __init__(self, data, position):
        self.data, self.position = data, position
        self.vtable = position - struct.unpack_from("<i", data, position)[0]
        self.vtable_size = struct.unpack_from("<H", data, self.vtable)[0]

    def _offset(self, number):
        entry = 4 + 2 * number
        if entry >= self.vtable_size:
            return 0
        return struct.unpack_from("<H", self.data, self.vtable + entry)[0]

    def scalar(self, number, kind="i", default=0):
        offset = self._offset(number)
        return struct.unpack_from("<" + kind, self.data, self.position + offset)[0] if offset else default

    def _follow(self, number):
        offset = self._offset(number)
        if not offset:
            return None
        at = self.position + offset
        return at + struct.unpack_from("<I", self.data, at)[0]

    def table(self, number):
        at = self._follow(number)
        return None if at is None else Table(self.data, at)

    def vector(self, number, kind):
        """Numbers of a vector, as an array (empty if absent)."""
        at = self._follow(number)
        if at is None:
            return np.zeros(0, dtype=np.dtype(kind).newbyteorder("<"))
        count = struct.unpack_from("<I", self.data, at)[0]
        return np.frombuffer(self.data, dtype=np.dtype(kind).newbyteorder("<"), count=count, offset=at + 4)

    def tables(self, number):
        at = self._follow(number)
        if at is None:
            return []
        count = struct.unpack_from("<I", self.data, at)[0]
        places = [at + 4 + 4 * i for i in range(count)]
        return [Table(self.data, p + struct.unpack_from("<I", self.data, p)[0]) for p in places]


@dataclass
class Op:
    """One operator: inputs and outputs are tensor numbers, options those that its kind has."""
    kind: str
    inputs: list
    outputs: list
    options: dict = field(default_factory=dict)


@dataclass
class Graph:
    """constants: tensor number → float32 array (TFLite layout); ops in execution order."""
    inputs: list
    outputs: list
    shapes: dict
    constants: dict
    ops: list

    def weight(self, op, index):
        """The constant behind an operator's input, or None."""
        number = op.inputs[index] if index < len(op.inputs) else -1
        return self.constants.get(number)


def _options(kind, table):
    padding, stride, activation, width = OPTION_FIELDS.get(kind, (None,) * 4)
    options = {}
    if table is None:
        return options
    if padding is not None:
        options["padding"] = "same" if table.scalar(padding, "b") == 0 else "valid"
        options["stride"] = table.scalar(stride, default=1)
    if activation is not None:
        options["activation"] = ACTIVATIONS[table.scalar(activation, "b")]
    if width is not None:
        options["pool"] = table.scalar(width)
    return options


def read_tflite(path):
    """Graph of the file's first subgraph; DEQUANTIZE of constants is carried out here."""
    with open(path, "rb") as file:
        data = file.read()
    model = Table(data, struct.unpack_from("<I", data, 0)[0])
    # Field 3 is the newer 32-bit code, field 0 the older 8-bit one; small codes may be in either.
    codes = [max(code.scalar(3), code.scalar(0, "b")) for code in model.tables(1)]
    buffers = model.tables(4)
    subgraph = model.tables(2)[0]
    shapes, constants = {}, {}
    for number, tensor in enumerate(subgraph.tables(0)):
        shapes[number] = tuple(int(n) for n in tensor.vector(0, "i4"))
        raw = buffers[tensor.scalar(2, "I")].vector(0, "u1")
        kind = NUMPY_TYPES.get(tensor.scalar(1, "b"))
        if len(raw) and kind is not None:
            constants[number] = raw.view(kind).reshape(shapes[number])
    ops = []
    for op in subgraph.tables(3):
        code = codes[op.scalar(0, "I")]
        if code not in OPERATORS:
            raise ValueError(f"{path}: operator {code} is not one that this reader knows")
        kind = OPERATORS[code]
        inputs, outputs = ([int(n) for n in op.vector(f, "i4")] for f in (1, 2))
        if kind == "dequantize" and inputs[0] in constants:
            constants[outputs[0]] = constants[inputs[0]].astype(np.float32)
            continue
        ops.append(Op(kind, inputs, outputs, _options(kind, op.table(4))))
    ends = [[int(n) for n in subgraph.vector(f, "i4")] for f in (1, 2)]
    return Graph(ends[0], ends[1], shapes, constants, ops)


def _pad(x, kernel, stride, value=0.0):
    top, bottom = same_padding(x.shape[2], kernel, stride)
    left, right = same_padding(x.shape[3], kernel, stride)
    return F.pad(x, (left, right, top, bottom), value=value)


class TfliteRunner(torch.nn.Module):
    """Runs a Graph: input N×3×S×S (RGB 0…1), returns the outputs as N×K tensors, in file order."""

    def __init__(self, graph):
        super().__init__()
        self.graph = graph
        self.weights = {n: torch.from_numpy(np.array(self._layout(n), dtype=np.float32))
                        for n in graph.constants if graph.constants[n].dtype != np.int32}

    def _layout(self, number):
        """TFLite stores filters output × height × width × input; PyTorch wants input second."""
        value = self.graph.constants[number]
        if value.ndim != 4:
            return value
        users = [op for op in self.graph.ops if number in op.inputs]
        axes = (3, 0, 1, 2) if users and users[0].kind == "depthwise" else (0, 3, 1, 2)
        return value.transpose(axes)

    def forward(self, x):
        values = {self.graph.inputs[0]: x.contiguous(memory_format=torch.channels_last)}
        for op in self.graph.ops:
            values[op.outputs[0]] = self._run(op, values)
        return [values[n] for n in self.graph.outputs]

    def _run(self, op, values):
        args = [self.weights.get(n, values.get(n)) for n in op.inputs]
        x = args[0]
        if op.kind in ("conv", "depthwise"):
            weight, stride = args[1], op.options["stride"]
            if op.options["padding"] == "same":
                x = _pad(x, weight.shape[2], stride)
            groups = weight.shape[0] if op.kind == "depthwise" else 1
            y = F.conv2d(x, weight, args[2] if len(args) > 2 else None, stride, groups=groups)
        elif op.kind == "add":
            y = x + args[1]
        elif op.kind == "pad":
            amounts = self.graph.constants[op.inputs[1]]  # N H W C × (before, after)
            order = [int(n) for axis in (2, 1, 3) for n in amounts[axis]]
            w, h, c = order[0:2], order[2:4], order[4:6]
            y = F.pad(x, (*w, *h, *c))
        elif op.kind == "maxpool":
            y = F.max_pool2d(x, op.options["pool"], op.options["stride"])
        elif op.kind == "mean":
            y = x.mean((2, 3))
        elif op.kind == "dense":
            y = F.linear(x.flatten(1), args[1], args[2] if len(args) > 2 else None)
        elif op.kind == "logistic":
            y = torch.sigmoid(x)
        else:
            raise ValueError(f"cannot run {op.kind}")
        activation = op.options.get("activation", "linear")
        return y if activation == "linear" else F.relu(y) if activation == "relu" else F.relu6(y)
