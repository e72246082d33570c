"""Golden values for src/core/charts/overlap-data.ts: set operations by NumPy, Jaccard's index by scikit-learn.

Writes overlap.json beside this file.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.metrics import jaccard_score

rng = np.random.default_rng(2019)

CLASSES = 7
LAYERS = [5, 8, 4]
# Class 3 has no feature in the second selection, class 4 in neither.
PLACES = [(layer + 1, channel) for layer, channels in enumerate(LAYERS) for channel in range(channels)]

masks = rng.random((2, CLASSES, len(PLACES))) < 0.35
masks[1, 3] = False
masks[:, 4] = False


def overlap(first, second):
    one, other = np.flatnonzero(first), np.flatnonzero(second)
    return {
        "onlyFirst": len(np.setdiff1d(one, other)),
        "both": len(np.intersect1d(one, other)),
        "onlySecond": len(np.setdiff1d(other, one)),
    }


def share(first, second):
    return float(jaccard_score(first, second)) if (first | second).any() else None


golden = {
    "places": PLACES,
    "masks": masks.astype(int).tolist(),
    "any": overlap(masks[0].any(axis=0), masks[1].any(axis=0)),
    "perClass": [overlap(masks[0, j], masks[1, j]) for j in range(CLASSES)],
    "shares": [share(masks[0, j], masks[1, j]) for j in range(CLASSES)],
}
Path(__file__).with_name("overlap.json").write_text(json.dumps(golden) + "\n")
