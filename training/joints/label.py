"""Labels the joints of every hand in a data folder: python3 joints/label.py DIR

Reads DIR/manifest.csv (path, split, letter, signer and, if known, the hand's box x0, y0, x1, y1 as
fractions) and writes DIR/joints.csv (path, score, handedness, x0, y0, z0 … x20, y20, z20; x, y as
fractions of the image, z in the unit of x). Pictures of letter `none` are passed over; those already
in joints.csv are kept, so that an interrupted run goes on. Those that cannot be read are named at the end.

The labels come from a landmark network inside an npm package (package.py, Apache-2.0). It wants one
upright hand filling about half of a square, so: first the box × 1.9, or the whole picture × 1.15 and
× 0.75, or, for a whole frame, a grid of smaller squares; each also turned by ±0.6 and ±1.4 radians,
until the score exceeds 0.9. Then two refinements: the square is centred on the joints, turned so
that wrist → middle knuckle points up, and sized 1.9 × their extent.
"""
import argparse
import csv
import math
import os
import sys

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from crop import Square  # noqa: E402
from dataset import manifest_box, manifest_rows  # noqa: E402
from files import csv_rows, normal  # noqa: E402
from joints.package import landmark_file  # noqa: E402
from joints.tflite import TfliteRunner, read_tflite  # noqa: E402
from upright import Unreadable, open_upright  # noqa: E402

SIDE = 224            # px, the network's input
SURE, TIMES = 0.9, 1.9
TURNS = (0.0, 0.6, -0.6, 1.4, -1.4)


def first_squares(size, box):
    """(centre x, centre y, side) in pixels: where a hand might be, likeliest first."""
    width, height = size
    if box is not None:
        x0, y0, x1, y1 = box[0] * width, box[1] * height, box[2] * width, box[3] * height
        yield (x0 + x1) / 2, (y0 + y1) / 2, TIMES * max(x1 - x0, y1 - y0)
    for times in (1.15, 0.75):
        yield width / 2, height / 2, times * max(width, height)
    for share in (0.6, 0.4):
        side = share * min(width, height)
        for y in np.linspace(side / 2, height - side / 2, math.ceil(1.5 * height / side)):
            for x in np.linspace(side / 2, width - side / 2, math.ceil(1.5 * width / side)):
                yield x, y, side


class Labeller:
    def __init__(self, path):
        self.runner = TfliteRunner(read_tflite(path))

    def look(self, image, square):
        """(score, handedness, joints 21×3: x, y, z in pixels of the picture)."""
        pixels = np.asarray(square.read(image, SIDE, Image.Resampling.BILINEAR), np.float32) / 255
        with torch.no_grad():
            out = self.runner(torch.from_numpy(pixels).permute(2, 0, 1)[None])
        points = out[0].numpy().reshape(21, 3)
        joints = np.empty((21, 3), np.float32)
        joints[:, :2] = (points[:, :2] / (SIDE / 2) - 1) @ square.matrix.T + (square.cx, square.cy)
        joints[:, 2] = points[:, 2] * square.side / SIDE
        return float(out[1]), float(out[2]), joints

    def label(self, image, box=None):
        """The best (score, handedness, joints) for the hand of a picture."""
        best = (-1.0, 0.0, None)
        for cx, cy, side in first_squares(image.size, box):
            for turn in TURNS:
                found = self.look(image, Square(cx, cy, side, turn))
                best = max(best, found, key=lambda f: f[0])
                if best[0] > SURE:
                    return self._refine(image, best)
        return self._refine(image, best)

    def _refine(self, image, best):
        for _ in range(2):
            points = best[2][:, :2]
            low, high = points.min(0), points.max(0)
            dx, dy = points[9] - points[0]
            turn = math.atan2(dy, dx) + math.pi / 2  # the square's up is the hand's up
            square = Square(*((low + high) / 2), max(TIMES * (high - low).max(), 8), turn)
            found = self.look(image, square)
            if found[0] < best[0] - 0.1:  # the first square was better
                break
            best = found
        return best


def label_folder(folder, kind="full"):
    labeller = Labeller(landmark_file(kind))
    out = os.path.join(folder, "joints.csv")
    known = set()
    if os.path.exists(out):
        known = {normal(row[0]) for _, row in csv_rows(out)}
    rows = [row for row in manifest_rows(folder) if row["letter"] != "none" and row["path"] not in known]
    unreadable = []
    with open(out, "a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if not known:
            writer.writerow(["path", "score", "handedness", *(f"{axis}{i}" for i in range(21) for axis in "xyz")])
        for number, row in enumerate(rows):
            try:
                image = open_upright(os.path.join(folder, row["path"]))
            except Unreadable as error:
                unreadable.append(str(error))
                continue
            score, handedness, joints = labeller.label(image, manifest_box(row))
            joints = joints / (image.width, image.height, image.width)
            writer.writerow([row["path"], f"{score:.3f}", f"{handedness:.2f}", *(f"{v:.4f}" for v in joints.ravel())])
            if number % 200 == 199:
                print(f"{number + 1} of {len(rows)}", flush=True)
    if unreadable:
        raise SystemExit("\n".join([*unreadable, f"All others are done; {len(unreadable)} could not be read."]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="data folder with manifest.csv")
    parser.add_argument("--network", choices=("full", "lite"), default="full", help="full is more exact, lite faster")
    options = parser.parse_args()
    label_folder(options.folder, options.network)


if __name__ == "__main__":
    main()
