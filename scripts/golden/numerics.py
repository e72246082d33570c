"""Golden values for the pure numerics of src/core by NumPy, SciPy and scikit-learn.

Writes numerics.json beside this file. Needs numpy, scipy and scikit-learn. Inputs are whole numbers or multiples of
1/8, so that float32 holds them exactly.
"""

import json
import warnings
from pathlib import Path

import numpy as np
from scipy import ndimage, special
from sklearn.metrics import balanced_accuracy_score, jaccard_score

rng = np.random.default_rng(1712)


def flat(array, digits=12):
    return [float(f"{value:.{digits}g}") for value in np.asarray(array, dtype=float).reshape(-1)]


def descriptors():
    """Rows of layers of 4, 3 and 2 channels; the second image's first layer and the whole fourth image are zero."""
    sizes = [4, 3, 2]
    norms = rng.integers(0, 80, (5, sum(sizes))) / 8
    norms[1, :4] = 0
    norms[3] = 0
    found = {"sizes": sizes, "images": len(norms), "norms": flat(norms), "descriptors": {}}
    for response in ("l2", "squared"):
        layers = []
        for part in np.split(norms**2 if response == "squared" else norms, np.cumsum(sizes)[:-1], axis=1):
            total = np.abs(part).sum(1, keepdims=True)
            layers.append(np.divide(part, total, out=np.zeros_like(part), where=total > 0))
        rows = np.concatenate(layers, 1)
        length = np.linalg.norm(rows, axis=1, keepdims=True)
        found["descriptors"][f"{response}/none"] = flat(rows)
        found["descriptors"][f"{response}/l2"] = flat(np.divide(rows, length, out=np.zeros_like(rows), where=length > 0))
    return found


def top_lists():
    """Few distinct values, so that ties occur. np.lexsort: last key first."""
    responses = rng.integers(0, 6, (40, 3))
    ids = rng.permutation(100)[:40]
    return {
        "ids": ids.tolist(),
        "responses": responses.reshape(-1).tolist(),
        "images": [ids[np.lexsort((ids, -responses[:, k]))].tolist() for k in range(3)],
    }


def statistics():
    x = rng.integers(0, 40, (7, 4)) / 8
    labels = np.array([0, 2, 2, 0, 2, 0, 0])
    onehot = labels == np.arange(3)[:, None]
    return {
        "descriptors": flat(x),
        "labels": labels.tolist(),
        "gram": flat(x.T @ x),
        "sums": flat(onehot @ x),
        "norms": onehot.sum(1).tolist(),
    }


def removal_order():
    weights = rng.integers(-3, 4, (3, 12)) / 4
    weights[:, [2, 7]] = 0
    strength = np.abs(weights).max(0)
    order = np.lexsort((np.arange(12), -strength))
    positive = [np.lexsort((np.arange(12), -row)) for row in weights]
    return {
        "weights": flat(weights),
        "order": order[strength[order] > 0].tolist(),
        "positive": [places[row[places] > 0].tolist() for places, row in zip(positive, weights)],
    }


def accuracy():
    """Class 3 has no images; scikit-learn's balanced accuracy leaves it out."""
    truth = np.array([0] * 7 + [1] * 5 + [2] * 4 + [4] * 3)
    predicted = np.where(rng.random(len(truth)) < 0.6, truth, rng.integers(0, 5, len(truth)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mean = balanced_accuracy_score(truth, predicted)
    return {
        "correct": np.bincount(truth[truth == predicted], minlength=5).tolist(),
        "totals": np.bincount(truth, minlength=5).tolist(),
        "mean": mean,
    }


def quantiles():
    found = []
    for count in (1, 2, 7, 30):
        values = flat(rng.normal(size=count))
        probabilities = [0, 0.025, 0.1, 0.25, 0.5, 0.77, 0.975, 1]
        expected = np.quantile(values, probabilities)
        found.append(
            {"values": values, "probabilities": probabilities, "quantiles": flat(expected, 15), "mean": np.mean(values)}
        )
    return found


def heatmap():
    raw = rng.normal(size=24).astype(np.float32)
    size = np.abs(raw)
    return {"raw": raw.tolist(), "scaled": flat((size - size.min()) / (size.max() - size.min()), 9)}


def iou():
    """Some values are thresholds themselves, some pixels are zero."""
    values = rng.integers(0, 1001, 60) / 1000
    values[:12] = np.arange(12) / 100
    values[12:20] = 0
    values[20] = 1
    mask = rng.random(60) < 0.35
    thresholds = np.arange(101) / 100
    curve = [jaccard_score(mask, (values >= t) & (values > 0), zero_division=0) for t in thresholds]
    return {
        "heatmap": values.tolist(),
        "mask": mask.astype(int).tolist(),
        "curve": flat(curve),
        "area": float(np.trapezoid(curve, thresholds)),
    }


def sobel():
    height, width, colours = 6, 7, 3
    image = rng.integers(0, 256, (height, width, colours))
    # scipy's filter over three axes smooths over colours too: take each colour by itself.
    each = [
        np.hypot(*(ndimage.sobel(image[:, :, c].astype(float), axis=axis, mode="nearest") for axis in (0, 1)))
        for c in range(colours)
    ]
    size = np.max(each, axis=0)
    return {
        "height": height,
        "width": width,
        "channels": colours,
        "data": image.reshape(-1).tolist(),
        "map": flat(size / size.max(), 9),
    }


def patches():
    """Boxes of 3 x 3 of 5 x 4 images; pixels beyond the border are missing, which NumPy's masked mean leaves out."""
    images = rng.integers(0, 256, (6, 5, 4, 2))
    corners = [(0, 0), (-1, -1), (3, 2), (-1, 2), (2, -2), (1, 1)]
    frame = np.full((6, 3, 3, 2), np.nan)
    for number, (top, left) in enumerate(corners):
        for y in range(3):
            for x in range(3):
                if 0 <= top + y < 5 and 0 <= left + x < 4:
                    frame[number, y, x] = images[number, top + y, left + x]
    mean = np.nanmean(frame, axis=0)
    spread = np.sqrt(np.nanvar(frame, axis=0).mean(-1))
    return {"images": images.reshape(-1).tolist(), "corners": corners, "mean": flat(mean, 9), "spread": flat(spread, 9)}


def rows():
    scores = rng.integers(-3, 4, (6, 5))
    return {
        "scores": scores.reshape(-1).tolist(),
        "argmax": scores.argmax(1).tolist(),
        "softmax": flat(special.softmax(scores[0])),
    }


def main():
    parts = (descriptors, top_lists, statistics, removal_order, accuracy, quantiles, heatmap, iou, sobel, patches, rows)
    target = Path(__file__).with_name("numerics.json")
    golden = {part.__name__: part() for part in parts}
    target.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(target.name, target.stat().st_size, "bytes; numpy", np.__version__)


if __name__ == "__main__":
    main()
