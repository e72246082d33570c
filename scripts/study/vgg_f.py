"""VGG-F in full size with random weights, as MatConvNet stores it, with PyTorch's output of every layer.

Writes `vgg-f.mat` (226 MB), `image.npy` and one `<layer>.npy` per layer, [height, width, channels], to a folder, for
scripts/study/vgg-f.ts to compare.

    pip install torch scipy
    python scripts/study/vgg_f.py FOLDER
"""

import pathlib
import sys

import numpy as np
import scipy.io
import torch
from torch.nn import functional as F

random = np.random.default_rng(1)
# Convolutions: size, channels in, channels out, stride, padding.
LAYERS = [
    ("conv1", 11, 3, 64, 4, 0), ("relu1",), ("norm1",), ("pool1", [0, 1, 0, 1]),
    ("conv2", 5, 64, 256, 1, 2), ("relu2",), ("norm2",), ("pool2", [0, 1, 0, 1]),
    ("conv3", 3, 256, 256, 1, 1), ("relu3",), ("conv4", 3, 256, 256, 1, 1), ("relu4",),
    ("conv5", 3, 256, 256, 1, 1), ("relu5",), ("pool5", [0, 1, 0, 1]),
    ("fc6", 6, 256, 4096, 1, 0), ("relu6",), ("fc7", 1, 4096, 4096, 1, 0), ("relu7",),
    ("fc8", 1, 4096, 1000, 1, 0), ("prob",),
]  # fmt: skip


def layer(x, name, *settings):
    """The layer as MatConvNet states it, and its output [1, channels, height, width]."""
    if name.startswith("relu"):
        return {"type": "relu", "name": name}, F.relu(x)
    if name.startswith("norm"):
        squares = F.pad(x**2, (0, 0, 0, 0, 2, 2))
        total = sum(squares[:, shift : shift + x.shape[1]] for shift in range(5))
        return {"type": "lrn", "name": name, "param": [5.0, 2.0, 1e-4, 0.75]}, x / (2 + 1e-4 * total) ** 0.75
    if name.startswith("pool"):
        top, bottom, left, right = settings[0]
        stated = {"type": "pool", "name": name, "method": "max", "pool": [3.0, 3.0], "stride": [2.0, 2.0]}
        stated["pad"] = [float(side) for side in settings[0]]
        return stated, F.max_pool2d(F.pad(x, (left, right, top, bottom), value=-torch.inf), 3, 2)
    if name == "prob":
        return {"type": "softmax", "name": name}, torch.softmax(x, 1)
    size, channels, count, stride, padding = settings
    filters = random.standard_normal((size, size, channels, count), dtype=np.float32)
    filters *= (2 / (size * size * channels)) ** 0.5
    biases = random.standard_normal((1, count), dtype=np.float32) / 10
    weights = np.empty((1, 2), object)
    weights[0, 0], weights[0, 1] = filters, biases
    stated = {"type": "conv", "name": name, "weights": weights, "stride": float(stride), "pad": float(padding)}
    kernel = torch.from_numpy(np.ascontiguousarray(filters.transpose(3, 2, 0, 1)))
    return stated, F.conv2d(x, kernel, torch.from_numpy(biases[0]), stride, padding)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    x = torch.from_numpy(random.integers(-100, 100, (1, 3, 224, 224)).astype(np.float32))

    def save(name):
        np.save(folder / f"{name}.npy", x[0].permute(1, 2, 0).contiguous().numpy())

    save("image")
    cells = np.empty((1, len(LAYERS)), object)
    for index, stated in enumerate(LAYERS):
        cells[0, index], x = layer(x, *stated)
        save(stated[0])
    meta = {"normalization": {"imageSize": [224.0, 224.0, 3.0]}}
    scipy.io.savemat(folder / "vgg-f.mat", {"layers": cells, "meta": meta}, do_compression=True)


main()
