"""Writes DIR/manifest.csv for pictures in folders: python3 manifest.py DIR

DIR/SPLIT/SIGNER/LETTER/any-name.jpg: SPLIT is train or dev, LETTER a label, or none, other or any (README.md, 1). Letters that are
not those of ASL go into DIR/labels.txt, in alphabetical order, if there is none yet."""
import csv
import os
import sys

from dataset import BOX, COLUMNS, LETTERS, NO_LETTER, check_signer, check_split, composed
from files import require_folder

ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
DEPTH = 3  # SPLIT/SIGNER/LETTER
OWN = ("manifest.csv", "joints.csv", "labels.txt", "dropped.csv")


def _leads_back(folder, parent):
    """Whether a link to a folder leads back to where it lies: to follow it would have no end."""
    folder, parent = os.path.realpath(folder), os.path.realpath(parent)
    return os.path.commonpath([folder, parent]) == folder


def files_of(folder):
    """[(parts of the path, name)] in alphabetical order, through links to folders as well, without what a system hides (names that
    begin with a dot)."""
    found = []
    for parent, folders, names in os.walk(folder, followlinks=True):
        parts = [] if parent == folder else os.path.relpath(parent, folder).split(os.sep)
        # One level below the pictures' is looked at, to say what is passed over.
        folders[:] = [name for name in folders if len(parts) <= DEPTH and not name.startswith(".")
                      and not _leads_back(os.path.join(parent, name), parent)]
        found += [(parts, name) for name in names if not name.startswith(".")]
    return sorted(found, key=lambda file: ("/".join(file[0]), file[1]))


def label_of(folder_name):
    letter = composed(folder_name)
    if letter.lower() in NO_LETTER and letter not in NO_LETTER:
        raise SystemExit(f"A folder is named {folder_name}: write {letter.lower()}, which is for pictures without a letter.")
    return letter


def rows_of(folder):
    """(a row for each picture, without a box; how many files are passed over)."""
    rows, passed_over = [], 0
    for parts, name in files_of(folder):
        if len(parts) == DEPTH and name.lower().endswith(ENDINGS):
            split, signer, letter = parts
            rows.append({"path": "/".join([*parts, name]), "split": split, "letter": label_of(letter), "signer": signer})
        elif parts or name not in OWN:
            passed_over += 1
    return rows, passed_over


def write_manifest(folder):
    path = os.path.join(folder, "manifest.csv")
    if os.path.exists(path):
        raise SystemExit(f"There is a {path} already, perhaps with boxes: take it away to have it made anew.")
    require_folder(folder)
    rows, passed_over = rows_of(folder)
    for row in rows:
        check_split(row)
        check_signer(row)
    if not rows:
        raise SystemExit(f"{folder} has no pictures in SPLIT/SIGNER/LETTER/, as in {os.path.join(folder, 'train', 'anna', 'a')}.")
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*COLUMNS, *BOX])
        writer.writeheader()
        writer.writerows(rows)
    letters = sorted({row["letter"] for row in rows} - set(NO_LETTER))
    labels = os.path.join(folder, "labels.txt")
    if not set(letters) <= set(LETTERS) and not os.path.exists(labels):
        with open(labels, "w", encoding="utf-8") as file:
            file.write("\n".join(letters) + "\n")
    people = {split: len({row["signer"] for row in rows if row["split"] == split}) for split in ("train", "dev")}
    print(f"{len(rows)} pictures, {people['train']} people in train, {people['dev']} in dev; letters: {' '.join(letters)}")
    if passed_over:
        print(f"{passed_over} other files were passed over: pictures end in {', '.join(ENDINGS)} and lie in SPLIT/SIGNER/LETTER/.")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    write_manifest(sys.argv[1])
