"""Gradients of a batch, on one GPU or on several CPU threads, and the averaged weights."""
import ctypes
from concurrent.futures import ThreadPoolExecutor

import torch
import torch.nn.functional as F

from loader import to_input

SMOOTHING, JOINT_GAIN, PRESENCE_GAIN = 0.05, 4.0, 0.3


def tune_allocator():
    """Keeps freed memory in the process: activations are large, and giving them back to the
    system after every step costs a fifth of the time. glibc only; elsewhere nothing happens."""
    try:
        libc = ctypes.CDLL(None)
        for option, value in ((-8, 1), (-4, 0), (-1, (1 << 31) - 1), (-2, 1 << 28)):
            libc.mallopt(option, value)  # arenas, no mmap, trim threshold, top pad
    except (OSError, AttributeError):
        pass


def joint_weights(tips):
    """What each of the 63 coordinates counts in the joints' loss, 1 in the mean: a fingertip `tips` times what a knuckle does, the
    joint below it a quarter of the way there. Letters differ by where fingers end; knuckles hardly move."""
    weights = torch.ones(21)
    weights[4::4] = tips
    weights[3::4] = 1 + (tips - 1) / 4
    return (weights / weights.mean()).repeat_interleave(3)


def joint_loss(found, truth, weights, batch):
    """Mean absolute error of coordinates, summed over the samples whose joints are known."""
    error = ((found.flatten(1) - truth.flatten(1)).abs() * weights).mean(1)
    return (error * batch["joints_weight"]).sum()


def losses(logits, joints, batch, smoothing=SMOOTHING, weights=1.0):
    """(letters, joints, presence), each a sum over the samples of the batch; weights: of the joints' coordinates."""
    letters = F.cross_entropy(logits, batch["target"], reduction="none", label_smoothing=smoothing)
    letters = (letters * batch["letter_weight"]).sum()
    presence = F.binary_cross_entropy_with_logits(joints[:, 63], batch["presence"], reduction="none")
    return letters, joint_loss(joints[:, :63], batch["joints"], weights, batch), (presence * batch["presence_weight"]).sum()


