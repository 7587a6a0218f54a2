"""The pictures: manifest and joints read into arrays, and the choice of what to show next.

Layout of a data folder: manifest.csv (path, split, letter, signer, x0, y0, x1, y1), joints.csv
(path, score, handedness, x0, y0, z0 … z20), which joints/label.py makes, and labels.txt where the
letters are not LETTERS: one a line, in the order of the outputs.
"""
import csv
import os
import unicodedata
from dataclasses import dataclass

import numpy as np

from upright import open_upright, upright_size

LETTERS = tuple("abcdefghiklmnopqrstuvwxy")  # static letters of ASL; j and z are movements
NO_LETTER = ("none", "other", "any")  # in the manifest: no hand, a hand that shows no letter, a hand for its joints
DROPPED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "results", "dropped.csv")
MIN_SCORE = 0.6  # below it the landmark network was not sure: its joints are not used
# Letters that no turn of the hand by half a circle makes into another letter.
UPRIGHT = set("abcdefilorsuvwxy")
# … by a quarter: a fist or a flat hand on its side (thumbs up is a turned a), not a letter.
SIDEWAYS = set("abefmnstw")


@dataclass
class Picture:
    """One image. target: the output of its letter, or the one after the letters; joints: 21×3 (x, y, z as fractions of width, height, width) or None; box: the
    hand's x0, y0, x1, y1 in fractions (from the joints, else from the manifest), or None."""
    path: str
    split: str
    letter: str
    signer: str
    target: int
    joints: object = None
    box: object = None
    boxed: bool = False  # whether the manifest has a box
    hand: float = 1.0    # handedness that the landmark network gave: near 1 one hand, near 0 the other
    soft: object = None  # what another model, that had not seen the person, made of it: a number for each output

    @property
    def is_letter(self):
        return self.letter not in NO_LETTER

    @property
    def on_black(self):
        """Whether the hand is cut out on black."""
        return self.signer.startswith("massey")

    @property
    def has_hand(self):
        return self.letter != "none"

    def open(self):
        return open_upright(self.path)

    def size(self):
        return upright_size(self.path)

    def aspect(self):
        width, height = self.size()
        return width / height


def _boxes(row, joints):
    if joints is not None:
        return np.concatenate([joints[:, :2].min(0), joints[:, :2].max(0)])
    if row.get("x0"):
        return np.array([float(row[k]) for k in ("x0", "y0", "x1", "y1")], np.float32)
    return None


def read_column(path):
    """The first column of a CSV with a header, as a set; empty where there is no such file."""
    if not path or not os.path.exists(path):
        return set()
    with open(path, newline="", encoding="utf-8") as file:
        return {row[0] for row in list(csv.reader(file))[1:]}


def composed(letter):
    """Ñ as one character, which some systems write as two."""
    return unicodedata.normalize("NFC", letter)


def read_labels(folder):
    """The letters in the order of the outputs: the lines of labels.txt, LETTERS where there is none."""
    path = os.path.join(folder, "labels.txt")
    if not os.path.exists(path):
        return LETTERS
    with open(path, encoding="utf-8-sig") as file:
        labels = tuple(composed(line.strip()) for line in file if line.strip())
    wrong = sorted({label for label in labels if label in NO_LETTER or labels.count(label) > 1})
    if wrong or len(labels) < 2:
        raise SystemExit(f"{path} must hold two letters or more, one a line, each once, without "
                         f"{', '.join(NO_LETTER)}. Wrong there: {', '.join(wrong) or 'too few lines'}.")
    return labels


