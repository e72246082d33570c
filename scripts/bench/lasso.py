"""Times scikit-learn's lars_path_gram for lasso.ts. Arguments: the folder with its .npy files, repeats; prints JSON."""

import json
import sys
import time
import warnings
from pathlib import Path

try:
    import numpy as np
    import sklearn
    from sklearn.linear_model import lars_path_gram
except ImportError as error:
    sys.exit(f"{error.name} is not installed for {sys.executable}")

warnings.filterwarnings("ignore")
folder = Path(sys.argv[1])
gram, q, lambdas, weights = (np.load(folder / f"{name}.npy") for name in ("gram", "q", "lambda", "weights"))


def solve(j):
    # With n_samples=1 scikit-learn's alpha is lambda.
    return lars_path_gram(
        q[j], gram, n_samples=1, max_iter=10**6, alpha_min=lambdas[j], method="lasso", return_path=False
    )[2]


def objective(w, j):
    return w @ gram @ w / 2 - q[j] @ w + lambdas[j] * np.abs(w).sum()


seconds = float("inf")
for _ in range(int(sys.argv[2])):
    start = time.perf_counter()
    solutions = [solve(j) for j in range(len(q))]
    seconds = min(seconds, time.perf_counter() - start)
difference = max(abs(objective(w, j) - objective(weights[j], j)) / abs(q[j] @ w) for j, w in enumerate(solutions))
print(json.dumps({"version": sklearn.__version__, "seconds": seconds, "objectiveDifference": difference}))
