"""The samples of samples.py for a GPU: pictures decoded once into its memory, whole batches made there.

What is shown, how often and what cameras do to it is the same; the ways differ where a batch allows better ones: the
hand is read, turned and bent in one step, and its blur has a direction. Runs on any device, as the tests do on the CPU.
A batch is a dict as loader.collate makes it. All that is random comes from (seed, batch number).

A batch is some 1,500 small kernels, which Python starts more slowly than a GPU runs them. There they are recorded as CUDA
graphs: VARIANTS of them, because what is not a tensor (how many of a batch are blurred, how small the coarse ones are)
stays in a graph as it was.
"""
import math
import random

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch.utils.data import DataLoader, Dataset

import amounts
from augment import BONES, PALM, TIPS
from crop import pixel_box, room_square
from dataset import BACKGROUNDS, ON_LETTERS, empty_square
from engine import record
from morph import BORDER, FINGERS, MIDDLES, MOST, MOVED, NO_LETTER_BELOW, PALM as KNUCKLES, TRIES, TURN, VIEW
from samples import BENT, COMPOSITES, FAR, FAR_WEIGHT, SLEEVES

CANVAS = 256     # side of a stored picture, px
ROOMS = 12       # squares kept of each webcam frame that do not touch its hand
CELLS = 16       # of the mesh that bends a hand
VARIANTS = 8


class _Decoded(Dataset):
    """Chunks of pictures as (uint8 N×3×side×side, sizes N×2)."""

    def __init__(self, pictures, side, chunk=64):
        self.pictures, self.side, self.chunk = pictures, side, chunk

    def __len__(self):
        return math.ceil(len(self.pictures) / self.chunk)

    def __getitem__(self, i):
        chosen = self.pictures[i * self.chunk:(i + 1) * self.chunk]
        images = np.empty((len(chosen), self.side, self.side, 3), np.uint8)
        sizes = np.empty((len(chosen), 2), np.float32)
        for k, picture in enumerate(chosen):
            image = picture.open()
            shrink = min(1.0, self.side / max(image.size))
            if shrink < 1:
                image = image.resize([max(1, round(v * shrink)) for v in image.size], Image.Resampling.LANCZOS)
            w, h = sizes[k] = image.size
            # beyond the picture its border goes on, so that nothing dark is mixed in there
            images[k] = np.pad(np.asarray(image), ((0, self.side - int(h)), (0, self.side - int(w)), (0, 0)), "edge")
        return torch.from_numpy(images), torch.from_numpy(sizes)


class Store:
    """Pictures at most `side` px long (longer ones shrink: choose it so that a hand is seen there as large as the network
    shall read it), uint8 N×3×side×side, and of each in pixels there: size N×2, box N×4, joints N×21×3 (zeros where
    unknown: `known` N)."""

    def __init__(self, pictures, device, side=CANVAS, workers=0):
        self.side = side
        self.images = torch.empty(len(pictures), 3, side, side, dtype=torch.uint8, device=device)
        sizes, place = [], 0
        for images, size in DataLoader(_Decoded(pictures, side), batch_size=None, num_workers=workers):
            self.images[place:place + len(images)] = images.to(device).permute(0, 3, 1, 2)
            place += len(images)
            sizes.append(size)
        size = torch.cat(sizes).numpy()
        joints, box = np.zeros((len(pictures), 21, 3), np.float32), np.zeros((len(pictures), 4), np.float32)
        for i, picture in enumerate(pictures):
            w, h = size[i]
            if picture.joints is not None:
                joints[i] = picture.joints * (w, h, w)
            box[i] = pixel_box(picture, (w, h))
        put = lambda array: torch.from_numpy(array).to(device)
        self.size, self.joints, self.box = put(size), put(joints), put(box)
        self.known = put(np.array([p.joints is not None for p in pictures]))


def _weights(sampler, number, count):
    """{kind: each picture's share of its draws}."""
    found = {}
    for key, group in sampler.groups.items():
        weights = found.setdefault(key[0], np.zeros(count))
        own = np.diff(sampler.weights[key], prepend=0.0) / (len(sampler.letters) if key[0] == "letter" else 1)
        for picture, weight in zip(group, own):
            weights[number[id(picture)]] += weight
    return found


