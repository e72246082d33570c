"""Golden values for the statistics of the checks by NumPy and SciPy.

Of src/core: bootstrap.ts, empirical-p.ts, area-under-removal.ts, feature-groups.ts, linear-scores.ts and
response-variants.ts.

Writes statistics-of-checks.json beside this file.
"""

import json
from pathlib import Path

import numpy as np
from scipy import stats
from scipy.sparse.csgraph import connected_components

rng = np.random.default_rng(2019)

IMAGES = 60
COLUMNS = 4
DRAWS = 200_000

# A rate, a skewed value, one that hangs on the first, and a constant.
rows = np.empty((IMAGES, COLUMNS))
rows[:, 0] = rng.random(IMAGES) < 0.7
rows[:, 1] = rng.exponential(1, IMAGES)
rows[:, 2] = rows[:, 0] * 0.8 + rng.normal(0, 0.1, IMAGES)
rows[:, 3] = 0.25
rows = np.round(rows, 4)
classes = rng.choice(3, IMAGES, p=[0.6, 0.3, 0.1])


def interval(values):
    found = stats.bootstrap(
        (values,), np.mean, n_resamples=DRAWS, method="percentile", batch=2000, rng=np.random.default_rng(1)
    )
    return {
        "value": float(values.mean()),
        "low": float(found.confidence_interval.low),
        "high": float(found.confidence_interval.high),
        "standardError": float(found.standard_error),
    }


def stratified(values):
    means = [values[classes == j] for j in np.unique(classes)]
    generator = np.random.default_rng(2)
    drawn = np.mean([generator.choice(own, (DRAWS, len(own))).mean(axis=1) for own in means], axis=0)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {
        "value": float(np.mean([own.mean() for own in means])),
        "low": float(low),
        "high": float(high),
        "standardError": float(drawn.std()),
    }


# The p-value of SciPy's permutation test, from its own null distribution.
first, second = rng.normal(0.7, 1, 12), rng.normal(0, 1, 10)
tested = stats.permutation_test(
    (first, second),
    lambda a, b, axis: np.mean(a, axis=axis) - np.mean(b, axis=axis),
    vectorized=True,
    n_resamples=99,
    alternative="greater",
    rng=np.random.default_rng(3),
)

# Descriptors with near-duplicates: 1 copies 0, 2 is its mirror image, 3 hangs on 2 but not on 0 closely enough, 4 is
# constant, 5 and 6 are alone.
N, M = 40, 7
base = rng.normal(0, 1, N)
X = rng.normal(0, 1, (N, M))
X[:, 0] = base
X[:, 1] = 2 * base + 0.05 * X[:, 1] + 3
X[:, 2] = -base + 0.2 * X[:, 2]
X[:, 3] = X[:, 2] + 0.22 * X[:, 3]
X[:, 4] = 0.5
X = np.round(X, 3)
varying = [k for k in range(M) if X[:, k].std() > 0]
correlation = np.eye(M)
correlation[np.ix_(varying, varying)] = np.corrcoef(X[:, varying].T)
_, component = connected_components(np.abs(correlation) > 0.95)

steps = [0, 2, 5, 6, 10]
curve = [1.0, 0.9, 0.4, 0.35, 0.1]

weights = np.round(rng.normal(0, 1, (3, M)) * (rng.random((3, M)) < 0.5), 2)
labels = rng.choice(3, N)
scores = X @ weights.T

# Three layers of 2, 3 and 2 channels with maps of 16, 4 and 1 places; one layer of one image and one image are silent.
norms = rng.integers(1, 100, (4, M)) / 4
norms[1, 2:5] = 0
norms[3] = 0
rms = norms / np.repeat(np.sqrt([16, 4, 1]), [2, 3, 2])
responding = np.stack([part.sum(axis=1) > 0 for part in np.split(norms, [2, 5], axis=1)], axis=1).sum(axis=1)
total = rms.sum(axis=1)
normalised = rms * np.divide(responding, total, out=np.zeros(4), where=total > 0)[:, None]

golden = {
    "columns": COLUMNS,
    "rows": rows.reshape(-1).tolist(),
    "classes": classes.tolist(),
    "means": [interval(rows[:, k]) for k in range(3)],
    "difference": interval(rows[:, 0] - rows[:, 2]),
    "stratified": [stratified(rows[:, k]) for k in range(3)],
    "p": {
        "observed": float(tested.statistic),
        "draws": tested.null_distribution.tolist(),
        "p": float(tested.pvalue),
    },
    "groups": {
        "rows": X.reshape(-1).tolist(),
        "first": [int(np.flatnonzero(component == component[k])[0]) for k in range(M)],
        "correlation": correlation.reshape(-1).round(4).tolist(),
    },
    "area": {"steps": steps, "curve": curve, "area": float(np.trapezoid(curve, np.divide(steps, steps[-1])))},
    "linear": {
        "weights": weights.reshape(-1).tolist(),
        "labels": labels.tolist(),
        "right": (scores.argmax(axis=1) == labels).astype(int).tolist(),
        "squaredError": ((scores - np.eye(3)[labels]) ** 2).sum(axis=1).tolist(),
    },
    "sizeNormalised": {
        "norms": norms.reshape(-1).tolist(),
        "channels": [2, 3, 2],
        "places": [16, 4, 1],
        "rows": normalised.reshape(-1).tolist(),
    },
}
Path(__file__).with_name("statistics-of-checks.json").write_text(json.dumps(golden, indent=1) + "\n")
