"""The weighted mean of the averaged weights of runs that began alike:

    python3 average.py OUT.pt FIRST.pt=0.6 SECOND.pt=0.4

("model soup", arXiv:2203.05482). Runs from one set of weights end in one basin, and their mean reads
strangers a little better than either. The rest of the checkpoint, the input size among it, is the first's. Of one run
alone: its checkpoint without what only a resumed run needs (a quarter of the size)."""
import math
import sys

import torch

from checkpoint import checkpoint_at, load_state
from files import folder_for


def mean_checkpoint(parts):
    """parts: [(path, share)] → a checkpoint's dict; shares are divided by their sum."""
    total = sum(share for _, share in parts)
    states = [load_state(path) for path, _ in parts]
    first = states[0]
    for (path, _), state in zip(parts[1:], states[1:]):
        if {k: v.shape for k, v in state["average"].items()} != {k: v.shape for k, v in first["average"].items()} \
                or state["labels"] != first["labels"]:
            raise SystemExit(f"{path} is of another architecture or has other letters.")
    average = {}
    for key, value in first["average"].items():
        mixed = sum(share / total * state["average"][key].double() for (_, share), state in zip(parts, states))
        average[key] = mixed.to(value.dtype)
    learned = all(state.get("joints_learned", True) for state in states)
    return {**first, "network": average, "average": average, "optimiser": None, "joints_learned": learned,
            "id": "+".join(state["id"] for state in states)}


def share_of(text):
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not math.isfinite(share):
        raise SystemExit(f"{text!r} is no share: it is a number, as in FIRST.pt=0.6.")
    return share


def main(arguments):
    if len(arguments) < 2 or any("=" not in part for part in arguments[1:]):
        raise SystemExit(__doc__)
    parts = [(checkpoint_at(path), share_of(share)) for path, share in (part.rsplit("=", 1) for part in arguments[1:])]
    if sum(share for _, share in parts) <= 0:
        raise SystemExit("The shares add up to nothing: give them as in FIRST.pt=0.6 SECOND.pt=0.4.")
    folder_for(arguments[0])
    torch.save(mean_checkpoint(parts), arguments[0])


if __name__ == "__main__":
    main(sys.argv[1:])
