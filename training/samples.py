"""One training sample: a picture, a square in it, perhaps another background, then the camera.

A sample is a dict: image uint8 S×S×3; letter: number of the output, the last for no letter; target: probabilities, the
letter's mixed with what the joints network made of the picture; letter_weight; joints 21×3 in
−1…1 of the square; joints_weight 0 or 1; presence 0 or 1; presence_weight.
Everything random comes from a generator seeded by (seed, sample number): samples do not depend on
the number of workers, and a resumed run sees exactly what it would have seen.
"""
import numpy as np
from PIL import Image, ImageChops

import amounts
from augment import add_blob, add_sleeve, disturb, hand_mask, hide
from crop import FILTERS, Square, random_square, room_square
from dataset import empty_square
from morph import FINE, MOST, TRIES, VIEW, bend, half_formed, other_proportions, seen_from

COMPOSITES = 0.45   # share of hands that are cut out and pasted somewhere else
FAR = 0.17          # share of hands that fill only 18–40 % of the square
FAR_WEIGHT = 0.5    # of the letter loss there
SLEEVES = 0.2       # share of hands that come out of a painted sleeve
BENT = 0.15         # share of letters with other proportions


class SampleMaker:
    """judge (morph.Judge) lets half-formed hands be made; soft is the share of the joints network's
    opinion in a letter's target; bent and view: how many letters are bent into another person's hand, and the σ of
    its turn in space (radians)."""

    def __init__(self, sampler, size, seed=0, judge=None, soft=0.0, bent=BENT, view=VIEW):
        self.sampler, self.size, self.seed, self.bent, self.view = sampler, size, seed, bent, view
        self.judge, self.soft, self.no_letter = judge, soft, sampler.no_letter

    def __call__(self, number):
        rng = np.random.default_rng((self.seed, number))
        kind, picture = self.sampler.draw(rng)
        if kind in ("photo", "region", "room"):
            return self._empty(rng, kind, picture)
        return self._hand(rng, kind, picture)

    def _filter(self, rng):
        return FILTERS[rng.integers(len(FILTERS))]

    def _scene(self, rng, kind, picture):
        """A square without a hand: from a photograph, or from beside somebody's hand."""
        image = picture.open()
        square = room_square(picture, image.size, rng) if kind == "room" else None
        if square is not None:
            pass
        elif kind == "room":
            return self._scene(rng, *self.sampler.background(rng))
        elif kind == "region":
            x, y, side = empty_square(picture.box)
            w, h = image.size
            square = Square((x + side / 2) * w, (y + side / 2) * h, side * min(w, h) * rng.uniform(amounts.REGION_SIDE, 1.0),
                            mirror=rng.random() < 0.5)
        else:
            side = min(image.size) * rng.uniform(amounts.PHOTO_SIDE, 1.0)
            free = np.array(image.size) - side
            cx, cy = side / 2 + rng.uniform(0, 1, 2) * free
            square = Square(cx, cy, side, mirror=rng.random() < 0.5)
        return square.read(image, self.size, self._filter(rng))

    def _background(self, rng):
        chosen = self.sampler.background(rng)
        if chosen is None or rng.random() < amounts.FLAT:
            colour = tuple(int(v) for v in rng.integers(0, 256, 3))
            scene = Image.new("RGB", (self.size, self.size), colour)
        else:
            scene = self._scene(rng, *chosen)
        if rng.random() < amounts.SCENE_BLOBS:
            scene = add_blob(scene, rng, near_border=False)
        return scene

    def _empty(self, rng, kind, picture):
        scene = self._scene(rng, kind, picture)
        if rng.random() < amounts.EMPTY_BLOBS:
            scene = add_blob(scene, rng, near_border=False)
        return self._sample(disturb(scene, rng), self.no_letter, 1.0, None, 0.0, 1.0)

    def _square(self, rng, kind, picture, size):
        far = kind != "partial" and rng.random() < FAR
        square = random_square(picture, size, rng, amounts.FAR_FILL if far else amounts.FILL)
        if kind == "partial":  # slide the square away until few joints are left in it
            away = rng.uniform(0, 2 * np.pi)
            step = np.array([np.cos(away), np.sin(away)]) * square.side
            for _ in range(amounts.STEPS):
                if _share_inside(square, picture, size) < amounts.PARTLY:
                    break
                square = Square(square.cx + amounts.STEP * step[0], square.cy + amounts.STEP * step[1], square.side,
                                square.angle, square.mirror)
        elif kind in ("upside-down", "hanging"):
            square = Square(square.cx, square.cy, square.side, np.pi + rng.normal(0, amounts.HALF_TURN), square.mirror)
        elif kind == "sideways":
            turn = rng.choice([-1, 1]) * np.pi / 2 + rng.normal(0, amounts.QUARTER_TURN)
            square = Square(square.cx, square.cy, square.side, turn, square.mirror)
        return square, far

    def _hand(self, rng, kind, picture):
        image = picture.open()
        size = np.array(image.size, np.float32)
        square, far = self._square(rng, kind, picture, size)
        joints = None if picture.joints is None else square.joints(picture.joints, size)
        view = square.read(image, self.size, self._filter(rng), _fill(rng))
        formed = True
        if joints is not None and kind == "half-formed":
            view, joints, formed = self._half_formed(rng, view, joints, picture, square.mirror)
        elif joints is not None and kind == "letter" and rng.random() < self.bent:
            target = other_proportions(joints, rng)
            if self.view:
                target = seen_from(target, *np.clip(self.view * rng.normal(0, 1, 2), -MOST, MOST)).astype(np.float32)
            view, joints = bend(view, joints[:, :2], target[:, :2], cells=FINE), target
        if joints is not None and rng.random() < (amounts.ON_BLACK if picture.on_black else COMPOSITES):
            mask = hand_mask(joints, self.size, rng)
            if picture.on_black:
                lit = view.convert("L").point([0] * amounts.LIT + [255] * (256 - amounts.LIT))
                mask = ImageChops.multiply(mask, lit)
            if not square.inside(size):
                mask = Image.composite(mask, Image.new("L", mask.size, 0), self._coverage(square, image))
            view = Image.composite(self._matched(view, rng), self._background(rng), mask)
        elif not square.inside(size) and rng.random() < amounts.PADDED:
            view = Image.composite(view, self._background(rng), self._coverage(square, image))
        if joints is not None and rng.random() < SLEEVES:
            view = add_sleeve(view, joints, rng, self._background(rng) if rng.random() < amounts.SLEEVE_TEXTURE else None)
        if kind == "hidden":
            covered = hide(view, joints, rng, self._background(rng) if rng.random() < amounts.HIDDEN_TEXTURE else None)
            view, formed = covered or view, covered is None
        if kind == "blend":
            blended = self._blend(rng, view, picture)
            if blended is None:
                kind = "letter"
            else:
                view, joints = blended, None
        pixels = disturb(view, rng)
        if not formed:  # no letter, and joints that are hidden or were never seen so
            return self._sample(pixels, self.no_letter, 1.0, None, 0.0 if kind == "hidden" else 1.0, float(kind != "hidden"))
        share = 1.0 if joints is None else (np.abs(joints[:, :2]) < 1).all(1).mean()
        letter, weight = self.no_letter, 1.0
        if kind == "any":
            weight = 0.0
        elif kind in ("letter", "half-formed", "hidden"):  # what could not be unmade is still one
            letter, weight = picture.target, FAR_WEIGHT if far else 1.0
        shown = kind != "partial" or share > 0.5
        return self._sample(pixels, letter, weight, joints if share > 0.5 else None, float(shown),
                            0.0 if kind == "partial" and share > 0.15 else 1.0,
                            picture.soft if letter < self.no_letter else None)

    def _coverage(self, square, image):
        """Where the square lies on the picture (L, 255) and where outside (0)."""
        return square.read(Image.new("L", image.size, 255), self.size, Image.Resampling.BOX, 0)

    def _matched(self, view, rng):
        """A pasted hand is seldom lit exactly as its new room."""
        gain = np.exp(rng.normal(0, amounts.PASTED_GAIN))  # … and often over- or underexposed
        return view.point([min(255, int(v * gain)) for v in range(256)] * 3)

    def _other_letters(self, rng, picture):
        """Those of TRIES pictures of the same person that show another letter."""
        same = self.sampler.same[picture.signer]
        drawn = [same[rng.integers(len(same))] for _ in range(TRIES)]
        return [p for p in drawn if p.letter != picture.letter]

    def _half_formed(self, rng, view, joints, picture, mirror):
        """(view, joints, False) of a hand between two letters of its person, or what came, True."""
        others = [(p.joints * (1, 1 / p.aspect(), 1), p.hand) for p in self._other_letters(rng, picture)]
        hand = 1 - picture.hand if mirror else picture.hand
        target = half_formed(joints, others, hand, self.judge, rng) if self.judge else None
        if target is None:
            return view, joints, True
        return bend(view, joints[:, :2], target[:, :2]), target, False

    def _blend(self, rng, view, picture):
        """Half-way between two letters of one person: no letter, and no joints to learn. None where all draws were of
        one letter."""
        others = self._other_letters(rng, picture)
        if not others:
            return None
        image = others[0].open()
        other = random_square(others[0], np.array(image.size, np.float32), rng, amounts.BLEND_FILL, amounts.BLEND_TURN)
        second = other.read(image, self.size, self._filter(rng))
        return Image.blend(view, second, rng.uniform(*amounts.BLEND))

    def _sample(self, pixels, letter, letter_weight, joints, presence, presence_weight, soft=None):
        target = np.zeros(self.no_letter + 1, np.float32)
        target[letter] = 1
        if soft is not None and self.soft:
            target = (1 - self.soft) * target + self.soft * soft
        return {"image": pixels, "letter": letter, "target": target, "letter_weight": letter_weight,
                "joints": np.zeros((21, 3), np.float32) if joints is None else joints,
                "joints_weight": 0.0 if joints is None else 1.0,
                "presence": presence, "presence_weight": presence_weight}


def _fill(rng):
    """Outside the picture: black as `region` pads, or some flat colour."""
    return (0, 0, 0) if rng.random() < 0.5 else tuple(int(v) for v in rng.integers(0, 256, 3))


def _share_inside(square, picture, size):
    return (np.abs(square.to_square(picture.joints[:, :2] * size)) < 1).all(1).mean()
