"""Leaves out whole people: python3 crossval.py --data DIR --out RUNS --json results/NAME.json --minutes 15 [-- more of train.py's options]

Five runs of train.py, each without the people of one fold (joints_mlp.folds: all of one source in
one fold) and without every fifth photograph, each judged on them at the standard square. What a run
made of them is kept in RUNS/foldN.npz (paths, logits N×outputs), where calibrate.py finds it, and as
probabilities in RUNS/soft.npz. A fold that has its file is not done again and a run that stopped
goes on, so the script can be started as often as needed."""
import argparse
import json
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch

import joints_mlp
import train
from calibrate import judgeable, left_out, standard
from checkpoint import calibration_weights, fit_temperature, last_checkpoint, samples_seen
from dataset import read_labels, read_pictures
from joints_mlp import FOLDS, folds, source
from metrics import by_group, calibration_error, confusion, coverage, top


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


def keep_opinions(path, pictures, logits, temperature, data):
    """What networks that had not seen the person made of each letter: for train.py --soft, dropped.py."""
    shown = [i for i, p in enumerate(pictures) if p.is_letter]
    np.savez_compressed(path, paths=np.array([os.path.relpath(pictures[i].path, data) for i in shown]),
                        probabilities=(logits[shown] / temperature).softmax(1).numpy().astype(np.float16))


def crossval(options, more):
    os.makedirs(options.out, exist_ok=True)
    lengths = []
    for fold, (signers, chosen) in enumerate(parts(options.data, options.folds)):
        stored, folder = os.path.join(options.out, f"fold{fold}.npz"), os.path.join(options.out, f"fold{fold}")
        if not os.path.exists(stored):
            chosen = judgeable(chosen)
            paths = [os.path.relpath(p.path, options.data) for p in chosen]
            kept_out = os.path.join(options.out, f"fold{fold}.csv")
            with open(kept_out, "w", encoding="utf-8") as file:
                file.write("\n".join(["path", *paths]) + "\n")
            length = ["--samples", str(options.samples)] if options.samples else ["--minutes", str(options.minutes)]
            begin = []
            if options.opinions:  # of the joints alone, of people that neither they nor this fold's network has seen
                opinions, judge_file = (os.path.join(options.out, f"{name}{fold}.npz") for name in ("opinions", "judge"))
                if not os.path.exists(judge_file):
                    joints_mlp.main(["--data", options.data, "--leave-out", ",".join(signers), "--oof", opinions, "--judge", judge_file])
                begin = ["--soft", opinions, "--judge", judge_file]
            if options.after:
                begin += ["--weights", last_checkpoint(os.path.join(options.after, f"fold{fold}"))]
            train.main(["--data", options.data, "--out", folder, "--leave-out", ",".join(signers),
                        "--keep-out", kept_out, "--resume", "last", "--validate", "0", *begin, *length, *more])
            last = last_checkpoint(folder)
            found = standard(last, chosen, os.cpu_count())
            np.savez_compressed(stored, paths=np.array(paths), logits=found.numpy().astype(np.float16),
                                samples=samples_seen(torch.load(last, map_location="cpu")))
        pictures, logits = left_out(options.data, options.out)
        lengths.append(int(np.load(stored)["samples"]))
        result = {"options": more, "minutes": None if options.samples else options.minutes,
                  "samples": round(float(np.mean(lengths))), "folds": fold + 1, **summary(pictures, logits, read_labels(options.data))}
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
    parser.add_argument("--minutes", type=float, default=15, help="of training a fold")
    parser.add_argument("--samples", type=int, help="a fold, instead")
    parser.add_argument("--after", help="RUNS of a cross-validation with the same folds: each begins with its weights")
    parser.add_argument("--opinions", action="store_true",
                        help="each fold has its joints_mlp.py, without the people left out: for --soft and --judge")
    parser.add_argument("--folds", type=int, default=FOLDS)
    options, more = parser.parse_known_args(argv)
    crossval(options, [m for m in more if m != "--"])


if __name__ == "__main__":
    main()
