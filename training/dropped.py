"""Lists train pictures that show another letter than their label says:

    python3 dropped.py CHECKPOINT --data DIR --oof FILE.npz --out results/dropped.csv

Two must agree against the label: the joints network that never saw the person (joints_mlp.py --oof)
is sure of another letter, and the pixel network reads that same letter, although it was trained
with the label. dataset.py then leaves them out."""
import argparse
import csv

import numpy as np
import torch

from checkpoint import load_network, predictor
from dataset import LETTERS, NO_HAND, read_pictures
from loader import fixed_crops

SURE = 0.85      # of the joints network in the other letter
DOUBT = 0.05     # at most, that it leaves for the label


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint")
    parser.add_argument("--data", required=True)
    parser.add_argument("--oof", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    known = np.load(options.oof)
    place = {path: i for i, path in enumerate(known["paths"].tolist())}
    found, suspects = known["probabilities"], []
    for picture in read_pictures(options.data, "train", dropped=None):
        i = place.get(picture.path[len(options.data.rstrip("/")) + 1:])
        if i is None or picture.letter not in LETTERS:
            continue
        other = int(found[i, :NO_HAND].argmax())
        label = LETTERS.index(picture.letter)
        if other != label and found[i, other] > SURE and found[i, label] < DOUBT:
            suspects.append((picture, i, other))
    network, state = load_network(options.checkpoint)
    logits, _ = predictor(network, 1)(fixed_crops([p for p, _, _ in suspects], network.table["input_size"])[0])
    read = logits.softmax(1)
    rows = []
    for (picture, i, other), pixel in zip(suspects, read):
        if int(pixel.argmax()) == other:
            why = (f"joints {LETTERS[other]} {found[i, other]:.2f} (person not seen), "
                   f"pixels {LETTERS[other]} {pixel[other]:.2f} ({state['id']})")
            rows.append([str(known["paths"][i]), picture.letter, why])
    with open(options.out, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([["path", "label", "why"], *rows])
    print(f"{len(suspects)} suspects, {len(rows)} listed")


if __name__ == "__main__":
    main()
