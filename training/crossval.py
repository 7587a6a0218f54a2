"""Leaves out whole people: python3 crossval.py --data DIR --out RUNS --json RUNS/crossval.json --minutes 15 [-- more of train.py's options]

Five runs of train.py, each without the people of one fold (joints_mlp.folds: all of one source in
one fold) and without every fifth photograph, each judged on them at the standard square. What a run
made of them is kept in RUNS/foldN.npz (paths, logits N×outputs), where calibrate.py finds it, and as
probabilities in RUNS/soft.npz. A fold that has its file is not done again and a run that stopped
goes on, so the script can be started as often as needed: with the pictures and options (RUNS/options.json) that it began
with, else it says so.

--branches K: K runs a fold, of other samples each; their mean (average.py) is judged. They must begin alike: --after
another cross-validation's RUNS. --train-data THIN: the runs learn from a smaller copy (thin.py), and all of DIR is judged.
--prepare only writes what the runs need into RUNS and prints their commands, one a line, for a GPU that several share:
    python3 crossval.py --prepare … | xargs -d '\\n' -P 5 -I{} sh -c '{}'    # then the same without --prepare judges them
"""
import argparse
import csv
import glob
import json
import os
import shlex

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch

import joints_mlp
import train
from average import mean_checkpoint
from calibrate import judgeable, left_out, standard
from checkpoint import calibration_weights, fit_temperature, last_checkpoint, load_state, progress, samples_seen
from dataset import manifest_rows, read_column, read_labels, read_outputs, read_pictures
from files import folder_for, in_words, read_json
from joints_mlp import FOLDS, folds, source
from metrics import by_group, calibration_error, confusion, coverage, top
from options import above_zero, whole


# Options of train.py that say where and how fast it learns, not what.
PLACE = ("--device", "--threads", "--workers", "--made")


def summary(pictures, logits, labels):
    """Means over the people left out, by person, source and letter; letters given to no-letter
    pictures are at 0.7 with the temperature fitted on all of these, a tenth of them no letter."""
    targets = torch.tensor([p.target for p in pictures])
    temperature = fit_temperature(logits, targets, calibration_weights(targets, len(labels)))
    probabilities = (logits / temperature).softmax(1)
    letter = targets < len(labels)
    judged = [p for p in pictures if p.is_letter]
    right, fifth = top(logits[letter], targets[letter], 1), top(logits[letter], targets[letter], 5)
    people = by_group(right, [p.signer for p in judged])
    worst = sorted(people.values())[:max(1, round(len(people) / 10))]
    given = by_group((probabilities[:, :-1].amax(1) >= 0.7).float(), [p.letter for p in pictures])
    theirs = by_group(right, [(p.letter, p.signer) for p in judged])
    return {"pictures": len(judged), "people": len(people), "top1": right.mean().item(), "top5": fifth.mean().item(),
            "mean_over_people": float(np.mean(list(people.values()))),
            "top5_mean_over_people": float(np.mean(list(by_group(fifth, [p.signer for p in judged]).values()))),
            "worst_tenth": float(np.mean(worst)), "temperature": temperature,
            "calibration_error": calibration_error(probabilities[letter], targets[letter]),
            "at_0.7": coverage(probabilities[letter], targets[letter], 0.7),
            "letters_given_on_no_hand": given.get("none"), "letters_given_on_other": given.get("other"),
            "by_letter": by_group(right, [p.letter for p in judged]),
            "by_letter_over_people": by_group(torch.tensor(list(theirs.values())), [letter for letter, _ in theirs]),
            "by_source": by_group(right, [source(p.signer) for p in judged]), "by_signer": people,
            "confusion": confusion(logits[letter], targets[letter], labels)}


def parts(data, count):
    """For each fold the signers and the pictures left out: people by source, photographs in turn."""
    pictures = read_pictures(data, "train")
    place = folds([p for p in pictures if p.letter != "none"], count)
    count = max(place.values()) + 1
    chosen = [([], []) for _ in range(count)]
    photographs = 0
    for picture in pictures:
        fold = place.get(source(picture.signer))
        if fold is None:
            fold = photographs % count
            photographs += 1
        else:
            chosen[fold][0].append(picture.signer)
        chosen[fold][1].append(picture)
    return [(sorted(set(signers)), own) for signers, own in chosen]


