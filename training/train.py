"""Trains a network from a data folder: python3 train.py --data DIR --out DIR --init FILE.tflite

Checkpoints {epoch:02d}-{val_loss:.3f}-{val_acc:.3f}.pt hold everything that a resumed run needs.
An epoch is a fixed number of samples. The rate rises briefly, then falls to zero as a cosine of
the progress: of --samples, or of --minutes spent training (pauses between resumes not counted).

python3 train.py --preset tutorial --data DIR --out DIR trains as the tutorial does: tutorial.py.
"""
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # engine.py has threads of its own

import argparse
import copy
import hashlib
import itertools
import json
import math
import random
import time

import torch

from batched import BatchMaker, Store
from checkpoint import checkpoint_at, last_checkpoint, load_network, load_state, progress, require_unused
from dataset import Sampler, attach_soft, read_column, read_labels, read_pictures, require_same_labels, signers_of
from engine import JOINT_GAIN, Averaged, Engine, lerp, letter_loss, tune_allocator
from joints_mlp import pixels
from files import in_words
from layers import fits, fitting, layers_of, load_architecture, shipped_bytes
from loader import batches, fixed_crops
from morph import NO_LETTER_BELOW, VIEW, Judge
from network import MapJoints, Network, initialise_from_tflite
from options import above_zero, require_device, whole
from samples import BENT, SampleMaker


