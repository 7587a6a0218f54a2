"""Writes a checkpoint's averaged weights so that another program can rebuild the network.

    python3 dump.py CHECKPOINT OUTDIR [--data DIR --parity N] [--temperature T] [--misread CROSSVAL.json]

OUTDIR/weights.bin   float32, little-endian, tensors one after another
OUTDIR/dump.json     format 1:
  architecture       the table (layers.py) the network was made from
  input_size         side of the square input, px
  input_range        [low, high]: pixel 0 is low, pixel 255 is high (RGB order)
  rgb_mean           null, or what the tutorial's metadata calls so: input_range is [0, 1] less this
  labels             letters in output order; no_hand_index: the output after them, or null
  began_in           null, or the landmark network whose weights the run began with: its licence goes with them
  training_run       id of the run; checkpoint: its file name; epoch, samples
  temperature        fitted on held-out pictures; NOT yet divided into the weights
  calibration        null or what calibrate.py wrote: on whom the temperature was fitted; its bias of
                     the no-letter output is already in the weights
  outputs            ["letters", "joints"] or ["letters"]: the layers that are the model's outputs; without joints where the
                     architecture has none, or the run had no pictures with joints to learn them from
  layers             in execution order; the input is called "input". Each has name, kind, inputs
                     (names), activation ("linear" | "relu" | "relu6" | "softmax"), and by kind
      conv           kernel, stride, padding "same", weight (kernel×kernel×in×out), bias or bn
      depthwise      kernel, stride, padding "same", weight (kernel×kernel×channels×1), bias or bn
      dense          weight (in×out), bias
      maxpool        kernel 2, stride 2, padding "valid"
      add            two inputs        gap: mean over height and width
                     weight and bias are names of tensors; bn is null or {gamma, beta, mean,
                     variance, epsilon, momentum}, applied after the convolution, before activation
  tensors            {name, shape (TensorFlow's layout), offset (bytes in weights.bin)}
  parity             null or {file, count, size, paths, images, logits, joints}; the last three are
                     {dtype, shape, offset} into OUTDIR/parity.bin: crops as uint8 N×S×S×3 (standard
                     square of crop.py, already resized), PyTorch's logits (before softmax and
                     temperature) N×outputs and joints layer N×64 as float32; joints is null without them
  confusion          null or {pictures, rates}: rates[i][j] is the share of the pictures of letter i that were read as
                     letter j: those of the people whom crossval.py left out, else this network's dev pictures
`padding` is TensorFlow's: at stride 2 on an even side the one row and column go right and below.
The joints layer: x, y, z of 21 joints, x and y −1…1 across the square (left to right, top to
bottom), z in the same unit, wrist 0, towards the camera negative; number 63 is a logit: its sigmoid
is the probability that a hand is there.
"""
import argparse
import json
import os

import numpy as np
import torch

from checkpoint import checkpoint_at, load_network, predictor, samples_seen
from dataset import read_pictures, spread
from files import in_words, read_json, require_folder
from loader import fixed_crops
from network import to_tf_layout
from tutorial_pictures import Pictures, read_part


class _Shard:
    """Tensors gathered one after another, float32 little-endian."""

    def __init__(self):
        self.parts, self.tensors, self.offset = [], [], 0

    def add(self, name, value):
        data = np.ascontiguousarray(value, dtype="<f4")
        self.tensors.append({"name": name, "shape": list(data.shape), "offset": self.offset})
        self.parts.append(data.tobytes())
        self.offset += data.nbytes
        return name


def _describe(layer, network, shard):
    described = {k: layer[k] for k in ("name", "kind", "inputs", "activation", "kernel", "stride", "padding")
                 if k in layer}
    if "shape" not in layer:
        return described
    name = layer["name"]
    weight = network.weights[name].detach().numpy()
    described["weight"] = shard.add(f"{name}/kernel", to_tf_layout(layer["kind"], weight))
    described["bias"] = described["bn"] = None
    if name in network.norms:
        norm = network.norms[name]
        values = {"gamma": norm.weight, "beta": norm.bias, "mean": norm.running_mean, "variance": norm.running_var}
        described["bn"] = {k: shard.add(f"{name}/{k}", v.detach().numpy()) for k, v in values.items()}
        described["bn"].update(epsilon=norm.eps, momentum=1 - norm.momentum)
    else:
        described["bias"] = shard.add(f"{name}/bias", network.biases[name].detach().numpy())
    return described


def _tutorial_crops(folder, labels, size, count):
    """(paths, squares) of validation pictures in the tutorial's folders."""
    paths = spread(read_part(folder, "validation", labels)[0], count)
    pictures = Pictures(paths, None, size)
    return paths, torch.from_numpy(np.stack([pictures.square(i) for i in range(len(paths))]))


def _dev_crops(folder, size, count):
    pictures = spread([p for p in read_pictures(folder, "dev") if p.is_letter and p.box is not None], count)
    return [p.path for p in pictures], fixed_crops(pictures, size)[0]


def parity_samples(network, labels, folder, count, out, joints_learned=True):
    """Evenly chosen dev (or validation) pictures with a letter, and what PyTorch says about them."""
    size = network.table["input_size"]
    is_manifest = os.path.exists(os.path.join(folder, "manifest.csv"))
    paths, images = (_dev_crops(folder, size, count) if is_manifest else
                     _tutorial_crops(folder, labels, size, count))
    if not paths:
        print(f"{folder} has no dev picture of a letter whose hand is known (by joints.csv or by a box): the export is not "
              "proven on any.", flush=True)
        return None
    logits, joints = predictor(network)(images)
    joints = joints if joints_learned else None
    described, offset = {"file": "parity.bin", "count": len(paths), "size": size, "joints": None}, 0
    with open(os.path.join(out, "parity.bin"), "wb") as file:
        for name, value in (("images", images), ("logits", logits), ("joints", joints)):
            if value is None:
                continue
            value = value.numpy()
            described[name] = {"dtype": str(value.dtype), "shape": list(value.shape), "offset": offset}
            offset += file.write(np.ascontiguousarray(value).tobytes())
    described["paths"] = [os.path.relpath(path, folder) for path in paths]
    return described


