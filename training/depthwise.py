"""Depthwise convolution with ReLU6 before and after, with a fast gradient on the CPU.

native/depthwise.c is compiled with gcc at first use (into training/.cache); without a compiler,
on a GPU, in float16/bfloat16 or with odd channel counts PyTorch's own operators do the same.
"""
import ctypes
import functools
import hashlib
import os
import subprocess
import tempfile

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "native", "depthwise.c")
FLAGS = ["-O3", "-march=native", "-ffast-math", "-fopenmp", "-shared", "-fPIC"]


@functools.lru_cache(maxsize=None)
def _library():
    """The compiled library, or None when it cannot be built here."""
    if os.environ.get("FINGERSPELL_NATIVE") == "0":
        return None
    with open(SOURCE, "rb") as file:
        digest = hashlib.sha256(file.read() + " ".join(FLAGS).encode()).hexdigest()[:12]
    folder = os.path.join(HERE, ".cache")
    path = os.path.join(folder, f"depthwise-{digest}.so")
    try:
        if not os.path.exists(path):
            os.makedirs(folder, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder) as scratch:
                built = os.path.join(scratch, "depthwise.so")
                subprocess.run(["gcc", *FLAGS, SOURCE, "-o", built], check=True, capture_output=True)
                os.replace(built, path)
        return ctypes.CDLL(path)
    except (OSError, subprocess.CalledProcessError):
        return None


def same_padding(size, kernel, stride):
    """TensorFlow's `same`: (before, after) along one side; the odd pixel goes after."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def conv_same(x, weight, bias, stride, groups=1):
    """conv2d with TensorFlow's `same`; symmetric padding stays inside the convolution (faster)."""
    kernel = weight.shape[2]
    top, bottom = same_padding(x.shape[2], kernel, stride)
    left, right = same_padding(x.shape[3], kernel, stride)
    if top == bottom and left == right:
        return F.conv2d(x, weight, bias, stride, (top, left), groups=groups)
    return F.conv2d(F.pad(x, (left, right, top, bottom)), weight, bias, stride, groups=groups)


def _shape(x, weight, stride, relu_in, relu_out):
    n, c, h, w = x.shape
    kernel = weight.shape[2]
    return (ctypes.c_int * 12)(n, h, w, c, -(-h // stride), -(-w // stride), kernel, stride,
                               same_padding(h, kernel, stride)[0], same_padding(w, kernel, stride)[0],
                               int(relu_in), int(relu_out))


def _pointer(tensor):
    return ctypes.c_void_p(tensor.data_ptr() if tensor is not None else None)


class _Depthwise(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias, stride, relu_in, relu_out):
        x = x.contiguous(memory_format=torch.channels_last)
        taps = weight.detach().permute(2, 3, 0, 1).contiguous()  # K×K×C×1
        shape = _shape(x, weight, stride, relu_in, relu_out)
        y = torch.empty((shape[0], shape[3], shape[4], shape[5]), memory_format=torch.channels_last)
        _library().depthwise_forward(_pointer(x), _pointer(taps), _pointer(bias), _pointer(y), shape)
        ctx.save_for_backward(x, taps, y)
        ctx.shape, ctx.has_bias = shape, bias is not None
        return y

    @staticmethod
    def backward(ctx, dy):
        x, taps, y = ctx.saved_tensors
        dy = dy.contiguous(memory_format=torch.channels_last)
        dx = torch.empty_like(x, memory_format=torch.channels_last)
        dw, db = torch.zeros_like(taps), torch.zeros(x.shape[1])
        _library().depthwise_backward(*(_pointer(t) for t in (x, taps, y, dy, dx, dw, db)), ctx.shape)
        return dx, dw.permute(2, 3, 0, 1), db if ctx.has_bias else None, None, None, None


def depthwise(x, weight, bias=None, stride=1, relu_in=False, relu_out=False):
    """x N×C×H×W (channels_last), weight C×1×K×K → relu_out(conv(relu_in(x)) + bias), `same` padding."""
    fits = (not x.is_cuda and x.dtype == torch.float32 and x.shape[1] % 8 == 0
            and weight.shape[2] in (3, 5) and stride in (1, 2))
    if fits and _library() is not None:
        return _Depthwise.apply(x, weight, bias, stride, relu_in, relu_out)
    y = conv_same(F.relu6(x) if relu_in else x, weight, bias, stride, groups=x.shape[1])
    return F.relu6(y) if relu_out else y
