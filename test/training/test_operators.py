"""Padding, the depthwise kernel's gradients, squares, the .tflite reader."""
import os
import unittest

import pictures  # noqa: F401  (puts training/ on the path)
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

import depthwise as native
from checkpoint import fit_temperature
from crop import Square
from joints.package import CACHE
from joints.tflite import TfliteRunner, read_tflite
from layers import layers_of, load_architecture, round_channels, shipped_bytes
from network import Network, initialise_from_tflite


def loop_convolution(x, w, stride):
    """`same` depthwise convolution of one H×W plane, by the definition in TensorFlow's guide."""
    size, k = x.shape[0], w.shape[0]
    out = -(-size // stride)
    before = max((out - 1) * stride + k - size, 0) // 2
    y = np.zeros((out, out))
    for i in range(out):
        for j in range(out):
            for a in range(k):
                for b in range(k):
                    p, q = i * stride + a - before, j * stride + b - before
                    if 0 <= p < size and 0 <= q < size:
                        y[i, j] += x[p, q] * w[a, b]
    return y


class Operators(unittest.TestCase):
    def test_same_padding_follows_tensorflow(self):
        rng = np.random.default_rng(0)
        for size in (5, 6, 9):
            for k in (3, 5):
                for stride in (1, 2):
                    x, w = rng.normal(size=(size, size)), rng.normal(size=(k, k))
                    y = native.conv_same(torch.tensor(x)[None, None], torch.tensor(w)[None, None], None, stride)
                    np.testing.assert_allclose(y[0, 0].numpy(), loop_convolution(x, w, stride), atol=1e-9)

    def test_native_depthwise_agrees_with_torch(self):
        if native._library() is None:
            self.skipTest("no C compiler here")
        torch.manual_seed(0)
        for k, stride, side, channels in ((3, 1, (9, 7), 24), (3, 2, (10, 14), 16), (5, 1, (6, 5), 8), (5, 2, (9, 10), 40)):
            x = (4 * torch.randn(3, channels, *side)).contiguous(memory_format=torch.channels_last).requires_grad_()
            w, b = torch.randn(channels, 1, k, k, requires_grad=True), torch.randn(channels, requires_grad=True)
            ours = native.depthwise(x, w, b, stride, True, True)
            theirs = F.relu6(native.conv_same(F.relu6(x), w, b, stride, groups=channels))
            torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)
            g = torch.randn_like(ours)
            for a, e in zip(torch.autograd.grad(ours, (x, w, b), g), torch.autograd.grad(theirs, (x, w, b), g)):
                torch.testing.assert_close(a, e, atol=1e-3, rtol=1e-3)

    def test_squares_map_points_to_the_pixels_they_show(self):
        image = Image.new("RGB", (80, 60))
        image.paste((255, 255, 255), (50, 20, 54, 24))  # centre 52, 22
        for angle, mirror in ((0.0, False), (0.0, True), (0.4, False), (-0.3, True)):
            square = Square(45, 25, 40, angle, mirror)
            u, v = square.to_square(np.array([52.0, 22.0]))
            pixels = np.asarray(square.read(image, 80).convert("L"), np.float64)
            ys, xs = np.mgrid[0:80, 0:80] + 0.5
            found = (xs * pixels).sum() / pixels.sum() / 40 - 1, (ys * pixels).sum() / pixels.sum() / 40 - 1
            np.testing.assert_allclose(found, (u, v), atol=0.03)

    def test_temperature_recovers_a_known_one(self):
        torch.manual_seed(1)
        logits = torch.randn(4000, 5) * 2
        targets = torch.distributions.Categorical(logits=logits).sample()
        self.assertAlmostEqual(fit_temperature(logits * 3, targets), 3, delta=0.25)


class Tables(unittest.TestCase):
    def test_rounding_follows_mobilenet(self):
        self.assertEqual([round_channels(c, 0.5, 8) for c in (16, 24, 32, 96, 160)], [8, 16, 16, 48, 80])
        self.assertEqual(round_channels(32, 0.35, 8), 16)  # 11.2 → 8 would lose more than a tenth

    def test_shipped_tables_stay_small(self):
        self.assertLessEqual(shipped_bytes(layers_of(load_architecture("hand-trunk"))), 1_150_000)
        self.assertLessEqual(shipped_bytes(layers_of(load_architecture("mobilenet-v2"))), 1_150_000)

    def test_trunk_equals_the_landmark_network_it_starts_from(self):
        path = os.path.join(CACHE, "hand_landmark_lite.tflite")
        if not os.path.exists(path):
            self.skipTest("hand_landmark_lite.tflite has not been fetched (training/joints/package.py does)")
        network = Network(load_architecture("hand-trunk"))
        initialise_from_tflite(network, path)
        x = torch.rand(2, 3, 224, 224)
        with torch.no_grad():
            pixels, score = TfliteRunner(read_tflite(path))(x)[:2]
            joints = network(x)[1]
        expected = pixels / 112 - torch.tensor([1.0, 1.0, 0.0] * 21)
        torch.testing.assert_close(joints[:, :63], expected, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(torch.sigmoid(joints[:, 63:]), score, atol=1e-4, rtol=1e-4)


if __name__ == "__main__":
    unittest.main()
