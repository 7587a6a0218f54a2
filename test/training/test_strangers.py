"""What is there for strangers: joints-only network, left-out folds, bent hands, calibration, curves."""
import contextlib
import io
import json
import math
import os
import shlex
import subprocess
import sys
import unittest
import xml.dom.minidom
from dataclasses import replace

import pictures
import numpy as np
import torch

import calibrate
import crossval
import curves
import joints_mlp
import thin
from checkpoint import last_checkpoint
from crop import Square
from dataset import LETTERS, Sampler, read_pictures
from evaluate import loose_view
from joints_mlp import pixels
from morph import Judge, bend, half_formed, other_proportions
from PIL import Image
from samples import SampleMaker
from train import name_other_hands


class Strangers(pictures.WithFolder):
    def test_features_do_not_change_with_place_scale_mirror(self):
        generator = torch.Generator().manual_seed(1)
        points = 30 * torch.randn(1, 21, 3, generator=generator)
        right, left = torch.tensor([0.9]), torch.tensor([0.1])
        expected = joints_mlp.features(points, right)
        close = lambda found: torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
        close(joints_mlp.features((points + torch.tensor([40, -10, 0])) * 2.5, right))
        close(joints_mlp.features(points * torch.tensor([-1, 1, 1]), left))
        c, s = math.cos(0.5), math.sin(0.5)
        found = joints_mlp.features(points @ torch.tensor([[c, s, 0], [-s, c, 0], [0, 0, 1]]), right)
        length = lambda f: torch.hypot(f[:, :21], f[:, 21:42])
        self.assertGreater((found[:, 63:65] - expected[:, 63:65]).abs().max(), 0.1)  # the turn is told
        ratio = length(found)[:, 1:] / length(expected)[:, 1:]
        self.assertLess(ratio.max() - ratio.min(), 1e-4)

    def test_loose_squares_are_those_of_the_library(self):  # loose-squares.test.ts
        square, gain = loose_view(Square(95, 375, 150), (640, 440), 7)
        numbers = (square.cx - square.side / 2, square.cy - square.side / 2, square.side, gain)
        self.assertEqual([f"{n:.3f}" for n in numbers], ["14.608", "305.113", "134.887", "0.767"])

    def test_one_source_is_in_one_fold(self):
        self.assertEqual({joints_mlp.source(s) for s in ("jb-s1", "jb-s4")}, {"jb"})
        self.assertEqual({joints_mlp.source(s) for s in ("kevin-a", "kevin-b")}, {"kevin"})
        place = joints_mlp.folds([p for p in read_pictures(self.data, "train") if p.has_hand], 2)
        self.assertEqual(sorted(place.values()), [0, 1])

    def test_joints_network_learns_two_letters(self):
        chosen, points, hand, letters = joints_mlp.read(self.data, "train")
        network = joints_mlp.train(points, hand, letters, [p.signer for p in chosen], LETTERS, epochs=60)
        found = joints_mlp.predict(network, points, hand)
        figures = joints_mlp.judged(found, letters, [p.signer for p in chosen], LETTERS)
        self.assertGreater(figures["top1"], 0.95)
        path = os.path.join(self.scratch.name, "judge.npz")
        np.savez(path, **{k.replace(".", "_"): v.numpy() for k, v in network.state_dict().items()})
        self.assertAlmostEqual(Judge(path)(points[0], hand[0]), found[0, :-1].max().item(), places=4)

    def test_a_bent_picture_moves_with_its_joints(self):
        joints = pictures.stick_hand("b", np.random.default_rng(0)) * 2 - 1
        image = Image.new("L", (64, 64), 0)
        x, y = ((joints[20, :2] + 1) * 32).astype(int)
        image.paste(255, (x - 2, y - 2, x + 3, y + 3))
        target = joints.copy()
        target[20, :2] += (0.2, -0.1)
        pixels = np.asarray(bend(image, joints[:, :2], target[:, :2]), float)
        ys, xs = np.mgrid[:64, :64]
        found = np.array([(pixels * xs).sum(), (pixels * ys).sum()]) / pixels.sum()
        self.assertLess(np.abs(found - (target[20, :2] + 1) * 32).max(), 4)

    def test_another_hand_shows_the_same_letter(self):
        joints = pictures.stick_hand("b", np.random.default_rng(0)) * 2 - 1
        extent = np.ptp(joints[:, :2], axis=0).max()
        moved = [np.linalg.norm(other_proportions(joints, np.random.default_rng(seed))[:, :2] - joints[:, :2], axis=1).max()
                 for seed in range(50)]
        self.assertLess(max(moved), 0.5 * extent)
        self.assertGreater(np.median(moved), 0.05 * extent)
        self.assertTrue((other_proportions(joints, np.random.default_rng(1))[0] == joints[0]).all())

    def test_half_formed_only_where_the_judge_sees_no_letter(self):
        rng = np.random.default_rng(0)
        a, b = pictures.stick_hand("a", rng), pictures.stick_hand("b", rng)
        self.assertIsNone(half_formed(a, [(b, 1.0)], 1.0, lambda joints, hand: 0.9, rng))
        self.assertIsNotNone(half_formed(a, [(b, 1.0)] * 20, 1.0, lambda joints, hand: 0.1, rng))

    def test_raised_fingers_upside_down_show_no_letter(self):
        sampler = Sampler(read_pictures(self.data, "train"), kinds={"hanging": 1.0})
        self.assertEqual({p.letter for p in sampler.groups["hanging",]}, {"b"})  # a fist has none
        maker = SampleMaker(sampler, 32)
        shown = [sample for sample in map(maker, range(40)) if sample["joints_weight"]]
        self.assertGreater(len(shown), 20)
        for sample in shown:
            self.assertEqual(sample["letter"], 24)
            self.assertGreater(sample["joints"][12, 1], sample["joints"][0, 1])  # the fingertip below the wrist

    def test_hands_of_another_alphabet_without_a_letter_become_other(self):
        chosen = [replace(p, letter="any") for p in read_pictures(self.data, "train") if p.letter == "a"]
        bare, first = replace(chosen[0], joints=None), pixels(chosen[0])
        name_other_hands([bare, *chosen], lambda joints, hand: 0.1 if (joints == first).all() else 0.9)
        self.assertEqual([p.letter for p in (bare, *chosen[:2])], ["any", "other", "any"])

    def test_dropped_pictures_are_not_read(self):
        path = os.path.join(self.scratch.name, "dropped.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write("path,label,why\ntrain/ann/a/0000.jpg,a,a test\n")
        everything, without = read_pictures(self.data, "train"), read_pictures(self.data, "train", dropped=path)
        self.assertEqual(len(everything) - len(without), 1)

    def test_calibration_finds_temperature_and_bias(self):
        generator = torch.Generator().manual_seed(0)
        logits = 2 * torch.randn(6000, len(LETTERS) + 1, generator=generator)
        targets = torch.multinomial(calibrate.scaled(logits, 2.0, 1.0).softmax(1), 1, generator=generator)[:, 0]
        temperature, bias = calibrate.fit(logits, targets, torch.ones(len(targets)))
        self.assertAlmostEqual(temperature, 2.0, delta=0.15)
        self.assertAlmostEqual(bias, 1.0, delta=0.35)

    def test_calibration_is_carried_over_to_other_logits(self):
        generator = torch.Generator().manual_seed(0)
        known = 2 * torch.randn(6000, len(LETTERS) + 1, generator=generator)
        targets = torch.multinomial(calibrate.scaled(known, 0.8, 0.5).softmax(1), 1, generator=generator)[:, 0]
        further, weights = calibrate.scaled(known, 0.4, -0.4), torch.ones(len(targets))
        found = calibrate.carried(calibrate.fit(further, targets, weights), calibrate.fit(known, targets, weights))
        torch.testing.assert_close(calibrate.scaled(further, *found).softmax(1), known.softmax(1), atol=0.01, rtol=0)

    def test_cross_validation_leaves_out_each_person_once_and_resumes(self):
        out, folds = self.path("folds.json"), self.path("folds")
        arguments = ["--data", self.data, "--samples", "64", "--folds", "2", "--arch", self.table, "--batch", "32",
                     "--workers", "0", "--device", "cpu", "--threads", "1"]

        def crossval_prints(*more):
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                crossval.main([*arguments, *more])
            return printed.getvalue()

        crossval_prints("--out", folds, "--json", out)
        stored = os.path.join(folds, "fold1.npz")
        before = os.path.getmtime(stored)
        crossval_prints("--out", folds, "--json", out)
        self.assertEqual(before, os.path.getmtime(stored))
        with open(out, encoding="utf-8") as file:
            result = json.load(file)
        self.assertEqual(set(result["by_signer"]), {"ann", "bob"})
        self.assertEqual(result["pictures"], 48)
        xml.dom.minidom.parseString(curves.draw([("fold", curves.read_log(os.path.join(folds, "fold0", "log.jsonl")))]))

        further = ["--out", self.path("further"), "--json", out, "--after", folds, "--branches", "2"]
        commands = crossval_prints(*further, "--prepare").splitlines()
        self.assertEqual(len(commands), 4)
        subprocess.run(shlex.join([sys.executable, *shlex.split(commands[3])[1:]]), shell=True, check=True,
                       capture_output=True)
        ended = os.path.getmtime(last_checkpoint(os.path.join(self.path("further"), "fold1-2")))
        crossval_prints(*further)
        self.assertEqual(ended, os.path.getmtime(last_checkpoint(os.path.join(self.path("further"), "fold1-2"))))
        one, two, mean = (torch.load(last_checkpoint(os.path.join(self.path("further"), name)))["average"]["weights.joints"]
                          for name in ("fold1-1", "fold1-2", "fold1"))
        self.assertFalse(torch.equal(one, two))
        torch.testing.assert_close(mean, (one + two) / 2)
        begun = torch.load(last_checkpoint(os.path.join(folds, "fold1")))["average"]["weights.joints"]
        self.assertLess((mean - begun).abs().max(), 0.1)  # where the fold before ended, not where a run begins
        with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()):
            crossval_prints("--out", self.path("apart"), "--json", out, "--branches", "2")

    def test_a_thinned_copy_keeps_people_letters_and_names(self):
        out = self.path("thin")
        with contextlib.redirect_stdout(io.StringIO()):
            thin.main([self.data, out, "--all", "5", "--power", "0.5", "--longest", "32"])
        whole, kept = read_pictures(self.data, "train"), read_pictures(out)
        names = {os.path.relpath(p.path, out) for p in kept}
        self.assertLess(names, {os.path.relpath(p.path, self.data) for p in whole})
        count = lambda letter: len([p for p in kept if (p.signer, p.letter) == ("ann", letter)])
        self.assertEqual((count("a"), count("b"), count("none")), (8, 8, 4))  # 5 + 7 ** 0.5
        self.assertLess({"train/ann/a/0000.jpg", "train/ann/a/0011.jpg"}, names)
        self.assertEqual({p.size() for p in kept}, {(32, 32)})
        self.assertTrue(all(p.joints is not None for p in kept if p.has_hand))
        self.assertEqual(thin.kept(3, 12, 0.62), [0, 1, 2])


if __name__ == "__main__":
    unittest.main()
