"""Fits the temperature and the no-letter output's bias on people that were not trained on:

    python3 calibrate.py --crossval RUNS --data DIR --out calibration.json
    python3 calibrate.py --checkpoint FILE --pictures kept-out.csv --data DIR --out calibration.json
    python3 calibrate.py --checkpoint FILE --like CALIBRATED --data DIR --out calibration.json

Either on what the runs of crossval.py made of the people that each left out, or on what one run makes
of the pictures that train.py got as --keep-out (each in its standard square and in two other ones). Or so that a
further run is as careful on the dev pictures as a network that was calibrated before (from_folder.py): what was found on
people left out is carried over, and dev decides nothing but the scale of the new logits.
Pictures without a letter (`none`, `other`) count one tenth, or --share: the more of them a camera
sees, the more silent it should be. evaluate.py and dump.py take the JSON."""
import argparse
import glob
import json
import os

import numpy as np
import torch
import torch.nn.functional as F

from checkpoint import calibration_weights, checkpoint_at, fit_temperature, load_network, predictor
from dataset import read_column, read_labels, read_outputs, read_pictures
from files import folder_for, in_words
from loader import fixed_crops

VIEWS = (1.5, 2.0, 1.15)  # side of the square over the hand's
MAX_BIAS = 3.0


def fit(logits, targets, weights):
    """(temperature, bias of the no-letter output) of least weighted cross-entropy. Without a picture of no letter the bias is 0:
    nothing would keep it from the end of its range."""
    if not (targets == logits.shape[1] - 1).any():
        print("No picture without a letter: the no-letter output stays as it is.", flush=True)
        return fit_temperature(logits, targets, weights), 0.0
    values = torch.zeros(2, requires_grad=True)
    optimiser = torch.optim.LBFGS([values], lr=0.5, max_iter=60)
    weights = weights / weights.sum()

    def loss():
        optimiser.zero_grad()
        each = F.cross_entropy(scaled(logits, values[0].exp(), values[1]), targets, reduction="none")
        total = (each * weights).sum()
        total.backward()
        return total

    optimiser.step(loss)
    temperature, bias = float(values[0].exp()), float(values[1])
    if not (temperature > 0 and np.isfinite([temperature, bias]).all()):
        raise SystemExit("No temperature fits these logits: look at what the network makes of the pictures first (evaluate.py).")
    if abs(bias) <= MAX_BIAS:
        return temperature, bias
    bias = float(np.clip(bias, -MAX_BIAS, MAX_BIAS))
    return fit_temperature(scaled(logits, 1.0, bias), targets, weights), bias


def scaled(logits, temperature, bias):
    """Logits with the bias on the no-letter output, over the temperature."""
    last = F.one_hot(torch.tensor(logits.shape[1] - 1), logits.shape[1])
    return (logits + last * bias) / temperature


def left_out(data, folder):
    """(pictures, logits N×outputs) of the folds of crossval.py that are done."""
    pictures = {os.path.relpath(p.path, data): p for p in read_pictures(data, "train")}
    labels = read_labels(data)
    paths = sorted(glob.glob(os.path.join(glob.escape(folder), "fold*.npz")))
    stored = [read_outputs(path, "logits", labels) for path in paths]
    if not stored:
        raise SystemExit(f"{folder} has no fold0.npz …: let crossval.py finish a fold first")
    found = {name: row for fold in stored for name, row in zip(fold["paths"].tolist(), fold["logits"].astype(np.float32))
             if name in pictures}
    if not found:
        raise SystemExit(f"{folder} has folds of other pictures than those in {data}: name the folder that crossval.py had as --data.")
    return [pictures[name] for name in found], torch.from_numpy(np.stack(list(found.values())))


def judgeable(pictures):
    """Those of which it is known whether they show a letter, and where."""
    return [p for p in pictures if p.letter == "none" or p.box is not None and p.letter != "any"]


def kept_out(options):
    """(pictures, logits N×outputs) of the pictures listed, in each of VIEWS."""
    names = read_column(options.pictures)
    pictures = [p for p in judgeable(read_pictures(options.data, "train")) if os.path.relpath(p.path, options.data) in names]
    if not pictures:
        raise SystemExit(f"{options.pictures} lists no train picture of {options.data} that can be judged: its first column are paths as in "
                         "the manifest, under a header.")
    network, _ = load_network(checkpoint_at(options.checkpoint), options.data)
    predict = predictor(network)
    logits = [predict(fixed_crops(pictures, network.table["input_size"], times)[0])[0] for times in VIEWS]
    return pictures * len(VIEWS), torch.cat(logits)


def standard(checkpoint, pictures, data, threads=2):
    """Logits N×outputs of a data folder's pictures in their standard squares."""
    network, _ = load_network(checkpoint_at(checkpoint), data)
    predict, size = predictor(network, threads), network.table["input_size"]
    return torch.cat([predict(fixed_crops(pictures[i:i + 256], size)[0])[0] for i in range(0, len(pictures), 256)])


def carried(found, known):
    """(temperature, bias) after which a fit finds `known` again, where it finds `found` now; both (temperature, bias)."""
    temperature = found[0] / known[0]
    return temperature, found[1] - temperature * known[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--crossval", help="folder of crossval.py's runs")
    parser.add_argument("--checkpoint")
    parser.add_argument("--pictures", help="CSV of paths that the checkpoint's run was not trained on")
    parser.add_argument("--like", help="a checkpoint that is calibrated: be as careful as it is, on dev")
    parser.add_argument("--share", type=float, default=0.1, help="weight of the pictures without a letter")
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    if not options.crossval and not (options.checkpoint and (options.pictures or options.like)):
        parser.error("--crossval, or --checkpoint and --pictures or --like")
    folder_for(options.out)
    torch.set_num_threads(1)
    if options.like:
        pictures = judgeable(read_pictures(options.data, "dev"))
        logits = standard(options.checkpoint, pictures, options.data)
    else:
        pictures, logits = left_out(options.data, options.crossval) if options.crossval else kept_out(options)
    targets, no_letter = torch.tensor([p.target for p in pictures]), len(read_labels(options.data))
    weights = calibration_weights(targets, no_letter, options.share)
    temperature, bias = fit(logits, targets, weights)
    if options.like:
        temperature, bias = carried((temperature, bias), fit(standard(options.like, pictures, options.data), targets, weights))
    count = lambda letter: sum(p.letter == letter for p in pictures)
    result = {"temperature": round(temperature, 4), "no_letter_bias": round(bias, 4),
              "fitted_on": "cross-validation" if options.crossval else
              "carried over from the network before, which was fitted on cross-validation" if options.like else
              "pictures kept out",
              "share_without_letter": options.share if (targets == no_letter).any() else 0.0,
              "people": len({p.signer for p in pictures if p.is_letter}),
              "letters": sum(p.is_letter for p in pictures), "other": count("other"), "none": count("none"),
              "right": (logits[:, :-1].argmax(1) == targets)[targets < no_letter].float().mean().item()}
    with open(options.out, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=1)
        file.write("\n")
    print(json.dumps(result))


if __name__ == "__main__":
    in_words(main)
