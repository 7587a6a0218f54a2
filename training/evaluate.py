"""Judges a checkpoint on the dev split: python3 evaluate.py CHECKPOINT --data DIR --out FILE.json

Which pixels are read (so that the library's own evaluation can read the same):
- square: crop.standard_square: centre of the joints' box (else the manifest's), side 1.5 × its
  longer side, black outside the picture. Letters whose hand was not found, and has no box, are not judged;
- six other crops: side ×1.33, side ÷1.33, and shifts by an eighth of the side each way;
- loose squares: the hand's longer side is 0.4 to 0.8 of the side and lies anywhere in it; also in light of 0.5 to 2
  times the brightness; within the picture where that is large enough;
- mirrored: the same square, mirrored;
- whole frame: the pictures of the second collection that show the person, not only the hand (box in
  the manifest, longer side above 224 px, not square). One look: the whole picture padded with black
  to a square, or its largest centred square; two looks: the square of 1.2 × the box of the joints
  that the first look at the padded picture found.
- no hand: `none` pictures of the split, largest centred square; `other`: standard square.
Letters that the network does not know are counted and not read, as by npm run evaluate.
"""
import argparse
import json
import os
from collections import Counter

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from PIL import Image

from calibrate import scaled
from checkpoint import calibration_weights, checkpoint_at, fit_temperature, load_network, predictor
from crop import Square, standard_square
from dataset import judged_splits, read_labels, read_pictures, trained_on
from files import folder_for, in_words, read_json
from loader import fixed_crops
from metrics import calibration_error, by_group, confusion, coverage, reliability, top

OTHER_CROPS = {"larger": (1.33, 0, 0), "smaller": (1 / 1.33, 0, 0), "left": (1, -0.125, 0),
               "right": (1, 0.125, 0), "up": (1, 0, -0.125), "down": (1, 0, 0.125)}
STEPS = [1.1673039782614187 ** -power for power in (1, 2, 3, 4)]  # data.ts says what of
SECOND_LOOK = 1.2  # × the longer side of the box of the joints found


def read_squares(pictures, squares, size):
    """uint8 N×S×S×3; `squares` maps (picture, image size) to a Square."""
    images = np.empty((len(pictures), size, size, 3), np.uint8)
    for i, picture in enumerate(pictures):
        image = picture.open()
        images[i] = np.asarray(squares(i, image.size).read(image, size, Image.Resampling.BILINEAR))
    return torch.from_numpy(images)


def loose_view(standard, size, i):
    """(The i-th square as people place it by eye, made of a standard square; by what its light is multiplied.)"""
    fill, across, down, light = (((i + 1) * step) % 1 for step in STEPS)
    hand = standard.side / 1.5
    side = hand / (0.4 + 0.4 * fill)
    corner = np.array([standard.cx, standard.cy]) - hand / 2 - np.array([across, down]) * (side - hand)
    free = np.array(size) - side
    x, y = np.where(free > 0, np.clip(corner, 0, np.maximum(free, 0)), corner) + side / 2
    return Square(x, y, side), 2 ** (2 * light - 1)


def is_whole_frame(picture):
    """A picture of the second collection that shows the person, not only the hand."""
    width, height = picture.open().size
    return picture.boxed and max(width, height) > 224 and width != height


def padded(size):
    """The whole picture in a square, black above and below or left and right."""
    return Square(size[0] / 2, size[1] / 2, max(size))


def second_square(joints, first, mirror=False):
    """The square around joints (63 numbers in −1…1 of `first`), in pixels of the picture."""
    points = joints[:63].reshape(21, 3)[:, :2].numpy() @ first.matrix.T + (first.cx, first.cy)
    low, high = points.min(0), points.max(0)
    return Square(*((low + high) / 2), max(SECOND_LOOK * (high - low).max(), 8), mirror=mirror)


def two_looks(predict, pictures, first_squares, size):
    """(logits of the first look, logits of the second)."""
    sizes = [p.open().size for p in pictures]
    first_logits, joints = predict(read_squares(pictures, lambda i, s: first_squares(i, s), size))
    firsts = [first_squares(i, s) for i, s in enumerate(sizes)]
    second = predict(read_squares(pictures, lambda i, s: second_square(joints[i], firsts[i]), size))[0]
    return first_logits, second


