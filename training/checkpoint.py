"""Reading checkpoints, and the one number fitted after training: the temperature."""
import os

import torch
import torch.nn.functional as F

from dataset import read_labels
from engine import Engine
from files import require_file
from network import Network


def load_state(path):
    """A checkpoint's dict."""
    require_file(path)
    try:
        state = torch.load(path, map_location="cpu")
    except Exception as error:  # torch raises all kinds
        raise SystemExit(f"{path} cannot be read as a checkpoint ({error}): name a .pt file that train.py wrote.") from None
    if not isinstance(state, dict) or not {"average", "table", "labels", "options"} <= set(state):
        raise SystemExit(f"{path} is no checkpoint: name a .pt file that train.py wrote.")
    return state


def load_network(path, data=None):
    """(network with the averaged weights in evaluation mode, the checkpoint's dict). With `data`, a folder, a checkpoint is
    refused whose letters are not the folder's, in its order: every figure would be wrong."""
    state = load_state(path)
    labels = read_labels(data) if data else state["labels"]
    if list(state["labels"]) != list(labels):
        raise SystemExit(f"The checkpoint reads {' '.join(state['labels'])}; {data} has {' '.join(labels)}. Give the folder that "
                         "it was trained on, or one with the same labels.txt.")
    network = Network(state["table"], len(state["labels"]))
    network.load_state_dict(state["average"])
    return network.eval(), state


def last_checkpoint(folder, resumable=False):
    """Path of a run's newest checkpoint, by the epoch that its name begins with; the mean of runs comes after all, but where
    a run is to go on: a mean has no optimiser."""
    if not os.path.isdir(folder):
        return None
    paths = [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".pt")]
    if resumable:
        paths = [path for path in paths if _epoch(path) < float("inf")]
    return max(paths, key=lambda path: (_epoch(path), os.path.getmtime(path)), default=None)


def _epoch(path):
    first = os.path.basename(path).split("-")[0]
    return int(first) if first.isdigit() else float("inf")


def require_unused(folder):
    """Refuses a folder for a new run in which another has left checkpoints: the last could not be told."""
    if last_checkpoint(folder):
        raise SystemExit(f"{folder} has checkpoints of another run: go on with --resume last, or take another --out.")


def checkpoint_at(path):
    """The file itself, or the last checkpoint of a folder."""
    found = last_checkpoint(path) if os.path.isdir(path) else path
    if found is None or not os.path.exists(found):
        raise SystemExit(f"There is no checkpoint at {path}: name a .pt file, or a folder that train.py wrote.")
    return found


def samples_seen(state):
    """How many samples the run of a checkpoint's dict had seen."""
    return state["batch_number"] * state["options"]["batch"]


def progress(state):
    """How far the run of a checkpoint's dict had come: 1 at its end."""
    options = state["options"]
    if options["samples"]:
        return samples_seen(state) / options["samples"]
    return state["spent"] / (60 * (options["minutes"] or 60))


def predictor(network, threads=2):
    """A function from uint8 images N×S×S×3 to (logits N×25, joints N×64)."""
    return Engine(network, "cpu", threads).predict


def fit_temperature(logits, targets, weights=None):
    """The T that minimises the (weighted) cross-entropy of softmax(logits / T): golden section on log T."""
    def loss(log_t):
        each = F.cross_entropy(logits / torch.tensor(log_t).exp(), targets, reduction="none")
        return ((each * weights).sum() / weights.sum() if weights is not None else each.mean()).item()

    low, high, ratio = -2.0, 2.0, (5 ** 0.5 - 1) / 2
    for _ in range(50):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, b) if loss(a) < loss(b) else (a, high)
    return float(torch.tensor((low + high) / 2).exp())


def calibration_weights(targets, no_hand, share=0.1):
    """Weights that make pictures without a letter `share` of the whole."""
    empty = targets == no_hand
    letters, none = (~empty).sum().clamp(min=1), empty.sum().clamp(min=1)
    return torch.where(empty, share / none, (1 - share) / letters)
