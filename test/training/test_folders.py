"""Folders as people bring them: what is read rightly, and what is refused in words."""
import contextlib
import csv
import io
import json
import os
import shutil
import unittest
from unittest import mock

import pictures
import numpy as np
import torch
from PIL import Image

import average
import calibrate
import evaluate
import manifest
import train
from checkpoint import checkpoint_at, last_checkpoint, load_network
from dataset import Sampler, read_labels, read_pictures
from dump import dump, strangers_confusion
from evaluate import Evaluation, joint_error
from joints_mlp import folds
from upright import open_upright, upright_size


class Pictures(pictures.WithFolder):
    def save(self, name, image, **options):
        path = self.path(name)
        image.save(path, **options)
        return path

    def test_a_picture_is_turned_as_its_camera_says(self):
        stored = Image.fromarray(np.random.default_rng(1).integers(0, 256, (20, 30, 3), np.uint8))
        upright = {1: stored, 3: stored.rotate(180), 6: stored.rotate(-90, expand=True), 8: stored.rotate(90, expand=True)}
        for orientation, wanted in upright.items():
            exif = Image.Exif()
            exif[0x0112] = orientation
            path = self.save(f"{orientation}.png", stored, exif=exif)
            np.testing.assert_array_equal(np.asarray(open_upright(path)), np.asarray(wanted))
            self.assertEqual(upright_size(path), wanted.size)

    def test_what_is_transparent_is_black_and_sixteen_bits_are_eight(self):
        clear = self.save("clear.png", Image.new("RGBA", (4, 4), (200, 100, 50, 0)))
        self.assertEqual(open_upright(clear).getpixel((1, 1)), (0, 0, 0))
        deep = self.save("deep.png", Image.fromarray(np.full((4, 4), 32896, np.uint16)))
        self.assertEqual(open_upright(deep).getpixel((1, 1)), (128, 128, 128))

    def test_a_broken_picture_is_named(self):
        path = self.path("broken.jpg")
        with open(os.path.join(self.data, "train/ann/a/0000.jpg"), "rb") as whole, open(path, "wb") as file:
            file.write(whole.read()[:300])
        with self.assertRaisesRegex(OSError, "broken.jpg cannot be read"):
            open_upright(path)


