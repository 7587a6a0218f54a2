"""What cameras, rooms and browsers do to pixels. Works on PIL images: uint8, small, cheap."""
import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

import amounts
from crop import FILTERS

PALM = [0, 1, 5, 9, 13, 17]
TIPS = [4, 8, 12, 16, 20]
BONES = [(0, 1), (1, 2), (2, 3), (3, 4), (0, 5), (5, 6), (6, 7), (7, 8), (5, 9), (9, 10), (10, 11),
         (11, 12), (9, 13), (13, 14), (14, 15), (15, 16), (13, 17), (17, 18), (18, 19), (19, 20), (0, 17)]
NOISE = np.random.default_rng(7).normal(0, 1, (1 << 19)).astype(np.float32)


def hand_mask(joints, out, rng):
    """The hand cut out by its joints: palm polygon and capsules along the bones.
    joints: 21×2 or more, −1…1 of the square. Returns an L image out×out, feathered by a pixel."""
    points = (joints[:, :2] + 1) * (out / 2)
    palm = max(np.linalg.norm(points[5] - points[17]), 0.55 * np.linalg.norm(points[0] - points[9]))
    radius = max(palm * rng.uniform(*amounts.PALM_WIDTH) / 2, 1.0)
    mask = Image.new("L", (out, out), 0)
    draw = ImageDraw.Draw(mask)
    place = [tuple(p) for p in points]
    draw.polygon([place[i] for i in PALM], fill=255)
    wrist = points[0] + (points[0] - points[9]) * rng.uniform(*amounts.WRIST)

    def capsule(a, b, r):
        draw.line([tuple(a), tuple(b)], fill=255, width=max(1, int(round(2 * r))))
        for x, y in (a, b):
            draw.ellipse([x - r, y - r, x + r, y + r], fill=255)

    for a, b in BONES:
        capsule(points[a], points[b], radius * (amounts.TIP if b in TIPS else amounts.FINGER))
    for root in (1, 17):  # a random length of forearm
        edge = 0.75 * points[0] + 0.25 * points[root]
        capsule(edge, wrist + (edge - points[0]), radius * amounts.FOREARM)
    return mask.filter(ImageFilter.BoxBlur(1))


def add_sleeve(image, joints, rng, texture=None):
    """A forearm in a sleeve, from somewhere below the wrist out of the picture. Covers what the
    hand's own forearm was; `texture` (a picture of the same size) is its cloth, else one colour."""
    out = image.width
    wrist, knuckle = (joints[[0, 9], :2] + 1) * (out / 2)
    along = wrist - knuckle
    length = max(np.linalg.norm(along), 0.15 * out)
    turn = rng.normal(0, amounts.SLEEVE_TURN)
    c, s = np.cos(turn), np.sin(turn)
    along = np.array([c * along[0] - s * along[1], s * along[0] + c * along[1]]) / max(np.linalg.norm(along), 1e-6)
    start = wrist + along * length * rng.uniform(*amounts.SLEEVE_START)
    width = length * rng.uniform(*amounts.SLEEVE_WIDTH)
    across = np.array([-along[1], along[0]]) * width / 2
    far = start + along * 3 * out
    mask = Image.new("L", image.size, 0)
    spread = rng.uniform(*amounts.SLEEVE_SPREAD)
    ImageDraw.Draw(mask).polygon([tuple(start - across), tuple(start + across), tuple(far + spread * across),
                                  tuple(far - spread * across)], fill=255)
    cloth = texture or Image.new("RGB", image.size, tuple(int(v) for v in rng.integers(0, 256, 3)))
    return Image.composite(cloth, image, mask.filter(ImageFilter.BoxBlur(1)))


def hide(image, joints, rng, texture=None):
    """Something in front of the hand, so that at most half of its joints are seen and no letter can
    be told. Returns the picture, or None where it hid too little."""
    out = image.width
    points = joints[:, :2]
    low, high = points.min(0), points.max(0)
    angle = rng.uniform(0, 2 * np.pi)
    normal = np.array([np.cos(angle), np.sin(angle)])
    edge = np.quantile(points @ normal, rng.uniform(*amounts.HIDDEN_EDGE))
    hidden = points @ normal > edge
    if hidden[TIPS].sum() < 4:
        return None
    centre = (low + high) / 2
    side = np.array([-normal[1], normal[0]])
    reach = rng.uniform(*amounts.HIDDEN_REACH) * max(high - low)
    base = centre + normal * (edge - centre @ normal)
    corners = [base - side * reach, base + side * reach, base + side * reach + normal * 3, base - side * reach + normal * 3]
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).polygon([tuple((p + 1) * (out / 2)) for p in corners], fill=255)
    if texture is None:
        colour = skin_colour(rng) if rng.random() < amounts.HIDDEN_SKIN else tuple(int(v) for v in rng.integers(0, 256, 3))
        texture = Image.new("RGB", image.size, colour)
    return Image.composite(texture, image, mask.filter(ImageFilter.BoxBlur(int(rng.integers(1, 3)))))


def skin_colour(rng):
    """Somewhere between very dark and very light skin, in any warm light."""
    light = rng.uniform(amounts.SKIN_LIGHT, 1.0)
    base = np.array(amounts.SKIN) * light
    return tuple(int(v) for v in np.clip(base * np.exp(rng.normal(0, amounts.SKIN_TINT, 3)), 0, 255))


