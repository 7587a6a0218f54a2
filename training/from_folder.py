"""A checkpoint from a model folder that export.ts wrote, to train on from it or to average it with others:

    python3 from_folder.py ../model OUT.pt [--arch hand-trunk]

Weights are those of the folder, rounded as they are there; batch norms that only carry the scales of
the rounding are folded in, and temperature and bias stay in the last layer. There is no optimiser
state: give the file to train.py --weights, average.py, evaluate.py or dump.py."""
import argparse
import os

import numpy as np
import torch

from files import folder_for, read_json
from layers import load_architecture
from network import Network, to_torch_layout


def read_weights(folder):
    """{name: float32 array} of a TF.js Layers folder, with its uint8 and float16 weights restored."""
    (group,) = read_json(os.path.join(folder, "model.json"), "weightsManifest")["weightsManifest"]
    data = b"".join(open(os.path.join(folder, path), "rb").read() for path in group["paths"])
    weights, offset = {}, 0
    for spec in group["weights"]:
        quantization = spec.get("quantization", {"dtype": "float32"})
        kind = {"uint8": "<u1", "float16": "<f2", "float32": "<f4"}[quantization["dtype"]]
        values = np.frombuffer(data, kind, int(np.prod(spec["shape"])), offset)
        offset += values.nbytes
        values = values.astype(np.float32).reshape(spec["shape"])
        if "scale" in quantization:
            values = values * np.float32(quantization["scale"]) + np.float32(quantization["min"])
        weights[spec["name"]] = values
    return weights


def folded(weights, name, epsilon=1e-3):
    """(kernel in TensorFlow's layout, bias) of a layer, with the batch norm after it folded in."""
    kernel = next(weights[f"{name}/{k}"] for k in ("kernel", "depthwise_kernel") if f"{name}/{k}" in weights)
    bias = weights.get(f"{name}/bias", np.float32(0))
    if f"{name}_bn/gamma" in weights:
        gamma, beta, mean, variance = (weights[f"{name}_bn/{k}"] for k in ("gamma", "beta", "moving_mean", "moving_variance"))
        factor = gamma / np.sqrt(variance + epsilon)
        kernel, bias = kernel * factor, (bias - mean) * factor + beta
    return kernel, bias


def checkpoint_of(folder, arch="hand-trunk"):
    """A checkpoint's dict, as checkpoint.load_network takes it."""
    metadata = read_json(os.path.join(folder, "metadata.json"), "int2alphabet", "image_size")
    labels = [metadata["int2alphabet"][str(i)] for i in range(len(metadata["int2alphabet"]))]
    table = load_architecture(arch)
    table["input_size"] = metadata["image_size"]
    if metadata.get("hand_output") is None:
        table["heads"]["joints"] = 0
    network, weights = Network(table, len(labels)), read_weights(folder)
    with torch.no_grad():
        for layer in network.layers:
            if "shape" not in layer:
                continue
            kernel, bias = folded(weights, layer["name"])
            if layer["name"] == "joints":  # from fractions of the square to −1…1, as the trainer has them
                factor = np.repeat(np.float32([2, 1]), [63, 1])
                kernel, bias = kernel * factor, (bias - np.append(np.tile(np.float32([0.5, 0.5, 0]), 21), 0)) * factor
                bias = bias.astype(np.float32)
            network.weights[layer["name"]].copy_(torch.from_numpy(to_torch_layout(layer["kind"], kernel)))
            network.biases[layer["name"]].copy_(torch.from_numpy(bias))
    state = {k: v.clone() for k, v in network.state_dict().items()}
    return {"network": state, "average": state, "optimiser": None, "table": table, "labels": labels,
            "id": metadata.get("training_run", "folder"), "epoch": 0, "batch_number": 0, "options": {"batch": 0}}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("out")
    parser.add_argument("--arch", default="hand-trunk")
    options = parser.parse_args()
    folder_for(options.out)
    torch.save(checkpoint_of(options.folder, options.arch), options.out)


if __name__ == "__main__":
    main()
