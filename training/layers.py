"""From an architecture table to a flat list of layers, in execution order.

The table is the tutorial's: rows `t, c, n, s` (expansion, channels, repeats, stride of the first)
with two more columns: `k`, the depthwise kernel (3 unless said), and `shortcut`: "add" (the
default: wherever stride is 1 and channels agree) or "maxpool" (a stride-2 block whose input,
2×2 max-pooled, is added to its output). The list is all that network.py and the exporter see.

Keys that the tutorial's own table sets: rounding "truncate", activation "relu" (without a cap),
expand_always (an expansion at t = 1 as well), no_letter false (no output for "no letter"),
heads.joints 0 (no joints).
"""
import json
import os

HERE = os.path.dirname(os.path.abspath(__file__))


def load_architecture(name):
    """A table by name (in architectures/) or by path."""
    folder = os.path.join(HERE, "architectures")
    path = name if name.endswith(".json") else os.path.join(folder, name + ".json")
    try:
        with open(path, encoding="utf-8") as file:
            table = json.load(file)
        layers_of(table)
        return table
    except (OSError, ValueError, KeyError, TypeError) as error:
        known = sorted(os.path.splitext(file)[0] for file in os.listdir(folder))
        raise SystemExit(f"{name} is no architecture ({error}): name a .json file with a table as in architectures/, or one of "
                         f"{', '.join(known)}.") from None


def round_channels(channels, width, divisor):
    """The MobileNet rule: nearest multiple of the divisor, never below it, never more than 10 % less."""
    scaled = channels * width
    if divisor == "truncate":
        return int(scaled)
    rounded = max(divisor, int(scaled + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * scaled else rounded


class _Builder:
    def __init__(self, table):
        self.table, self.layers, self.channels = table, [], 3
        self.last, self.activation = "input", table.get("activation", "relu6")

    def add(self, name, kind, inputs=None, activation="linear", **rest):
        self.layers.append({"name": name, "kind": kind, "inputs": inputs or [self.last],
                            "activation": activation, **rest})
        self.last = name
        return name

    def conv(self, name, channels, kernel=1, stride=1, activation="linear"):
        self.add(name, "conv", kernel=kernel, stride=stride, padding="same", activation=activation,
                 shape=[kernel, kernel, self.channels, channels], bn=bool(self.table["batch_norm"]))
        self.channels = channels

    def depthwise(self, name, kernel, stride):
        self.add(name, "depthwise", kernel=kernel, stride=stride, padding="same", activation=self.activation,
                 shape=[kernel, kernel, self.channels, 1], bn=bool(self.table["batch_norm"]))

    def block(self, name, row, channels, stride):
        """Inverted residual with a linear bottleneck."""
        start, width = self.last, self.channels
        if row["t"] != 1 or self.table.get("expand_always"):
            self.conv(f"{name}_expand", width * row["t"], activation=self.activation)
        self.depthwise(f"{name}_depthwise", row.get("k", 3), stride)
        self.conv(f"{name}_project", channels)
        body = self.last
        if stride == 2 and row.get("shortcut") == "maxpool":
            start = self.add(f"{name}_pool", "maxpool", [start], kernel=2, stride=2, padding="valid")
        elif stride != 1 or width != channels:
            return
        self.add(f"{name}_add", "add", [body, start])


def layers_of(table, letters=24):
    """Layers as dicts {name, kind, inputs, activation, kernel, stride, padding, shape, bn};
    shape is the weight's in TensorFlow's layout. The last layers are `joints` (63 coordinates, then the
    presence logit) and `letters` (letters + no hand), unless the table does without."""
    build = _Builder(table)
    scale = lambda channels: round_channels(channels, table["width"], table["rounding"])
    build.conv("stem", scale(table["stem"]["c"]), table["stem"]["k"], table["stem"]["s"], build.activation)
    number = 0
    for row in table["rows"]:
        for repeat in range(row["n"]):
            number += 1
            build.block(f"block{number}", row, scale(row["c"]), row["s"] if repeat == 0 else 1)
    last = table["last"]
    # Keras keeps the last convolution at 1280 for widths below 1; the tutorial does not.
    scales_last = table["width"] > 1 or table["rounding"] == "truncate"
    build.conv("last", scale(last["c"]) if scales_last else last["c"], activation=build.activation)
    if last["kind"] == "expand-depthwise":
        build.depthwise("last_depthwise", last["k"], 1)
    features, width = build.add("features", "gap"), build.channels
    dense = lambda name, source, n_in, n_out, activation: build.add(
        name, "dense", [source], activation, shape=[n_in, n_out], bn=False)
    if table["heads"]["joints"]:
        dense("joints", features, width, table["heads"]["joints"], "linear")
    hidden = table["heads"]["letters_hidden"]
    source = dense("letters_hidden", features, width, hidden, "relu") if hidden else features
    dense("letters", source, hidden or width, letters + int(table.get("no_letter", True)), "softmax")
    return build.layers


def fits(layers, size):
    """Whether pictures of that side pass: a pooling beside a block of stride 2 wants an even side, or the two would not meet."""
    sides = {"input": size}
    for layer in layers:
        side = sides[layer["inputs"][0]]
        if layer["kind"] == "maxpool" and side % 2:
            return False
        sides[layer["name"]] = -(-side // layer.get("stride", 1))
    return True


def fitting(layers, size):
    """The nearest sides that fit, below and above."""
    below = next((side for side in range(size, 0, -1) if fits(layers, side)), None)
    above = next(side for side in range(size, 10 * size + 1000) if fits(layers, side))
    return [side for side in (below, above) if side]


def shipped_bytes(layers):
    """Bytes of the exported folder's weights: uint8 convolutions and dense layers with a float16
    scale and shift for each output channel, float16 depthwise kernels."""
    total = 0
    for layer in layers:
        if "shape" not in layer:
            continue
        count = 1
        for n in layer["shape"]:
            count *= n
        depthwise = layer["kind"] == "depthwise"
        channels = layer["shape"][2] if depthwise else layer["shape"][-1]
        total += (2 if depthwise else 1) * count + 4 * channels
    return total
