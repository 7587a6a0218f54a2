"""Draws the curves of runs as SVG: python3 curves.py runs/curves.svg main=RUN/log.jsonl second=RUN/log.jsonl

Above the losses (letters in training, letters in validation, joints), below the accuracies."""
import json
import sys
from xml.sax.saxutils import escape

from files import folder_for, require_file

WIDTH, HEIGHT, LEFT, TOP, GAP, FOOT = 760, 190, 56, 30, 46, 74
COLOURS = ["#1b6ca8", "#c8553d", "#3c8d53", "#7a5195", "#b08900"]
PANELS = [("loss", [("letters", "letters, training", ""), ("val_loss", "letters, validation", "6 3"),
                    ("joints", "joints × 4", "2 3")]),
          ("accuracy", [("accuracy", "training samples", ""), ("val_accuracy", "validation", "6 3")])]


def read_log(path):
    require_file(path)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    try:
        lines = [json.loads(line) for line in text.splitlines()]
        complete = lines and all("samples" in line and "val_loss" in line for line in lines)
    except ValueError:
        complete = False
    if not complete:
        raise SystemExit(f"{path} is no log of train.py, which writes a line after each epoch (--preset tutorial writes another one).")
    return lines


def _value(line, key):
    """What is drawn; none of a run's joints are known where the log has null."""
    return 4 * (line[key] or 0) if key == "joints" else line[key]


def _ticks(low, high, count=4):
    return [low + (high - low) * i / count for i in range(count + 1)]


def draw(runs):
    """SVG text for [(name, lines of a log)]; the runs follow each other along the samples."""
    starts, total = [], 0
    for _, lines in runs:
        starts.append(total)
        total += lines[-1]["samples"]
    inner = WIDTH - LEFT - 16
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{TOP + 2 * HEIGHT + GAP + FOOT}" '
           'font-family="sans-serif" font-size="11" fill="#333"><rect width="100%" height="100%" fill="#fff"/>']
    for number, (title, series) in enumerate(PANELS):
        top = TOP + number * (HEIGHT + GAP)
        values = [_value(line, key) for _, lines in runs for line in lines for key, _, _ in series]
        low, high = (0.0, 1.05 * max(values)) if title == "loss" else (min(values) - 0.02, 1.0)
        place = lambda samples, value: (LEFT + inner * samples / total, top + HEIGHT * (high - value) / (high - low))
        out.append(f'<text x="{LEFT}" y="{top - 8}" font-weight="bold">{title}</text>')
        for tick in _ticks(low, high):
            y = place(0, tick)[1]
            out.append(f'<path d="M{LEFT} {y:.1f}H{LEFT + inner}" stroke="#ddd"/>'
                       f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:.2f}</text>')
        for i, (_, lines) in enumerate(runs):
            for key, _, dashes in series:
                points = " ".join("{:.1f},{:.1f}".format(*place(starts[i] + line["samples"], _value(line, key)))
                                  for line in lines)
                out.append(f'<polyline points="{points}" fill="none" stroke="{COLOURS[i % len(COLOURS)]}" '
                           f'stroke-width="1.6" stroke-dasharray="{dashes}"/>')
        for i, (_, label, dashes) in enumerate(series):
            x = LEFT + 90 + 160 * i
            out.append(f'<path d="M{x} {top - 12}h26" stroke="#333" stroke-dasharray="{dashes}"/>'
                       f'<text x="{x + 32}" y="{top - 8}">{label}</text>')
    bottom = TOP + 2 * HEIGHT + GAP
    for tick in _ticks(0, total):
        out.append(f'<text x="{LEFT + inner * tick / total:.1f}" y="{bottom + 16}" text-anchor="middle">{tick / 1000:.0f}k</text>')
    out.append(f'<text x="{LEFT + inner / 2}" y="{bottom + 34}" text-anchor="middle">samples</text>')
    for i, (name, _) in enumerate(runs):
        out.append(f'<text x="{LEFT + 120 * i}" y="{bottom + 56}" fill="{COLOURS[i % len(COLOURS)]}">{escape(name)}</text>')
    return "\n".join([*out, "</svg>", ""])


def main(argv):
    if len(argv) < 2 or any("=" not in run for run in argv[1:]):
        raise SystemExit(__doc__)
    folder_for(argv[0])
    runs = [(name, read_log(path)) for name, _, path in (a.partition("=") for a in argv[1:])]
    with open(argv[0], "w", encoding="utf-8") as file:
        file.write(draw(runs))


if __name__ == "__main__":
    main(sys.argv[1:])