def confusion_rates(network, labels, folder):
    """How often each letter of the dev split is read as each other one."""
    if not os.path.exists(os.path.join(folder, "manifest.csv")):
        return None
    pictures = [p for p in read_pictures(folder, "dev") if p.is_letter and p.box is not None]
    if not pictures:
        return None
    predict, size = predictor(network), network.table["input_size"]
    counts = np.zeros((len(labels), len(labels)))
    for start in range(0, len(pictures), 512):
        images, letters, _, _ = fixed_crops(pictures[start:start + 512], size)
        np.add.at(counts, (letters.numpy(), predict(images)[0][:, :len(labels)].argmax(1).numpy()), 1)
    return rates_of(counts)


def rates_of(counts):
    return {"pictures": int(counts.sum()), "rates": (counts / np.maximum(counts.sum(1, keepdims=True), 1)).round(3).tolist()}


def strangers_confusion(path, labels):
    """How the people were misread whom crossval.py left out: far more of them than in dev, and so far more of the ways in
    which people form letters."""
    found = read_json(path, "confusion")["confusion"]
    if not set(found) <= set(labels):
        raise SystemExit(f"{path} is of other letters: {' '.join(found)}. Give the file that crossval.py wrote for these.")
    return rates_of(np.array([[found.get(shown, {}).get(read, 0) for read in labels] for shown in labels], np.float64))


def require_pictures(folder):
    require_folder(folder)
    if not any(os.path.exists(os.path.join(folder, name)) for name in ("manifest.csv", "validation")):
        raise SystemExit(f"{folder} has neither a manifest.csv (manifest.py writes it) nor the tutorial's folder validation/.")


def began_in(state):
    """The file that the weights of a checkpoint's dict began in, whose licence goes with them; None for random weights. A
    hand-trunk that went on from other weights, or was read from a folder, is taken for one that did."""
    options = state["options"]
    is_begun = options.get("init") or options.get("weights") or not options["batch"]
    return "hand_landmark_lite.tflite" if state["table"]["name"] == "hand-trunk" and is_begun else None


def dump(checkpoint, out, data=None, parity=0, temperature=1.0, calibration=None, misread=None):
    if data:
        require_pictures(data)
    has_manifest = data is not None and os.path.exists(os.path.join(data, "manifest.csv"))
    network, state = load_network(checkpoint, data if has_manifest else None)
    if calibration:
        if not state["table"].get("no_letter", True):
            raise SystemExit("calibrate.py is for networks with an output for no letter; this one takes --temperature.")
        temperature = calibration["temperature"]
        with torch.no_grad():
            network.biases["letters"][-1] += calibration["no_letter_bias"]
    confusion = strangers_confusion(misread, state["labels"]) if misread else None
    if data and not confusion:
        confusion = confusion_rates(network, state["labels"], data)
    os.makedirs(out, exist_ok=True)
    shard = _Shard()
    has_joints = bool(state["table"]["heads"]["joints"]) and state.get("joints_learned", True)
    layers = [_describe(layer, network, shard) for layer in network.layers if has_joints or layer["name"] != "joints"]
    with open(os.path.join(out, "weights.bin"), "wb") as file:
        file.write(b"".join(shard.parts))
    table, has_no_letter = state["table"], state["table"].get("no_letter", True)
    description = {
        "format": 1, "architecture": table, "input_size": table["input_size"], "input_range": table["input_range"],
        "labels": state["labels"], "no_hand_index": len(state["labels"]) if has_no_letter else None,
        "rgb_mean": state.get("rgb_mean"), "began_in": began_in(state), "training_run": state["id"],
        "checkpoint": os.path.basename(checkpoint), "epoch": state["epoch"],
        "samples": samples_seen(state), "temperature": temperature, "calibration": calibration,
        "confusion": confusion,
        "outputs": ["letters", *(["joints"] if has_joints else [])], "layers": layers, "tensors": shard.tensors,
        "parity": parity_samples(network, state["labels"], data, parity, out, has_joints) if data and parity else None}
    with open(os.path.join(out, "dump.json"), "w", encoding="utf-8") as file:
        json.dump(description, file, indent=1)
    return description


def main():
    parser = argparse.ArgumentParser(description="Writes a checkpoint's weights for the exporter.")
    parser.add_argument("checkpoint", help="a checkpoint, or a folder of them (the last)")
    parser.add_argument("out")
    parser.add_argument("--data", help="data folder, for parity samples")
    parser.add_argument("--parity", type=int, default=200, help="number of parity samples")
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--temperature", type=float, default=1.0, help="as evaluate.py fitted it")
    one.add_argument("--calibration", help="JSON of calibrate.py, instead of --temperature")
    parser.add_argument("--misread", help="JSON of crossval.py: the model's confusion is that of the people left out, not dev's")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if not 0 < options.temperature < float("inf"):
        parser.error("--temperature is a number above 0")
    calibration = read_json(options.calibration, "temperature", "no_letter_bias") if options.calibration else None
    done = dump(checkpoint_at(options.checkpoint), options.out, options.data, options.parity, options.temperature, calibration,
                options.misread)
    print(f"{len(done['layers'])} layers, {len(done['tensors'])} tensors → {options.out}")


if __name__ == "__main__":
    in_words(main)
