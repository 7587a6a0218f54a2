"""Types of the scripts' options, and the device that one names: refused before anything is read."""
import argparse
import math

import torch


def whole(text):
    """A whole number above zero."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def above_zero(text):
    """A number above zero."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def require_device(name):
    """Refuses a device that PyTorch does not find here."""
    try:
        torch.zeros(1, device=name)
    except (AssertionError, NotImplementedError, RuntimeError):
        raise SystemExit(f"PyTorch finds no device {name!r} here: --device auto takes what there is.") from None
