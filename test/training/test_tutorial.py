"""The tutorial's preset: its network, its pictures, its checkpoints, and its folder in the library."""
import contextlib
import glob
import io
import json
import os
import subprocess
import tempfile
import unittest

import pictures
import numpy as np
import torch
from PIL import Image

import train
import tutorial
import tutorial_splits
from checkpoint import load_network
from layers import layers_of, load_architecture
from network import Network
from tutorial_pictures import TrainPictures, read_part, resize_with_pad

ROOT = os.path.join(pictures.TRAINING, "..")
SIZE = 64


def make_tutorial_folder(folder, counts=(("train", 24), ("validation", 8))):
    """Stick hands of a and b: PNG and JPEG, wide and high."""
    rng = np.random.default_rng(5)
    for part, count in counts:
        for letter in "ab":
            os.makedirs(os.path.join(folder, part, letter))
            for i in range(count):
                image = pictures.draw(pictures.stick_hand(letter, rng), rng)
                image = image.crop((0, 8, 64, 56)) if i % 2 else image.crop((6, 0, 58, 64))
                image.save(os.path.join(folder, part, letter, f"{i:03d}." + ("png" if i % 3 else "jpg")))


class Tutorial(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.data = cls.path("pictures")
        make_tutorial_folder(cls.data)

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    @classmethod
    def path(cls, name):
        return os.path.join(cls.scratch.name, name)

    def train(self, out, epochs, *more):
        with contextlib.redirect_stdout(io.StringIO()):
            return train.main(["--preset", "tutorial", "--data", self.data, "--out", self.path(out), "--epochs", str(epochs),
                               "--width", "0.25", "--size", str(SIZE), "--batch", "16", "--device", "cpu", "--threads", "1", *more])

    def test_the_network_is_the_tutorials(self):
        table = load_architecture("tutorial")
        layers = layers_of(table, 24)
        # As Keras counts: weights, four vectors a norm, the last layer's biases.
        weights = sum(int(np.prod(layer["shape"])) for layer in layers if "shape" in layer)
        norms = sum(4 * (layer["shape"][2] if layer["kind"] == "depthwise" else layer["shape"][3])
                    for layer in layers if layer.get("bn"))
        self.assertEqual(weights + norms + 24, self.count_by_the_tutorials_loops(24))
        self.assertEqual({layer["activation"] for layer in layers}, {"relu", "linear", "softmax"})
        self.assertEqual([layer["name"] for layer in layers].count("block1_expand"), 1)
        network = Network(table, 24)
        self.assertTrue(all(n.eps == 1e-3 and abs(n.momentum - 0.01) < 1e-9 for n in network.norms.values()))
        self.assertEqual(len(network.biases), 1)

    def count_by_the_tutorials_loops(self, classes, width=1.0):
        """Parameters of MobileNetV2() in the tutorial, block by block as it is printed there."""
        rows = [[1, 16, 1, 1], [6, 24, 2, 2], [6, 32, 3, 2], [6, 64, 4, 2], [6, 96, 3, 1], [6, 160, 3, 2], [6, 320, 1, 1]]
        channel = int(32 * width)
        total = 27 * channel + 4 * channel
        for t, c, n, _ in rows:
            c = int(c * width)
            for i in [channel] + [c] * (n - 1):
                wide = i * t
                total += i * wide + 4 * wide + 9 * wide + 4 * wide + wide * c + 4 * c
            channel = c
        last = int(1280 * width)
        return total + channel * last + 4 * last + last * classes + classes

    def test_widths_are_cut_off_as_the_tutorial_cuts_them(self):
        layers = {layer["name"]: layer for layer in layers_of({**load_architecture("tutorial"), "width": 0.35}, 26)}
        outputs = [layers[f"block{n}_project"]["shape"][3] for n in (1, 2, 4, 7, 11, 14, 17)]
        self.assertEqual(outputs, [5, 8, 11, 22, 33, 56, 112])
        self.assertEqual((layers["stem"]["shape"][3], layers["last"]["shape"][3]), (11, 448))

    def test_pictures_are_padded_cropped_and_flipped(self):
        wide = Image.new("RGB", (80, 40), (255, 0, 0))
        square = resize_with_pad(wide, 64)
        self.assertEqual(square.shape, (64, 64, 3))
        self.assertTrue((square[16:48] == (255, 0, 0)).all() and not square[:16].any() and not square[48:].any())
        self.assertEqual(resize_with_pad(wide.rotate(90, expand=True), 64)[:, 16].tolist(), [[255, 0, 0]] * 64)
        paths, numbers = read_part(self.data, "train", list("abc"))
        self.assertEqual((len(paths), sorted(set(numbers))), (48, [0, 1]))
        made = TrainPictures(paths, numbers, 224, 1)
        self.assertEqual(made.pictures.size, 256)
        image, _ = made.sample(3)
        i = made.orders[0][3]
        source = made.pictures.square(i)
        crops = {source[y:y + 224, x:x + 224][:, ::step].tobytes() for x in range(33) for y in range(33) for step in (1, -1)}
        self.assertIn(np.ascontiguousarray(image).tobytes(), crops)
        first = sorted(made.orders[0].tolist())
        self.assertEqual(first, list(range(48)))
        letters = [made.sample(n)[1] for n in range(48)]
        self.assertEqual(sorted(letters), [0] * 24 + [1] * 24)

    def test_weights_start_as_in_keras(self):
        network = Network(load_architecture("tutorial"), 26)
        tutorial.initialise_like_keras(network, 1)
        for name, area, inputs, outputs in (("stem", 9, 3, 32), ("block2_depthwise", 9, 96, 1), ("letters", 1, 1280, 26)):
            limit = (6 / (area * (inputs + outputs))) ** 0.5
            top = network.weights[name].abs().max().item()
            self.assertTrue(0.95 * limit < top <= limit + 1e-7, name)

    def test_other_folders_and_sizes_are_refused_with_a_sentence(self):
        os.makedirs(self.path("odd/train/thumbs"))
        os.makedirs(self.path("odd/validation/a"))
        for data, sentence in (("odd", "--labels folders"), ("none", "--data names a folder")):
            with self.assertRaisesRegex(SystemExit, sentence):
                train.main(["--preset", "tutorial", "--data", self.path(data), "--out", self.path("never")])

    def test_a_resumed_run_ends_with_the_same_numbers(self):
        whole = self.train("whole", 2)
        names = sorted(os.path.basename(p) for p in glob.glob(self.path("whole/*.pt")))
        self.assertEqual(len(names), 2)
        self.assertRegex(names[0], r"^01-\d+\.\d{3}-\d\.\d{3}\.pt$")
        self.train("part", 1)
        part = self.train("part", 2, "--resume", "last")
        self.assertEqual(sorted(os.path.basename(p) for p in glob.glob(self.path("part/*.pt"))), names)
        for name, value in whole.network.state_dict().items():
            self.assertTrue(torch.equal(value, part.network.state_dict()[name]), name)

    def test_the_exported_folder_classifies_in_the_library(self):
        self.train("learn", 6)
        checkpoint = sorted(glob.glob(self.path("learn/*.pt")))[-1]
        out = self.path("model_js")
        export = ["npm", "run", "--silent", "export", "--", checkpoint, "--data", self.data, "--out", out, "--parity", "16", "--float32"]
        done = subprocess.run(export, cwd=ROOT, capture_output=True, text=True, timeout=240)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(out, "metadata.json"), encoding="utf-8") as file:
            metadata = json.load(file)
        self.assertEqual(metadata["alphabet2int"], {c: i for i, c in enumerate("abcdefghijklmnopqrstuvwxyz")})
        self.assertEqual(metadata["int2alphabet"]["25"], "z")
        self.assertEqual((metadata["image_size"], metadata["RGB_mean"]), (SIZE, [0.5, 0.5, 0.5]))
        found = self.classify(out)
        self.assertEqual(len(found), 16)
        network, state = load_network(checkpoint)
        for path, answer in found.items():
            with Image.open(path) as image:
                square = torch.from_numpy(resize_with_pad(image, SIZE).copy()).permute(2, 0, 1)[None].float()
            with torch.no_grad():
                wanted = network(square / 255 - 0.5)[0].softmax(1)[0].tolist()
            for a, b in zip(answer["probabilities"], wanted):
                self.assertAlmostEqual(a, b, delta=1e-3, msg=path)
            self.assertEqual((answer["noHand"], answer["hand"]), (0, None))
        self.assertEqual(state["labels"], list("abcdefghijklmnopqrstuvwxyz"))

    def classify(self, model):
        """What the built library says to validation pictures, given as the squares that the trainer makes of them."""
        squares, paths = [], read_part(self.data, "validation", list("ab"))[0]
        for path in paths:
            with Image.open(path) as image:
                squares.append(np.dstack([resize_with_pad(image, SIZE), np.full((SIZE, SIZE), 255, np.uint8)]).tobytes())
        raw = self.path("squares.bin")
        with open(raw, "wb") as file:
            file.write(b"".join(squares))
        program = ["node", os.path.join("test", "training", "classify-squares.mjs"), model, raw, str(SIZE)]
        done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=240)
        self.assertEqual(done.returncode, 0, done.stderr)
        return dict(zip(paths, json.loads(done.stdout)))


