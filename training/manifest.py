"""Writes DIR/manifest.csv for pictures in folders: python3 manifest.py DIR

DIR/SPLIT/SIGNER/LETTER/any-name.jpg: SPLIT is train or dev, LETTER a label, or none, other or any (README.md, 1). Letters that are
not those of ASL go into DIR/labels.txt, in alphabetical order, if there is none yet."""
import csv
import os
import sys

from dataset import LETTERS, NO_LETTER, check_row, composed

ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
COLUMNS = ["path", "split", "letter", "signer", "x0", "y0", "x1", "y1"]


def rows_of(folder):
    """A row for each picture, without a box; whatever else lies there is passed over."""
    rows = []
    for parent, _, names in sorted(os.walk(folder)):
        parts = os.path.relpath(parent, folder).split(os.sep)
        for name in sorted(names) if len(parts) == 3 else ():
            if name.lower().endswith(ENDINGS):
                split, signer, letter = parts
                rows.append({"path": "/".join([*parts, name]), "split": split, "letter": composed(letter), "signer": signer})
    return rows


def write_manifest(folder):
    path = os.path.join(folder, "manifest.csv")
    if os.path.exists(path):
        raise SystemExit(f"There is a {path} already, perhaps with boxes: take it away to have it made anew.")
    rows = rows_of(folder)
    for row in rows:
        check_row(row)
    if not rows:
        raise SystemExit(f"{folder} has no pictures in SPLIT/SIGNER/LETTER/, as in {os.path.join(folder, 'train', 'anna', 'a')}.")
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    letters = sorted({row["letter"] for row in rows} - set(NO_LETTER))
    labels = os.path.join(folder, "labels.txt")
    if not set(letters) <= set(LETTERS) and not os.path.exists(labels):
        with open(labels, "w", encoding="utf-8") as file:
            file.write("\n".join(letters) + "\n")
    people = {split: len({row["signer"] for row in rows if row["split"] == split}) for split in ("train", "dev")}
    print(f"{len(rows)} pictures, {people['train']} people in train, {people['dev']} in dev; letters: {' '.join(letters)}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    write_manifest(sys.argv[1])