def recorded(options, more):
    """The options that a result depends on."""
    where = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for name in PLACE:
        where.add_argument(name)
    named = {name: getattr(options, name) for name in ("samples", "folds", "branches", "opinions")}
    folders = {name: os.path.abspath(path) if path else None for name, path in
               (("after", options.after), ("train_data", options.train_data))}
    return {"minutes": None if options.samples else options.minutes, **named, **folders,
            "train": [_plain(text) for text in where.parse_known_args(more)[1]]}


def _plain(text):
    """A number in one spelling: 3e-3 is 0.003."""
    try:
        return repr(float(text))
    except ValueError:
        return text


def require_own(options, more, chosen):
    """Refuses a folder with runs of other options, or with folds of other pictures than `chosen` (paths by fold): a mixture
    would be reported as one. Where none has begun, the options are kept for the next call."""
    def found(*names):
        return [path for name in names for path in glob.glob(os.path.join(glob.escape(options.out), name))]

    kept, own, labels = os.path.join(options.out, "options.json"), recorded(options, more), read_labels(options.data)
    begun = found("fold*.npz", "judge*.npz", "fold*/*.pt")
    before = read_json(kept) if begun and os.path.exists(kept) else own
    changed = [name for name in own if before.get(name) != own[name]]
    if changed:
        raise SystemExit(f"What is in {options.out} was made with another {' and '.join(changed)}: take another --out.")
    is_other = False
    for path in found("fold*.npz"):
        fold = _number(path)
        is_other |= fold not in chosen or read_outputs(path, "logits", labels)["paths"].tolist() != chosen[fold]
    for path in found("fold*.csv") if begun else ():
        is_other |= read_column(path) != set(chosen.get(_number(path), ()))
    if is_other:
        raise SystemExit(f"What is in {options.out} was made of other pictures: take another --out.")
    with open(kept, "w", encoding="utf-8") as file:
        json.dump(own, file, indent=1)


def _number(path):
    """Of a fold's file; None for another one."""
    name = os.path.splitext(os.path.basename(path))[0][len("fold"):]
    return int(name) if name.isdigit() else None


def keep_opinions(path, pictures, logits, temperature, data):
    """What networks that had not seen the person made of each letter: for train.py --soft, dropped.py."""
    shown = [i for i, p in enumerate(pictures) if p.is_letter]
    np.savez_compressed(path, paths=np.array([os.path.relpath(pictures[i].path, data) for i in shown]),
                        probabilities=(logits[shown] / temperature).softmax(1).numpy().astype(np.float16),
                        labels=np.array(read_labels(data)))


def prepared(options, more, fold, signers, paths):
    """[(folder, train.py's arguments)] of a fold's runs; writes what they read."""
    def own(name):
        return os.path.join(options.out, name)

    data = options.train_data or options.data
    with open(own(f"fold{fold}.csv"), "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["path"], *([path] for path in paths)])
    if options.train_data:  # a thinned copy may be older than the person
        signers = sorted(set(signers) & {row["signer"] for row in manifest_rows(data)})
    given = ["--data", data, "--leave-out", ",".join(signers), "--keep-out", own(f"fold{fold}.csv"), "--resume", "last", "--validate", "0"]
    given += ["--samples", str(options.samples)] if options.samples else ["--minutes", str(options.minutes)]
    if options.opinions:  # of the joints alone, of people that neither they nor this fold's network has seen
        opinions, judge = own(f"opinions{fold}.npz"), own(f"judge{fold}.npz")
        if not os.path.exists(judge):
            joints_mlp.main(["--data", data, "--leave-out", ",".join(signers), "--oof", opinions, "--judge", judge])
        given += ["--soft", opinions, "--judge", judge]
    if options.after:
        given += ["--weights", os.path.join(options.after, f"fold{fold}")]
    if options.branches == 1:
        return [(own(f"fold{fold}"), [*given, *more])]
    return [(own(f"fold{fold}-{seed}"), [*given, *more, "--seed", str(seed)]) for seed in range(1, options.branches + 1)]


def is_done(folder):
    """Whether a run has ended (here or elsewhere: its last checkpoint is enough)."""
    last = last_checkpoint(folder)
    return last is not None and progress(load_state(last)) >= 1


def judged_network(options, fold, folders):
    """The checkpoint to judge: a run's last, or the mean of several."""
    last = [last_checkpoint(folder) for folder in folders]
    if len(last) == 1:
        return last[0]
    folder = os.path.join(options.out, f"fold{fold}")  # where --after finds it
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "mean.pt")
    torch.save(mean_checkpoint([(each, 1.0) for each in last]), path)
    return path


