"""The tutorial's pictures: DIR/train and DIR/validation, a folder of PNG or JPEG files for each letter."""
import os

import numpy as np
from PIL import Image

from upright import open_upright

ALPHABET = "abcdefghijklmnopqrstuvwxyz"
ENDINGS = (".png", ".jpg", ".jpeg")
CACHE_BYTES = 1 << 30


def labels_of(folder, which):
    """"alphabet": a to z, as the tutorial prints it; "folders": the letters that have a folder."""
    names = {name for part in ("train", "validation") for name in _folders(os.path.join(folder, part))}
    if which == "folders":
        return sorted(names)
    strange = sorted(names - set(ALPHABET))
    if strange:
        raise SystemExit(f"{folder} has folders that are no letters: {', '.join(strange)}. "
                         "Remove them, or pass --labels folders to have an output for each folder.")
    return list(ALPHABET)


def _folders(path):
    if not os.path.isdir(path):
        raise SystemExit(f"There is no folder {path}: --data names a folder with train/ and validation/ in it.")
    return sorted(entry.name for entry in os.scandir(path) if entry.is_dir() and not entry.name.startswith("."))


def read_part(folder, part, labels):
    """(paths, numbers of their labels) of train or validation, in a fixed order."""
    paths, numbers = [], []
    for letter in _folders(os.path.join(folder, part)):
        place = os.path.join(folder, part, letter)
        found = [os.path.join(place, n) for n in sorted(os.listdir(place)) if n.lower().endswith(ENDINGS)]
        paths += found
        numbers += [labels.index(letter)] * len(found)
    if not paths:
        raise SystemExit(f"{os.path.join(folder, part)} holds no PNG or JPEG picture in a folder of its letter.")
    return paths, np.array(numbers)


def resize_with_pad(image, size):
    """TensorFlow's resize_image_with_pad: the whole picture in a black square, uint8 S×S×3."""
    scale = size / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    square = Image.new("RGB", (size, size))
    square.paste(image.convert("RGB").resize((width, height), Image.Resampling.BILINEAR),
                 ((size - width) // 2, (size - height) // 2))
    return np.asarray(square)


class Pictures:
    """Padded squares of a list of files; as many as fit stay in memory."""

    def __init__(self, paths, numbers, size):
        self.paths, self.numbers, self.size = paths, numbers, size
        self.kept, self.room = {}, CACHE_BYTES // (3 * size * size)

    def __len__(self):
        return len(self.paths)

    def square(self, i):
        if i in self.kept:
            return self.kept[i]
        square = resize_with_pad(open_upright(self.paths[i]), self.size)
        if len(self.kept) < self.room:
            self.kept[i] = square
        return square


class TrainPictures:
    """Sample n of an endless row: every picture once an epoch in a new order, cropped and flipped at
    random. It depends on the seed and n alone, so that a resumed run sees what it would have seen."""

    def __init__(self, paths, numbers, size, seed):
        # 256 to 224, at other sizes in the same proportion
        self.pictures, self.size, self.seed = Pictures(paths, numbers, round(size * 256 / 224)), size, seed
        self.orders = {}

    def __len__(self):
        return len(self.pictures)

    def sample(self, n):
        epoch, place = divmod(n, len(self.pictures))
        if epoch not in self.orders:
            order = np.random.default_rng((self.seed, 0, epoch)).permutation(len(self.pictures))
            self.orders = {e: o for e, o in self.orders.items() if e >= epoch - 1} | {epoch: order}
        i = self.orders[epoch][place]
        rng = np.random.default_rng((self.seed, 1, n))
        x, y = rng.integers(0, self.pictures.size - self.size + 1, 2)
        image = self.pictures.square(i)[y:y + self.size, x:x + self.size]
        return (image[:, ::-1] if rng.random() < 0.5 else image), self.pictures.numbers[i]

    def batch(self, number, size):
        samples = [self.sample(n) for n in range(number * size, (number + 1) * size)]
        return np.stack([image for image, _ in samples]), np.array([letter for _, letter in samples])