def arguments(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--data", required=True, help="folder with manifest.csv and joints.csv")
    add("--out", required=True, help="folder for checkpoints and log.jsonl")
    add("--arch", default="hand-trunk", help="name in architectures/ or a .json path")
    add("--init", help="landmark network (.tflite) to start from; 'package' fetches it with npm")
    add("--weights", help="checkpoint, or folder of a run, whose averaged weights to start from")
    add("--resume", help="checkpoint to go on from, or 'last'")
    add("--samples", type=whole, help="length of the run in samples")
    add("--minutes", type=above_zero, help="length of the run in minutes of training")
    add("--epoch", type=whole, default=16384, help="samples an epoch")
    add("--batch", type=whole, default=64)
    add("--shard", type=whole, default=16, help="samples a thread takes at once (CPU), or fewer, so that they divide the batch")
    add("--rate", type=float, default=1.5e-3, help="peak rate of the heads")
    add("--trunk-rate", type=float, default=0.25, help="the trunk's share of it")
    add("--decay", type=float, default=0.02, help="weight decay")
    add("--pull", type=float, default=0.0, help="decay of the trunk towards the landmark network's weights instead of zero")
    add("--average", type=float, default=0.998, help="decay of the averaged weights")
    add("--size", type=whole, help="input side, px (the table's unless given); hand-trunk takes multiples of 4")
    add("--first-size", type=whole, help="smaller input side for the first part of the run")
    add("--first-part", type=float, default=0.5, help="share of the run at --first-size")
    add("--leave-out", default="", help="signers, separated by commas, not trained on")
    add("--keep-out", help="CSV of paths (first column) not trained on: pictures for calibrate.py")
    add("--soft", help="opinions mixed into the letters' targets: files of joints_mlp.py --oof and crossval.py, "
                       "separated by commas")
    add("--soft-share", type=float, default=0.25, help="their share")
    add("--teacher", help="checkpoint that reads every sample as well: its letters are mixed into the targets (arXiv:1503.02531)")
    add("--teacher-share", type=float, default=0.7, help="their share")
    add("--judge", help="joints_mlp.py --judge: says which bent hands are no letter")
    add("--smoothing", type=float, default=0.05, help="label smoothing")
    add("--letter-gradient", type=float, default=1.0, help="share of the letters' gradient that reaches the trunk")
    add("--joint-gain", type=float, default=JOINT_GAIN, help="weight of the joints' loss beside the letters'")
    add("--tips", type=float, default=1.0, help="what a fingertip counts in it, where a knuckle counts 1")
    add("--map-joints", type=float, default=0.0, help="weight of joints read off the last map, beside the network's own (a head that "
                                                      "only teaches), as a share of --joint-gain")
    add("--bent", type=float, default=BENT, help="share of the letters that are bent into those of another hand")
    add("--view", type=float, default=VIEW, help="σ of the turn in space of bent hands, radians")
    add("--device", default="auto")
    add("--made", default="auto", choices=("auto", "device", "workers"),
        help="who makes samples: the device (batched.py), or processes (samples.py); auto: a GPU makes its own")
    add("--threads", type=int, default=os.cpu_count())
    add("--workers", type=int, help="processes that make samples or decode pictures (1; with a GPU one for each core)")
    add("--seed", type=int, default=1)
    add("--validate", type=int, default=100, help="pictures a signer in validation (0: none)")
    options = parser.parse_args(argv)
    table = load_architecture(options.arch)
    layers = layers_of(table)
    for name, side in (("size", options.size or table["input_size"]), ("first_size", options.first_size)):
        if side and not fits(layers, side):
            sides = " or ".join(map(str, fitting(layers, side)))
            parser.error(f"--{name.replace('_', '-')} {side} does not fit {options.arch}: take {sides}")
    if os.path.exists(options.out) and not os.path.isdir(options.out):
        parser.error(f"--out: {options.out} is a file; name a folder")
    for name in ("init", "keep_out", "judge", "teacher"):
        path = getattr(options, name)
        if path and path != "package" and not os.path.isfile(path):
            parser.error(f"--{name.replace('_', '-')}: there is no file {path}")
    options.shard = math.gcd(options.shard, options.batch)  # a batch is whole shards
    return options


def validation_pictures(folder, count, left_out):
    """An even choice of letter pictures of each dev signer (and of those left out)."""
    chosen, by_signer = [], {}
    pictures = read_pictures(folder, "dev") + [p for p in read_pictures(folder, "train") if p.signer in left_out]
    for picture in pictures:
        if picture.is_letter and picture.box is not None:
            by_signer.setdefault(picture.signer, []).append(picture)
    for group in by_signer.values():
        random.Random(0).shuffle(group)
        chosen += group[:count]
    return chosen


def name_other_hands(pictures, judge):
    """Hands of another alphabet (`any`) in which the joints network sees no letter become `other`: hands of more people to
    be silent about."""
    for picture in pictures:
        if picture.letter == "any" and picture.joints is not None and judge(pixels(picture), picture.hand) < NO_LETTER_BELOW:
            picture.letter = "other"


class Run:
    def __init__(self, options):
        self.o = options
        torch.manual_seed(options.seed)
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
        self.device = wanted if options.device == "auto" else options.device
        require_device(self.device)
        if self.device.startswith("cuda:"):
            torch.cuda.set_device(self.device)
        self.made_on_device = self.device != "cpu" if options.made == "auto" else options.made == "device"
        if options.workers is None:
            options.workers = 1 if self.device == "cpu" else os.cpu_count()
        self.table = load_architecture(options.arch)
        self.size = options.size or self.table["input_size"]
        self.table["input_size"] = self.size
        self.labels = read_labels(options.data)
        self.network = Network(self.table, len(self.labels))
        if options.init:
            from joints.package import landmark_file
            initialise_from_tflite(self.network, landmark_file() if options.init == "package" else options.init, options.arch)
        origin = {n: p.detach().clone() for n, p in self.network.named_parameters()} if options.pull else {}
        if options.weights:
            self.begin_with(load_state(checkpoint_at(options.weights)))
        self.network.to(self.device, memory_format=torch.channels_last)
        self.map_joints = MapJoints(self.network.weights["joints"].shape[1]).to(self.device) if options.map_joints else None
        teacher = None
        if options.teacher:
            teacher = load_network(options.teacher, options.data)[0].to(self.device, memory_format=torch.channels_last)
        self.engine = Engine(self.network, self.device, options.threads, options.smoothing, options.joint_gain, options.tips,
                             teacher=teacher, teacher_share=options.teacher_share,
                             map_joints=self.map_joints, map_share=options.map_joints)
        self.network.letter_gradient = options.letter_gradient
        heads = [p for n, p in self.network.named_parameters() if n.split(".")[1].startswith(("letters", "joints"))]
        heads += self.map_joints.parameters() if self.map_joints else []
        known = {id(p) for p in heads}
        trunk = [p for p in self.network.parameters() if id(p) not in known]
        self.origin = [(p, origin[n].to(self.device)) for n, p in self.network.named_parameters()
                       if id(p) not in known and n in origin]
        self.optimiser = torch.optim.AdamW([{"params": heads, "share": 1.0},
                                            {"params": trunk, "share": options.trunk_rate,
                                             "weight_decay": 0.0 if options.pull else options.decay}],
                                           lr=options.rate, weight_decay=options.decay)
        self.average = Averaged(self.network, options.average)
        self.batch_number, self.spent, self.epoch = 0, 0.0, 0
        self.id = hashlib.sha256(json.dumps([vars(options), self.table], sort_keys=True).encode()).hexdigest()[:12]
        left_out = signers_of(options.leave_out, options.data)
        kept_out = {os.path.join(options.data, path) for path in read_column(options.keep_out)}
        pictures = [p for p in read_pictures(options.data, "train", left_out) if p.path not in kept_out]
        if not any(p.is_letter for p in pictures):
            raise SystemExit(f"{options.data} has no train picture of a letter that may be learned from: see manifest.csv, --leave-out and "
                             "--keep-out.")
        self.joints_learned = any(p.joints is not None for p in pictures)
        if options.soft:
            attach_soft(pictures, options.data, options.soft.split(","))
        if options.judge:
            name_other_hands(pictures, Judge(options.judge, labels=self.labels))
        self.judge = Judge(options.judge, self.device if self.made_on_device else "cpu", self.labels) if options.judge else None
        self.pictures, self.sampler, self.store = pictures, Sampler(pictures, self.labels), None
        self.dev = validation_pictures(options.data, options.validate, left_out) if options.validate else []
        self.crops = fixed_crops(self.dev, self.size) if self.dev else None

    def begin_with(self, state):
        """Takes over the averaged weights of a checkpoint; of one of another alphabet all but the letters'."""
        weights = state["average"]
        if list(state["labels"]) != list(self.labels):
            weights = {k: v for k, v in weights.items() if not k.split(".")[1].startswith("letters")}
            print(f"The weights are of other letters ({' '.join(state['labels'])}): those of the letters begin anew.", flush=True)
        self.network.load_state_dict({**self.network.state_dict(), **weights})

    def warn(self):
        """Says what the run lacks."""
        def lacks(what, consequence):
            print(f"Warning: no {what}: {consequence}.", flush=True)

        unseen = [label for label in self.labels if label not in {p.letter for p in self.pictures}]
        if unseen:
            lacks(f"train pictures of {' '.join(unseen)}", "a letter that was never shown is never read")
        both = sorted({p.signer for p in self.pictures if p.is_letter} & {p.signer for p in self.dev})
        if both:
            print(f"Warning: {', '.join(both)} in train and in dev: the accuracies say how people are read whom the network has seen.",
                  flush=True)
        if not any(p.letter == "none" for p in self.pictures):
            lacks("pictures without a hand (`none`)", "the network will give letters to anything; some hundred photographs are enough")
        if not any(p.joints is not None for p in self.pictures):
            lacks("joints", "the model will give letters and no hand; joints/label.py finds them, and strangers' hands are read better "
                  "with them")
        if self.o.pull and not self.o.init:
            lacks("--init", "--pull holds the trunk near random weights")
        if self.o.validate and not self.dev:
            lacks("dev pictures with a hand that was found", "checkpoints are named 0.000 and nothing says how good they are")

    def progress(self):
        return progress({"batch_number": self.batch_number, "spent": self.spent, "options": vars(self.o)})

    def rate(self, progress):
        # 200 batches, or a twentieth of a short run
        warm = min(1.0, max((self.batch_number + 1) / 200, progress / 0.05))
        return self.o.rate * warm * max(0.0, 0.5 * (1 + math.cos(math.pi * min(progress, 1.0))))

    def current_size(self):
        first = self.o.first_size and self.progress() < self.o.first_part
        return self.o.first_size if first else self.size

    def save(self, loss, accuracy):
        path = os.path.join(self.o.out, f"{self.epoch:02d}-{loss:.3f}-{accuracy:.3f}.pt")
        state = {"network": self.network.state_dict(), "average": self.average.state,
                 "average_steps": self.average.steps, "optimiser": self.optimiser.state_dict(),
                 "batch_number": self.batch_number, "spent": self.spent, "epoch": self.epoch,
                 "map_joints": self.map_joints.state_dict() if self.map_joints else None,
                 "torch_random": torch.get_rng_state(), "table": self.table, "labels": list(self.labels),
                 "id": self.id, "options": vars(self.o), "joints_learned": self.joints_learned}
        torch.save(state, path + ".part")
        os.replace(path + ".part", path)
        return path

    def load(self, path):
        state = load_state(path)
        if state.get("optimiser") is None:
            raise SystemExit(f"{path} is a mean, or a checkpoint made smaller, which no run goes on from: it has no optimiser. "
                             "Give it to --weights.")
        require_same_labels(state["labels"], self.labels, path)
        try:
            self.network.load_state_dict(state["network"])
        except (KeyError, RuntimeError):
            raise SystemExit(f"{path} is of another architecture: resume with the --arch of its run.") from None
        head = state.get("map_joints")
        if (head is None) != (self.map_joints is None):
            raise SystemExit(f"{path} is of a run {'without' if head is None else 'with'} --map-joints: resume with the options of its run.")
        if head is not None:
            self.map_joints.load_state_dict(head)
        self.average.state, self.average.steps = state["average"], state["average_steps"]
        self.average.state = {k: v.to(self.device) for k, v in self.average.state.items()}
        self.optimiser.load_state_dict(state["optimiser"])
        self.batch_number, self.spent = state["batch_number"], state["spent"]
        self.epoch, self.id = state["epoch"], state["id"]
        self.joints_learned |= state.get("joints_learned", True)
        torch.set_rng_state(state["torch_random"])

    def validate(self):
        """(loss, accuracy, accuracy by signer) of the averaged weights."""
        if not self.dev:
            return 0.0, 0.0, {}
        raw = copy.deepcopy(self.network.state_dict())
        self.network.load_state_dict(self.average.state)
        logits, _ = self.engine.predict(self.crops[0])
        self.network.load_state_dict(raw)
        right = (logits.argmax(1) == self.crops[1]).float()
        signers = [p.signer for p in self.dev]
        by = {s: sum(r for r, t in zip(right.tolist(), signers) if t == s) / signers.count(s) for s in set(signers)}
        return letter_loss(logits, self.crops[1]), right.mean().item(), by

    def run(self):
        os.makedirs(self.o.out, exist_ok=True)
        self.warn()
        print(f"run {self.id}: {shipped_bytes(self.network.layers)} bytes when shipped, {self.device}", flush=True)
        while self.progress() < 1:
            self._part(self.current_size())

    def _made_by_workers(self, size):
        """Endless lists of a batch's shards, made by samples.py in processes of their own."""
        maker = SampleMaker(self.sampler, size, self.o.seed, self.judge, self.o.soft_share, self.o.bent, self.o.view)
        on_cpu = self.device == "cpu"
        per_batch = self.o.batch // self.o.shard if on_cpu else 1
        shard = self.o.shard if on_cpu else self.o.batch
        source = iter(batches(maker, shard, self.batch_number * per_batch, 1 << 40, self.o.workers, not on_cpu))
        return ([next(source) for _ in range(per_batch)] for _ in itertools.count())

    def _made_on_device(self, size):
        """The same, made whole on the device by batched.py."""
        if self.store is None:
            self.store = Store(self.pictures, self.device, workers=self.o.workers)
        maker = BatchMaker(self.pictures, self.sampler, self.store, size, self.device, self.o.seed, self.judge,
                           self.o.soft_share, self.o.bent, self.o.view)
        return ([maker(number, self.o.batch)] for number in itertools.count(self.batch_number))

    def _part(self, size):
        """Trains until the input size changes or the run ends."""
        source = self._made_on_device(size) if self.made_on_device else self._made_by_workers(size)
        sums, began, counted = torch.zeros(6, device=self.device), time.time(), 0
        while self.progress() < 1 and self.current_size() == size:
            start = time.time()
            sums += self.engine.step(next(source))
            rate = self.rate(self.progress())
            for group in self.optimiser.param_groups:
                group["lr"] = rate * group["share"]
            torch.nn.utils.clip_grad_norm_(self.engine.parameters, 5.0)
            self.optimiser.step()
            self._pull(rate * self.o.trunk_rate * self.o.pull)
            self.average.update(self.network)
            self.batch_number += 1
            counted += self.o.batch
            if self.device != "cpu" and self.batch_number % 64 == 0:
                torch.cuda.synchronize()  # so that what is started, but not done, counts as spent
            self.spent += time.time() - start
            ended = self.progress() >= 1
            if self.batch_number * self.o.batch // self.o.epoch > self.epoch or ended:
                self.epoch += 1
                self._report(sums.cpu(), counted, time.time() - began, size)
                sums, began, counted = torch.zeros(6, device=self.device), time.time(), 0
            elif self.batch_number % 64 == 0:
                print(f"  {counted / (time.time() - began):.1f}/s  letters {sums[0] / counted:.3f}  joints "
                      f"{sums[1] / sums[5]:.4f}  right {sums[3] / sums[4]:.3f}  {100 * self.progress():.1f} %", flush=True)

    @torch.no_grad()
    def _pull(self, share):
        """Moves the trunk by `share` of the way to the landmark network (L2-SP, arXiv:1802.01483): it has seen far more
        hands than this data has, and what is near it reads strangers better (arXiv:2109.01903)."""
        if self.origin:
            lerp(*zip(*self.origin), share)

    def _report(self, sums, counted, seconds, size):
        loss, accuracy, by = self.validate()
        path = self.save(loss, accuracy)
        line = {"epoch": self.epoch, "samples": self.batch_number * self.o.batch, "minutes": round(self.spent / 60, 2),
                "size": size, "rate": self.rate(self.progress()), "samples_per_second": round(counted / seconds, 1),
                "letters": sums[0].item() / counted, "joints": (sums[1] / sums[5]).item() if sums[5] else None,
                "presence": sums[2].item() / counted, "accuracy": (sums[3] / sums[4]).item() if sums[4] else None,
                "val_loss": loss, "val_accuracy": accuracy, "val_by_signer": {k: round(v, 3) for k, v in sorted(by.items())}}
        with open(os.path.join(self.o.out, "log.jsonl"), "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        print(json.dumps(line), "→", os.path.basename(path), flush=True)


def main(argv=None):
    preset = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    preset.add_argument("--preset", choices=("tutorial",))
    chosen, rest = preset.parse_known_args(argv)
    if chosen.preset:
        import tutorial
        return tutorial.main(rest)
    options = arguments(rest)
    tune_allocator()
    torch.set_num_threads(1)
    if not options.resume:
        require_unused(options.out)
    run = Run(options)
    if options.resume:
        path = last_checkpoint(options.out, True) if options.resume == "last" else checkpoint_at(options.resume)
        if path:
            run.load(path)
    run.run()
    return run


if __name__ == "__main__":
    in_words(main)