class Folders(pictures.WithFolder):
    def changed(self, name, change, file="manifest.csv", encoding="utf-8"):
        """A copy of the data folder with a file changed."""
        folder = self.path(name)
        shutil.copytree(self.data, folder)
        with open(os.path.join(folder, file), newline="", encoding="utf-8") as source:
            text = source.read()
        with open(os.path.join(folder, file), "w", newline="", encoding=encoding) as target:
            target.write(change(text))
        return folder

    def run_of(self, out, *more, data=None, samples=64):
        stdout = io.StringIO()
        with contextlib.redirect_stdout(stdout):
            run = train.main(["--data", data or self.data, "--out", self.path(out), "--arch", self.table, "--samples", str(samples),
                              "--batch", "32", "--workers", "0", "--device", "cpu", "--threads", "2", *more])
        return run, stdout.getvalue()

    def test_a_manifest_may_have_a_byte_order_mark_and_letters_in_two_characters(self):
        folder = self.changed("marked", lambda text: text.replace(",a,", ",N\u0303,"), encoding="utf-8-sig")
        with open(os.path.join(folder, "labels.txt"), "w", encoding="utf-8-sig") as file:
            file.write("\u00d1\nb\n")
        self.assertEqual({p.letter for p in read_pictures(folder)}, {"\u00d1", "b", "none"})

    def test_another_split_and_a_comma_in_a_name_are_refused(self):
        with self.assertRaisesRegex(SystemExit, "split 'Train'"):
            read_pictures(self.changed("split", lambda text: text.replace(",train,", ",Train,")))
        with self.assertRaisesRegex(SystemExit, "without commas"):
            read_pictures(self.changed("comma", lambda text: text.replace(",ann,", ',"ann, b",')))

    def test_a_manifest_is_made_of_folders(self):
        folder = self.path("plain")
        shutil.copytree(self.data, folder)
        with open(os.path.join(folder, "manifest.csv"), newline="", encoding="utf-8") as file:
            wanted = sorted(csv.reader(file))
        with self.assertRaisesRegex(SystemExit, "already"):  # it may have boxes
            manifest.write_manifest(folder)
        os.remove(os.path.join(folder, "manifest.csv"))
        with contextlib.redirect_stdout(io.StringIO()):
            manifest.write_manifest(folder)
        with open(os.path.join(folder, "manifest.csv"), newline="", encoding="utf-8") as file:
            self.assertEqual(sorted(csv.reader(file)), wanted)
        self.assertFalse(os.path.exists(os.path.join(folder, "labels.txt")))
        os.remove(os.path.join(folder, "manifest.csv"))
        for split in ("train", "dev"):
            os.rename(os.path.join(folder, split, "ann", "a"), os.path.join(folder, split, "ann", "Ch"))
        with contextlib.redirect_stdout(io.StringIO()):
            manifest.write_manifest(folder)
        self.assertEqual(read_labels(folder), ("Ch", "a", "b"))

    def test_hanging_hands_are_no_letter_in_asl_alone(self):
        made = []
        for labels in (("a", "b"), None):
            folder = self.changed(f"hanging-{bool(labels)}", lambda text: text)
            if labels:
                with open(os.path.join(folder, "labels.txt"), "w", encoding="utf-8") as file:
                    file.write("\n".join(labels))
            found = read_pictures(folder, "train")
            for picture in found:
                picture.letter = "other" if picture.letter == "b" else picture.letter
            made.append("hanging" in Sampler(found, read_labels(folder)).kinds)
        self.assertEqual(made, [False, True])

    def test_the_last_checkpoint_is_that_of_the_highest_epoch(self):
        folder = self.path("many")
        os.makedirs(folder)
        for name in ("99-0.1-0.9.pt", "102-0.1-0.9.pt", "100-0.1-0.9.pt"):
            open(os.path.join(folder, name), "w").close()
        self.assertTrue(last_checkpoint(folder).endswith("102-0.1-0.9.pt"))
        open(os.path.join(folder, "mean.pt"), "w").close()
        self.assertTrue(last_checkpoint(folder).endswith("mean.pt"))

    def test_a_run_has_a_folder_of_its_own_and_batches_of_any_size(self):
        for batch, shard in ((8, 8), (24, 8)):
            run, _ = self.run_of(f"own-{batch}", "--batch", str(batch), samples=72)
            self.assertEqual((run.batch_number, run.o.shard), (72 // batch, shard))
        with self.assertRaisesRegex(SystemExit, "another run"):
            self.run_of("own-8")

    def test_a_run_says_what_its_pictures_lack(self):
        bare = self.changed("bare", lambda text: "".join(line for line in text.splitlines(True) if "none" not in line and "dev" not in line))
        os.remove(os.path.join(bare, "joints.csv"))
        _, told = self.run_of("lacking", data=bare)
        for what in ("`none`", "no joints", "no dev pictures"):
            self.assertIn(what, told)
        with open(self.path("lacking/log.jsonl"), encoding="utf-8") as file:
            self.assertNotIn("NaN", file.read())

    def test_letters_of_another_order_are_refused_and_of_another_alphabet_begin_anew(self):
        self.run_of("first")
        checkpoint = last_checkpoint(self.path("first"))
        other = self.changed("other", lambda text: text)
        for labels in ("b\na", "a\nb\nc"):
            with open(os.path.join(other, "labels.txt"), "w", encoding="utf-8") as file:
                file.write(labels)
            with self.assertRaisesRegex(SystemExit, "The checkpoint reads a b"):
                load_network(checkpoint, other)
            with self.assertRaisesRegex(SystemExit, "The checkpoint reads a b"):
                dump(checkpoint, self.path("refused"), other, 4)
        run, told = self.run_of("second", "--weights", checkpoint, data=other, samples=32)
        self.assertIn("begin anew", told)
        self.assertEqual(run.network.weights["letters"].shape[0], 4)
        with self.assertRaisesRegex(SystemExit, "second.*has other letters"):
            average.mean_checkpoint([(checkpoint, 1), (last_checkpoint(self.path("second")), 1)])

    def judged(self, run, data):
        out = self.path("judged.json")
        with mock.patch("sys.argv", ["evaluate.py", self.path(run), "--data", data, "--quick", "--out", out]), \
                contextlib.redirect_stdout(io.StringIO()):
            evaluate.main()
        with open(out, encoding="utf-8") as file:
            return json.load(file)

    def test_letters_that_the_network_does_not_know_are_counted_and_not_read(self):
        self.run_of("knows-two")
        before = self.judged("knows-two", self.data)
        more = self.changed("more", lambda text: "".join(
            line.replace(",a,", ",j,") if "dev/bob" in line else line for line in text.splitlines(True)))
        with open(os.path.join(more, "labels.txt"), "w", encoding="utf-8") as file:
            file.write("j\nb\na")  # the order of the network's outputs is its own
        after = self.judged("knows-two", more)
        self.assertEqual((before["pictures"], before["letters_not_read"]), (48, {}))
        self.assertEqual((after["pictures"], after["letters_not_read"]), (36, {"j": 12}))
        for group in ("by_signer", "top3_by_signer", "top5_by_signer"):
            self.assertEqual(after[group]["ann"], before[group]["ann"])
        self.assertEqual(sum(count for _, _, count in after["reliability"]), 36)

    def test_who_is_in_train_too_is_no_stranger(self):
        self.run_of("strangers")
        seen = self.judged("strangers", self.data)
        self.assertEqual((seen["also_in_train"], seen["strangers"]["pictures"], seen["strangers"]["top1"]), (["ann", "bob"], 0, None))
        new = self.changed("cleo", lambda text: "".join(
            line.replace(",bob,", ",cleo,") if line.startswith("dev") else line for line in text.splitlines(True)))
        found = self.judged("strangers", new)
        self.assertEqual((found["also_in_train"], found["strangers"]["pictures"]), (["ann"], 24))
        self.assertAlmostEqual(found["strangers"]["top1"], found["by_signer"]["cleo"], places=3)

    def test_without_dev_pictures_nothing_is_judged_or_proven(self):
        self.run_of("proven")
        checkpoint = last_checkpoint(self.path("proven"))
        bare = self.changed("no-dev", lambda text: "".join(line for line in text.splitlines(True) if "dev" not in line))
        with open(os.path.join(bare, "labels.txt"), "w", encoding="utf-8") as file:
            file.write("\n".join(read_labels(self.data)))
        with self.assertRaisesRegex(SystemExit, "no picture of a letter"):
            Evaluation(load_network(checkpoint)[0], bare)
        with contextlib.redirect_stdout(io.StringIO()) as told:
            self.assertIsNone(dump(checkpoint, self.path("bare-dump"), bare, 4)["parity"])
        self.assertIn("not proven", told.getvalue())

    def test_fewer_sources_than_folds_are_a_fold_each(self):
        found = read_pictures(self.data, "train")
        self.assertEqual(sorted(folds(found).values()), [0, 1])
        with self.assertRaisesRegex(SystemExit, "two people or more"):
            folds([p for p in found if p.signer == "ann"])

    def test_a_folder_without_a_checkpoint_is_named(self):
        with self.assertRaisesRegex(SystemExit, "no checkpoint at"):
            checkpoint_at(self.data)

    def test_where_no_joints_are_known_there_is_no_joint_error(self):
        self.assertIsNone(joint_error(torch.zeros(2, 64), torch.zeros(2, 21, 3), torch.zeros(2)))


class Calibration(unittest.TestCase):
    def test_without_pictures_of_no_letter_the_bias_stays(self):
        generator = torch.Generator().manual_seed(1)
        targets = torch.randint(0, 3, (200,), generator=generator)
        logits = torch.randn(200, 4, generator=generator)
        logits[torch.arange(200), targets] += 2
        with contextlib.redirect_stdout(io.StringIO()):
            temperature, bias = calibrate.fit(logits, targets, torch.ones(200))
        self.assertEqual(bias, 0.0)
        self.assertTrue(0.3 < temperature < 3)

    def test_a_bias_at_its_bound_has_a_temperature_of_its_own(self):
        targets = torch.cat([torch.zeros(60), torch.full((60,), 2)]).long()
        logits = torch.zeros(120, 3)
        logits[:60, 0], logits[:60, 2], logits[60:, 2] = 2, 9, 9
        logits[::7] = logits[::7].flip(1)
        temperature, bias = calibrate.fit(logits, targets, torch.ones(120))
        self.assertTrue(abs(bias) <= calibrate.MAX_BIAS and np.isfinite(temperature))


class Confusion(pictures.WithFolder):
    def test_the_confusion_of_people_left_out_is_by_letter(self):
        path = self.path("crossval.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write('{"confusion": {"a": {"a": 3, "b": 1}}}')
        self.assertEqual(strangers_confusion(path, ["a", "b"]), {"pictures": 4, "rates": [[0.75, 0.25], [0, 0]]})
        with self.assertRaisesRegex(SystemExit, "of other letters"):
            strangers_confusion(path, ["b", "c"])


if __name__ == "__main__":
    unittest.main()
