"""A smaller copy of a data folder's train pictures, to send to a machine with a GPU:

    python3 thin.py DIR THIN [--all 12] [--power 0.62] [--longest 256] [--quality 67]

Pictures of one person and letter are often neighbouring frames of a video. Of n of them it keeps --all and, of the others, as many
as their number to the --power, evenly spaced; of pictures without a hand all. They are made smaller (--longest, px) and
stored as WebP, whatever their names end in: the names stay, so that lists of paths (dropped.csv, train.py --keep-out, --soft)
suit both folders. Boxes and joints are fractions of the picture and stay as well."""
import argparse
import csv
import os
import shutil
from concurrent.futures import ThreadPoolExecutor

from PIL import Image

from dataset import manifest_rows
from files import csv_rows, in_words, normal
from upright import open_upright


def kept(count, whole, power):
    """Places of those kept of `count` pictures in a row: the first and the last among them."""
    number = count if count <= whole else min(count, round(whole + (count - whole) ** power))
    return [round(i * (count - 1) / max(number - 1, 1)) for i in range(number)]


def chosen(rows, whole, power):
    """The manifest's rows of the train pictures that are kept, in its order."""
    groups = {}
    for row in rows:
        if row["split"] == "train":
            groups.setdefault((row["signer"], row["letter"]), []).append(row["path"])
    names = set()
    for (_, letter), paths in groups.items():
        paths.sort()
        places = range(len(paths)) if letter == "none" else kept(len(paths), whole, power)
        names.update(paths[i] for i in places)
    return [row for row in rows if row["path"] in names]


def copy(source, target, longest, quality):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    image = open_upright(source, longest)
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    image.save(target, "WEBP", quality=quality)


def rewrite(folder, out, name, keep):
    """Copies a CSV with the rows of which `keep` (a set of paths) holds the first column."""
    header, *rows = (row for _, row in csv_rows(os.path.join(folder, name)))
    with open(os.path.join(out, name), "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *(row for row in rows if normal(row[0]) in keep)])


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("out")
    parser.add_argument("--all", type=int, default=12, help="of a person's pictures of a letter, kept whatever their number")
    parser.add_argument("--power", type=float, default=0.62)
    parser.add_argument("--longest", type=int, default=256, help="px")
    parser.add_argument("--quality", type=int, default=67, help="of WebP")
    options = parser.parse_args(argv)
    names = [row["path"] for row in chosen(manifest_rows(options.folder), options.all, options.power)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda name: copy(os.path.join(options.folder, name), os.path.join(options.out, name),
                                        options.longest, options.quality), names))
    for name in ("manifest.csv", "joints.csv", "dropped.csv"):
        if os.path.exists(os.path.join(options.folder, name)):
            rewrite(options.folder, options.out, name, set(names))
    if os.path.exists(os.path.join(options.folder, "labels.txt")):
        shutil.copy(os.path.join(options.folder, "labels.txt"), options.out)
    print(f"{len(names)} pictures", flush=True)


if __name__ == "__main__":
    in_words(main)