def manifest_rows(folder):
    """The rows of manifest.csv, as dicts. Spreadsheets begin such a file with a byte order mark."""
    with open(os.path.join(folder, "manifest.csv"), newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def check_row(row):
    if row["split"] not in ("train", "dev"):
        raise SystemExit(f"The manifest has {row['path']} in the split {row['split']!r}: it is train or dev.")
    if "," in row["signer"]:  # options are lists of signers with commas between them
        raise SystemExit(f"The manifest names the signer {row['signer']!r} of {row['path']}: name people without commas.")


def read_pictures(folder, split=None, leave_out=(), dropped=DROPPED):
    """All pictures of a split, without the signers in leave_out and the train pictures listed in
    `dropped` (a CSV whose first column are paths as in the manifest: mislabelled ones)."""
    skip = read_column(dropped)
    joints, hands = {}, {}
    path = os.path.join(folder, "joints.csv")
    if os.path.exists(path):
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(file)
            next(rows)
            for row in rows:
                if float(row[1]) >= MIN_SCORE:
                    joints[row[0]] = np.array(row[3:66], np.float32).reshape(21, 3)
                    hands[row[0]] = float(row[2])
    targets = {letter: number for number, letter in enumerate(read_labels(folder))}
    targets.update(dict.fromkeys(NO_LETTER, len(targets)))
    pictures = []
    for row in manifest_rows(folder):
        check_row(row)
        if (split and row["split"] != split) or row["signer"] in leave_out:
            continue
        if row["split"] == "train" and row["path"] in skip:
            continue
        letter = composed(row["letter"])
        if letter not in targets:
            raise SystemExit(f"The manifest says that {row['path']} shows {letter!r}. Letters are those of "
                             f"labels.txt in {folder} (without it the static ones of ASL); {', '.join(NO_LETTER)} "
                             "are for pictures without one.")
        found = joints.get(row["path"])
        pictures.append(Picture(os.path.join(folder, row["path"]), row["split"], letter,
                                row["signer"], targets[letter], found, _boxes(row, found), bool(row.get("x0")),
                                hands.get(row["path"], 1.0)))
    return pictures


def empty_square(box):
    """The largest square beside the hand, as (x0, y0, side) in fractions of a square picture:
    one of the four strips that a box leaves, or None when all are narrower than a third."""
    x0, y0, x1, y1 = np.clip([box[0] - 0.06, box[1] - 0.1, box[2] + 0.06, box[3] + 0.1], 0, 1)
    strips = [(0.0, 0.0, x0), (x1, 0.0, 1 - x1), (0.0, 0.0, y0), (0.0, y1, 1 - y1)]
    best = max(strips, key=lambda s: s[2])
    return best if best[2] >= 0.34 else None


def attach_soft(pictures, folder, paths):
    """Gives pictures the mean of what networks said that had not seen their person
    (joints_mlp.py --oof, crossval.py)."""
    opinions = {}
    for path in paths:
        stored = np.load(path)
        for name, found in zip(stored["paths"].tolist(), stored["probabilities"].astype(np.float32)):
            opinions.setdefault(name, []).append(found)
    for picture in pictures:
        own = opinions.get(os.path.relpath(picture.path, folder))
        if own:
            picture.soft = np.mean(own, 0)


def is_raised(picture):
    """Whether all four fingers are stretched and point up: such a hand shows no letter when it hangs down (but three of its
    fingers, hanging, are some people's m)."""
    if picture.joints is None:
        return False
    points = picture.joints[:, :2] * (picture.aspect(), 1)
    reach = np.linalg.norm(points - points[0], axis=1)
    fingers = np.array([[8, 6], [12, 10], [16, 14], [20, 18]])  # tips, middle joints
    return bool((reach[fingers[:, 0]] > 1.15 * reach[fingers[:, 1]]).all() and (points[fingers[:, 0], 1] < points[0, 1]).all())


# What a sample shows, and how often. "room": a webcam frame beside its hand, with face and shelves; "hanging": four
# raised fingers (`other` hands, b), upside down.
KINDS = {"letter": 0.68, "any": 0.02, "other": 0.095, "photo": 0.045, "region": 0.015, "room": 0.04,
         "partial": 0.02, "blend": 0.01, "upside-down": 0.01, "hanging": 0.015, "sideways": 0.015, "half-formed": 0.015, "hidden": 0.02}
BACKGROUNDS = {"photo": 0.5, "region": 0.15, "room": 0.35}
ON_LETTERS = ("letter", "partial", "blend", "upside-down", "sideways", "half-formed", "hidden")
TURNABLE = {"upside-down": UPRIGHT, "sideways": SIDEWAYS}


class Sampler:
    """Draws (kind, picture): letters evenly; people of a letter by count^−exponent a picture, so
    that a person with ten times the pictures comes up only twice as often (at 0.7). Which letters a
    turn unmakes is known for LETTERS only: others are not turned."""

    def __init__(self, pictures, labels=LETTERS, exponent=0.7, kinds=None):
        self.no_letter = len(labels)
        self.turnable = TURNABLE if tuple(labels) == LETTERS else {}
        self.groups = {}
        for picture in pictures:
            if picture.is_letter:
                self.groups.setdefault(("letter", picture.letter), []).append(picture)
            elif picture.letter in ("any", "other"):
                self.groups.setdefault((picture.letter,), []).append(picture)
            elif picture.letter == "none":
                self.groups.setdefault(("photo",), []).append(picture)
            if self.turnable and (picture.letter == "other" or picture.letter in UPRIGHT) and is_raised(picture):
                self.groups.setdefault(("hanging",), []).append(picture)
            if picture.joints is not None and picture.has_hand and empty_square(picture.box):
                self.groups.setdefault(("region",), []).append(picture)
            if picture.boxed and picture.has_hand and picture.box is not None:
                width, height = picture.size()
                if max(width, height) > 224 and width != height:
                    self.groups.setdefault(("room",), []).append(picture)
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
        return (kind,) in self.groups or kind in ON_LETTERS and (kind not in TURNABLE or kind in self.turnable)

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
        suits = picture.joints is not None and (kind not in self.turnable or picture.letter in self.turnable[kind])
        return (kind if suits else "letter"), picture

    def background(self, rng):
        """A picture with nothing of interest in it (kind "photo"), or with an empty region."""
        kinds = [kind for kind in BACKGROUNDS if (kind,) in self.groups]
        if not kinds:
            return None
        parts = np.cumsum([BACKGROUNDS[kind] for kind in kinds])
        kind = kinds[min(np.searchsorted(parts, rng.random() * parts[-1]), len(kinds) - 1)]
        return kind, self._from(rng, (kind,))
