"""Batches of samples from worker processes, and fixed evaluation crops."""
import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from crop import standard_square

KEYS = ("letter", "target", "letter_weight", "joints", "joints_weight", "presence", "presence_weight")


def collate(samples):
    """A list of samples as one dict of tensors; images stay uint8, N×S×S×3."""
    batch = {"image": torch.from_numpy(np.stack([s["image"] for s in samples]))}
    for key in KEYS:
        value = np.array([s[key] for s in samples])
        batch[key] = torch.from_numpy(value if key == "letter" else value.astype(np.float32))
    return batch


class _Batches(Dataset):
    """Item i is the batch of samples i·size … (i+1)·size − 1, whoever makes it."""

    def __init__(self, maker, size, first, count):
        self.maker, self.size, self.first, self.count = maker, size, first, count

    def __len__(self):
        return self.count

    def __getitem__(self, i):
        start = (self.first + i) * self.size
        return collate([self.maker(n) for n in range(start, start + self.size)])


def batches(maker, size, first, count, workers, pin=False):
    """Batches number `first` to `first + count`, in order."""
    return DataLoader(_Batches(maker, size, first, count), batch_size=None, num_workers=workers,
                      prefetch_factor=4 if workers else 2, pin_memory=pin)


def to_input(images, input_range, device="cpu"):
    """uint8 N×S×S×3 → float N×3×S×S in input_range (a channels_last view, no copy of the layout)."""
    low, high = input_range
    x = images.to(device, non_blocking=True).permute(0, 3, 1, 2).float()
    return x * ((high - low) / 255) + low


def fixed_crops(pictures, size, times=1.5, mirror=False):
    """Standard squares (crop.standard_square) of pictures, as (uint8 N×S×S×3, letters N,
    joints N×21×3, joints_weight N). Pillow's antialiased bilinear filter."""
    images = np.empty((len(pictures), size, size, 3), np.uint8)
    joints = np.zeros((len(pictures), 21, 3), np.float32)
    known = np.zeros(len(pictures), np.float32)
    letters = np.array([picture.target for picture in pictures])
    for i, picture in enumerate(pictures):
        image = picture.open()
        square = standard_square(picture, image.size, times, mirror)
        images[i] = np.asarray(square.read(image, size, Image.Resampling.BILINEAR))
        if picture.joints is not None:
            joints[i] = square.joints(picture.joints, np.array(image.size, np.float32))
            known[i] = 1
    return torch.from_numpy(images), torch.from_numpy(letters), torch.from_numpy(joints), torch.from_numpy(known)