def record(function, tries=1, generator=None, pool=None):
    """(CUDA graph of the function, what it fills at every replay), after some tries, in which libraries choose and
    allocate. generator: the one that the function draws from; pool: of memory shared with other graphs."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(tries):
            function()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    if generator is not None:
        graph.register_generator_state(generator)
    # Other threads (a loader that pins memory) may go on with theirs.
    with torch.cuda.graph(graph, pool=pool, capture_error_mode="thread_local"):
        outputs = function()
    return graph, outputs


class Engine:
    """Runs shards of a batch in `threads` threads (each with one core of its own: two threads
    with half a batch each are 1.5 times as fast as one batch on two cores). On CUDA: one shard, whose kernels are
    recorded once and started together, because to start them one by one takes longer than they do."""

    def __init__(self, network, device, threads, smoothing=SMOOTHING, joint_gain=JOINT_GAIN, tips=1.0, teacher=None,
                 teacher_share=0.0, map_joints=None, map_share=0.0):
        self.smoothing, self.joint_gain = smoothing, joint_gain
        self.teacher, self.teacher_share = teacher, teacher_share
        self.weights = joint_weights(tips).to(device)
        self.network, self.device = network, torch.device(device)
        self.map_joints, self.map_share = map_joints, map_share
        self.parameters = [*network.parameters(), *(map_joints.parameters() if map_joints is not None else ())]
        self.on_cpu = self.device.type == "cpu"
        self.pool = ThreadPoolExecutor(threads) if self.on_cpu and threads > 1 else None
        # Running statistics of batch norms are not made for several threads at once.
        if len(network.norms) and self.pool:
            self.pool = None
        self.recording = None  # (shape of the images, CUDA graph, its input, its output)

    def _map(self, function, items):
        return list(self.pool.map(function, items)) if self.pool else [function(i) for i in items]

    def _shard(self, batch, total):
        batch = {k: v if k == "image" else v.to(self.device, non_blocking=True) for k, v in batch.items()}
        x = to_input(batch["image"], self.network.table["input_range"], self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=not self.on_cpu):
            logits, joints, on_map = self._read(x)
            if self.teacher is not None:
                batch["target"] = torch.lerp(batch["target"], self._taught(batch["image"]), self.teacher_share)
        parts = losses(logits.float(), joints.float(), batch, self.smoothing, self.weights)
        loss = parts[0] + self.joint_gain * parts[1] + PRESENCE_GAIN * parts[2]
        if on_map is not None:
            flat = self.weights.view(21, 3)[:, :2].flatten()
            loss = loss + self.map_share * self.joint_gain * joint_loss(on_map, batch["joints"][..., :2], flat, batch)
        loss = loss / total
        gradients = torch.autograd.grad(loss, self.parameters)
        right = ((logits.argmax(1) == batch["letter"]) * (batch["letter_weight"] == 1)).sum()
        counts = torch.stack([*(p.detach() for p in parts), right,
                              (batch["letter_weight"] == 1).sum(), batch["joints_weight"].sum()])
        return gradients, counts

    def _read(self, x):
        """(logits, joints, joints of the last map or None). What the other layers gave is free to go when their gradient is done."""
        values = self.network.values(x)
        on_map = None if self.map_joints is None else self.map_joints(values[self.network.last_map])
        return values["letters"], values["joints"], on_map

    @torch.no_grad()
    def _taught(self, images):
        """What the teacher makes of the samples, at the input size that it was trained at: a number for each output."""
        x, size = to_input(images, self.teacher.table["input_range"], self.device), self.teacher.table["input_size"]
        if x.shape[-1] != size:
            x = F.interpolate(x, (size, size), mode="bilinear", align_corners=False)
        return self.teacher(x)[0].float().softmax(1)

    def _recorded(self, batch, total):
        batch = {k: v.to(self.device, non_blocking=True) for k, v in batch.items()}
        if self.recording is None or self.recording[0] != batch["image"].shape:
            self.recording = self._record({k: v.clone() for k, v in batch.items()}, total)
        _, graph, inputs, outputs = self.recording
        for key, value in batch.items():
            inputs[key].copy_(value)
        graph.replay()
        return outputs

    def _record(self, inputs, total):
        kept = [buffer.clone() for buffer in self.network.buffers()]  # statistics that trying out moves
        graph, outputs = record(lambda: self._shard(inputs, total), tries=3)
        for buffer, value in zip(self.network.buffers(), kept):
            buffer.copy_(value)
        return inputs["image"].shape, graph, inputs, outputs

    def step(self, shards):
        """Sets .grad to the mean over all shards; returns sums: losses ×3, right, judged, jointed."""
        total = sum(len(s["letter"]) for s in shards)
        work = self._recorded if self.device.type == "cuda" else self._shard
        results = self._map(lambda s: work(s, total), shards)
        # Added in shard order, whoever finished first: the same numbers every time.
        for i, parameter in enumerate(self.parameters):
            gradient = results[0][0][i]
            for other in results[1:]:
                gradient = gradient + other[0][i]
            parameter.grad = gradient
        return sum(r[1] for r in results)

    def predict(self, images, shard=32):
        """(logits, joints) for uint8 images, in evaluation mode; joints is None where the network has none."""
        was_training = self.network.training
        self.network.eval()

        def run(part):
            with torch.no_grad():  # inside: gradient mode belongs to the thread
                return self.network(to_input(part, self.network.table["input_range"], self.device))

        parts = self._map(run, images.split(shard))
        self.network.train(was_training)
        join = lambda tensors: None if tensors[0] is None else torch.cat(tensors).float().cpu()
        return tuple(join([p[i] for p in parts]) for i in (0, 1))


def lerp(tensors, ends, share):
    """Moves every tensor by `share` of the way to its end; on a GPU in two kernels for all."""
    torch._foreach_mul_(tensors, 1 - share)
    torch._foreach_add_(tensors, ends, alpha=share)


class Averaged:
    """Exponential moving average of weights (and batch-norm statistics), with a short warm-up."""

    def __init__(self, network, decay):
        self.decay, self.steps = decay, 0
        self.state = {k: v.detach().clone() for k, v in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network):
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        now = network.state_dict()
        floats = [key for key, value in now.items() if value.is_floating_point()]
        lerp([self.state[key] for key in floats], [now[key] for key in floats], 1 - decay)
        for key in now.keys() - set(floats):
            self.state[key].copy_(now[key])


def letter_loss(logits, letters):
    return F.cross_entropy(logits, letters).item()
