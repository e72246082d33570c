"""Golden values for the metrics of heatmaps by NumPy, SciPy, scikit-image and scikit-learn.

Writes explanation-metrics.json beside this file. Needs numpy, scipy, scikit-image and scikit-learn. Map values are
multiples of 1/64, so that JSON holds them exactly and many of them are equal.
"""

import json
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.stats import spearmanr
from skimage.metrics import structural_similarity
from sklearn.metrics import jaccard_score

rng = np.random.default_rng(2019)
HEIGHT, WIDTH = 16, 18


def flat(array, digits=12):
    return [float(f"{value:.{digits}g}") for value in np.asarray(array, dtype=float).reshape(-1)]


def heatmap(sigma):
    map_ = gaussian_filter(rng.random((HEIGHT, WIDTH)), sigma)
    map_ = (map_ - map_.min()) / (map_.max() - map_.min())
    return np.round(map_ * 64) / 64


def power(map_, axis, k):
    """Share of the power of the map at frequency k / length along one axis."""
    spectrum = np.abs(np.fft.fft(map_, axis=axis)) ** 2
    return np.take(spectrum, k, axis=axis).sum() / spectrum.sum()


def confidence(image):
    """Stands in for a network: a logistic function of a weighted sum of the pixels."""
    return 1 / (1 + np.exp(-((image * pull).sum() - 1)))


def causal_metric(saliency, image, substrate, mode, step):
    """Insertion and deletion of RISE (Petsiuk et al. 2018, algorithm 1): after each `step` pixels the score, from
    none to all. Deletion starts at the image and ends at the substrate, insertion the other way round."""
    order = np.argsort(-saliency.reshape(-1), kind="stable")
    start, finish = (image, substrate) if mode == "del" else (substrate, image)
    current = start.reshape(-1).copy()
    scores = [confidence(current)]
    for begin in range(0, order.size, step):
        pixels = order[begin : begin + step]
        current[pixels] = finish.reshape(-1)[pixels]
        scores.append(confidence(current))
    return np.array(scores)


def area(scores):
    """The normalised area of RISE: trapezoids, of which the first and the last value count half."""
    return float((scores.sum() - scores[0] / 2 - scores[-1] / 2) / (len(scores) - 1))


smooth, rough = heatmap(2), heatmap(0.7)
mask = (gaussian_filter(rng.random((HEIGHT, WIDTH)), 2) > 0.52).astype(int)
grid = rough * (1 + (np.arange(HEIGHT)[:, None] % 2) * 0.5 + (np.arange(WIDTH)[None] % 2) * 0.25)

distinct = rng.permutation(HEIGHT * WIDTH).astype(float)
image, substrate, pull = rng.random(distinct.size), rng.random(distinct.size), rng.normal(size=distinct.size) / 8
pull += (distinct / distinct.size) / 40
STEPS = 16
curves = {mode: causal_metric(distinct, image, substrate, mode, distinct.size // STEPS) for mode in ("del", "ins")}
levels = [smooth > 0] + [smooth >= t / 100 for t in range(1, 101)]

golden = {
    "height": HEIGHT,
    "width": WIDTH,
    "smooth": flat(smooth),
    "rough": flat(rough),
    "mask": mask.reshape(-1).tolist(),
    "iou": [jaccard_score(mask.reshape(-1), (smooth >= t / 100).reshape(-1)) for t in range(1, 101)],
    "areaUnderIou": float(
        np.trapezoid([jaccard_score(mask.reshape(-1), level.reshape(-1)) for level in levels], dx=0.01)
    ),
    "perturbation": {
        "steps": STEPS,
        "saliency": distinct.astype(int).tolist(),
        "image": flat(image),
        "substrate": flat(substrate),
        "pull": flat(pull),
        "deletion": flat(curves["del"]),
        "insertion": flat(curves["ins"]),
        "deletionArea": area(curves["del"]),
        "insertionArea": area(curves["ins"]),
    },
    "massInside": float(smooth[mask == 1].sum() / smooth.sum()),
    "maxima": int((smooth == smooth.max()).sum()),
    "pointing": float(mask[smooth == smooth.max()].mean()),
    "spearman": float(spearmanr(smooth.reshape(-1), rough.reshape(-1)).statistic),
    "structuralSimilarity": float(
        structural_similarity(
            smooth, rough, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1.0
        )
    ),
    "filtered": {str(sigma): flat(gaussian_filter(rough, sigma)) for sigma in (0.8, 6)},
    "grid": flat(grid),
    # Both axes have the frequency 1/2; the square part has the others on both axes.
    "powerAtHalf": (power(grid, 0, HEIGHT // 2) + power(grid, 1, WIDTH // 2)) / 2,
    "spectrum": flat([(power(grid[:, :16], 0, k) + power(grid[:, :16], 1, k)) / 2 for k in range(9)]),
}

Path(__file__).with_name("explanation-metrics.json").write_text(json.dumps(golden) + "\n")