class Splits(unittest.TestCase):
    def test_both_splits_have_the_same_pictures_and_counts_and_only_one_has_strangers(self):
        with tempfile.TemporaryDirectory() as folder:
            data = os.path.join(folder, "data")
            pictures.make_folder(data)
            shared = ["--data", data, "--out", os.path.join(folder, "runs"), "--json", os.path.join(folder, "figures.json"),
                      "--people", "ann,bob", "--held-out", "bob", "--each", "6", "--epochs", "1", "--width", "0.25", "--size", "32"]
            splits = tutorial_splits.divide(tutorial_splits.arguments(shared))
            self.assertEqual(*[tuple(map(len, parts)) for parts in splits.values()])
            self.assertEqual(*[sorted(parts[0] + parts[1]) for parts in splits.values()])
            self.assertEqual({signer for _, _, signer in splits["people"][0]}, {"ann"})
            self.assertEqual({signer for _, _, signer in splits["people"][1]}, {"bob"})
            self.assertEqual({signer for _, _, signer in splits["random"][1]}, {"ann", "bob"})
            with contextlib.redirect_stdout(io.StringIO()):
                tutorial_splits.main(shared)
            with open(os.path.join(folder, "figures.json"), encoding="utf-8") as file:
                report = json.load(file)
            for name in ("random", "people"):
                self.assertEqual((report[name]["train_pictures"], report[name]["validation_pictures"]), (12, 12))
                self.assertIn("val_accuracy", report[name]["last"])
            self.assertEqual((report["options"]["size"], report["options"]["each"]), (32, 6))


if __name__ == "__main__":
    unittest.main()
