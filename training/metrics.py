"""Figures from logits or probabilities (N×25) and true letters (N)."""
from dataset import LETTERS, NO_HAND


def top(logits, targets, k):
    """1 where the true letter is among the k likeliest letters (the no-hand output left aside)."""
    return (logits[:, :NO_HAND].topk(k, 1).indices == targets[:, None]).any(1).float()


def by_group(values, groups):
    """Mean of values (N) by group name."""
    sums = {}
    for value, group in zip(values.tolist(), groups):
        total = sums.setdefault(group, [0.0, 0])
        total[0] += value
        total[1] += 1
    return {g: round(sums[g][0] / sums[g][1], 4) for g in sorted(sums)}


def calibration_error(probabilities, targets, bins=15):
    """Expected calibration error of the top letter's probability, over equal-width bins."""
    confidence, letter = probabilities[:, :NO_HAND].max(1)
    right = (letter == targets).float()
    place = (confidence * bins).long().clamp(max=bins - 1)
    error = 0.0
    for b in range(bins):
        chosen = place == b
        if chosen.any():
            error += chosen.float().mean().item() * abs(right[chosen].mean().item() - confidence[chosen].mean().item())
    return error


def coverage(probabilities, targets, threshold):
    """How many pictures are answered at the threshold, and how many of the answers are right."""
    confidence, letter = probabilities[:, :NO_HAND].max(1)
    answered = (confidence >= threshold) & (confidence > probabilities[:, NO_HAND])
    right = (letter == targets)[answered]
    return {"answered": answered.float().mean().item(), "right": right.float().mean().item() if len(right) else None}


def confusion(logits, targets):
    """{true letter: {read as: count}} for every letter that was read as another."""
    letters = logits[:, :NO_HAND].argmax(1)
    table = {}
    for truth, read in zip(targets.tolist(), letters.tolist()):
        row = table.setdefault(LETTERS[truth], {})
        row[LETTERS[read]] = row.get(LETTERS[read], 0) + 1
    return {k: dict(sorted(v.items(), key=lambda i: -i[1])) for k, v in sorted(table.items())}
