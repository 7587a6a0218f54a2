"""A narrower network from a trained one, to be trained further: faster, and smaller on the wire.

    python3 narrow.py CHECKPOINT OUT.pt --data DIR [--expansion 4]
    python3 train.py --data DIR --out RUN --arch OUT.json --weights OUT.pt --teacher CHECKPOINT …

Most of the time of an inverted residual goes into the channels that it expands its input to. A block that expands by more than
--expansion keeps those that its output hears most of: by how much a channel varies over train pictures, times the norm of
the weights that read it. What the others give on average is left in the output as a constant. OUT.json is the narrower table."""
import argparse
import json
import os

import torch

from checkpoint import checkpoint_at, load_network
from dataset import read_pictures, spread
from engine import to_input
from files import folder_for
from loader import fixed_crops
from network import Network

PICTURES, AT_ONCE = 256, 16  # every layer's values are held of those that are read at once


def narrowed(network, letters, images, expansion):
    """The same network of so many letters with fewer channels inside its blocks; images: uint8 N×S×S×3 to tell by which."""
    rows = [{**row, "t": min(row["t"], expansion)} for row in network.table["rows"]]
    table = {**network.table, "rows": rows}
    narrow = Network(table, letters)
    state = {key: value.clone() for key, value in network.state_dict().items()}
    kept = _kept_channels(network, narrow, state, images)
    with torch.no_grad():
        for key, value in narrow.state_dict().items():
            value.copy_(_part(key, state[key], kept))
    return narrow.eval()


@torch.no_grad()
def _kept_channels(network, narrow, state, images):
    """{block: indices}; the mean of what is dropped goes into the state of the projection behind it."""
    cut = {wide["name"]: thin["shape"][2] for wide, thin in zip(network.layers, narrow.layers)
           if wide["kind"] == "depthwise" and wide["shape"] != thin["shape"]}
    kept = {}
    for name, (mean, variance) in _moments(network, images, cut).items():
        block = _block_of(name)
        weight = state[f"weights.{block}_project"].flatten(1)
        score = variance.sqrt() * weight.norm(dim=0)
        kept[block] = score.topk(cut[name]).indices.sort().values
        dropped = torch.ones_like(score, dtype=torch.bool)
        dropped[kept[block]] = False
        constant = weight[:, dropped] @ mean[dropped]
        if f"biases.{block}_project" in state:
            state[f"biases.{block}_project"] += constant
        else:  # a batch norm takes its mean away
            state[f"norms.{block}_project.running_mean"] -= constant
    return kept


def _moments(network, images, names):
    """{layer: (mean, variance)} of each channel over pictures and places."""
    sums = {name: 0 for name in names}
    for part in images.split(AT_ONCE):
        values = network.values(to_input(part, network.table["input_range"], "cpu"))
        for name in names:
            given = values[name].double()
            sums[name] = sums[name] + len(part) * torch.stack([given.mean((0, 2, 3)), given.square().mean((0, 2, 3))])
    means = {name: total.div(len(images)) for name, total in sums.items()}
    return {name: (m.float(), (s - m.square()).clamp(min=0).float()) for name, (m, s) in means.items()}


def _block_of(name):
    return name.rsplit("_", 1)[0]


def _part(key, value, kept):
    """What is kept of an entry of a state."""
    kind, name = key.split(".")[:2]
    block, part = _block_of(name), name.rsplit("_", 1)[-1]
    if block not in kept or value.ndim == 0 or (part == "project" and kind != "weights"):
        return value
    return value.index_select(1 if part == "project" else 0, kept[block])


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint")
    parser.add_argument("out")
    parser.add_argument("--data", required=True)
    parser.add_argument("--expansion", type=int, default=4)
    options = parser.parse_args(arguments)
    network, state = load_network(checkpoint_at(options.checkpoint), options.data)
    most = max(row["t"] for row in network.table["rows"])
    if not 2 <= options.expansion < most:
        raise SystemExit(f"--expansion {options.expansion} leaves nothing out: the network expands by up to {most}, and 2 is the least "
                         "that can stay.")
    pictures = [p for p in read_pictures(options.data, "train") if p.box is not None]
    if not pictures:
        raise SystemExit(f"{options.data} has no train picture of a hand to tell by which channels matter.")
    images = fixed_crops(spread(pictures, PICTURES), network.table["input_size"])[0]
    narrow = narrowed(network, len(state["labels"]), images, options.expansion)
    folder_for(options.out)
    weights = narrow.state_dict()
    torch.save({**state, "network": weights, "average": weights, "table": narrow.table, "optimiser": None}, options.out)
    with open(os.path.splitext(options.out)[0] + ".json", "w", encoding="utf-8") as file:
        json.dump(narrow.table, file, indent=2)


if __name__ == "__main__":
    main()
