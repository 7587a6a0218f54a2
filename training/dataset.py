"""The pictures: manifest and joints read into arrays, and the choice of what to show next.

Layout of a data folder: manifest.csv (path, split, letter, signer, x0, y0, x1, y1) and joints.csv
(path, score, handedness, x0, y0, z0 … z20); joints are made by joints/label.py.
"""
import csv
import os
from dataclasses import dataclass

import numpy as np
from PIL import Image

LETTERS = "abcdefghiklmnopqrstuvwxy"  # static letters; j and z are movements
NO_HAND = len(LETTERS)
MIN_SCORE = 0.6  # below it the landmark network was not sure: its joints are not used
# Letters that no turn of the hand by half a circle makes into another letter.
UPRIGHT = set("abcdefilorsuvwxy")


@dataclass
class Picture:
    """One image. joints: 21×3 (x, y, z as fractions of width, height, width) or None; box: the
    hand's x0, y0, x1, y1 in fractions (from the joints, else from the manifest), or None."""
    path: str
    split: str
    letter: str
    signer: str
    joints: object = None
    box: object = None
    boxed: bool = False  # whether the manifest has a box

    @property
    def has_hand(self):
        return self.letter != "none"

    def open(self):
        return Image.open(self.path).convert("RGB")


def _boxes(row, joints):
    if joints is not None:
        return np.concatenate([joints[:, :2].min(0), joints[:, :2].max(0)])
    if row.get("x0"):
        return np.array([float(row[k]) for k in ("x0", "y0", "x1", "y1")], np.float32)
    return None


def read_pictures(folder, split=None, leave_out=()):
    """All pictures of a split, without the signers in leave_out."""
    joints = {}
    path = os.path.join(folder, "joints.csv")
    if os.path.exists(path):
        with open(path, newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            next(rows)
            for row in rows:
                if float(row[1]) >= MIN_SCORE:
                    joints[row[0]] = np.array(row[3:66], np.float32).reshape(21, 3)
    pictures = []
    with open(os.path.join(folder, "manifest.csv"), newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if (split and row["split"] != split) or row["signer"] in leave_out:
                continue
            found = joints.get(row["path"])
            pictures.append(Picture(os.path.join(folder, row["path"]), row["split"], row["letter"],
                                    row["signer"], found, _boxes(row, found), bool(row.get("x0"))))
    return pictures


def empty_square(box):
    """The largest square beside the hand, as (x0, y0, side) in fractions of a square picture:
    one of the four strips that a box leaves, or None when all are narrower than a third."""
    x0, y0, x1, y1 = np.clip([box[0] - 0.06, box[1] - 0.1, box[2] + 0.06, box[3] + 0.1], 0, 1)
    strips = [(0.0, 0.0, x0), (x1, 0.0, 1 - x1), (0.0, 0.0, y0), (0.0, y1, 1 - y1)]
    best = max(strips, key=lambda s: s[2])
    return best if best[2] >= 0.34 else None


# What a sample shows, and how often.
KINDS = {"letter": 0.79, "any": 0.03, "other": 0.055, "photo": 0.05, "region": 0.035,
         "partial": 0.02, "blend": 0.01, "upside-down": 0.01}


class Sampler:
    """Draws (kind, picture): letters evenly; people of a letter by count^−exponent a picture, so
    that a person with ten times the pictures comes up only twice as often (at 0.7)."""

    def __init__(self, pictures, exponent=0.7, kinds=None):
        self.groups = {}
        for picture in pictures:
            if picture.letter in LETTERS and len(picture.letter) == 1:
                self.groups.setdefault(("letter", picture.letter), []).append(picture)
            elif picture.letter in ("any", "other"):
                self.groups.setdefault((picture.letter,), []).append(picture)
            elif picture.letter == "none":
                self.groups.setdefault(("photo",), []).append(picture)
            if picture.joints is not None and picture.has_hand and empty_square(picture.box):
                self.groups.setdefault(("region",), []).append(picture)
        self.weights = {}
        for key, group in self.groups.items():
            counts = {}
            for picture in group:
                counts[picture.signer] = counts.get(picture.signer, 0) + 1
            weight = np.array([counts[p.signer] ** -exponent for p in group])
            self.weights[key] = np.cumsum(weight / weight.sum())
        self.letters = [key[1] for key in self.groups if key[0] == "letter"]
        self.same = {}  # signer → pictures with joints, for blends
        for key, group in self.groups.items():
            if key[0] == "letter":
                for picture in group:
                    if picture.joints is not None:
                        self.same.setdefault(picture.signer, []).append(picture)
        shares = {k: v for k, v in (kinds or KINDS).items() if self._possible(k)}
        self.kinds = list(shares)
        self.shares = np.cumsum(np.array(list(shares.values())) / sum(shares.values()))

    def _possible(self, kind):
        return (kind,) in self.groups or kind in ("letter", "partial", "blend", "upside-down")

    def _from(self, rng, key):
        place = np.searchsorted(self.weights[key], rng.random())
        return self.groups[key][min(place, len(self.groups[key]) - 1)]

    def letter(self, rng):
        return self._from(rng, ("letter", self.letters[rng.integers(len(self.letters))]))

    def draw(self, rng):
        kind = self.kinds[min(np.searchsorted(self.shares, rng.random()), len(self.kinds) - 1)]
        if (kind,) in self.groups:
            return kind, self._from(rng, (kind,))
        picture = self.letter(rng)
        suits = picture.joints is not None and (kind != "upside-down" or picture.letter in UPRIGHT)
        return (kind if suits else "letter"), picture

    def background(self, rng):
        """A picture with nothing of interest in it (kind "photo"), or with an empty region."""
        keys = [key for key in (("photo",), ("region",)) if key in self.groups]
        if not keys:
            return None
        key = keys[0] if len(keys) == 1 or rng.random() < 0.65 else keys[1]
        return key[0], self._from(rng, key)
