"""The tutorial's training: python3 train.py --preset tutorial --data DIR --out DIR

DIR/train and DIR/validation hold a folder of PNG or JPEG pictures for each letter. Pictures are padded
to 256 px, cropped to 224 at random, flipped at random; 0.5 is subtracted. MobileNetV2 as the tutorial
writes it (architectures/tutorial.json), Keras' initial weights, Adam at 0.001, batches of 32, 30 epochs,
a checkpoint {epoch:02d}-{val_loss:.3f}-{val_acc:.3f} after each.
"""
import argparse
import glob
import hashlib
import json
import math
import os
import time

import numpy as np
import torch
import torch.nn.functional as F

from checkpoint import checkpoint_at, last_checkpoint, load_state, require_unused
from layers import load_architecture
from loader import to_input
from network import Network, to_torch_layout
from options import above_zero, require_device, whole
from tutorial_pictures import Pictures, TrainPictures, labels_of, read_part

MEAN = 0.5
MAX_SIZE = 224  # px; above it the tutorial's 7×7 pooling would leave more than one value a channel


def arguments(argv=None):
    parser = argparse.ArgumentParser(prog="train.py --preset tutorial", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--data", required=True, help="folder with train/ and validation/, a folder for each letter in both")
    add("--out", required=True, help="folder for checkpoints and log.jsonl")
    add("--labels", choices=("alphabet", "folders"), default="alphabet", help="outputs: a to z, or the folders' names")
    add("--epochs", type=whole, default=30)
    add("--batch", type=whole, default=32)
    add("--rate", type=float, default=0.001)
    add("--width", type=above_zero, default=1.0, help="width multiplier; channels are cut off to whole numbers")
    add("--size", type=int, default=224, help=f"input side, px; at most {MAX_SIZE}")
    add("--seed", type=int, default=1)
    add("--device", default="auto")
    add("--threads", type=whole, default=os.cpu_count())
    add("--resume", help="checkpoint to go on from, or 'last'")
    options = parser.parse_args(argv)
    if not 32 <= options.size <= MAX_SIZE:
        parser.error(f"--size must be between 32 and {MAX_SIZE}")
    return options


def initialise_like_keras(network, seed):
    """Glorot's uniform rule with Keras' fans (a depthwise kernel counts its channels as inputs); zero biases."""
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for layer in network.layers:
            if "shape" not in layer:
                continue
            shape = layer["shape"]
            area = math.prod(shape[:-2])
            limit = math.sqrt(6 / (area * (shape[-2] + shape[-1])))
            weight = rng.uniform(-limit, limit, shape).astype(np.float32)
            network.weights[layer["name"]].copy_(torch.from_numpy(to_torch_layout(layer["kind"], weight)))


class TutorialRun:
    def __init__(self, options):
        self.o = options
        torch.manual_seed(options.seed)
        found = "cuda" if torch.cuda.is_available() else "cpu"
        self.device = found if options.device == "auto" else options.device
        require_device(self.device)
        self.labels = labels_of(options.data, options.labels)
        self.train = TrainPictures(*read_part(options.data, "train", self.labels), options.size, options.seed)
        self.validation = Pictures(*read_part(options.data, "validation", self.labels), options.size)
        self.steps_per_epoch = -(-len(self.train) // options.batch)
        self.table = {**load_architecture("tutorial"), "width": options.width, "input_size": options.size}
        self.network = Network(self.table, len(self.labels))
        initialise_like_keras(self.network, options.seed)
        self.network.to(self.device, memory_format=torch.channels_last)
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=options.rate, eps=1e-7)  # Keras' ε
        self.epoch, self.spent = 0, 0.0
        fixed = {k: v for k, v in vars(options).items() if k not in ("out", "resume", "epochs", "threads")}
        self.id = hashlib.sha256(json.dumps([fixed, self.table], sort_keys=True).encode()).hexdigest()[:12]

    def logits(self, images):
        return self.network(to_input(torch.from_numpy(images), self.table["input_range"], self.device))[0]

    def step(self, number):
        """(loss, right answers) of a batch, after which the weights have moved."""
        images, letters = self.train.batch(number, self.o.batch)
        letters = torch.from_numpy(letters).to(self.device)
        logits = self.logits(images)
        loss = F.cross_entropy(logits, letters)
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        return loss.item(), (logits.argmax(1) == letters).float().mean().item()

    @torch.no_grad()
    def validate(self):
        """(loss, accuracy) on every validation picture, each once."""
        self.network.eval()
        pictures, loss, right = self.validation, 0.0, 0
        for start in range(0, len(pictures), self.o.batch):
            chosen = range(start, min(start + self.o.batch, len(pictures)))
            letters = torch.from_numpy(pictures.numbers[chosen.start:chosen.stop]).to(self.device)
            logits = self.logits(np.stack([pictures.square(i) for i in chosen]))
            loss += F.cross_entropy(logits, letters, reduction="sum").item()
            right += (logits.argmax(1) == letters).sum().item()
        self.network.train()
        return loss / len(pictures), right / len(pictures)

    def run(self):
        os.makedirs(self.o.out, exist_ok=True)
        print(f"run {self.id}: {len(self.train)} train and {len(self.validation)} validation pictures, "
              f"{len(self.labels)} labels, {self.device}", flush=True)
        while self.epoch < self.o.epochs:
            began = time.time()
            first = self.epoch * self.steps_per_epoch
            results = [self.step(first + i) for i in range(self.steps_per_epoch)]
            loss, accuracy = self.validate()
            self.epoch += 1
            self.spent += time.time() - began
            self._report(np.mean(results, axis=0), loss, accuracy)
        best = max(glob.glob(os.path.join(glob.escape(self.o.out), "*.pt")), key=_accuracy_of)
        print(f"best validation accuracy: {best}", flush=True)

    def _report(self, trained, loss, accuracy):
        name = f"{self.epoch:02d}-{loss:.3f}-{accuracy:.3f}.pt"
        weights = self.network.state_dict()
        state = {"average": weights, "optimiser": self.optimiser.state_dict(), "epoch": self.epoch,
                 "batch_number": self.epoch * self.steps_per_epoch, "spent": self.spent, "table": self.table,
                 "labels": self.labels, "rgb_mean": [MEAN] * 3, "id": self.id, "options": vars(self.o)}
        path = os.path.join(self.o.out, name)
        torch.save(state, path + ".part")
        os.replace(path + ".part", path)
        line = {"epoch": self.epoch, "minutes": round(self.spent / 60, 2), "loss": round(float(trained[0]), 4),
                "accuracy": round(float(trained[1]), 4), "val_loss": round(loss, 4), "val_accuracy": round(accuracy, 4)}
        with open(os.path.join(self.o.out, "log.jsonl"), "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        print(json.dumps(line), "→", name, flush=True)

    def load(self, path):
        state = load_state(path)
        if state["id"] != self.id:
            raise SystemExit(f"{path} belongs to a run with other options or another --data; start anew in another --out.")
        self.network.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.epoch, self.spent = state["epoch"], state["spent"]


def _accuracy_of(path):
    return float(os.path.basename(path)[:-len(".pt")].split("-")[-1])


def main(argv=None):
    options = arguments(argv)
    torch.set_num_threads(options.threads)
    if not options.resume:
        require_unused(options.out)
    run = TutorialRun(options)
    path = last_checkpoint(options.out, True) if options.resume == "last" else options.resume and checkpoint_at(options.resume)
    if path:
        run.load(path)
    run.run()
    return run
