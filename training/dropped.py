"""Lists train pictures that show another letter than their label says:

    python3 dropped.py --data DIR --joints OOF.npz --pixels RUNS/soft.npz --out runs/suspects.csv

Two must agree against the label, neither of which saw the person: the joints network
(joints_mlp.py --oof) and the pixel networks of crossval.py. Where a person forms most pictures of a
letter so, it is the person's own form and stays. dataset.py leaves out what
DIR/dropped.csv lists: copy there what is wrong when looked at."""
import argparse
import csv
import os

import numpy as np

from dataset import read_labels, read_outputs, read_pictures
from files import folder_for, in_words

SURE, DOUBT = 0.85, 0.05  # of the joints network in the other letter; at most, that it leaves for the label
PIXELS_SURE = 0.6         # the pixel networks are more careful than the joints network
OWN_FORM = 0.5            # share of a person's pictures of the letter from which on it is their form


def opinions(path, labels):
    stored = read_outputs(path, "probabilities", labels)
    return dict(zip(stored["paths"].tolist(), stored["probabilities"][:, :-1].astype(np.float32)))


def suspects(data, joints, pixels):
    """[[path, label, why]]"""
    labels, rows, groups = read_labels(data), [], {}
    for picture in read_pictures(data, "train", dropped=None):
        name = os.path.relpath(picture.path, data)
        if not picture.is_letter or name not in joints or name not in pixels:
            continue
        group = groups.setdefault((picture.signer, picture.letter), [0, []])
        group[0] += 1
        label, by_joints, by_pixels = picture.target, joints[name], pixels[name]
        other = int(by_joints.argmax())
        if (other != label and by_joints[other] > SURE and by_joints[label] < DOUBT
                and int(by_pixels.argmax()) == other and by_pixels[other] > PIXELS_SURE):
            group[1].append([name, picture.letter, f"person not seen: joints {labels[other]} {by_joints[other]:.2f}, "
                                                   f"pixels {labels[other]} {by_pixels[other]:.2f}"])
    for count, found in groups.values():
        if len(found) < OWN_FORM * count:
            rows += found
    return sorted(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--joints", required=True)
    parser.add_argument("--pixels", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    folder_for(options.out)
    labels = read_labels(options.data)
    rows = suspects(options.data, *(opinions(path, labels) for path in (options.joints, options.pixels)))
    with open(options.out, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([["path", "label", "why"], *rows])
    print(f"{len(rows)} listed")


if __name__ == "__main__":
    in_words(main)
