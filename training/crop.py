"""Squares: where they lie in a picture, and reading their pixels with some resize filter."""
import math

import numpy as np
from PIL import Image

import amounts

FILTERS = [Image.Resampling.BOX, Image.Resampling.BILINEAR, Image.Resampling.HAMMING,
           Image.Resampling.BICUBIC, Image.Resampling.LANCZOS]


def pixel_box(picture, size):
    """The hand's box in pixels of an image of that (width, height); the whole image without one."""
    width, height = size
    box = picture.box if picture.box is not None else (0.06, 0.06, 0.94, 0.94)
    return np.array([box[0] * width, box[1] * height, box[2] * width, box[3] * height])


class Square:
    """A turned, perhaps mirrored square of a picture; side and centre in picture pixels."""

    def __init__(self, cx, cy, side, angle=0.0, mirror=False, stretch=1.0):
        self.cx, self.cy, self.side = float(cx), float(cy), float(side)
        self.angle, self.mirror, self.stretch = angle, mirror, stretch
        c, s = math.cos(angle), math.sin(angle)
        # picture = centre + half·matrix·(u, v), with u, v from −1 to 1 across the square
        m = np.array([[c * stretch, -s], [s * stretch, c]])
        if mirror:
            m[:, 0] *= -1
        self.matrix = m * (self.side / 2)
        self.inverse = np.linalg.inv(self.matrix)

    def to_square(self, points):
        """Picture pixels N×2 → −1…1 of the square."""
        return (points - (self.cx, self.cy)) @ self.inverse.T

    def joints(self, joints, size):
        """21×3 fractions of the picture → x, y in −1…1 of the square, z in the same unit."""
        out = np.empty((21, 3), np.float32)
        out[:, :2] = self.to_square(joints[:, :2] * size)
        out[:, 2] = joints[:, 2] * size[0] * 2 / self.side
        return out

    def inside(self, size):
        """Whether the whole square lies in the picture."""
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) @ self.matrix.T + (self.cx, self.cy)
        return corners.min() >= 0 and (corners.max(0) <= size).all()

    def read(self, image, out, filter=Image.Resampling.BILINEAR, fill=(0, 0, 0)):
        """The square's pixels, out×out; what lies outside the picture is `fill`."""
        if self.angle == 0 and self.stretch == 1.0:
            return self._read_upright(image, out, filter, fill)
        scale = self.side / out
        if scale > 1.25:  # sampling points further apart than pixels: shrink first
            small = (max(1, round(image.width / scale)), max(1, round(image.height / scale)))
            fx, fy = small[0] / image.width, small[1] / image.height
            image = image.resize(small, filter)
        else:
            fx = fy = 1.0
        m = self.matrix * (2 / out)  # per output pixel
        x0 = self.cx - m[0].sum() * out / 2
        y0 = self.cy - m[1].sum() * out / 2
        data = (m[0, 0] * fx, m[0, 1] * fx, x0 * fx, m[1, 0] * fy, m[1, 1] * fy, y0 * fy)
        return image.transform((out, out), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR,
                               fillcolor=fill)

    def _read_upright(self, image, out, filter, fill):
        x0, y0 = self.cx - self.side / 2, self.cy - self.side / 2
        x1, y1 = x0 + self.side, y0 + self.side
        if x0 < 0 or y0 < 0 or x1 > image.width or y1 > image.height:
            left, top = max(0, math.ceil(-x0)), max(0, math.ceil(-y0))
            right, bottom = max(0, math.ceil(x1 - image.width)), max(0, math.ceil(y1 - image.height))
            padded = Image.new(image.mode, (image.width + left + right, image.height + top + bottom), fill)
            padded.paste(image, (left, top))
            image, x0, y0, x1, y1 = padded, x0 + left, y0 + top, x1 + left, y1 + top
        box = (max(0, x0), max(0, y0), min(image.width, x1), min(image.height, y1))
        read = image.resize((out, out), filter, box=box)
        return read.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if self.mirror else read


def standard_square(picture, size, times=1.5, mirror=False):
    """The square of evaluation: centre of the joints' (else the manifest's) box, side = times ×
    its longer side, black outside; without either the largest centred square."""
    if picture.box is None:
        return Square(size[0] / 2, size[1] / 2, min(size), mirror=mirror)
    x0, y0, x1, y1 = pixel_box(picture, size)
    return Square((x0 + x1) / 2, (y0 + y1) / 2, times * max(x1 - x0, y1 - y0), mirror=mirror)


def room_square(picture, size, rng):
    """A square of a whole frame that does not touch the hand; None where eight draws all did."""
    x0, y0, x1, y1 = pixel_box(picture, size)
    pad = 0.12 * max(x1 - x0, y1 - y0)
    for _ in range(8):
        side = min(size) * rng.uniform(0.25, 0.8)
        x, y = rng.uniform(0, 1, 2) * (np.array(size) - side)
        if x > x1 + pad or x + side < x0 - pad or y > y1 + 2 * pad or y + side < y0 - pad:
            return Square(x + side / 2, y + side / 2, side, mirror=rng.random() < 0.5)
    return None


def random_square(picture, size, rng, fill_range=amounts.FILL, turn_sigma=amounts.TURN):
    """A square as users place them: the hand fills `fill_range` of it, off-centre, a little turned
    (sigma in radians, 13°), half of them mirrored."""
    x0, y0, x1, y1 = pixel_box(picture, size)
    extent = max(x1 - x0, y1 - y0, 8.0)
    fill = np.exp(rng.uniform(*np.log(fill_range)))
    side = extent / fill
    slack = 0.5 * (1 - fill) + amounts.SLACK
    dx, dy = rng.uniform(-1, 1, 2) * slack * side * np.sqrt(rng.random())
    upright = rng.random() < amounts.UPRIGHT
    angle = 0.0 if upright else float(np.clip(rng.normal(0, turn_sigma), -amounts.MOST_TURN, amounts.MOST_TURN))
    stretch = 1.0 if upright else float(np.exp(rng.normal(0, amounts.STRETCH)))
    return Square((x0 + x1) / 2 + dx, (y0 + y1) / 2 + dy, side, angle, rng.random() < 0.5, stretch)
