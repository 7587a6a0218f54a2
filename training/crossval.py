"""Leaves out whole people: python3 crossval.py --data DIR --out RUNS --json results/NAME.json --minutes 15 [-- more of train.py's options]

Five runs of train.py, each without the people of one fold (joints_mlp.folds: all of one source in
one fold), each judged on them at the standard square. A fold whose figures are in the JSON is not
done again and a run that stopped goes on, so the script can be started as often as needed."""
import argparse
import json
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch

import train
from checkpoint import last_checkpoint, load_network, predictor
from dataset import LETTERS, NO_HAND, read_pictures
from joints_mlp import FOLDS, folds, source
from loader import fixed_crops
from metrics import by_group


def judge(checkpoint, pictures, threads):
    """[[path, signer, letter, letter read, whether among the first five]] of pictures."""
    network, _ = load_network(checkpoint)
    logits, _ = predictor(network, threads)(fixed_crops(pictures, network.table["input_size"])[0])
    ranks = logits[:, :NO_HAND].topk(5, 1).indices.tolist()
    return [[p.path, p.signer, p.letter, LETTERS[r[0]], LETTERS.index(p.letter) in r] for p, r in zip(pictures, ranks)]


def summary(rows):
    """Means over the people left out, by person, source and letter."""
    right = torch.tensor([float(letter == read) for _, _, letter, read, _ in rows])
    people = by_group(right, [row[1] for row in rows])
    worst = sorted(people.values())[:max(1, round(len(people) / 10))]
    return {"pictures": len(rows), "top1": right.mean().item(),
            "top5": float(np.mean([row[4] for row in rows])), "mean_over_people": float(np.mean(list(people.values()))),
            "worst_tenth": float(np.mean(worst)), "by_signer": people,
            "by_source": by_group(right, [source(row[1]) for row in rows]),
            "by_letter": by_group(right, [row[2] for row in rows])}


def crossval(options, more):
    done = {}
    if os.path.exists(options.json):
        with open(options.json, encoding="utf-8") as file:
            done = json.load(file)["folds"]
    letters = [p for p in read_pictures(options.data, "train") if p.letter in LETTERS and p.box is not None]
    place = folds([p for p in read_pictures(options.data, "train") if p.letter != "none"], options.folds)
    for fold in range(options.folds):
        out = sorted({p.signer for p in letters if place.get(source(p.signer)) == fold})
        if str(fold) in done or not out:
            continue
        folder = os.path.join(options.out, f"fold{fold}")
        everyone = {p.signer for p in read_pictures(options.data, "train") if place.get(source(p.signer)) == fold}
        length = ["--samples", str(options.samples)] if options.samples else ["--minutes", str(options.minutes)]
        train.main(["--data", options.data, "--out", folder, "--leave-out", ",".join(sorted(everyone)), "--resume", "last",
                    "--validate", "0", *length, *more])
        chosen = [p for p in letters if p.signer in out]
        done[str(fold)] = judge(last_checkpoint(folder), chosen, os.cpu_count())
        result = {"options": more, "minutes": options.minutes, "folds": done,
                  **summary([row for rows in done.values() for row in rows])}
        with open(options.json + ".part", "w", encoding="utf-8") as file:
            json.dump(result, file)
        os.replace(options.json + ".part", options.json)
        print({k: v for k, v in result.items() if isinstance(v, float)}, flush=True)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True, help="folder for the runs")
    parser.add_argument("--json", required=True)
    parser.add_argument("--minutes", type=float, default=15, help="of training a fold")
    parser.add_argument("--samples", type=int, help="a fold, instead")
    parser.add_argument("--folds", type=int, default=FOLDS)
    options, more = parser.parse_known_args(argv)
    crossval(options, [m for m in more if m != "--"])


if __name__ == "__main__":
    main()
