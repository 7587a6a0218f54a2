"""Batches made on the device (batched.py) show what samples.py shows, and a run resumes with them."""
import contextlib
import copy
import io
import os
import unittest
from unittest import mock

import pictures
import numpy as np
import torch
from PIL import Image

import amounts
import morph
import train
from augment import smear
from batched import VARIANTS, BatchMaker, Store, _Jpeg, laid_upon, other_proportions, seen_from
from dataset import KINDS, Sampler, read_pictures
from loader import KEYS


class Batched(pictures.WithFolder):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pictures = read_pictures(cls.data, "train")
        cls.sampler = Sampler(cls.pictures)
        cls.store = Store(cls.pictures, "cpu", side=64)
        cls.maker = BatchMaker(cls.pictures, cls.sampler, cls.store, 32, "cpu", seed=5)

    def test_a_batch_depends_on_its_number_alone(self):
        first, again, second = self.maker(3, 48), self.maker(3, 48), self.maker(4, 48)
        self.assertEqual(set(first), {"image", *KEYS})
        for key, value in first.items():
            self.assertEqual(len(value), 48)
            self.assertTrue(torch.equal(value, again[key]), key)
        self.assertFalse(torch.equal(first["image"], second["image"]))

    def test_samples_say_what_they_show(self):
        batch = self.maker(0, 256)
        self.assertEqual(batch["image"].dtype, torch.uint8)
        self.assertEqual(batch["image"].shape, (256, 32, 32, 3))
        torch.testing.assert_close(batch["target"].sum(1), torch.ones(256))
        self.assertTrue((batch["target"].argmax(1) == batch["letter"]).all())
        letters = batch["letter"] < 24
        self.assertEqual(set(batch["letter"][letters].tolist()), {0, 1})  # a and b
        self.assertGreater(letters.float().mean(), 0.5)
        self.assertTrue((batch["joints"][batch["joints_weight"] == 0] == 0).all())
        seen = batch["joints"][batch["joints_weight"] == 1][:, :, :2].abs() < 1
        self.assertTrue((seen.all(2).float().mean(1) > 0.5).all())
        # pictures of nobody have neither
        nobody = (batch["presence"] == 0) & (batch["presence_weight"] == 1)
        self.assertTrue((batch["letter"][nobody] == 24).all())

    def test_a_joint_lies_where_the_square_shows_it(self):
        store = Store(self.pictures[:1], "cpu", side=64)
        at = (torch.tensor([[40.0, 24.0]]) / 64)
        store.images.zero_()
        store.images[0, :, 22:26, 38:42] = 255
        maker = BatchMaker(self.pictures[:1], Sampler(self.pictures[:1]), store, 64, "cpu")
        maker.generator = torch.Generator().manual_seed(0)
        for angle, mirror in ((0.0, 1), (0.5, 1), (-0.3, -1)):
            c, s = np.cos(angle), np.sin(angle)
            matrix = torch.tensor([[[c * mirror, -s], [s * mirror, c]]], dtype=torch.float32) * 20
            centre = torch.tensor([[34.0, 30.0]])
            joints = torch.zeros(1, 21, 3)
            joints[0, :, :2] = (torch.linalg.inv(matrix[0]) @ (at[0] * 64 - centre[0]))[None]
            target = joints + 0.1 * torch.randn(1, 1, 3, generator=maker.generator).expand(1, 21, 3)
            view, inside = maker._read(torch.tensor([0]), centre, matrix, maker._bending(joints, target))
            weight = view[0].mean(0)
            found = torch.stack([(weight * maker.uv[..., k]).sum() / weight.sum() for k in (0, 1)])
            torch.testing.assert_close(found, target[0, 0, :2], atol=0.03, rtol=0)
            self.assertGreater(inside.mean(), 0.8)

    def of_kind(self, kind, chosen=None, count=32, size=32, **more):
        chosen = self.pictures if chosen is None else chosen
        sampler = Sampler(chosen, kinds={"letter": 1e-9, kind: 1.0})
        maker = BatchMaker(chosen, sampler, Store(chosen, "cpu", side=64), size, "cpu", seed=1, **more)
        return maker, maker(0, count)

    def test_hands_that_show_no_letter(self):
        _, hidden = self.of_kind("hidden")
        covered = hidden["letter"] == 24
        self.assertGreater(covered.float().mean(), 0.3)
        for key in ("joints_weight", "presence_weight"):
            self.assertEqual(hidden[key][covered].sum(), 0)
        _, blend = self.of_kind("blend")
        self.assertGreater((blend["letter"] == 24).float().mean(), 0.7)
        self.assertEqual(blend["joints_weight"][blend["letter"] == 24].sum(), 0)
        maker, _ = self.of_kind("half-formed")
        maker.judge = type("Never", (), {"likeliest": staticmethod(lambda joints, hand: torch.zeros(len(joints)))})
        half = maker(0, 64)
        unmade = half["letter"] == 24
        self.assertGreater(unmade.float().mean(), 0.2)
        self.assertEqual(half["joints_weight"][unmade].sum(), 0)
        _, hanging = self.of_kind("hanging")
        self.assertTrue((hanging["letter"] == 24).all())
        known = hanging["joints"][hanging["joints_weight"] == 1]
        self.assertTrue((known[:, 12, 1] > known[:, 0, 1]).all())  # the fingertip below the wrist
        _, partial = self.of_kind("partial")
        self.assertTrue((partial["letter"] == 24).all())

    def test_pictures_without_joints_stay_what_they_are(self):
        bare = [copy.copy(p) for p in self.pictures]
        for picture in bare:
            picture.joints = picture.box = None
        for kind in ("blend", "hidden", "half-formed", "partial"):
            _, batch = self.of_kind(kind, bare)
            self.assertTrue((batch["letter"] < 24).all(), kind)
            self.assertEqual(batch["joints_weight"].sum(), 0)

    def test_scenes_hold_no_hand(self):
        wide = [copy.copy(p) for p in self.pictures]
        for picture in wide:
            picture.boxed = picture.is_letter
            picture.size = lambda: (320, 240)
            if picture.is_letter:  # a small hand in a corner
                picture.joints = picture.joints * 0.3
                picture.box = picture.box * 0.3
        for kind in ("room", "region"):
            maker, batch = self.of_kind(kind, wide)
            drawn = np.diff(maker.groups[kind].numpy(), prepend=0) > 0
            self.assertTrue((maker.squares[kind][drawn][:, :, 2] > 0).all())
            self.assertTrue((batch["letter"] == 24).all())
            self.assertEqual(batch["presence"].sum(), 0)

    def test_the_variants_together_have_every_share(self):
        total = sum(KINDS[k] for k in self.sampler.kinds)
        found = {}
        for variant in range(VARIANTS):
            self.maker.rng, self.maker.variant, self.maker.asked = None, variant, 0
            counts = self.maker._kinds(64)
            self.assertEqual(sum(counts.values()), 64)
            for kind, n in counts.items():
                found[kind] = found.get(kind, 0) + n / VARIANTS
        for kind, n in found.items():
            self.assertAlmostEqual(n, 64 * KINDS[kind] / total, delta=0.5 if kind == "letter" else 0.07)

    def test_targets_are_mixed_with_opinions(self):
        judged = [copy.copy(p) for p in self.pictures]
        for picture in judged:
            picture.soft = np.eye(25, dtype=np.float32)[7]
        _, batch = self.of_kind("letter", judged, soft=0.25)
        letters = batch["letter"] < 24
        torch.testing.assert_close(batch["target"][letters, 7], torch.full((int(letters.sum()),), 0.25))

    @unittest.skipUnless(torch.cuda.is_available(), "no CUDA device")
    def test_a_recorded_batch_is_the_one_that_it_records(self):
        maker = BatchMaker(self.pictures, self.sampler, Store(self.pictures, "cuda", side=64), 32, "cuda", seed=5)
        recorded = [{k: v.clone() for k, v in maker(n, 48).items()} for n in (0, 1, 2, 0)]
        maker.pool = None
        for n, batch in zip((0, 1, 2, 0), recorded):
            for key, value in maker(n, 48).items():
                torch.testing.assert_close(batch[key], value)

    def test_bends_as_samples_do(self):
        rng = np.random.default_rng(2)
        joints, onto = (rng.normal(0, 0.3, (1, 21, 3)).astype(np.float32) for _ in range(2))
        knuckles = torch.tensor(morph.PALM)
        turned = seen_from(torch.from_numpy(joints), torch.tensor([[0.3, -0.2]]), knuckles)
        np.testing.assert_allclose(turned[0].numpy(), morph.seen_from(joints[0], 0.3, -0.2), atol=1e-5)
        self.assertTrue(torch.equal(seen_from(turned, torch.tensor([[9.0, 9.0]]), knuckles),
                                    seen_from(turned, torch.tensor([[morph.MOST, morph.MOST]]), knuckles)))
        for mirror in (False, True):
            laid = laid_upon(*(torch.from_numpy(v) for v in (joints, onto)), torch.tensor([mirror]), knuckles)
            np.testing.assert_allclose(laid[0].numpy(), morph.laid_upon(joints[0], onto[0], mirror), atol=1e-5)
        # with nothing drawn a hand stays as it is; its bones keep their order of lengths with little
        fingers = torch.tensor(morph.FINGERS)
        same = other_proportions(torch.from_numpy(joints), fingers, lambda *shape: torch.zeros(shape))
        np.testing.assert_allclose(same.numpy(), joints, atol=1e-6)
        wide = other_proportions(torch.from_numpy(joints), fingers, lambda *shape: torch.ones(shape))
        self.assertGreater(np.abs(wide.numpy() - joints)[:, :, :2].max(), 0.02)
        np.testing.assert_array_equal(wide[:, :, 2].numpy(), joints[:, :, 2])

    def test_smears_as_samples_do(self):
        """A picture of noise, moved: as blurred along the line, and across it as sharp, as samples.py makes it."""
        maker = BatchMaker(self.pictures, self.sampler, self.store, 64, "cpu")
        maker.generator = torch.Generator().manual_seed(0)
        noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
        single = np.asarray(smear(Image.fromarray(noise), 4.8, 0.0), float)
        with mock.patch.object(amounts, "SMEAR", (12.0, 12.0)), mock.patch.object(maker, "_uniform", lambda *shape, **_: torch.zeros(shape)), \
                mock.patch.object(maker, "_between", lambda ends, *shape: torch.full(shape, ends[0])):
            batch = maker._smeared(torch.from_numpy(noise / 255.0).float().permute(2, 0, 1)[None])
        batched = 255 * batch[0].permute(1, 2, 0).numpy()
        for pixels in (single, batched):
            self.assertAlmostEqual(pixels.mean(), noise.mean(), delta=2)
            along, across = pixels[:, 6:-6].mean((0, 2)), pixels.mean((1, 2))
            self.assertLess(along.std(), 0.6 * noise[:, 6:-6].mean((0, 2)).std())
            self.assertGreater(across.std(), 0.8 * noise.mean((1, 2)).std())
        self.assertLess(np.abs(single - batched)[6:-6, 6:-6].mean(), 12)

    def test_loses_what_jpeg_loses(self):
        rng = np.random.default_rng(0)
        smooth = Image.fromarray(rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)).resize((64, 64), Image.Resampling.BICUBIC)
        pixels = np.asarray(smooth)
        for quality in (20, 60, 85):
            file = io.BytesIO()
            smooth.save(file, "JPEG", quality=quality)
            expected = np.asarray(Image.open(file).convert("RGB"), np.float32)
            found = _Jpeg("cpu")(torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None] / 255, torch.tensor([float(quality)]))
            found = found[0].permute(1, 2, 0).numpy() * 255
            lost, apart = np.abs(expected - pixels).mean(), np.abs(expected - found).mean()
            self.assertLess(apart, 0.5 * lost + 1, f"quality {quality}")

    def run_train(self, out, *more):
        with contextlib.redirect_stdout(io.StringIO()):
            return train.main(["--data", self.data, "--out", self.path(out), "--arch", self.table,
                               "--made", "device", "--device", "cpu", "--samples", "256", "--epoch", "128", "--batch", "32",
                               "--threads", "1", *more])

    def test_a_run_resumes_to_the_same_numbers(self):
        whole = self.run_train("whole")
        folder = self.path("whole")
        first = sorted(name for name in os.listdir(folder) if name.startswith("01-"))[0]
        resumed = self.run_train("part", "--resume", os.path.join(folder, first))
        for name, value in whole.network.state_dict().items():
            self.assertTrue(torch.equal(value, resumed.network.state_dict()[name]), name)


if __name__ == "__main__":
    unittest.main()
