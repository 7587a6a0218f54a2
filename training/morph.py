"""Hands bent by their joints: a little, as another person's would be; or into shapes between letters."""
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from dataset import require_same_labels
from files import read_arrays

FINGERS = [list(range(1 + 4 * f, 5 + 4 * f)) for f in range(5)]
PALM = [0, 5, 9, 13, 17]
GRID = 20  # cells a side of the mesh that is bent; small movements need fewer
FINE = 10
VIEW = 0.22  # radians, σ of the turn in space
MOST = 0.5   # … and the most: behind it are sides of the hand that the picture does not show
# A half-formed hand: how many mixtures are tried, how far a joint must have moved (of the hand), and the likeliest
# letter's probability below which it is none.
TRIES, MOVED, NO_LETTER_BELOW = 6, 0.35, 0.3
TURN = 0.07  # radians, σ: u and v, or u and r, lie four times as far apart


# What a hand is bent by beside its joints: the middles of these bones, and fixed points along the square's border.
MIDDLES = [(f[j], f[j + 1]) for f in FINGERS for j in range(3)] + [(0, k) for k in (1, 5, 9, 13, 17)]
BORDER = [(x, y) for x in np.linspace(-1.15, 1.15, 6) for y in np.linspace(-1.15, 1.15, 6) if max(abs(x), abs(y)) > 1.1]


def _controls(points):
    return np.concatenate([points, points[MIDDLES].mean(1), BORDER])


def bend(image, joints, target, power=4, cells=GRID):
    """The picture (square) with its joints (21×2, −1…1) moved to `target`; what lies between them
    follows the nearest."""
    out = image.width
    p, q = _controls(joints), _controls(target)
    ticks = np.linspace(-1, 1, cells + 1)
    nodes = np.stack(np.meshgrid(ticks, ticks), 2).reshape(-1, 2)
    distance = ((nodes[:, None] - q[None]) ** 2).sum(2) + 1e-4
    weight = distance ** (-power / 2)
    source = nodes + (weight @ (p - q)) / weight.sum(1, keepdims=True)
    source = ((source + 1) * (out / 2)).reshape(cells + 1, cells + 1, 2)
    places = np.round((ticks + 1) * (out / 2)).astype(int)
    mesh = []
    for r in range(cells):
        for c in range(cells):
            box = (places[c], places[r], places[c + 1], places[r + 1])
            corners = (source[r, c], source[r + 1, c], source[r + 1, c + 1], source[r, c + 1])
            mesh.append((tuple(int(v) for v in box), tuple(float(v) for corner in corners for v in corner)))
    return image.transform((out, out), Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def other_proportions(joints, rng):
    """The same letter by another hand: fingers turned by some degrees at their joints, a little longer or
    shorter, and the palm wider or narrower."""
    target = joints.copy()
    for finger in FINGERS:
        for j in range(3):
            angle = rng.normal(0, TURN)
            c, s = np.cos(angle), np.sin(angle)
            ahead = target[finger[j + 1:], :2] - target[finger[j], :2]
            target[finger[j + 1:], :2] = target[finger[j], :2] + ahead @ np.array([[c, s], [-s, c]])
    up = joints[9, :2] - joints[0, :2]
    across = np.array([-up[1], up[0]]) / max(np.linalg.norm(up), 1e-6)
    wide = np.exp(rng.normal(0, 0.08)) - 1
    offset = (joints[:, :2] - joints[0, :2]) @ across
    target[:, :2] += wide * offset[:, None] * across
    for finger in FINGERS:
        grow = np.exp(rng.normal(0, 0.08)) - 1
        target[finger[1:], :2] += grow * (target[finger[1:], :2] - target[finger[0], :2])
    return target


def seen_from(joints, yaw, pitch):
    """The hand turned in space about its palm, by angles (radians) about the picture's y and x axes. What a letter looks
    like from a little to the side is what other people's pictures of it differ by most."""
    centre = joints[PALM].mean(0)
    x, y, z = (joints - centre).T
    c, s = np.cos(yaw), np.sin(yaw)
    x, z = c * x + s * z, c * z - s * x
    c, s = np.cos(pitch), np.sin(pitch)
    y, z = c * y - s * z, c * z + s * y
    turned = np.stack([x, y, z], 1) + centre
    turned[:, 2] += joints[0, 2] - turned[0, 2]  # z is relative to the wrist
    return turned


def laid_upon(joints, onto, mirror):
    """`joints` (pixels) moved, turned and scaled so that its palm lies on that of `onto`."""
    points = joints * ((-1, 1, 1) if mirror else (1, 1, 1))
    a, b = points[PALM, :2] - points[PALM, :2].mean(0), onto[PALM, :2] - onto[PALM, :2].mean(0)
    za, zb = a[:, 0] + 1j * a[:, 1], b[:, 0] + 1j * b[:, 1]
    turn = (zb * za.conj()).sum() / max((abs(za) ** 2).sum(), 1e-9)
    flat = (points[:, 0] - points[PALM, 0].mean()) + 1j * (points[:, 1] - points[PALM, 1].mean())
    flat = flat * turn
    return np.stack([flat.real + onto[PALM, 0].mean(), flat.imag + onto[PALM, 1].mean(), points[:, 2] * abs(turn)], 1)


class Judge:
    """The joints-only network (joints_mlp.py --judge): whether a hand made from two is a letter."""

    def __init__(self, path, device="cpu", labels=None):
        stored = read_arrays(path, *(f"{i}_{part}" for i in (0, 3, 6) for part in ("weight", "bias")))
        if labels and "labels" in stored:
            require_same_labels(stored["labels"].tolist(), labels, path)
        if labels and len(stored["6_bias"]) != len(labels) + 1:
            raise SystemExit(f"{path} (--judge) has {len(stored['6_bias'])} outputs; the data wants {len(labels) + 1}: make it anew.")
        self.layers = [[torch.from_numpy(stored[f"{i}_{part}"]).to(device) for part in ("weight", "bias")] for i in (0, 3, 6)]

    def likeliest(self, joints, hand):
        """The likeliest letter's probability, N, for joints N×21×3 in any pixels and handedness N."""
        from joints_mlp import features
        x = features(joints, hand)
        for i, (weight, bias) in enumerate(self.layers):
            x = F.linear(x, weight, bias)
            x = x.relu() if i < 2 else x.softmax(1)
        return x[:, :-1].amax(1)

    def __call__(self, joints, hand):
        """The same for the joints of one hand, 21×3."""
        with torch.no_grad():
            return self.likeliest(torch.from_numpy(joints[None].astype(np.float32)), torch.tensor([float(hand)])).item()


def half_formed(joints, others, hand, judge, rng, limit=NO_LETTER_BELOW):
    """Joints between one letter's and another's, each finger its own part of the way, that the
    judge takes for no letter; None where no draw was. others: (joints, handedness) on any scale."""
    extent = np.ptp(joints[:, :2], axis=0).max()
    for second, second_hand in others:
        aim = laid_upon(second, joints, (second_hand < 0.5) != (hand < 0.5))
        target = joints.copy()
        for finger in FINGERS:
            t = rng.uniform(0.0, 0.9)
            target[finger] += t * (aim[finger] - joints[finger])
        moved = np.linalg.norm(target[:, :2] - joints[:, :2], axis=1).max() / extent
        if MOVED < moved and judge(target, hand) < limit:
            return target
    return None
