"""The PyTorch network that a list of layers describes (layers.py), and its start from a .tflite."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from depthwise import conv_same, depthwise
from joints.tflite import TfliteRunner, read_tflite
from layers import layers_of

ACTIVATIONS = {"relu6": F.relu6, "relu": F.relu}
TFLITE_SIZE = 224  # px; the landmark networks give joints in pixels of their own input


def to_torch_layout(kind, weight):
    """TensorFlow → PyTorch: conv H×W×in×out, depthwise H×W×C×1, dense in×out."""
    axes = {"conv": (3, 2, 0, 1), "depthwise": (2, 3, 0, 1), "dense": (1, 0)}[kind]
    return np.ascontiguousarray(weight.transpose(axes))


def to_tf_layout(kind, weight):
    axes = {"conv": (2, 3, 1, 0), "depthwise": (2, 3, 0, 1), "dense": (1, 0)}[kind]
    return np.ascontiguousarray(weight.transpose(axes))


class Network(nn.Module):
    """Input N×3×S×S in the table's input_range; output (letter logits N×(letters + 1), joints N×64 or None).

    Joints: x, y, z of 21 joints, x and y from −1 to 1 across the square, z in the same unit and
    relative to the wrist (towards the camera negative); number 63 is the presence logit.
    """

    letter_gradient = 1.0  # share of the letters' gradient that goes on into the trunk; the rest stays in their head

    def __init__(self, table, letters=24):
        super().__init__()
        self.table, self.layers = table, layers_of(table, letters)
        self.weights, self.biases, self.norms = nn.ParameterDict(), nn.ParameterDict(), nn.ModuleDict()
        for layer in self.layers:
            if "shape" in layer:
                self._make(layer)
        users = {}
        for layer in self.layers:
            for name in layer["inputs"]:
                users.setdefault(name, []).append(layer)
        # ReLU6 that only a depthwise layer without batch norm reads is left to its kernel.
        self.deferred = {layer["name"] for layer in self.layers
                         if layer["activation"] == "relu6" and not layer.get("bn")
                         and [u["kind"] for u in users.get(layer["name"], [])] == ["depthwise"]}

    def _make(self, layer):
        name, shape = layer["name"], layer["shape"]
        fan_in = int(np.prod(shape[:2] if layer["kind"] == "depthwise" else shape[:-1]))
        weight = np.random.default_rng(len(self.weights)).normal(0, (2 / fan_in) ** 0.5, shape)
        self.weights[name] = nn.Parameter(torch.from_numpy(
            to_torch_layout(layer["kind"], weight.astype(np.float32))))
        channels = shape[2] if layer["kind"] == "depthwise" else shape[-1]
        if layer["bn"]:
            bn = self.table["batch_norm"]  # Keras' momentum keeps the old value, PyTorch's the new
            self.norms[name] = nn.BatchNorm2d(channels, eps=bn["epsilon"], momentum=1 - bn["momentum"])
        else:
            self.biases[name] = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        values = self.values(x)
        return values["letters"], values.get("joints")

    def values(self, x):
        """What every layer gives, by its name."""
        values = {"input": x.contiguous(memory_format=torch.channels_last)}
        for layer in self.layers:
            values[layer["name"]] = self._run(layer, [values[name] for name in layer["inputs"]])
        return values

    @property
    def last_map(self):
        """The layer whose mean over all places is the features."""
        return next(layer["inputs"][0] for layer in self.layers if layer["name"] == "features")

    def _run(self, layer, inputs):
        x, name, kind, activation = inputs[0], layer["name"], layer["kind"], layer["activation"]
        if layer["inputs"] == ["features"] and name != "joints" and self.letter_gradient != 1:
            x = x.detach() + self.letter_gradient * (x - x.detach())
        if kind == "add":
            return x + inputs[1]
        if kind == "maxpool":
            return F.max_pool2d(x, layer["kernel"], layer["stride"])
        if kind == "gap":
            return x.mean((2, 3))
        weight = self.weights[name]
        bias = self.biases[name] if name in self.biases else None
        if kind == "depthwise":
            fuse = activation == "relu6" and not layer["bn"]
            y = depthwise(x, weight, bias, layer["stride"], layer["inputs"][0] in self.deferred, fuse)
            if fuse:
                return y
        elif kind == "conv":
            y = conv_same(x, weight, bias, layer["stride"])
        else:
            y = F.linear(x, weight, bias)
        if name in self.norms:
            y = self.norms[name](y)
        # The softmax of the last layer is left to the loss.
        return y if name in self.deferred else ACTIVATIONS.get(activation, lambda v: v)(y)


def _mean_place(odds):
    """N×C×places, each row of which adds up to 1 → N×C, −1…1."""
    count = odds.shape[2]
    return (odds * torch.arange(1 - count, count, 2, device=odds.device)).sum(2) / count


class MapJoints(nn.Module):
    """Joints read off the last map: N×C×H×W → x and y of 21 joints, N×21×2, −1…1 across the square.

    A convolution gives each joint a map, whose softmax says how likely it is at each place; the mean place, times a learned reach,
    is the joint (integral regression, arXiv:1711.08229). It teaches the trunk where things are, beside the network's own joints, and
    does not ship.
    """

    def __init__(self, channels, joints=21):
        super().__init__()
        weight = np.random.default_rng(99).normal(0, 0.01, (joints, channels, 1, 1))
        self.weight = nn.Parameter(torch.from_numpy(weight.astype(np.float32)))
        self.bias = nn.Parameter(torch.zeros(joints))
        self.reach = nn.Parameter(torch.full((joints, 2), 1.3))  # the outermost places are half a place inside the square

    def forward(self, x):
        odds = F.conv2d(x, self.weight, self.bias).float()
        odds = odds.flatten(2).softmax(2).view(odds.shape)
        columns, rows = odds.sum(2), odds.sum(3)
        return torch.stack([_mean_place(columns), _mean_place(rows)], 2) * self.reach


def initialise_from_tflite(network, path, name="the architecture"):
    """What _initialise does; a file that is none or fits another architecture is refused."""
    try:
        _initialise(network, path)
    except Exception as error:  # reading numbers as a flatbuffer raises all kinds
        raise SystemExit(f"{path} is no landmark network that {name} can start from ({error}): hand-trunk starts from "
                         "hand_landmark_lite.tflite.") from None


def _initialise(network, path):
    """Trunk, joints and presence from a landmark network of the same structure (Apache-2.0 file).

    Its joints are pixels of a 224 px square; ours −1…1: v/112 − 1 for x and y, v/112 for z.
    """
    graph = read_tflite(path)
    trunk = [op for op in graph.ops if op.kind in ("conv", "depthwise")]
    ours = [layer for layer in network.layers if layer["kind"] in ("conv", "depthwise")]
    if len(trunk) != len(ours):
        raise ValueError(f"{path} has {len(trunk)} convolutions, the architecture {len(ours)}")
    runner = TfliteRunner(graph)
    with torch.no_grad():
        for op, layer in zip(trunk, ours):
            network.weights[layer["name"]].copy_(runner.weights[op.inputs[1]])
            network.biases[layer["name"]].copy_(runner.weights[op.inputs[2]])
        dense = {op.outputs[0]: op for op in graph.ops if op.kind == "dense"}
        logistic = {op.outputs[0]: op.inputs[0] for op in graph.ops if op.kind == "logistic"}
        joints, presence = dense[graph.outputs[0]], dense[logistic[graph.outputs[1]]]
        scale = 2 / TFLITE_SIZE
        shift = torch.tensor([1.0, 1.0, 0.0] * 21)
        network.weights["joints"][:63].copy_(runner.weights[joints.inputs[1]] * scale)
        network.biases["joints"][:63].copy_(runner.weights[joints.inputs[2]] * scale - shift)
        network.weights["joints"][63:].copy_(runner.weights[presence.inputs[1]])
        network.biases["joints"][63:].copy_(runner.weights[presence.inputs[2]])
        # The letters start near even odds, so that their first gradients do not shake the trunk.
        network.weights["letters"].mul_(0.1)