def add_blob(image, rng, near_border):
    """A face-, arm- or shelf-like patch; near the border it may hide a little of the hand."""
    out = image.width
    size = rng.uniform(*amounts.BLOB_SIZE, 2) * out
    if near_border:
        side = rng.integers(4)
        along = rng.uniform(0, out)
        depth = rng.uniform(*amounts.BLOB_DEPTH) * out
        cx, cy = [(depth, along), (out - depth, along), (along, depth), (along, out - depth)][side]
    else:
        cx, cy = rng.uniform(0, out, 2)
    box = [cx - size[0] / 2, cy - size[1] / 2, cx + size[0] / 2, cy + size[1] / 2]
    colour = skin_colour(rng) if rng.random() < amounts.BLOB_SKIN else tuple(int(v) for v in rng.integers(0, 256, 3))
    mask = Image.new("L", image.size, 0)
    draw = ImageDraw.Draw(mask)
    (draw.ellipse if rng.random() < amounts.BLOB_ROUND else draw.rectangle)(box, fill=255)
    image.paste(Image.new("RGB", image.size, colour), (0, 0), mask.filter(ImageFilter.BoxBlur(int(rng.integers(1, 4)))))
    return image


def tone_table(rng, strength=1.0):
    """Gamma, gain, contrast and tint as one lookup table of 3×256 entries."""
    levels = np.arange(256, dtype=np.float32) / 255
    gamma = np.exp(np.clip(rng.normal(0, amounts.GAMMA), -amounts.MOST_GAMMA, amounts.MOST_GAMMA) * strength)
    contrast = np.exp(rng.normal(0, amounts.CONTRAST) * strength)
    gain = np.exp(rng.normal(0, amounts.GAIN) * strength)
    shift = rng.normal(0, amounts.SHIFT) * strength
    tint = np.exp(rng.normal(0, amounts.TINT, 3) * strength)
    curve = (levels ** gamma - 0.5) * contrast + 0.5
    table = curve[None] * (gain * tint)[:, None] + shift
    return (np.clip(table, 0, 1) * 255 + 0.5).astype(np.uint8).reshape(-1).tolist()


def add_gradient(pixels, rng):
    """Light that falls off to one side or makes one bright corner."""
    out = pixels.shape[0]
    angle, depth = rng.uniform(0, 2 * np.pi), rng.uniform(*amounts.SHADE)
    ramp = np.linspace(-1, 1, out, dtype=np.float32)
    field = np.cos(angle) * ramp[None, :] + np.sin(angle) * ramp[:, None]
    return pixels * (1 + depth * field)[..., None]


def add_noise(pixels, rng):
    sigma = rng.uniform(*amounts.GRAIN)
    count = pixels.size if rng.random() < amounts.COLOUR_GRAIN else pixels.size // 3
    start = rng.integers(0, NOISE.size - count)
    noise = NOISE[start:start + count].reshape(*pixels.shape[:2], -1)
    return pixels + noise * sigma


def smear(image, length, angle):
    """The mean of what a camera sees while the hand moves `length` px in a straight line."""
    steps, reach = int(np.ceil(length)) + 1, int(np.ceil(length / 2))
    pixels = np.pad(np.asarray(image, np.uint16), ((reach, reach), (reach, reach), (0, 0)), "edge")
    total = np.zeros((image.height, image.width, 3), np.uint16)
    for along in np.linspace(-length / 2, length / 2, steps):
        x, y = reach + round(along * np.cos(angle)), reach + round(along * np.sin(angle))
        total += pixels[y:y + image.height, x:x + image.width]
    return Image.fromarray((total // steps).astype(np.uint8))


def degrade(image, rng):
    """Motion, blur, low resolution and JPEG, each now and then."""
    out = image.width
    if rng.random() < amounts.SMEARED:
        image = smear(image, rng.uniform(*amounts.SMEAR) * out / 160, rng.uniform(0, np.pi))
    if rng.random() < amounts.BLURRED:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(*amounts.BLUR) * out / 160))
    if rng.random() < amounts.COARSE:
        small = int(out * rng.uniform(*amounts.COARSE_SIDE))
        image = image.resize((small, small), FILTERS[rng.integers(len(FILTERS))])
        image = image.resize((out, out), FILTERS[rng.integers(1, len(FILTERS))])
    if rng.random() < amounts.JPEG:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=int(rng.integers(*amounts.JPEG_QUALITY)))
        image = Image.open(buffer).convert("RGB")
    return image


def disturb(image, rng):
    """Everything a camera and its light may do, on a finished crop. Returns uint8 out×out×3."""
    if rng.random() < amounts.BLOBS:
        image = add_blob(image, rng, near_border=True)
    image = image.point(tone_table(rng))
    if rng.random() < amounts.GREY:
        image = image.convert("L").convert("RGB")
    image = degrade(image, rng)
    pixels = np.asarray(image)
    gradient, noise = rng.random() < amounts.SHADED, rng.random() < amounts.GRAINY
    if gradient or noise:
        pixels = pixels.astype(np.float32)
        if gradient:
            pixels = add_gradient(pixels, rng)
        if noise:
            pixels = add_noise(pixels, rng)
        pixels = np.clip(pixels, 0, 255).astype(np.uint8)
    return pixels
