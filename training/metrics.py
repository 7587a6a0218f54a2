"""Figures from logits or probabilities (N×(letters + 1), the last: no letter) and true letters (N)."""


def top(logits, targets, k):
    """1 where the true letter is among the k likeliest letters (the last output left aside)."""
    letters = logits[:, :-1]
    return (letters.topk(min(k, letters.shape[1]), 1).indices == targets[:, None]).any(1).float()


def by_group(values, groups):
    """Mean of values (N) by group name."""
    sums = {}
    for value, group in zip(values.tolist(), groups):
        total = sums.setdefault(group, [0.0, 0])
        total[0] += value
        total[1] += 1
    return {g: round(sums[g][0] / sums[g][1], 4) for g in sorted(sums)}


def reliability(probabilities, targets, bins=15):
    """[(mean confidence, share right, how many)] of the top letter's probability, over equal-width bins."""
    confidence, letter = probabilities[:, :-1].max(1)
    right = (letter == targets).float()
    place = (confidence * bins).long().clamp(max=bins - 1)
    rows = []
    for b in range(bins):
        chosen = place == b
        if chosen.any():
            rows.append((confidence[chosen].mean().item(), right[chosen].mean().item(), int(chosen.sum())))
    return rows


def calibration_error(probabilities, targets, bins=15):
    """Expected calibration error: how far confidence and accuracy are apart, over the same bins."""
    rows = reliability(probabilities, targets, bins)
    return sum(count * abs(right - confidence) for confidence, right, count in rows) / max(1, len(targets))


def coverage(probabilities, targets, threshold):
    """How many pictures are answered at the threshold, and how many of the answers are right."""
    confidence, letter = probabilities[:, :-1].max(1)
    answered = (confidence >= threshold) & (confidence > probabilities[:, -1])
    right = (letter == targets)[answered]
    return {"answered": answered.float().mean().item(), "right": right.float().mean().item() if len(right) else None}


def confusion(logits, targets, labels):
    """{true letter: {read as: count}} of all pictures, the most frequent reading first."""
    letters = logits[:, :-1].argmax(1)
    table = {}
    for truth, read in zip(targets.tolist(), letters.tolist()):
        row = table.setdefault(labels[truth], {})
        row[labels[read]] = row.get(labels[read], 0) + 1
    return {k: dict(sorted(v.items(), key=lambda i: -i[1])) for k, v in sorted(table.items())}
