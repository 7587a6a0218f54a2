"""Letters from the joints alone: what a user would pick instead of a network that reads pixels.

    python3 joints_mlp.py --data DIR --out runs/joints-mlp.json [--oof FILE.npz] [--judge FILE.npz]

A small network (256–128) on the landmark network's 21 joints, freed of place, scale and handedness;
the turn is taken out and given beside them, because p and k, h and u, g and q differ by it.
- five folds (fewer where there are fewer sources) that leave out whole people, all of one source in
  one fold: --oof keeps what each picture got from the network that had not seen its person (paths,
  probabilities N×outputs), also of those that dropped.csv lists, which are not judged;
- all train people, judged on dev by signer; --judge keeps these weights, for samples.py.
The last output is "no letter", learned from `other` hands.
"""
import argparse
import json
import math
import os
import re

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from dataset import dropped_paths, manifest_rows, read_labels, read_pictures, signers_of
from files import folder_for, in_words
from metrics import by_group, calibration_error, top
from options import whole

FOLDS = 5
HIDDEN = (256, 128)


def features(points, hand):
    """Tensors: N×21×3 joints in pixels (z in the unit of x), N handedness → N×67.

    Wrist at 0, palm 1 long, wrist → middle knuckle upwards, left hands mirrored to right ones;
    beside it the turn taken out (cosine, sine, a little of it only) and the palm's length in the
    picture over the hand's extent, which tells a palm seen from its end."""
    points = points - points[:, :1]
    sign = torch.where(hand < 0.5, -1.0, 1.0)[:, None].to(points.dtype)
    x, y, z = points[..., 0] * sign, points[..., 1], points[..., 2]
    length = torch.sqrt(x[:, 9] ** 2 + y[:, 9] ** 2)[:, None]
    extent = torch.maximum(x.amax(1) - x.amin(1), y.amax(1) - y.amin(1))[:, None]
    c, s = y[:, 9:10] / -length.clamp(min=1e-6), x[:, 9:10] / length.clamp(min=1e-6)
    # Where the palm points at the camera its direction in the picture says little: scale by extent.
    scale = torch.maximum(length, 0.45 * extent)
    return torch.cat([(c * x + s * y) / scale, (c * y - s * x) / scale, z / scale, c, s,
                      length / extent.clamp(min=1e-6)], 1)


def pixels(picture):
    """Joints in pixels of the picture."""
    width, height = picture.size()
    return picture.joints * (width, height, width)


def source(signer):
    """What must not be split: one person's two parts, or one data set's people."""
    for name in ("jb", "massey", "digits", "oth"):
        if signer.startswith(name + "-"):
            return name
    return re.sub(r"-[ab]$", "", signer)


def folds(pictures, count=FOLDS):
    """{source: fold}: the largest first, each to the fold with the fewest pictures so far; at most a fold a source."""
    sizes = {}
    for picture in pictures:
        key = source(picture.signer)
        sizes[key] = sizes.get(key, 0) + 1
    if len(sizes) < 2:
        raise SystemExit("To leave people out, pictures of hands from two people or more are needed, and from two sources where "
                         f"joints_mlp.source knows some; there are those of {', '.join(sizes) or 'nobody'}.")
    totals, place = [0] * min(count, len(sizes)), {}
    for key in sorted(sizes, key=lambda k: (-sizes[k], k)):
        place[key] = totals.index(min(totals))
        totals[place[key]] += sizes[key]
    return place


class JointsMlp(nn.Sequential):
    def __init__(self, inputs, outputs):
        a, b = HIDDEN
        super().__init__(nn.Linear(inputs, a), nn.ReLU(), nn.Dropout(0.2), nn.Linear(a, b), nn.ReLU(),
                         nn.Dropout(0.2), nn.Linear(b, outputs))


def turned(points, generator):
    """Joints as a shaken camera or another tilt would give them: turn σ 9°, jitter, other lengths."""
    angle = torch.randn(len(points), generator=generator) * 0.16
    c, s = angle.cos()[:, None], angle.sin()[:, None]
    x, y, z = points.unbind(2)
    grow = 1 + 0.05 * torch.randn(len(points), 2, generator=generator)
    extent = (points[..., :2].amax(1) - points[..., :2].amin(1)).amax(1)[:, None, None]
    out = torch.stack([(c * x - s * y) * grow[:, :1], (s * x + c * y) * grow[:, 1:], z], 2)
    return out + 0.012 * extent * torch.randn(out.shape, generator=generator)


