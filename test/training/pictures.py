"""A tiny data folder drawn by the tests: stick hands whose fingers spell two letters."""
import csv
import json
import os
import sys
import tempfile
import unittest

import numpy as np
from PIL import Image, ImageDraw

TRAINING = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "training")
sys.path.insert(0, TRAINING)

TABLE = {
    "name": "tiny", "input_size": 32, "input_range": [0, 1], "width": 1.0, "rounding": 8, "batch_norm": False,
    "stem": {"c": 8, "k": 3, "s": 2},
    "rows": [{"t": 1, "c": 8, "n": 1, "s": 1}, {"t": 2, "c": 8, "n": 1, "s": 2, "shortcut": "maxpool"},
             {"t": 2, "c": 16, "n": 2, "s": 2, "k": 5}],
    "last": {"kind": "expand-depthwise", "c": 32, "k": 3}, "heads": {"letters_hidden": 16, "joints": 64}}


def stick_hand(letter, rng):
    """21×3 joints as fractions: b has all fingers up, a none."""
    joints = np.zeros((21, 3), np.float32)
    joints[0, :2] = 0.5, 0.85
    for finger in range(5):
        x, y, reach = 0.3 + 0.1 * finger, 0.6, 0.11 if letter == "b" else 0.02
        for j in range(4):
            joints[1 + 4 * finger + j, :2] = x, y - j * reach
    joints[:, :2] += rng.normal(0, 0.02, 2)
    return joints


def draw(joints, rng):
    image = Image.new("RGB", (64, 64), tuple(int(v) for v in rng.integers(0, 120, 3)))
    if joints is not None:
        pen = ImageDraw.Draw(image)
        for finger in range(5):
            points = [tuple(64 * joints[i, :2]) for i in (0, *range(1 + 4 * finger, 5 + 4 * finger))]
            pen.line(points, fill=(230, 190, 160), width=5)
    return image


def make_folder(folder, count=12):
    rng = np.random.default_rng(3)
    rows, joint_rows = [], []
    for split in ("train", "dev"):
        for signer in ("ann", "bob"):
            for letter in ("a", "b", "none"):
                for i in range(count if letter != "none" else 4):
                    path = f"{split}/{signer}/{letter}/{i:04d}.jpg"
                    joints = None if letter == "none" else stick_hand(letter, rng)
                    os.makedirs(os.path.join(folder, os.path.dirname(path)), exist_ok=True)
                    draw(joints, rng).save(os.path.join(folder, path))
                    rows.append([path, split, letter, signer, "", "", "", ""])
                    if joints is not None:
                        joint_rows.append([path, "0.99", "0.5", *(f"{v:.4f}" for v in joints.ravel())])
    with open(os.path.join(folder, "manifest.csv"), "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["path", "split", "letter", "signer", "x0", "y0", "x1", "y1"], *rows])
    header = ["path", "score", "handedness", *(f"{a}{i}" for i in range(21) for a in "xyz")]
    with open(os.path.join(folder, "joints.csv"), "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *joint_rows])


class WithFolder(unittest.TestCase):
    """Tests with a data folder (`data`) and the file of a tiny architecture (`table`) in a scratch folder."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.data, cls.table = cls.path("data"), cls.path("tiny.json")
        make_folder(cls.data)
        with open(cls.table, "w", encoding="utf-8") as file:
            json.dump(TABLE, file)

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    @classmethod
    def path(cls, name):
        return os.path.join(cls.scratch.name, name)
