"""The pictures: manifest and joints read into arrays, and the choice of what to show next.

Layout of a data folder: manifest.csv (path, split, letter, signer, x0, y0, x1, y1), joints.csv
(path, score, handedness, x0, y0, z0 … z20), which joints/label.py makes, labels.txt where the
letters are not LETTERS: one a line, in the order of the outputs, and perhaps dropped.csv (dropped.py).
"""
import os
import posixpath
import unicodedata
from dataclasses import dataclass

import numpy as np

from files import csv_rows, normal, read_arrays, require_folder
from upright import open_upright, upright_size

LETTERS = tuple("abcdefghiklmnopqrstuvwxy")  # static letters of ASL; j and z are movements
NO_LETTER = ("none", "other", "any")  # in the manifest: no hand, a hand that shows no letter, a hand for its joints
DROPPED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "results", "dropped.csv")
COLUMNS = ("path", "split", "letter", "signer")  # of a manifest, before the box
NEEDED = ("path", "letter")  # whoever only judges needs no more
SPLITS = ("train", "dev")
BOX = ("x0", "y0", "x1", "y1")
LOW, HIGH = -1.0, 3.0  # of a box, in fractions: a hand may reach far out of its picture; pixels are beyond
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


def manifest_box(row):
    """The box of a manifest's row, as floats, or None without one."""
    cells = [(row.get(key) or "").strip() for key in BOX]
    if not any(cells):
        return None
    try:
        box = [float(cell) for cell in cells]
    except ValueError:
        box = [float("nan")]
    if not all(LOW <= value <= HIGH for value in box) or box[0] >= box[2] or box[1] >= box[3]:
        raise SystemExit(f"The manifest gives {row['path']} the box {','.join(cells)}: it is x0,y0,x1,y1 in fractions of the picture, "
                         "x0 < x1 and y0 < y1, or empty.")
    return box


def _box(given, joints):
    if joints is not None:
        return np.concatenate([joints[:, :2].min(0), joints[:, :2].max(0)])
    return None if given is None else np.array(given, np.float32)


def read_column(path):
    """The first column of a CSV with a header, as a set of paths; empty where no file is asked for."""
    return {normal(row[0]) for _, row in csv_rows(path)[1:]} if path else set()


def composed(letter):
    """Ñ as one character, which some systems write as two; without spaces around it."""
    return unicodedata.normalize("NFC", letter.strip())


def read_labels(folder):
    """The letters in the order of the outputs: the lines of labels.txt, LETTERS where there is none."""
    require_folder(folder)
    path = os.path.join(folder, "labels.txt")
    if not os.path.exists(path):
        return LETTERS
    try:
        with open(path, encoding="utf-8-sig") as file:
            labels = tuple(composed(line) for line in file if line.strip())
    except UnicodeDecodeError:
        raise SystemExit(f"{path} is not in UTF-8: save it as such.") from None
    wrong = sorted({label for label in labels if label.lower() in NO_LETTER or labels.count(label) > 1})
    if wrong or len(labels) < 2:
        raise SystemExit(f"{path} must hold two letters or more, one a line, each once, without "
                         f"{', '.join(NO_LETTER)}. Wrong there: {', '.join(wrong) or 'too few lines'}.")
    return labels


def require_same_labels(found, labels, what):
    """Refuses what was made of other letters, or of these in another order: its numbers would be taken for other letters."""
    if list(found) != list(labels):
        raise SystemExit(f"{what} is of the letters {' '.join(found)}, the data of {' '.join(labels)}: use it with the labels.txt "
                         "that it was made with, or make it anew.")


def read_outputs(path, table, labels):
    """Arrays of joints_mlp.py or crossval.py with `paths` and, in `table`, a row of outputs for each; refused where these are
    not the labels' and no letter. Files made before they held their labels say how many they were, no more."""
    stored = read_arrays(path, "paths", table)
    if "labels" in stored:
        require_same_labels(stored["labels"].tolist(), labels, path)
    if stored[table].ndim != 2 or stored[table].shape[1] != len(labels) + 1:
        raise SystemExit(f"{path} does not have {len(labels) + 1} outputs a picture, as the data's letters want: make it anew.")
    return stored


def manifest_rows(folder):
    """The rows of manifest.csv, as dicts."""
    require_folder(folder)
    path = os.path.join(folder, "manifest.csv")
    if not os.path.exists(path):
        raise SystemExit(f"There is no manifest.csv in {folder}; manifest.py writes it for pictures in folders.")
    (_, header), *lines = csv_rows(path) or [(1, [])]
    header = [name.strip() for name in header]
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise SystemExit(f"{path} has no column {', '.join(missing)}: its first line is path,split,letter,signer,x0,y0,x1,y1 with "
                         "commas between them (the last four may be left out).")
    rows = []
    for number, cells in lines:
        row = {**dict.fromkeys(COLUMNS, ""), **dict(zip(header, cells))}
        lacking = [name for name in NEEDED if not row[name].strip()]
        if lacking:
            raise SystemExit(f"Line {number} of {path} has no {', no '.join(lacking)}.")
        row["path"] = normal(row["path"])
        rows.append(row)
    return rows


def check_split(row):
    if row["split"] not in SPLITS:
        raise SystemExit(f"The manifest has {row['path']} in the split {row['split']!r}: it is train or dev.")