def train(points, hand, letters, signers, labels, epochs=40, seed=0):
    """A JointsMlp; pictures drawn with letters evenly and people by count^−0.7."""
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    groups, people = {}, {}
    for letter, signer in zip(letters.tolist(), signers):
        people[letter, signer] = people.get((letter, signer), 0) + 1
    weights = np.array([people[letter, s] ** -0.7 for letter, s in zip(letters.tolist(), signers)])
    for letter in np.unique(letters):
        weights[letters == letter] /= weights[letters == letter].sum()
    weights = torch.from_numpy(weights)
    points, hand, target = torch.from_numpy(points.astype(np.float32)), torch.from_numpy(hand), torch.from_numpy(letters)
    network = JointsMlp(features(points[:2], hand[:2]).shape[1], len(labels) + 1)
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.02)
    for epoch in range(epochs):
        order = torch.multinomial(weights, len(points), replacement=True, generator=generator)
        x = features(turned(points[order], generator), hand[order])
        for group in optimiser.param_groups:
            group["lr"] = 2e-3 * 0.5 * (1 + math.cos(math.pi * epoch / epochs))
        for start in range(0, len(order), 256):
            part = slice(start, start + 256)
            loss = F.cross_entropy(network(x[part]), target[order[part]], label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return network.eval()


def predict(network, points, hand):
    with torch.no_grad():
        return network(features(torch.from_numpy(points.astype(np.float32)), torch.from_numpy(hand))).softmax(1)


def read(folder, split, leave_out=()):
    chosen = [p for p in read_pictures(folder, split, leave_out, dropped=None) if p.joints is not None
              and (p.is_letter or p.letter == "other")]
    if not any(p.is_letter for p in chosen):
        raise SystemExit(f"{folder} has no {split} picture of a letter with joints: joints/label.py finds them.")
    return (chosen, np.stack([pixels(p) for p in chosen]), np.array([p.hand for p in chosen]),
            np.array([p.target for p in chosen]))


def judged(probabilities, letters, signers, labels):
    """Figures over the pictures that show a letter."""
    shown = torch.from_numpy(letters < len(labels))
    probabilities, targets = probabilities[shown], torch.from_numpy(letters)[shown]
    names = [s for s, show in zip(signers, shown.tolist()) if show]
    right = (probabilities[:, :-1].argmax(1) == targets).float()
    people = by_group(right, names)
    worst = sorted(people.values())[:max(1, round(len(people) / 10))]
    top5 = top(probabilities, targets, 5)
    return {"pictures": len(targets), "top1": right.mean().item(), "top5": top5.mean().item(),
            "mean_over_people": float(np.mean(list(people.values()))), "worst_tenth": float(np.mean(worst)),
            "worst": min(people.values()), "by_signer": people,
            "by_letter": by_group(right, [labels[t] for t in targets.tolist()]),
            "calibration_error": calibration_error(probabilities, targets)}


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", help="JSON with the figures")
    parser.add_argument("--oof", help=".npz for the left-out people's probabilities")
    parser.add_argument("--judge", help=".npz for the weights trained on all people")
    parser.add_argument("--epochs", type=whole, default=40)
    parser.add_argument("--leave-out", default="", help="signers, separated by commas, that nothing is learned from")
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    for path in filter(None, (options.out, options.oof, options.judge)):
        folder_for(path)
    chosen, points, hand, letters = read(options.data, "train", signers_of(options.leave_out, options.data))
    dev = read(options.data, "dev") if options.out else None  # early: it may say that there are none
    signers = np.array([p.signer for p in chosen])
    names = np.array([os.path.relpath(p.path, options.data) for p in chosen])
    dropped = dropped_paths(options.data, manifest_rows(options.data))
    fair = np.array([name not in dropped for name in names])  # as crossval.py judges
    place = folds(chosen)
    fold = np.array([place[source(s)] for s in signers])
    labels = read_labels(options.data)
    left_out = torch.zeros(len(chosen), len(labels) + 1)
    for k in range(max(place.values()) + 1):
        inside, own = fold != k, fold == k
        network = train(points[inside], hand[inside], letters[inside], signers[inside], labels, options.epochs, k)
        left_out[own] = predict(network, points[own], hand[own])
        if (letters[own & fair] < len(labels)).any():
            found = judged(left_out[own & fair], letters[own & fair], signers[own & fair], labels)
            print(f"fold {k}: {found['top1']:.4f}", flush=True)
    if options.oof:
        np.savez_compressed(options.oof, paths=names, probabilities=left_out.numpy(), letters=letters, folds=fold,
                            labels=np.array(labels))
    if not options.judge and not options.out:
        return
    network = train(points, hand, letters, signers, labels, options.epochs, FOLDS)
    if options.judge:
        weights = {name.replace(".", "_"): values.numpy() for name, values in network.state_dict().items()}
        np.savez_compressed(options.judge, labels=np.array(labels), **weights)
    if not options.out:
        return
    dev_pictures, dev_points, dev_hand, dev_letters = dev
    found = predict(network, dev_points, dev_hand)
    result = {"left_out_people": judged(left_out[fair], letters[fair], signers[fair], labels),
              "dev": judged(found, dev_letters, [p.signer for p in dev_pictures], labels)}
    none = torch.from_numpy(dev_letters == len(labels))
    if none.any():
        sure = found[none][:, :-1].amax(1) >= 0.7
        result["dev"]["letters_given_on_other"] = sure.float().mean().item()
    with open(options.out, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    in_words(main)
