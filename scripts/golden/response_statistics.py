"""Golden values for src/core/response-statistics.ts by NumPy.

Writes response-statistics.json beside this file. Responses are multiples of 1/8, so that float32 holds them exactly.
"""

import json
from pathlib import Path

import numpy as np

rng = np.random.default_rng(2019)

SIZES = [4, 3, 2]
CLASSES = 4
QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95]

# Layer 1 lies far from zero; in layer 2 one channel is silent; class 2 has no image, class 3 a single one.
norms = rng.integers(0, 400, (23, sum(SIZES))) / 8
norms[:, :4] += 4096
norms[:, 5] = 0
labels = rng.choice([0, 1], 23)
labels[11] = 3


def feature(k):
    found = []
    for label in np.unique(labels):
        own = norms[labels == label, k]
        found.append(
            {
                "classIndex": int(label),
                "images": len(own),
                "mean": float(own.mean()),
                "quantiles": np.quantile(own, QUANTILES, method="linear").tolist(),
            }
        )
    return found


def layer(part):
    return {
        "mean": float(part.mean()),
        "standardDeviation": float(part.std()),
        "largest": float(part.max()),
        "silent": int((part.max(axis=0) == 0).sum()),
    }


golden = {
    "sizes": SIZES,
    "classes": CLASSES,
    "norms": norms.reshape(-1).tolist(),
    "labels": labels.tolist(),
    "layers": [layer(part) for part in np.split(norms, np.cumsum(SIZES)[:-1], axis=1)],
    "features": [feature(k) for k in range(sum(SIZES))],
}
Path(__file__).with_name("response-statistics.json").write_text(json.dumps(golden, indent=1) + "\n")