class BatchMaker:
    """Batches of `size` px squares. judge (morph.Judge, on the device) lets half-formed hands be made; soft: the share
    of other networks' opinions in a letter's target; bent: the share of letters that are bent into another person's hand;
    view: σ of its turn in space, radians (0: none)."""

    def __init__(self, pictures, sampler, store, size, device, seed=0, judge=None, soft=0.0, bent=BENT, view=VIEW):
        if size % 2:
            raise ValueError(f"{size} px: the side of a square must be even")
        self.sampler, self.store, self.size, self.device, self.seed = sampler, store, size, torch.device(device), seed
        self.judge, self.bent, self.view, self.no_letter = judge, bent, view, sampler.no_letter
        number = {id(p): i for i, p in enumerate(pictures)}
        weights = _weights(sampler, number, len(pictures))
        put = lambda values, kind=torch.float32: torch.tensor(values, dtype=kind, device=device)
        self.target = put([p.target for p in pictures], torch.long)
        self.hand = put([float(p.hand) for p in pictures])
        self.black = put([p.on_black for p in pictures], torch.bool)
        self.turnable = {kind: put([p.joints is not None and p.letter in letters for p in pictures], torch.bool)
                         for kind, letters in sampler.turnable.items()}
        eye = np.eye(self.no_letter + 1, dtype=np.float32)
        soft_targets = [(1 - soft) * eye[p.target] + soft * p.soft if soft and p.soft is not None else eye[p.target]
                        for p in pictures]
        self.soft = put(np.stack(soft_targets))
        # of one person's letters with joints: where they begin in `same`, and how many they are
        order = [(p.signer, i) for i, p in enumerate(pictures) if p.is_letter and p.joints is not None]
        order.sort()
        self.same = put([i for _, i in order] or [0], torch.long)
        first, count = {}, {}
        for place, (signer, _) in enumerate(order):
            first.setdefault(signer, place)
            count[signer] = count.get(signer, 0) + 1
        self.same_first = put([first.get(p.signer, 0) for p in pictures], torch.long)
        self.same_count = put([count.get(p.signer, 1) for p in pictures], torch.long)
        self.squares = {k: put(v) for k, v in self._empty_squares(pictures, weights).items()}
        # float64: of many small shares float32 loses some
        sums = {k: np.cumsum(w) for k, w in weights.items() if w.any()}
        self.groups = {k: put(v / v[-1], torch.float64) for k, v in sums.items()}
        grid = (torch.arange(size, device=device, dtype=torch.float32) * 2 + 1) / size - 1
        self.uv = torch.stack(torch.meshgrid(grid, grid, indexing="xy"), 2)  # S×S×2, −1…1
        half = (torch.arange(size // 2, device=device, dtype=torch.float32) * 4 + 2) / size - 1
        self.half_uv = torch.stack(torch.meshgrid(half, half, indexing="xy"), 2).reshape(-1, 2)
        ticks = torch.linspace(-1, 1, CELLS + 1, device=device)
        self.nodes = torch.stack(torch.meshgrid(ticks, ticks, indexing="xy"), 2).reshape(-1, 2)
        self.border, self.middles = put(BORDER), put(MIDDLES, torch.long)
        # constants live on the device: a copy to it would wait for what it is doing
        self.fingers, self.bones, self.palm, self.tips, self.knuckles = (
            put(v, torch.long) for v in (FINGERS, BONES, PALM, TIPS, KNUCKLES))
        self.wrist_sides = put([1, 17], torch.long)
        self.thick = put([amounts.TIP if tip in TIPS else amounts.FINGER for _, tip in BONES] + [amounts.FOREARM] * 2)
        self.grey, self.skin = put([0.299, 0.587, 0.114])[None, :, None, None], put([v / 255 for v in amounts.SKIN])
        self.silent = put(eye[self.no_letter])
        self.jpeg = _Jpeg(device)
        self.generator, self.recorded = torch.Generator(device=device), {}
        can = self.device.type == "cuda" and hasattr(torch.cuda.CUDAGraph, "register_generator_state")
        self.pool = torch.cuda.graph_pool_handle() if can else None

    def _empty_squares(self, pictures, weights):
        """{kind: centre and side of squares without a hand, N×ROOMS×3}: beside hands and in webcam frames. Frames in which
        none was found lose their weight."""
        rng = np.random.default_rng(self.seed)
        squares = {k: np.zeros((len(pictures), ROOMS, 3), np.float32) for k in ("room", "region") if k in weights}
        for i, (w, h) in enumerate(self.store.size.tolist()):
            if "room" in weights and weights["room"][i] > 0:
                found = [s for s in (room_square(pictures[i], (w, h), rng) for _ in range(ROOMS)) if s is not None]
                weights["room"][i] *= bool(found)
                for k in range(ROOMS if found else 0):
                    square = found[k % len(found)]
                    squares["room"][i, k] = square.cx, square.cy, square.side
            if "region" in weights and weights["region"][i] > 0:
                x, y, side = empty_square(pictures[i].box)
                squares["region"][i] = (x + side / 2) * w, (y + side / 2) * h, side * min(w, h)
        return squares

    # -- randomness ------------------------------------------------------------------------------------------------

    def _uniform(self, *shape, low=0.0, high=1.0):
        return torch.rand(*shape, generator=self.generator, device=self.device) * (high - low) + low

    def _between(self, ends, *shape):
        return self._uniform(*shape, low=ends[0], high=ends[1])

    def _normal(self, *shape):
        return torch.randn(*shape, generator=self.generator, device=self.device)

    def _count(self, share, of):
        """share·of, rounded up or down so that the variants together have it."""
        self.asked += 1
        ranks = random.Random(self.asked).sample(range(VARIANTS), VARIANTS)
        return min(of, int(share * of + (ranks[self.variant] + 0.5) / VARIANTS))

    def _some(self, share, of):
        """Numbers of a share of the `of` first; as many for every batch of a variant."""
        return self._order(of)[:self._count(share, of)]

    def _order(self, count):
        return self._uniform(count).argsort()

    def _draw(self, kind, count):
        """Numbers of pictures of a kind, as Sampler draws them."""
        drawn = torch.rand(count, generator=self.generator, device=self.device, dtype=torch.float64)
        return torch.searchsorted(self.groups[kind], drawn, right=True).clamp(max=len(self.groups[kind]) - 1)

    def _colours(self, count, skin=0.0):
        any_colour = self._uniform(count, 3)
        light, tint = self._uniform(count, 1, low=amounts.SKIN_LIGHT), (amounts.SKIN_TINT * self._normal(count, 3)).exp()
        tone = (self.skin * light * tint).clamp(0, 1)
        return torch.where(self._uniform(count, 1) < skin, tone, any_colour)[:, :, None, None]

    # -- the batch -------------------------------------------------------------------------------------------------

    def __call__(self, number, count):
        """Batch number `number`, of `count` samples: image uint8 N×S×S×3 and loader.KEYS. On a GPU the next one may
        overwrite it: all graphs share their memory."""
        if count < 16:
            raise ValueError(f"A batch of {count} cannot hold something of everything: 16 or more")
        chance = random.Random(self.seed * 1_000_003 + number)
        variant = chance.randrange(VARIANTS)
        self.generator.manual_seed(chance.getrandbits(62))
        if self.pool is None:
            return self._variant(variant, count)
        if (variant, count) not in self.recorded:
            seed = self.generator.initial_seed()
            self.recorded[variant, count] = record(lambda: self._variant(variant, count), 1, self.generator, self.pool)
            self.generator.manual_seed(seed)
        graph, batch = self.recorded[variant, count]
        graph.replay()
        return batch

    def _variant(self, variant, count):
        self.rng, self.variant, self.asked = random.Random(variant), variant, 0
        with torch.no_grad():
            return self._batch(count)

    def _kinds(self, count):
        """How many samples of each kind; the letters take what rounding leaves."""
        shares = np.diff(self.sampler.shares, prepend=0.0)
        counts = {kind: self._count(share, count) for kind, share in zip(self.sampler.kinds, shares)
                  if kind != "letter" and (kind in ON_LETTERS or kind in self.groups)}
        counts["letter"] = count - sum(counts.values())
        return counts

    def _batch(self, count):
        counts = self._kinds(count)
        empty = [(k, counts.get(k, 0)) for k in ("photo", "region", "room")]
        empties = sum(n for _, n in empty)
        scenes = self._scenes(count, empty)
        blobs = self._some(amounts.SCENE_BLOBS, count)
        scenes[blobs] = self._with_blobs(scenes[blobs], near_border=False)
        hands = self._hands({k: n for k, n in counts.items() if k not in dict(empty)}, scenes[empties:])
        image = self._disturbed(torch.cat([scenes[:empties], hands.pop("image")]))
        nothing = {"letter": self.no_letter, "letter_weight": 1.0, "joints": 0.0, "joints_weight": 0.0, "presence": 0.0,
                   "presence_weight": 1.0}
        batch = {k: torch.cat([torch.full((empties, *hands[k].shape[1:]), v, dtype=hands[k].dtype, device=self.device),
                               hands[k]]) for k, v in nothing.items()}
        batch["target"] = torch.cat([self.silent.expand(empties, -1), hands["target"]])
        batch["image"] = (image * 255 + 0.5).clamp_(0, 255).to(torch.uint8).permute(0, 2, 3, 1)
        return batch

    # -- scenes without a hand -------------------------------------------------------------------------------------

    def _scenes(self, count, empty):
        """N×3×S×S: first those that `empty` names, then backgrounds."""
        given = sum(n for _, n in empty)
        shares = {k: v for k, v in BACKGROUNDS.items() if k in self.groups}
        if not shares:
            return self._colours(count).expand(-1, -1, self.size, self.size).contiguous()
        total = sum(shares.values())
        drawn = list(empty)
        for k, share in list(shares.items())[1:]:
            drawn.append((k, self._count(share / total, count - given)))
        drawn.append((next(iter(shares)), count - sum(n for _, n in drawn)))
        index, square = [], []
        for kind, n in drawn:
            if n <= 0:
                continue
            i = self._draw(kind, n)
            if kind == "photo":
                size = self.store.size[i]
                side = size.amin(1, keepdim=True) * self._uniform(n, 1, low=amounts.PHOTO_SIDE)
                square.append(torch.cat([side / 2 + self._uniform(n, 2) * (size - side), side], 1))
            else:
                own = self.squares[kind][i, (self._uniform(n) * ROOMS).long().clamp(max=ROOMS - 1)]
                smaller = self._uniform(n, 1, low=amounts.REGION_SIDE) if kind == "region" else 1.0
                square.append(torch.cat([own[:, :2], own[:, 2:] * smaller], 1))
            index.append(i)
        index, square = torch.cat(index)[:count], torch.cat(square)[:count]
        # the ones asked for stay in front, the others come in any order
        order = torch.cat([torch.arange(given, device=self.device), given + self._order(count - given)])
        index, square = index[order], square[order]
        sign = torch.where(self._uniform(count) < 0.5, -1.0, 1.0)
        matrix = torch.zeros(count, 2, 2, device=self.device)
        matrix[:, 0, 0], matrix[:, 1, 1] = sign * square[:, 2] / 2, square[:, 2] / 2
        scenes, _ = self._read(index, square[:, :2], matrix)
        flat = given + self._some(amounts.FLAT, count - given)
        scenes[flat] = self._colours(len(flat)).expand(-1, -1, self.size, self.size)
        return scenes

    def _read(self, index, centre, matrix, shift=None):
        """(pixels N×3×S×S in 0…1, coverage N×1×S×S: 1 inside the picture) of squares: place = centre + matrix·(u, v),
        (u, v) first moved by shift N×S×S×2."""
        uv = self.uv.expand(len(index), -1, -1, -1)
        if shift is not None:
            uv = uv + shift
        m = matrix[:, None, None]
        place = uv[..., :1] * m[..., 0] + uv[..., 1:] * m[..., 1] + centre[:, None, None]
        size = self.store.size[index][:, None, None]
        inside = ((place >= 0) & (place <= size)).all(3)[:, None]
        grid = place * (2 / self.store.side) - 1
        pixels = self.store.images[index].float() * (1 / 255)
        read = F.grid_sample(pixels, grid, "bilinear", "border", False)
        # points further apart than pixels: from a smaller picture, so that what lies between them counts; some cameras
        # do not care
        apart = matrix.flatten(1).norm(dim=1) * (math.sqrt(2) / self.size)
        level = (apart.log2() + 0.1).round() - (self._uniform(len(index)) < 0.1).float()
        for k in (1, 2, 3):
            pixels = F.avg_pool2d(pixels, 2)
            coarse = F.grid_sample(pixels, grid, "bilinear", "border", False)
            read = torch.where((level >= k)[:, None, None, None], coarse, read)
        return read, inside.float()

    # -- hands -----------------------------------------------------------------------------------------------------

    def _hands(self, counts, scenes):
        """A dict of image and loader.KEYS for the kinds with a hand."""
        store, total = self.store, sum(counts.values())
        index, kind_of, spans, place = [], {}, {}, 0
        for kind, n in counts.items():
            index.append(self._draw(kind if kind in self.groups else "letter", n) if n else
                         torch.zeros(0, dtype=torch.long, device=self.device))
            spans[kind] = slice(place, place + n)
            kind_of[kind] = torch.zeros(total, dtype=torch.bool, device=self.device)
            kind_of[kind][spans[kind]] = True
            place += n
        index = torch.cat(index)
        nobody = torch.zeros(total, dtype=torch.bool, device=self.device)
        is_kind = lambda name: kind_of.get(name, nobody)
        known, letterlike = store.known[index], is_kind("letter")
        for kind in ON_LETTERS:  # without joints, or of a letter that a turn does not unmake, it stays a letter
            if kind == "letter" or kind not in kind_of:
                continue
            suits = known & self.turnable[kind][index] if kind in self.turnable else known
            letterlike = letterlike | kind_of[kind] & ~suits
            kind_of[kind] = kind_of[kind] & suits
        far = nobody.index_fill(0, self._some(FAR, total), True) & ~is_kind("partial")
        centre, matrix, side, mirror = self._squares(index, far, is_kind)
        inverse = _inverse(matrix)
        joints = torch.cat([torch.einsum("njk,nik->nij", inverse, store.joints[index, :, :2] - centre[:, None]),
                            store.joints[index, :, 2:] * (2 / side)[:, None, None]], 2)
        target, formed = self._moved(index, joints, mirror, letterlike & known, is_kind("half-formed"))
        view, inside = self._read(index, centre, matrix, self._bending(joints, target))
        joints = target
        view = self._placed(index, view, inside, joints, known, scenes)
        blended = nobody
        if counts.get("hidden"):
            own = spans["hidden"]  # behind something of another place than the one that it was put into
            covered, view[own] = self._hidden(view[own], joints[own], scenes.roll(2, 0)[own], is_kind("hidden")[own])
            formed = formed.clone()
            formed[own] &= ~covered
        if counts.get("blend"):
            own = spans["blend"]
            found, view[own] = self._blended(index[own], view[own], is_kind("blend")[own])
            blended = blended.clone()
            blended[own] = found
        return {"image": view, **self._labels(index, joints, known, far, letterlike, formed, blended, is_kind)}

    def _squares(self, index, far, is_kind, fill=amounts.FILL, turn=amounts.TURN):
        """Centre N×2, matrix N×2×2, side N and mirror N of squares as users place them (crop.random_square)."""
        n, box = len(index), self.store.box[index]
        extent = torch.maximum(box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]).clamp(min=8)
        filled = torch.where(far, self._between(np.log(amounts.FAR_FILL), n), self._between(np.log(fill), n)).exp()
        side = extent / filled
        away = self._uniform(n, 2, low=-1) * ((0.5 * (1 - filled) + amounts.SLACK) * side * self._uniform(n).sqrt())[:, None]
        centre = (box[:, :2] + box[:, 2:]) / 2 + away
        upright = self._uniform(n) < amounts.UPRIGHT
        angle = (turn * self._normal(n)).clamp(-amounts.MOST_TURN, amounts.MOST_TURN)
        stretch = (amounts.STRETCH * self._normal(n)).exp()
        quarter = torch.where(self._uniform(n) < 0.5, -math.pi / 2, math.pi / 2) + amounts.QUARTER_TURN * self._normal(n)
        angle = torch.where(upright, torch.zeros_like(angle), angle)
        half_turn = is_kind("upside-down") | is_kind("hanging")
        stretch = torch.where(upright | half_turn | is_kind("sideways"), torch.ones_like(stretch), stretch)
        angle = torch.where(half_turn, math.pi + amounts.HALF_TURN * self._normal(n), angle)
        angle = torch.where(is_kind("sideways"), quarter, angle)
        mirror = self._uniform(n) < 0.5
        c, s, sign = angle.cos(), angle.sin(), torch.where(mirror, -1.0, 1.0)
        matrix = torch.stack([torch.stack([c * stretch * sign, -s], 1), torch.stack([s * stretch * sign, c], 1)], 1)
        matrix = matrix * (side / 2)[:, None, None]
        partial = is_kind("partial")
        heading = self._uniform(n, high=2 * math.pi)
        step = torch.stack([heading.cos(), heading.sin()], 1) * (amounts.STEP * side)[:, None]
        inverse, joints = _inverse(matrix), self.store.joints[index, :, :2]
        steps = torch.arange(amounts.STEPS + 1, device=self.device)[None, :, None] * step[:, None]  # N×13×2
        seen = torch.einsum("njk,nsik->nsij", inverse, joints[:, None] - (centre[:, None] + steps)[:, :, None])
        share = (seen.abs() < 1).all(3).float().mean(2)
        enough = torch.cat([share[:, :-1] < amounts.PARTLY, torch.ones(n, 1, dtype=torch.bool, device=self.device)], 1)
        first = enough.float().argmax(1)
        centre = torch.where(partial[:, None], centre + first[:, None] * step, centre)
        return centre, matrix, side, mirror

    def _moved(self, index, joints, mirror, letters, half_formed):
        """(joints after bending, whether the hand still is what it was): letters become another person's, half-formed ones
        the first of TRIES mixtures with another letter that the judge takes for none."""
        n = len(index)
        other = other_proportions(joints, self.fingers, self._normal)
        if self.view:
            other = seen_from(other, self.view * self._normal(n, 2), self.knuckles)
        bent = letters & (self._uniform(n) < self.bent)
        target = torch.where(bent[:, None, None], other, joints)
        formed = torch.ones(n, dtype=torch.bool, device=self.device)
        if self.judge is None:
            return target, formed
        hand = torch.where(mirror, 1 - self.hand[index], self.hand[index])
        best, done = target, torch.zeros(n, dtype=torch.bool, device=self.device)
        extent = (joints[:, :, :2].amax(1) - joints[:, :, :2].amin(1)).amax(1)
        for _ in range(TRIES):
            second = self._of_same(index)
            opposite = (self.hand[second] < 0.5) != (hand < 0.5)
            aim = laid_upon(self.store.joints[second], joints, opposite, self.knuckles)
            part = self._uniform(n, 5, high=0.9)
            mixed = joints.clone()
            mixed[:, 1:] += part.repeat_interleave(4, 1)[:, :, None] * (aim - joints)[:, 1:]
            moved = (mixed - joints)[:, :, :2].norm(dim=2).amax(1) / extent > MOVED
            fits = moved & (self.target[second] != self.target[index]) & (self.judge.likeliest(mixed, hand) < NO_LETTER_BELOW)
            use = half_formed & fits & ~done
            best, done = torch.where(use[:, None, None], mixed, best), done | use
        return best, formed & ~done

    def _of_same(self, index):
        """For each picture some letter picture of the same person, perhaps the same one."""
        place = (self._uniform(len(index)) * self.same_count[index]).long()
        return self.same[(self.same_first[index] + place).clamp(max=len(self.same) - 1)]

    def _bending(self, joints, target):
        """N×S×S×2: how far from (u, v) the hand's pixel of the square lies when its joints move to `target` (morph.bend)."""
        p, q = (torch.cat([v[:, :, :2], v[:, self.middles, :2].mean(2), self.border.expand(len(v), -1, -1)], 1)
                for v in (joints, target))
        weight = ((self.nodes[None, :, None] - q[:, None]) ** 2).sum(3).add_(1e-4) ** -2
        move = torch.bmm(weight, p - q) / weight.sum(2, keepdim=True)
        move = move.reshape(-1, CELLS + 1, CELLS + 1, 2).permute(0, 3, 1, 2)
        return F.interpolate(move, size=(self.size, self.size), mode="bilinear", align_corners=True).permute(0, 2, 3, 1)

    def _placed(self, index, view, inside, joints, known, scenes):
        """Composites, what lies outside the picture, and sleeves."""
        n = len(index)
        plain, fill = view, torch.where(self._uniform(n, 1, 1, 1) < 0.5, 0.0, 1.0) * self._colours(n)
        outside = torch.where(self._uniform(n, 1, 1, 1) < amounts.PADDED, scenes, fill)
        view = torch.lerp(outside, view, inside)
        # room for more of them than are wanted, so that it is the same number every time
        black = self.black[index]
        wanted = known & (self._uniform(n) < torch.where(black, amounts.ON_BLACK, COMPOSITES))
        cut = wanted.float().argsort(descending=True)[:math.ceil((COMPOSITES + 0.15) * n)]
        own, mask = plain[cut], self._hand_mask(joints[cut]) * inside[cut]
        lit = (own * self.grey).sum(1, keepdim=True) > amounts.LIT / 255
        mask = torch.where(black[cut, None, None, None], mask * lit, mask)
        gain = (amounts.PASTED_GAIN * self._normal(len(cut))).exp()[:, None, None, None]
        pasted = torch.lerp(scenes[cut], (own * gain).clamp_(max=1), mask)
        view[cut] = torch.where(wanted[cut, None, None, None], pasted, view[cut])
        sleeves = self._some(SLEEVES, n)
        own = self._sleeves(view[sleeves], joints[sleeves], scenes.roll(1, 0)[sleeves])
        view[sleeves] = torch.where(known[sleeves, None, None, None], own, view[sleeves])
        return view

    def _hand_mask(self, joints):
        """N×1×S×S: palm and capsules along the bones (augment.hand_mask)."""
        n, points = len(joints), joints[:, :, :2]
        palm = torch.maximum((points[:, 5] - points[:, 17]).norm(dim=1), 0.55 * (points[:, 0] - points[:, 9]).norm(dim=1))
        radius = (palm * self._between(amounts.PALM_WIDTH, n) / 2).clamp(min=2 / self.size)
        a, b = points[:, self.bones[:, 0]], points[:, self.bones[:, 1]]
        wrist = points[:, :1] + (points[:, :1] - points[:, 9:10]) * self._between(amounts.WRIST, n, 1, 1)
        edge = 0.75 * points[:, :1] + 0.25 * points[:, self.wrist_sides]
        a, b = torch.cat([a, edge], 1), torch.cat([b, wrist + edge - points[:, :1]], 1)
        pixels = self.half_uv[None, :, None]
        depth = torch.full((n, len(self.half_uv)), -9.0, device=self.device)
        for first in range(0, len(self.thick), 6):  # a few bones at a time: memory
            part = slice(first, first + 6)
            along = b[:, None, part] - a[:, None, part]
            from_a = pixels - a[:, None, part]
            t = ((from_a * along).sum(3) / (along * along).sum(3).clamp(min=1e-9)).clamp_(0, 1)
            distance = (from_a - t[..., None] * along).norm(dim=3)
            depth = torch.maximum(depth, (radius[:, None, None] * self.thick[part] - distance).amax(2))
        ring = points[:, self.palm]
        x, y = pixels[..., 0], pixels[..., 1]
        (x1, y1), (x2, y2) = (v[:, None].unbind(3) for v in (ring, ring.roll(-1, 1)))
        steep = torch.where((y2 - y1).abs() < 1e-6, torch.full_like(y1, 1e-6), y2 - y1)
        crosses = ((y1 > y) != (y2 > y)) & (x < (x2 - x1) * (y - y1) / steep + x1)
        mask = (depth * (self.size / 4) + 0.5).clamp_(0, 1)
        mask = torch.where(crosses.sum(2) % 2 == 1, torch.ones_like(mask), mask)
        side = self.size // 2
        return F.interpolate(mask.reshape(n, 1, side, side), scale_factor=2, mode="bilinear", align_corners=False)

    def _sleeves(self, view, joints, texture):
        n = len(view)
        wrist, knuckle = joints[:, 0, :2], joints[:, 9, :2]
        along = wrist - knuckle
        length = along.norm(dim=1).clamp(min=0.3)
        turn = amounts.SLEEVE_TURN * self._normal(n)
        c, s = turn.cos(), turn.sin()
        along = torch.stack([c * along[:, 0] - s * along[:, 1], s * along[:, 0] + c * along[:, 1]], 1)
        along = along / along.norm(dim=1, keepdim=True).clamp(min=1e-6)
        start = wrist + along * (length * self._between(amounts.SLEEVE_START, n))[:, None]
        width, spread = length * self._between(amounts.SLEEVE_WIDTH, n), self._between(amounts.SLEEVE_SPREAD, n)
        t, s = self._along(start, along)
        half = width[:, None, None] / 2 * (1 + (spread[:, None, None] - 1) * t / 6)
        mask = self._soft(torch.minimum(t, half - s.abs()))
        cloth = torch.where(self._uniform(n, 1, 1, 1) < amounts.SLEEVE_TEXTURE, texture, self._colours(n))
        return torch.lerp(view, cloth, mask)

    def _along(self, start, along):
        """Every pixel's way from `start` along and across a direction, N×S×S each, in units of (u, v)."""
        away = self.uv[None] - start[:, None, None]
        return ((away * along[:, None, None]).sum(3),
                away[..., 0] * -along[:, None, None, 1] + away[..., 1] * along[:, None, None, 0])

    def _soft(self, depth, pixels=1.5):
        """A mask N×1×S×S from the depth inside an edge; the edge is `pixels` wide."""
        return (depth * (self.size / 2 / pixels) + 0.5).clamp(0, 1)[:, None]

    def _hidden(self, view, joints, texture, wanted):
        """(whether at most half of the hand is still seen, view): augment.hide, where wanted."""
        n, points = len(view), joints[:, :, :2]
        low, high = points.amin(1), points.amax(1)
        angle = self._uniform(n, high=2 * math.pi)
        normal = torch.stack([angle.cos(), angle.sin()], 1)
        ways = torch.einsum("nij,nj->ni", points, normal)
        rank = (20 * self._between(amounts.HIDDEN_EDGE, n)).long()
        edge = ways.sort(1).values.gather(1, rank[:, None])[:, 0]
        covered = wanted & ((ways[:, self.tips] > edge[:, None]).sum(1) >= 4)
        centre = (low + high) / 2
        base = centre + normal * (edge - (centre * normal).sum(1))[:, None]
        t, s = self._along(base, normal)
        reach = self._between(amounts.HIDDEN_REACH, n) * (high - low).amax(1)
        mask = self._soft(torch.minimum(t, reach[:, None, None] - s.abs()), 2.5)
        texture = torch.where(self._uniform(n, 1, 1, 1) < amounts.HIDDEN_TEXTURE, texture, self._colours(n, amounts.HIDDEN_SKIN))
        return covered, torch.where(covered[:, None, None, None], torch.lerp(view, texture, mask), view)

    def _blended(self, index, view, wanted):
        """(whether another letter of the same person was found, view half-way to it), where wanted."""
        second = self._of_same(index)
        for _ in range(5):
            second = torch.where(self.target[second] == self.target[index], self._of_same(index), second)
        nobody = torch.zeros_like(wanted)
        centre, matrix, _, _ = self._squares(second, nobody, lambda _: nobody, fill=amounts.BLEND_FILL, turn=amounts.BLEND_TURN)
        other, _ = self._read(second, centre, matrix)
        found = wanted & (self.target[second] != self.target[index])
        mixed = torch.lerp(view, other, self._between(amounts.BLEND, len(index), 1, 1, 1))
        return found, torch.where(found[:, None, None, None], mixed, view)

    def _labels(self, index, joints, known, far, letterlike, formed, blended, is_kind):
        hidden, partial = is_kind("hidden"), is_kind("partial")
        share = torch.where(known, (joints[:, :, :2].abs() < 1).all(2).float().mean(1), torch.ones_like(joints[:, 0, 0]))
        letters = (letterlike | is_kind("half-formed") | hidden | is_kind("blend") & ~blended) & formed
        letter = torch.where(letters, self.target[index], torch.full_like(self.target[index], self.no_letter))
        one, zero = torch.ones_like(share), torch.zeros_like(share)
        unseen = ~formed & hidden
        has_joints = known & (share > 0.5) & ~blended & formed
        weight = torch.where(is_kind("any"), zero, one)
        return {"letter": letter, "target": torch.where(letters[:, None], self.soft[index], self.silent),
                "letter_weight": torch.where(letters & far, FAR_WEIGHT * one, weight),
                "joints": torch.where(has_joints[:, None, None], joints, torch.zeros_like(joints)),
                "joints_weight": has_joints.float(),
                "presence": torch.where(unseen | partial & (share <= 0.5), zero, one),
                "presence_weight": torch.where(unseen | partial & (share > 0.15), zero, one)}

    # -- cameras ---------------------------------------------------------------------------------------------------

    def _with_blobs(self, image, near_border):
        """Face-, arm- or shelf-like patches (augment.add_blob)."""
        n = len(image)
        size = self._between(amounts.BLOB_SIZE, n, 2)
        centre = self._uniform(n, 2, low=-1)
        if near_border:
            depth = 2 * self._between(amounts.BLOB_DEPTH, n) - 1
            wall = torch.where(self._uniform(n) < 0.5, depth, -depth)
            across = self._uniform(n) < 0.5
            centre = torch.where(across[:, None], torch.stack([wall, centre[:, 1]], 1), torch.stack([centre[:, 0], wall], 1))
        away = (self.uv[None] - centre[:, None, None]).abs() / size[:, None, None]
        round_ = (self._uniform(n) < amounts.BLOB_ROUND)[:, None, None]
        inside = (1 - torch.where(round_, away.norm(dim=3), away.amax(3))) * size.amin(1)[:, None, None]
        return torch.lerp(image, self._colours(n, amounts.BLOB_SKIN), self._soft(inside, 2.5))

    def _disturbed(self, image):
        """Everything a camera and its light may do (augment.disturb)."""
        n, size = len(image), self.size
        some = self._some(amounts.BLOBS, n)
        image[some] = self._with_blobs(image[some], near_border=True)
        per = lambda sigma, channels=1: sigma * self._normal(n, channels, 1, 1)
        image = image.clamp_(1e-4, 1) ** per(amounts.GAMMA).clamp_(-amounts.MOST_GAMMA, amounts.MOST_GAMMA).exp_()
        image = (image - 0.5) * per(amounts.CONTRAST).exp_() + 0.5
        image = image * (per(amounts.GAIN).exp_() * per(amounts.TINT, 3).exp_()) + per(amounts.SHIFT)
        image.clamp_(0, 1)
        some = self._some(amounts.GREY, n)
        image[some] = (image[some] * self.grey).sum(1, keepdim=True).expand(-1, 3, -1, -1)
        some = self._some(amounts.SMEARED, n)
        image[some] = self._smeared(image[some])
        some = self._some(amounts.BLURRED, n)
        image[some] = self._blurred(image[some])
        some = self._some(amounts.COARSE, n)
        for part in some.split(max(1, math.ceil(len(some) / 3))):  # three sizes a batch
            small = max(16, int(size * self.rng.uniform(*amounts.COARSE_SIDE)))
            mode = self.rng.choice(["area", "bilinear", "bicubic"])
            lines = {} if mode == "area" else {"align_corners": False}
            less = F.interpolate(image[part], size=(small, small), mode=mode, **lines)
            more = F.interpolate(less, size=(size, size), mode=self.rng.choice(["bilinear", "bicubic"]), align_corners=False)
            image[part] = more.clamp_(0, 1)
        some = self._some(amounts.JPEG, n)
        image[some] = self.jpeg(image[some], self._between(amounts.JPEG_QUALITY, len(some)))
        some = self._some(amounts.SHADED, n)
        angle, depth = self._uniform(len(some), high=2 * math.pi), self._between(amounts.SHADE, len(some))
        ramp = self.uv[..., 0] * angle.cos()[:, None, None] + self.uv[..., 1] * angle.sin()[:, None, None]
        image[some] = image[some] * (1 + depth[:, None, None] * ramp)[:, None]
        some = self._some(amounts.GRAINY, n)
        grain = self._normal(len(some), 3, size, size)
        grain = torch.where(self._uniform(len(some), 1, 1, 1) < amounts.COLOUR_GRAIN, grain, grain[:, :1])
        image[some] = image[some] + grain * self._between(amounts.GRAIN, len(some), 1, 1, 1) / 255
        return image.clamp_(0, 1)

    def _blurred(self, image):
        """Out of focus: a Gaussian."""
        reach = 6
        sigma = (self._between(amounts.BLUR, len(image)) * self.size / 160)[:, None, None]
        y, x = self._ticks(reach)
        return self._filtered(image, (-0.5 * (x ** 2 + y ** 2) / sigma ** 2).exp(), reach)

    def _smeared(self, image):
        """Moved while the shutter was open: the mean along a line (augment.smear)."""
        n, scale = len(image), self.size / 160
        half = (self._between(amounts.SMEAR, n) * scale / 2)[:, None, None]
        reach = math.ceil(amounts.SMEAR[1] * scale / 2) + 1
        angle = self._uniform(n, high=math.pi)[:, None, None]
        y, x = self._ticks(reach)
        along, across = angle.cos() * x + angle.sin() * y, angle.cos() * y - angle.sin() * x
        inside = (half + 0.5 - along.abs()).clamp(0, 1)
        return self._filtered(image, inside * (1 - across.abs()).clamp(min=0), reach)

    def _ticks(self, reach):
        ticks = torch.arange(-reach, reach + 1, device=self.device, dtype=torch.float32)
        return torch.meshgrid(ticks, ticks, indexing="ij")

    def _filtered(self, image, kernel, reach):
        """Each of N images with its own kernel N×(2·reach + 1)², whatever that sums to."""
        n = len(image)
        kernel = (kernel / kernel.sum((1, 2), keepdim=True)).repeat_interleave(3, 0)[:, None]
        flat = F.pad(image.reshape(1, n * 3, self.size, self.size), (reach,) * 4, mode="replicate")
        return F.conv2d(flat, kernel, groups=n * 3).reshape_as(image)


class _Jpeg:
    """What JPEG loses at a quality: chroma at half resolution, 8×8 cosine transforms, the tables of ITU-T T.81, annex K,
    scaled as libjpeg does."""

    LUMA = [16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29,
            51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121,
            120, 101, 72, 92, 95, 98, 112, 100, 103, 99]
    CHROMA = [17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99,
              99, 99, 99, 99] + [99] * 32

    def __init__(self, device):
        k = torch.arange(8, dtype=torch.float32)
        dct = torch.cos((2 * k[None] + 1) * k[:, None] * math.pi / 16) / 2
        dct[0] /= math.sqrt(2)
        self.dct = dct.to(device)
        self.luma, self.chroma = (torch.tensor(t, dtype=torch.float32, device=device).reshape(8, 8)
                                  for t in (self.LUMA, self.CHROMA))
        self.to_ycc = torch.tensor([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]],
                                   device=device)
        self.to_rgb = torch.linalg.inv(self.to_ycc.cpu()).to(device)

    def __call__(self, image, quality):
        """image N×3×S×S in 0…1, quality N (1 to 100)."""
        n, _, h, w = image.shape
        scale = torch.where(quality < 50, 50 / quality, 2 - quality / 50)[:, None, None]
        image = F.pad(image, (0, -w % 16, 0, -h % 16), mode="replicate")
        ycc = torch.einsum("ij,njhw->nihw", self.to_ycc, image) * 255
        y = self._lossy(ycc[:, :1], (self.luma * scale).round().clamp(1, 255))
        less = self._lossy(F.avg_pool2d(ycc[:, 1:], 2), (self.chroma * scale).round().clamp(1, 255))
        ycc = torch.cat([y, F.interpolate(less, scale_factor=2, mode="bilinear", align_corners=False)], 1)
        return torch.einsum("ij,njhw->nihw", self.to_rgb, ycc)[:, :, :h, :w].mul(1 / 255).clamp(0, 1)

    def _lossy(self, planes, table):
        n, c, h, w = planes.shape
        blocks = planes.reshape(n, c, h // 8, 8, w // 8, 8).transpose(3, 4)
        found = self.dct @ blocks @ self.dct.T
        table = table[:, None, None, None]
        blocks = self.dct.T @ ((found / table).round() * table) @ self.dct
        return blocks.transpose(3, 4).reshape(n, c, h, w)


def other_proportions(joints, fingers, normal):
    """morph.other_proportions for N×21×3; fingers 5×4 numbers of joints, normal(*shape) draws."""
    target = joints.clone()
    n = len(joints)
    chains = target[:, fingers, :2]  # N×5×4×2
    for j in range(3):
        angle = TURN * normal(n, 5)
        c, s = angle.cos()[..., None], angle.sin()[..., None]
        pivot = chains[:, :, j:j + 1]
        ahead = chains[:, :, j + 1:] - pivot
        turned = torch.stack([c * ahead[..., 0] - s * ahead[..., 1], s * ahead[..., 0] + c * ahead[..., 1]], 3)
        chains = torch.cat([chains[:, :, :j + 1], pivot + turned], 2)
    flat = torch.cat([target[:, :1, :2], chains.reshape(n, 20, 2)], 1)
    up = joints[:, 9, :2] - joints[:, 0, :2]
    across = torch.stack([-up[:, 1], up[:, 0]], 1) / up.norm(dim=1, keepdim=True).clamp(min=1e-6)
    wide = (0.08 * normal(n)).exp() - 1
    offset = torch.einsum("nij,nj->ni", joints[:, :, :2] - joints[:, :1, :2], across)
    flat = flat + (wide[:, None] * offset)[..., None] * across[:, None]
    chains = flat[:, fingers]
    grow = ((0.08 * normal(n, 5)).exp() - 1)[..., None, None]
    chains = chains + grow * (chains - chains[:, :, :1])
    return torch.cat([torch.cat([flat[:, :1], chains.reshape(n, 20, 2)], 1), joints[:, :, 2:]], 2)


def _inverse(matrix):
    """Of N×2×2."""
    (a, b), (c, d) = (row.unbind(1) for row in matrix.unbind(1))
    return torch.stack([torch.stack([d, -b], 1), torch.stack([-c, a], 1)], 1) / (a * d - b * c)[:, None, None]


def seen_from(joints, angles, knuckles):
    """morph.seen_from for N×21×3 and N×2 angles; knuckles: numbers of the palm's joints."""
    yaw, pitch = angles.clamp(-MOST, MOST).unbind(1)
    centre = joints[:, knuckles].mean(1, keepdim=True)
    x, y, z = (joints - centre).unbind(2)
    c, s = yaw.cos()[:, None], yaw.sin()[:, None]
    x, z = c * x + s * z, c * z - s * x
    c, s = pitch.cos()[:, None], pitch.sin()[:, None]
    y, z = c * y - s * z, c * z + s * y
    turned = torch.stack([x, y, z], 2) + centre
    # z is relative to the wrist
    return torch.cat([turned[:, :, :2], turned[:, :, 2:] - turned[:, :1, 2:] + joints[:, :1, 2:]], 2)


def laid_upon(joints, onto, mirror, knuckles):
    """morph.laid_upon for N×21×3."""
    points = torch.cat([joints[:, :, :1] * torch.where(mirror, -1.0, 1.0)[:, None, None], joints[:, :, 1:]], 2)
    a, b = points[:, knuckles, :2], onto[:, knuckles, :2]
    from_, to = a.mean(1, keepdim=True), b.mean(1, keepdim=True)
    a, b = a - from_, b - to
    scale = (a * a).sum((1, 2)).clamp(min=1e-9)
    real = (a * b).sum((1, 2)) / scale
    imaginary = (a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]).sum(1) / scale
    x, y = (points[:, :, :2] - from_).unbind(2)
    real, imaginary = real[:, None], imaginary[:, None]
    return torch.stack([real * x - imaginary * y + to[..., 0], imaginary * x + real * y + to[..., 1],
                        points[:, :, 2] * torch.sqrt(real ** 2 + imaginary ** 2)], 2)
