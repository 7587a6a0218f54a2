"""A tiny network on drawn hands: it learns, resumes to the same numbers, and its dump replays."""
import contextlib
import glob
import io
import json
import os
import shutil
import subprocess
import unittest

import pictures  # noqa: F401  (puts training/ on the path)
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import average
import narrow
import train
from checkpoint import last_checkpoint, load_network
from dataset import read_pictures
from dump import dump
from engine import joint_weights
from evaluate import Evaluation
from from_folder import checkpoint_of
from narrow import narrowed
from network import MapJoints, Network


def replay(description, folder, x):
    """Runs the layers of a dump with nothing but the dump. x: N×3×S×S in the input range."""
    raw = np.fromfile(os.path.join(folder, "weights.bin"), "<f4")
    tensors = {t["name"]: raw[t["offset"] // 4:][:int(np.prod(t["shape"]))].reshape(t["shape"])
               for t in description["tensors"]}
    get = lambda name: torch.from_numpy(np.array(tensors[name]))
    values = {"input": x}
    for layer in description["layers"]:
        inputs = [values[n] for n in layer["inputs"]]
        y = _apply(layer, inputs, get)
        if layer.get("bn"):
            mean, variance, gamma, beta = (get(layer["bn"][k])[:, None, None] for k in ("mean", "variance", "gamma", "beta"))
            y = (y - mean) / (variance + layer["bn"]["epsilon"]).sqrt() * gamma + beta
        y = {"relu": F.relu, "relu6": F.relu6}.get(layer["activation"], lambda v: v)(y)
        values[layer["name"]] = y
    return values["letters"], values["joints"]


def _apply(layer, inputs, get):
    x, kind = inputs[0], layer["kind"]
    if kind == "add":
        return x + inputs[1]
    if kind == "maxpool":
        return F.max_pool2d(x, layer["kernel"], layer["stride"])
    if kind == "gap":
        return x.mean((2, 3))
    bias = get(layer["bias"]) if layer["bias"] else None
    if kind == "dense":
        return x @ get(layer["weight"]) + bias
    kernel, stride, size = layer["kernel"], layer["stride"], x.shape[2]
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    x = F.pad(x, (total // 2, total - total // 2) * 2)
    weight = get(layer["weight"]).permute((2, 3, 0, 1) if kind == "depthwise" else (3, 2, 0, 1))
    return F.conv2d(x, weight, bias, stride, groups=x.shape[1] if kind == "depthwise" else 1)


class Training(pictures.WithFolder):
    def train(self, out, samples, *more, epoch=512):
        with contextlib.redirect_stdout(io.StringIO()):
            return train.main(["--data", self.data, "--out", self.path(out), "--arch", self.table, "--samples", str(samples),
                               "--epoch", str(epoch), "--batch", "32", "--shard", "16", "--workers", "0", "--rate", "0.01",
                               "--trunk-rate", "1", "--average", "0.9", "--device", "cpu", "--threads", "2", *more])

    def read_json(self, path):
        with open(path, encoding="utf-8") as file:
            return json.load(file)

    def log(self, out):
        with open(os.path.join(self.path(out), "log.jsonl"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def test_loss_falls_and_the_dump_replays_to_the_same_outputs(self):
        self.train("learn", 8192, epoch=2048)
        log = self.log("learn")
        self.assertEqual(len(log), 4)
        self.assertLess(log[-1]["letters"], 0.8 * log[0]["letters"])
        self.assertLess(log[-1]["joints"], log[0]["joints"])
        checkpoint = sorted(glob.glob(os.path.join(self.path("learn"), "*.pt")))[-1]
        self.assertRegex(os.path.basename(checkpoint), r"^04-\d+\.\d{3}-\d\.\d{3}\.pt$")
        out = self.path("dump")
        description = dump(checkpoint, out, self.data, 10, 1.5)
        self.assertEqual(description, self.read_json(os.path.join(out, "dump.json")))
        parity = description["parity"]
        with open(os.path.join(out, "parity.bin"), "rb") as file:
            raw = file.read()
        read = lambda k: torch.from_numpy(np.frombuffer(raw, parity[k]["dtype"], int(np.prod(parity[k]["shape"])),
                                                        parity[k]["offset"]).reshape(parity[k]["shape"]).copy())
        logits, joints = replay(description, out, read("images").permute(0, 3, 1, 2).float() / 255)
        torch.testing.assert_close(logits, read("logits"), atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(joints, read("joints"), atol=1e-4, rtol=1e-4)
        report = Evaluation(load_network(checkpoint)[0], self.data).report()
        self.assertEqual(report["pictures"], 48)
        self.assertGreater(report["top1"], 0.6)

    def test_a_resumed_run_ends_with_the_same_numbers(self):
        whole = self.train("whole", 256, epoch=128)
        part = self.path("part")
        os.makedirs(part)
        first = sorted(glob.glob(os.path.join(self.path("whole"), "01-*.pt")))[0]
        resumed = self.train("part", 256, "--resume", first, epoch=128)
        self.assertEqual(resumed.batch_number, whole.batch_number)
        for name, value in whole.network.state_dict().items():
            self.assertTrue(torch.equal(value, resumed.network.state_dict()[name]), name)

    def test_a_pull_keeps_the_trunk_near_where_it_began(self):
        away = {}
        for pull in ("0", "1e-6", "5"):  # the second: the trunk's usual decay towards zero is off as soon as there is a pull
            run = self.train(f"pull-{pull}", 512, "--pull", pull)
            began = train.Run(train.arguments(["--data", self.data, "--out", self.path("none"), "--arch", self.table,
                                               "--workers", "0", "--device", "cpu"])).network.state_dict()
            away[pull] = sum((value - began[name]).square().sum().item() for name, value in run.network.state_dict().items()
                             if not name.split(".")[1].startswith(("letters", "joints")))
        self.assertLess(away["5"], 0.8 * away["1e-6"])
        self.assertLess(abs(away["0"] - away["1e-6"]), 0.2 * away["0"])

    def test_letters_may_be_kept_from_teaching_the_trunk(self):
        run = self.train("heads", 32, "--letter-gradient", "0", "--joint-gain", "0")
        batch = next(iter(train.batches(train.SampleMaker(run.sampler, 32, 1), 8, 0, 1, 0)))
        run.engine.step([batch])
        presence_only = [p.grad.abs().sum().item() for p in run.engine.parameters]
        run.network.letter_gradient = 1.0
        run.engine.step([batch])
        with_letters = [p.grad.abs().sum().item() for p in run.engine.parameters]
        self.assertLess(sum(presence_only), sum(with_letters))

    def test_fingertips_may_count_more_than_knuckles(self):
        self.assertTrue(torch.equal(joint_weights(1.0), torch.ones(63)))
        weights = joint_weights(3.0).view(21, 3)[:, 0]
        self.assertAlmostEqual(weights.mean().item(), 1, places=5)
        torch.testing.assert_close(weights[[0, 5, 7, 8]] / weights[0], torch.tensor([1.0, 1.0, 1.5, 3.0]))
        run = self.train("tips", 32, "--tips", "3")
        batch = next(iter(train.batches(train.SampleMaker(run.sampler, 32, 1), 8, 0, 1, 0)))
        weighted = run.engine.step([batch])
        run.engine.weights = joint_weights(1.0)
        plain = run.engine.step([batch])
        self.assertEqual(weighted[0], plain[0])
        self.assertNotEqual(weighted[1], plain[1])

    def test_joints_read_off_the_last_map_teach_and_do_not_ship(self):
        head = MapJoints(4)
        with torch.no_grad():
            head.weight.zero_()
            head.weight[:, 0] = 100.0
        x = torch.zeros(1, 4, 3, 5)
        x[0, 0, 2, 0] = 1  # the lowest place at the left
        torch.testing.assert_close(head(x)[0] / head.reach, torch.tensor([[-0.8, 2 / 3]]).expand(21, 2))
        torch.testing.assert_close(head(torch.zeros(1, 4, 3, 5)), torch.zeros(1, 21, 2))

        whole = self.train("map", 256, "--map-joints", "0.5", epoch=128)
        begun = MapJoints(whole.map_joints.weight.shape[1])
        self.assertGreater((whole.map_joints.weight - begun.weight).abs().max().item(), 1e-4)
        first = sorted(glob.glob(os.path.join(self.path("map"), "01-*.pt")))[0]
        resumed = self.train("map-part", 256, "--map-joints", "0.5", "--resume", first, epoch=128)
        self.assertTrue(torch.equal(whole.map_joints.weight, resumed.map_joints.weight))
        with self.assertRaisesRegex(SystemExit, "of a run with --map-joints"):
            self.train("map-less", 256, "--resume", first, epoch=128)
        self.train("plain", 32)
        with self.assertRaisesRegex(SystemExit, "of a run without --map-joints"):
            self.train("map-more", 64, "--map-joints", "0.5", "--resume", last_checkpoint(self.path("plain")))
        self.assertEqual(set(load_network(last_checkpoint(self.path("map")))[0].state_dict()), set(whole.network.state_dict()))

        batch = next(iter(train.batches(train.SampleMaker(whole.sampler, 32, 1), 8, 0, 1, 0)))
        trunk = next(p for n, p in whole.network.named_parameters() if "stem" in n)
        gradients = []
        for share in (0.0, 0.5):
            whole.engine.map_share = share
            whole.engine.step([batch])
            gradients.append(trunk.grad.clone())
        self.assertFalse(torch.allclose(*gradients))

    def test_a_teacher_softens_the_letters(self):
        self.train("teacher", 32)
        path = last_checkpoint(self.path("teacher"))
        run = self.train("student", 32, "--teacher", path, "--teacher-share", "0.3", "--size", "24", "--seed", "2")
        engine = run.engine
        self.assertEqual((engine.teacher_share, engine.teacher.table["input_size"]), (0.3, 32))
        batch = next(iter(train.batches(train.SampleMaker(run.sampler, 24, 1), 8, 0, 1, 0)))
        larger = F.interpolate(batch["image"].permute(0, 3, 1, 2) / 255.0, (32, 32), mode="bilinear", align_corners=False)
        with torch.no_grad():
            told = load_network(path)[0](larger)[0].softmax(1)
        loss = lambda **changed: engine.step([{**batch, **changed}])[0].item()
        mixed = loss()
        engine.teacher = None
        expected = loss(target=0.7 * batch["target"] + 0.3 * told)
        self.assertAlmostEqual(mixed, expected, places=4)
        self.assertNotAlmostEqual(loss(), expected, places=2)

    def test_training_goes_on_from_a_shipped_folder(self):
        shipped = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", "model"))
        path = self.path("shipped.pt")
        torch.save(checkpoint_of(shipped), path)
        network, state = load_network(path)
        side = network.table["input_size"]
        picture = Image.open(os.path.join(os.path.dirname(__file__), "..", "fixtures", "hand-l.png")).convert("RGB")
        square = min(picture.size)
        left, top = (picture.width - square) // 2, (picture.height - square) // 2
        picture = picture.crop((left, top, left + square, top + square)).resize((side, side), Image.Resampling.BILINEAR)
        with torch.no_grad():
            letters, joints = network(torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1)[None].float() / 255)
        self.assertEqual(state["labels"][letters[0].argmax()], "l")
        self.assertGreater(joints[0, 63].sigmoid().item(), 0.9)
        tips = joints[0, :63].view(21, 3)[:, :2]
        self.assertLess(tips.abs().max().item(), 1.1)  # all in the square
        self.assertLess(tips[8, 1].item(), tips[5, 1].item())  # the index finger points up
        # What comes of it began in the landmark network as well: its licence is beside it.
        dump(path, self.path("shipped-dump"))
        out = self.path("shipped-again")
        export = ["npm", "run", "--silent", "export", "--", "--dump", self.path("shipped-dump"), "--out", out]
        subprocess.run(export, cwd=os.path.dirname(shipped), check=True, capture_output=True, timeout=240)
        with open(os.path.join(out, "THIRD_PARTY_NOTICES.md"), encoding="utf-8") as file:
            notice = file.read()
        self.assertIn("hand_landmark_lite.tflite", notice)
        self.assertIn("Apache License", notice)
        self.assertNotIn("TensorFlow.js 4", notice)

    def test_batch_norms_and_left_out_signers(self):
        table = {**pictures.TABLE, "batch_norm": {"epsilon": 0.001, "momentum": 0.99},
                 "last": {"kind": "conv", "c": 32}, "input_range": [-1, 1]}
        path = self.path("bn.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(table, file)
        run = self.train("bn", 64, "--arch", path, "--leave-out", "bob", "--first-size", "24")
        signers = {p.signer for group in run.sampler.groups.values() for p in group}
        self.assertEqual(signers, {"ann"})
        checkpoint = glob.glob(os.path.join(self.path("bn"), "*.pt"))[0]
        out = self.path("bn-dump")
        description = dump(checkpoint, out)
        x = torch.rand(3, 3, 32, 32) * 2 - 1
        with torch.no_grad():
            expected = load_network(checkpoint)[0](x)
        for a, b in zip(replay(description, out, x), expected):
            torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-4)

    def test_letters_of_another_alphabet(self):
        data = self.path("other-alphabet")
        shutil.copytree(self.data, data)
        manifest = os.path.join(data, "manifest.csv")
        with open(manifest, encoding="utf-8") as file:
            text = file.read()
        with open(manifest, "w", encoding="utf-8") as file:
            file.write(text.replace(",a,", ",FIST,").replace(",b,", ",ש,"))
        with self.assertRaisesRegex(SystemExit, "shows 'FIST'.*labels.txt"):
            read_pictures(data)
        self.write_labels(data, "ש", "none")
        with self.assertRaisesRegex(SystemExit, "Wrong there: none"):
            read_pictures(data)
        self.write_labels(data, "ש", "FIST")
        before, self.data = self.data, data
        self.addCleanup(setattr, self, "data", before)
        run = self.train("alphabet", 64)
        self.assertEqual({kind for kind in run.sampler.kinds} & {"upside-down", "hanging", "sideways"}, set())
        checkpoint = sorted(glob.glob(os.path.join(self.path("alphabet"), "*.pt")))[-1]
        description = dump(checkpoint, self.path("alphabet-dump"), data, 4)
        self.assertEqual(description["labels"], ["ש", "FIST"])
        self.assertEqual(description["no_hand_index"], 2)
        self.assertEqual(description["parity"]["logits"]["shape"], [4, 3])
        report = Evaluation(load_network(checkpoint)[0], data).report(quick=True)
        self.assertEqual(set(report["by_letter"]), {"FIST", "ש"})

    def test_narrowing_drops_the_channels_that_tell_nothing(self):
        images = torch.randint(0, 256, (4, 32, 32, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(2))
        x = images.permute(0, 3, 1, 2).float() / 255
        for batch_norm in (False, {"epsilon": 0.001, "momentum": 0.99}):
            rows = [{**row, "t": 4 if row["t"] == 2 else 1} for row in pictures.TABLE["rows"]]
            network = Network({**pictures.TABLE, "rows": rows, "batch_norm": batch_norm}, 2).eval()
            for name, weight in network.weights.items():
                if name.endswith("_depthwise") and len(weight) > 8:  # every other channel is the same everywhere
                    weight.data[::2] = 0
                    constants = network.norms[name].bias if batch_norm else network.biases[name]
                    constants.data.uniform_(0, 1)
            thin = narrowed(network, 2, images, 2)
            self.assertEqual([row["t"] for row in thin.table["rows"]], [1, 2, 2])
            with torch.no_grad():
                for ours, theirs in zip(thin(x), network(x)):
                    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)

    def test_a_narrower_network_is_trained_further(self):
        self.train("wide", 64)
        wide, out = last_checkpoint(self.path("wide")), self.path("narrow.pt")
        with self.assertRaisesRegex(SystemExit, "leaves nothing out: the network expands by up to 2"):
            narrow.main([wide, out, "--data", self.data])
        table = self.path("wider.json")
        with open(table, "w", encoding="utf-8") as file:
            json.dump({**pictures.TABLE, "rows": [{**row, "t": 2 * row["t"]} for row in pictures.TABLE["rows"]]}, file)
        run = self.train("wider", 64, "--arch", table)
        narrow.main([last_checkpoint(self.path("wider")), out, "--data", self.data, "--expansion", "3"])
        further = self.train("narrow", 64, "--arch", self.path("narrow.json"), "--weights", out)
        count = lambda run: sum(p.numel() for p in run.network.parameters())
        self.assertLess(count(further), 0.9 * count(run))

    def test_the_mean_of_two_runs_is_a_checkpoint(self):
        paths = []
        for name, seed in (("one", "1"), ("two", "2")):
            self.train(name, 64, "--seed", seed)
            paths.append(sorted(glob.glob(os.path.join(self.path(name), "*.pt")))[-1])
        out = self.path("mean.pt")
        average.main([out, f"{paths[0]}=3", f"{paths[1]}=1"])
        (mean, state), (one, first), (two, second) = (load_network(path) for path in (out, *paths))
        for name, value in mean.state_dict().items():
            torch.testing.assert_close(value, 0.75 * one.state_dict()[name] + 0.25 * two.state_dict()[name])
        self.assertEqual(state["id"], f"{first['id']}+{second['id']}")

    def write_labels(self, folder, *labels):
        with open(os.path.join(folder, "labels.txt"), "w", encoding="utf-8") as file:
            file.write("\n".join(labels) + "\n")


if __name__ == "__main__":
    unittest.main()