def crossval(options, more):
    os.makedirs(options.out, exist_ok=True)
    lengths, labels = [], read_labels(options.data)
    divided = [(signers, judgeable(chosen)) for signers, chosen in parts(options.data, options.folds)]
    names = {fold: [os.path.relpath(p.path, options.data) for p in chosen] for fold, (_, chosen) in enumerate(divided)}
    require_own(options, more, names)
    for fold, (signers, chosen) in enumerate(divided):
        stored = os.path.join(options.out, f"fold{fold}.npz")
        if not os.path.exists(stored):
            paths = names[fold]
            runs = prepared(options, more, fold, signers, paths)
            if options.prepare:
                for folder, given in runs:
                    print(shlex.join(["python3", os.path.relpath(train.__file__), "--out", folder, *given]), flush=True)
                continue
            for folder, given in runs:
                if not is_done(folder):
                    train.main(["--out", folder, *given])
            network = judged_network(options, fold, [folder for folder, _ in runs])
            found = standard(network, chosen, options.data, os.cpu_count())
            np.savez_compressed(stored, paths=np.array(paths), logits=found.numpy().astype(np.float16),
                                labels=np.array(labels), samples=samples_seen(load_state(network)))
        if options.prepare:
            continue
        pictures, logits = left_out(options.data, options.out)
        lengths.append(int(np.load(stored)["samples"]))
        result = {"options": more, "minutes": None if options.samples else options.minutes, "branches": options.branches,
                  "samples": round(float(np.mean(lengths))), "folds": fold + 1, **summary(pictures, logits, labels)}
        keep_opinions(os.path.join(options.out, "soft.npz"), pictures, logits, result["temperature"], options.data)
        with open(options.json + ".part", "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
            file.write("\n")
        os.replace(options.json + ".part", options.json)
        print({k: v for k, v in result.items() if isinstance(v, float)}, flush=True)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", required=True, help="folder for the runs")
    parser.add_argument("--json", required=True)
    parser.add_argument("--minutes", type=above_zero, default=15, help="of training a fold")
    parser.add_argument("--samples", type=whole, help="a fold, instead")
    parser.add_argument("--after", help="RUNS of a cross-validation with the same folds: each begins with its weights")
    parser.add_argument("--opinions", action="store_true",
                        help="each fold has its joints_mlp.py, without the people left out: for --soft and --judge")
    parser.add_argument("--branches", type=whole, default=1, help="runs a fold, whose mean is judged")
    parser.add_argument("--train-data", help="a smaller copy of the data (thin.py) for the runs")
    parser.add_argument("--prepare", action="store_true", help="print the runs' commands instead of running them")
    parser.add_argument("--folds", type=whole, default=FOLDS)
    options, more = parser.parse_known_args(argv)
    if options.branches > 1 and not options.after:
        parser.error("--branches needs --after: the mean of runs that did not begin alike reads badly")
    more = [m for m in more if m != "--"]
    train.arguments(["--data", options.data, "--out", options.out, *more])  # refuses them before the first fold
    folder_for(options.json)
    crossval(options, more)


if __name__ == "__main__":
    in_words(main)