def check_signer(row):
    """Refuses people whom --leave-out could not name. Nobody is in a picture without a hand."""
    if row["split"] != "train" or row["letter"] == "none":
        return
    if not row["signer"].strip():
        raise SystemExit(f"The manifest does not say who is in {row['path']}: give everybody a name in the column signer.")
    if "," in row["signer"]:  # options are lists of signers with commas between them
        raise SystemExit(f"The manifest names the signer {row['signer']!r} of {row['path']}: name people without commas.")


def signers_of(option, folder):
    """The people that an option names, with commas between them. One who is not in the manifest is refused: the name may be
    misspelt, and its owner would be learned from."""
    named = set(filter(None, option.split(",")))
    known = {row["signer"] for row in manifest_rows(folder)} if named else set()
    if not named <= known:
        raise SystemExit(f"The manifest of {folder} has no signer {', '.join(sorted(named - known))}: write them as it does.")
    return named


def read_joints(folder):
    """({path: joints 21×3}, {path: handedness}) of joints.csv, of the hands of which the landmark network was sure."""
    joints, hands = {}, {}
    path = os.path.join(folder, "joints.csv")
    for number, row in csv_rows(path)[1:] if os.path.exists(path) else ():
        try:
            score = float(row[1])
            if score < MIN_SCORE:  # what stands behind it does not matter
                continue
            hand, points = float(row[2]), np.array(row[3:66], np.float32)
        except (IndexError, ValueError):
            points = np.empty(0)
        if points.shape != (63,) or not (np.isfinite(points).all() and np.isfinite([score, hand]).all()):
            raise SystemExit(f"Line {number} of {path} is not a path and 65 numbers: take it out, and joints/label.py makes it anew.")
        name = normal(row[0])
        hands[name], joints[name] = hand, points.reshape(21, 3)
    return joints, hands


def dropped_paths(folder, rows, shipped=DROPPED):
    """The pictures that the folder's dropped.csv lists, and those of results/dropped.csv where this is the data that it was made
    from, or most of it: more than half of the folders that it names have pictures in `rows`, the manifest's. Elsewhere the same
    path is another picture."""
    own = os.path.join(folder, "dropped.csv")
    listed = read_column(shipped) if os.path.exists(shipped) else set()
    there = {posixpath.dirname(row["path"]) for row in rows}
    named = {posixpath.dirname(name) for name in listed}
    is_theirs = 2 * len(named & there) > len(named)
    return (listed if is_theirs else set()) | (read_column(own) if os.path.exists(own) else set())


def read_pictures(folder, split=None, leave_out=(), dropped=DROPPED, labels=None):
    """All pictures of a split, without the signers in leave_out and the train pictures listed in
    `dropped` (a CSV whose first column are paths as in the manifest: mislabelled ones). `split` is train or dev, a set of
    whatever the manifest has, or None: train and dev. `labels` are a network's, instead of the folder's: other letters are no
    mistake then, and their target is None."""
    targets = {letter: number for number, letter in enumerate(labels or read_labels(folder))}
    targets.update(dict.fromkeys(NO_LETTER, len(targets)))
    rows = manifest_rows(folder)
    skip = dropped_paths(folder, rows) if dropped == DROPPED else read_column(dropped)
    joints, hands = read_joints(folder)
    if not isinstance(split, set):
        for row in rows:  # a misspelt one would silently not be used
            check_split(row)
        split = {split} if split else set(SPLITS)
    pictures = []
    for row in rows:
        if row["split"] not in split or row["signer"] in leave_out:
            continue
        check_signer(row)
        if row["split"] == "train" and row["path"] in skip:
            continue
        letter = composed(row["letter"])
        if letter not in targets and not labels:
            raise SystemExit(f"The manifest says that {row['path']} shows {letter!r}. Letters are those of "
                             f"labels.txt in {folder} (without it the static ones of ASL); {', '.join(NO_LETTER)} "
                             "are for pictures without one.")
        found, box = joints.get(row["path"]), None if letter == "none" else manifest_box(row)
        pictures.append(Picture(os.path.join(folder, row["path"]), row["split"], letter,
                                row["signer"], targets.get(letter), found, _box(box, found), box is not None,
                                hands.get(row["path"], 1.0)))
    return pictures


def spread(items, count):
    """At most so many of a list, evenly over it."""
    return [items[int(i)] for i in np.linspace(0, len(items) - 1, min(count, len(items)))]


def judged_splits(folder):
    """Of the manifest those that a network was not trained on, as far as can be told: dev, else all but train."""
    there = {row["split"] for row in manifest_rows(folder)}
    return {"dev"} & there or there - {"train"}


def trained_on(folder):
    """The people of whom the split train has hands: they are no strangers to a network of this data."""
    return {row["signer"] for row in manifest_rows(folder) if row["split"] == "train" and row["letter"] != "none"}


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
    opinions, labels = {}, read_labels(folder)
    for path in paths:
        stored = read_outputs(path, "probabilities", labels)
        for name, found in zip(stored["paths"].tolist(), stored["probabilities"].astype(np.float32)):
            opinions.setdefault(normal(name), []).append(found)
    for picture in pictures:
        own = opinions.get(os.path.relpath(picture.path, folder))
        if own:
            picture.soft = np.mean(own, 0)
    if not any(picture.soft is not None for picture in pictures):
        raise SystemExit(f"{', '.join(paths)} (--soft) has no opinion of any train picture in {folder}: it was made of others.")


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