def joint_error(joints, truth, known):
    """Mean distance in x and y over hand sizes (longer side of the true joints' box); None where no joints are known,
    or the network has none."""
    if joints is None or not known.any():
        return None
    points, truth = joints[:, :63].reshape(-1, 21, 3)[..., :2], truth[..., :2]
    extent = (truth.amax(1) - truth.amin(1)).amax(1)
    each = (points - truth).norm(dim=2).mean(1) / extent
    return each[known > 0].mean().item()


class Evaluation:
    """Of a network that reads `labels`: the folder's unless given."""

    def __init__(self, network, folder, threads=2, calibration=None, has_joints=True, labels=None):
        self.calibration, self.has_joints = calibration, has_joints
        self.predict, self.size = predictor(network, threads), network.table["input_size"]
        self.labels = tuple(labels or read_labels(folder))
        pictures = read_pictures(folder, judged_splits(folder), labels=labels)
        known = [p for p in pictures if p.is_letter and p.target is not None]
        self.letters = [p for p in known if p.box is not None]
        self.unjudged = len(known) - len(self.letters)
        self.not_read = Counter(p.letter for p in pictures if p.target is None)
        self.trained_on = trained_on(folder)
        if not self.letters:
            raise SystemExit(f"{folder} has no picture of a letter of this network ({' '.join(self.labels)}) whose hand is known: "
                             "joints/label.py finds hands, and people whose split is not train are judged.")
        self.other = [p for p in pictures if p.letter == "other" and p.box is not None]
        self.none = [p for p in pictures if p.letter == "none"]
        self.targets = torch.tensor([p.target for p in self.letters])
        self.whole = [i for i, p in enumerate(self.letters) if is_whole_frame(p)]

    def _squares(self, pictures, times=1.5, shift=(0, 0), mirror=False):
        def make(i, size):
            square = standard_square(pictures[i], size, times, mirror)
            return Square(square.cx + shift[0] * square.side, square.cy + shift[1] * square.side, square.side,
                          mirror=mirror)
        return make

    def _accuracy(self, logits, chosen=None):
        targets = self.targets if chosen is None else self.targets[chosen]
        return (logits[:, :-1].argmax(1) == targets).float().mean().item()

    def standard(self):
        """Logits of every set; the temperature is fitted on letters with a tenth of no-letter pictures."""
        images, _, truth, known = fixed_crops(self.letters, self.size)
        self.logits, joints = self.predict(images)
        self.joints = joints if self.has_joints else None  # untrained outputs are no joints
        empties = self.none + self.other
        self.empty_logits = self.predict(fixed_crops(empties, self.size)[0])[0] if empties else torch.zeros(0, self.logits.shape[1])
        logits = torch.cat([self.logits, self.empty_logits])
        targets = torch.cat([self.targets, torch.full((len(empties),), len(self.labels))])
        if self.calibration:
            self.temperature, self.bias = self.calibration["temperature"], self.calibration["no_letter_bias"]
        else:
            self.temperature, self.bias = fit_temperature(logits, targets, calibration_weights(targets, len(self.labels))), 0.0
        self.joint_error = joint_error(self.joints, truth, known)

    def report(self, quick=False):
        self.standard()
        signers, letters = [p.signer for p in self.letters], [p.letter for p in self.letters]
        tops = {f"top{k}": top(self.logits, self.targets, k) for k in (1, 3, 5)}
        strangers = torch.tensor([signer not in self.trained_on for signer in signers])
        probabilities = scaled(self.logits, self.temperature, self.bias).softmax(1)
        empty = scaled(self.empty_logits, self.temperature, self.bias).softmax(1)
        sure = (empty[:, :-1].amax(1) >= 0.7).float()
        count = len(self.none)
        result = {
            "pictures": len(self.letters), "without_a_hand_found": self.unjudged, "letters_not_read": dict(sorted(self.not_read.items())),
            **{name: right.mean().item() for name, right in tops.items()},
            "also_in_train": sorted(set(signers) & self.trained_on),
            "strangers": {"pictures": int(strangers.sum()),
                          **{name: right[strangers].mean().item() if strangers.any() else None for name, right in tops.items()}},
            **{f"{name}by_{group}": by_group(right, own) for name, right in (("", tops["top1"]), ("top3_", tops["top3"]), ("top5_", tops["top5"]))
               for group, own in (("signer", signers), ("letter", letters))},
            "joint_error_hand_sizes": self.joint_error, "temperature": self.temperature,
            "no_letter_bias": self.bias, "calibrated_on": "kept out of training" if self.calibration else "these pictures",
            "calibration_error": calibration_error(probabilities, self.targets),
            "reliability": reliability(probabilities, self.targets),
            "at_0.7": coverage(probabilities, self.targets, 0.7),
            "letters_given_on_no_hand": sure[:count].mean().item() if count else None,
            "letters_given_on_other": sure[count:].mean().item() if len(sure) > count else None,
            "confusion": confusion(self.logits, self.targets, self.labels)}
        if not quick:
            result.update(self._other_views())
        return result

    def _loose_views(self):
        squares = self._squares(self.letters)
        sizes = [p.open().size for p in self.letters]
        loose = [loose_view(squares(i, size), size, i) for i, size in enumerate(sizes)]
        images = read_squares(self.letters, lambda i, _: loose[i][0], self.size)
        gains = torch.tensor([gain for _, gain in loose]).view(-1, 1, 1, 1)
        exposed = (images * gains).round().clamp(0, 255).to(torch.uint8)
        return {"loose": self._accuracy(self.predict(images)[0]),
                "loose, dark or bright": self._accuracy(self.predict(exposed)[0])}

    def _other_views(self):
        views = {}
        for name, (times, dx, dy) in OTHER_CROPS.items():
            squares = self._squares(self.letters, 1.5 * times, (dx, dy))
            views[name] = self._accuracy(self.predict(read_squares(self.letters, squares, self.size))[0])
        views.update(self._loose_views())
        mirrored = self.predict(fixed_crops(self.letters, self.size, mirror=True)[0])[0]
        result = {"mirrored": self._accuracy(mirrored), "other_crops": views}
        if self.joints is None:  # where to look a second time is not known
            return result
        first, second = two_looks(self.predict, self.letters, self._squares(self.letters), self.size)
        result["two_looks"] = by_group(top(second, self.targets, 1), [p.signer for p in self.letters])
        result["two_looks_top1"] = self._accuracy(second)
        if self.whole:
            chosen = [self.letters[i] for i in self.whole]
            one, two = two_looks(self.predict, chosen, lambda i, s: padded(s), self.size)
            centre = read_squares(chosen, lambda i, s: Square(s[0] / 2, s[1] / 2, min(s)), self.size)
            result["whole_frames"] = {"pictures": len(chosen), "one_look": self._accuracy(one, self.whole),
                                      "one_look_centre": self._accuracy(self.predict(centre)[0], self.whole),
                                      "two_looks": self._accuracy(two, self.whole)}
        return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", help="a checkpoint, or a folder of them (the last)")
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", help="JSON file to write")
    parser.add_argument("--quick", action="store_true", help="standard squares only")
    parser.add_argument("--calibration", help="JSON of calibrate.py; without it the temperature is fitted on the split")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.out:
        folder_for(options.out)
    path = checkpoint_at(options.checkpoint)
    network, state = load_network(path)
    calibration = read_json(options.calibration, "temperature", "no_letter_bias") if options.calibration else None
    result = {"checkpoint": os.path.basename(path), "training_run": state["id"],
              **Evaluation(network, options.data, threads=options.threads, calibration=calibration,
                           has_joints=state.get("joints_learned", True), labels=state["labels"]).report(options.quick)}
    text = json.dumps(result, indent=1)
    if options.out:
        with open(options.out, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    print(json.dumps({k: v for k, v in result.items() if k not in ("confusion", "reliability")}, indent=1))


if __name__ == "__main__":
    in_words(main)
