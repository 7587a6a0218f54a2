"""The tutorial's recipe judged twice: python3 tutorial_splits.py --data DIR --out RUNS --json FILE

The same pictures are divided in two ways, with as many in train and in validation both times:
  random   over the frames, as the tutorial did: every person is in both parts
  people   whole people in validation, whom training never saw
and train.py --preset tutorial is run on both with the same options. Goes on where it stopped; the file
is written anew after every call. --only prepares or runs one of the two (for two processes side by side).
"""
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import json
import platform
import shutil

import numpy as np

import tutorial
from dataset import manifest_rows, spread
from files import folder_for, in_words
from options import above_zero, whole

SPLITS = ("random", "people")
# People with all letters or nearly, each filmed in a place of their own but for jb-s1 to jb-s4 (one set).
PEOPLE = ("jb-s1", "jb-s2", "jb-s3", "jb-s4", "massey-hand1", "massey-hand2", "kaggle", "tuan", "longh", "heidi", "t32")
HELD_OUT = ("jb-s2", "longh")


def arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--data", required=True, help="folder with manifest.csv")
    add("--out", required=True, help="folder for both splits and both runs")
    add("--json", required=True, help="file for the figures")
    add("--only", choices=SPLITS, help="run one of the two")
    add("--people", default=",".join(PEOPLE), help="signers that are used")
    add("--held-out", default=",".join(HELD_OUT), help="those of them in the validation part of `people`")
    add("--each", type=whole, default=11, help="pictures of a letter by one person, evenly over the frames")
    add("--split-seed", type=int, default=1, help="of the random split")
    for name, kind, default in (("epochs", whole, 30), ("width", above_zero, 1.0), ("size", int, 224), ("seed", int, 1),
                                ("threads", int, 1)):
        add(f"--{name}", type=kind, default=default, help="as of train.py --preset tutorial")
    return parser.parse_args(argv)


def choose(options):
    """[(path, letter, signer)]: --each pictures of every letter by every person, evenly over the frames."""
    groups, people = {}, set(options.people.split(","))
    for row in manifest_rows(options.data):
        if row["signer"] in people and len(row["letter"]) == 1:
            groups.setdefault((row["signer"], row["letter"]), []).append(row["path"])
    return [(path, letter, signer) for (signer, letter), paths in sorted(groups.items())
            for path in spread(sorted(paths), options.each)]


def divide(options):
    """{split: (train, validation)}, with equal counts."""
    chosen, held_out = choose(options), set(options.held_out.split(","))
    people = [p for p in chosen if p[2] not in held_out], [p for p in chosen if p[2] in held_out]
    if not all(people):
        there = sorted({row["signer"] for row in manifest_rows(options.data)})
        raise SystemExit(f"{options.data} has {len(people[0])} pictures of --people and {len(people[1])} of --held-out: name some of its people, "
                         f"and some of these to be held out. They are {', '.join(there)}.")
    order = np.random.default_rng(options.split_seed).permutation(len(chosen))
    mixed = [chosen[i] for i in order]
    return {"random": (mixed[len(people[1]):], mixed[:len(people[1])]), "people": people}


def lay_out(folder, data, parts):
    """The tutorial's folders, of links to the pictures."""
    shutil.rmtree(folder, ignore_errors=True)
    for part, pictures in zip(("train", "validation"), parts):
        for path, letter, signer in pictures:
            os.makedirs(os.path.join(folder, part, letter), exist_ok=True)
            os.symlink(os.path.abspath(os.path.join(data, path)),
                       os.path.join(folder, part, letter, f"{signer}-{os.path.basename(path)}"))


def train(name, options):
    folder, out = os.path.join(options.out, name), os.path.join(options.out, f"{name}-run")
    shared = [f"--{key}={getattr(options, key)}" for key in ("epochs", "width", "size", "seed", "threads")]
    tutorial.main(["--data", folder, "--out", out, "--resume", "last", "--device", "cpu", *shared])


def figures(name, parts, options):
    """What a run's log says, or None before its last epoch."""
    path = os.path.join(options.out, f"{name}-run", "log.jsonl")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        log = [json.loads(line) for line in file]
    if log[-1]["epoch"] < options.epochs:
        return None
    best = max(log, key=lambda line: line["val_accuracy"])
    return {"train_pictures": len(parts[0]), "validation_pictures": len(parts[1]),
            "validation_people": sorted({signer for _, _, signer in parts[1]}),
            "last": log[-1], "best": {k: best[k] for k in ("epoch", "val_loss", "val_accuracy")},
            "val_accuracy_by_epoch": [line["val_accuracy"] for line in log]}


def main(argv=None):
    options = arguments(argv)
    folder_for(options.json)
    splits = divide(options)
    for name in (options.only,) if options.only else SPLITS:
        lay_out(os.path.join(options.out, name), options.data, splits[name])
        train(name, options)
    results = {name: figures(name, splits[name], options) for name in SPLITS}
    if not all(results.values()):
        return
    recipe = {k: v for k, v in vars(options).items() if k not in ("data", "out", "json", "only")}
    report = {"about": "python3 training/tutorial_splits.py: the tutorial's recipe on one set of pictures, divided at random "
                       "over the frames (as the tutorial did) and by people (as it should be). `best` is the epoch that the "
                       "tutorial would pick: the best of its own validation pictures.",
              "options": recipe, "tutorial": {"size": 224, "width": 1.0, "epochs": 30, "pictures": 3000},
              "pytorch": __import__("torch").__version__, "machine": platform.machine(), **results}
    with open(options.json, "w", encoding="utf-8") as file:
        json.dump(report, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    in_words(main)
