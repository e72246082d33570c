"""Golden values for src/core/selection: paths and solutions of small mu-Lasso problems by scikit-learn and SciPy.

Writes lasso.json beside this file. Needs numpy, scipy and scikit-learn.
X is [features, images] in thousandths, labels are 0/1, so that JSON holds both exactly.
"""

import json
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy.optimize import nnls
from sklearn.linear_model import lars_path_gram


def responses(rng, features, images, labels):
    """Non-negative and L1-normalised in two layers, as the method's responses are; some features know the class."""
    raw = np.maximum(rng.normal(0.3, 1.0, (features, images)), 0)
    raw[:: 3] += labels * rng.uniform(0, 2, (len(raw[:: 3]), 1))
    half = features // 2
    for layer in (raw[:half], raw[half:]):
        layer /= np.maximum(layer.sum(axis=0), 1e-9)
    return raw


def problem(name, seed, features, images, nonnegative, signed=False):
    rng = np.random.default_rng(seed)
    labels = (rng.random(images) < 0.3).astype(int)
    x = rng.normal(size=(features, images)) if signed else responses(rng, features, images, labels)
    thousandths = np.round(x * 1000).astype(int)
    x = thousandths / 1000.0
    gram, q = x @ x.T, x @ labels
    # scikit-learn's alpha is lambda / n_samples.
    alphas, _, coefs = lars_path_gram(
        q, gram, n_samples=1, method="lasso", positive=nonnegative, alpha_min=0
    )
    # With positive=True scikit-learn's point at alpha = 0 is, by its own documentation, not the solution.
    exact = alphas > 0 if nonnegative else alphas >= 0
    alphas, coefs = alphas[exact], coefs[:, exact]
    norms = np.abs(coefs).sum(axis=0)
    solutions = []
    for fraction in (0.02, 0.2, 0.5, 0.8, 0.97):
        mu = float(norms[-1] * fraction)
        after = int(np.searchsorted(norms, mu))
        share = (mu - norms[after - 1]) / (norms[after] - norms[after - 1])
        w = (1 - share) * coefs[:, after - 1] + share * coefs[:, after]
        residual = x.T @ w - labels
        solutions.append(
            {
                "mu": mu,
                "objective": float(residual @ residual / 2),
                "lambda": float((1 - share) * alphas[after - 1] + share * alphas[after]),
                "support": np.flatnonzero(np.abs(w) > 1e-12 * mu).tolist(),
                "weights": w[np.abs(w) > 1e-12 * mu].tolist(),
            }
        )
    # Without a bound that binds: least squares, by SciPy.
    unbounded = nnls(x.T, labels)[0] if nonnegative else np.linalg.lstsq(x.T, labels, rcond=None)[0]
    residual = x.T @ unbounded - labels
    return {
        "name": name,
        "features": features,
        "images": images,
        "nonnegative": nonnegative,
        "thousandths": thousandths.ravel().tolist(),
        "labels": labels.tolist(),
        "path": {"lambda": alphas.tolist(), "l1Norm": norms.tolist()},
        "solutions": solutions,
        "unbounded": {"l1Norm": float(np.abs(unbounded).sum()), "objective": float(residual @ residual / 2)},
    }


problems = [
    problem("responses", 1, 24, 60, False),
    problem("responses, non-negative", 2, 24, 60, True),
    problem("signed, many drops", 3, 16, 24, False, signed=True),
    problem("signed, non-negative", 4, 16, 24, True, signed=True),
    problem("more images than matter", 5, 12, 200, False),
]
source = f"scikit-learn {sklearn.__version__}, SciPy {scipy.__version__}, NumPy {np.__version__}"
result = {"source": source, "problems": problems}
Path(__file__).with_suffix(".json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
