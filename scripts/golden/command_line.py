"""Golden values for the commands forward, responses, heatmap and lasso, by PyTorch and scikit-learn.

Writes command_line.json beside this file. Needs numpy, scipy, scikit-learn and torch.
The network is described as Keras would (channels last) and computed here with torch operations (channels first), in
float64. Weights and images are whole numbers of 256ths, so that float32 holds them exactly. The backward pass is
written out by hand, without the program under test in sight: see `carry_back`.
"""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from scipy.optimize import brentq
from sklearn.linear_model import Lasso, LassoLars

HEIGHT, WIDTH, COLOURS = 13, 12, 3
RULES = ("gradient", "deconvnet", "guided")
CORRECTIONS = ("none", "conv", "conv+pool")

# name, Keras class, names of the inputs, settings
LAYERS = [
    ("image", "InputLayer", [], {}),
    ("conv1", "Conv2D", ["image"], {"filters": 4, "kernel_size": [3, 3], "strides": [2, 2], "padding": "same"}),
    ("relu1", "ReLU", ["conv1"], {}),
    ("norm1", "BatchNormalization", ["relu1"], {"epsilon": 0.01}),
    ("pool1", "MaxPooling2D", ["norm1"], {"pool_size": [3, 3], "strides": [2, 2], "padding": "same"}),
    (
        "conv2", "Conv2D", ["pool1"],
        {"filters": 4, "kernel_size": [3, 3], "strides": [1, 1], "padding": "same", "use_bias": False},
    ),
    ("relu2", "ReLU", ["conv2"], {}),
    ("sum", "Add", ["pool1", "relu2"], {}),
    ("conv3", "Conv2D", ["sum"], {"filters": 5, "kernel_size": [2, 2], "strides": [2, 1], "padding": "same"}),
    ("relu3", "ReLU", ["conv3"], {}),
    ("mean3", "AveragePooling2D", ["sum"], {"pool_size": [2, 2], "strides": [2, 1], "padding": "same"}),
    ("both", "Concatenate", ["relu3", "mean3"], {"axis": -1}),
    ("flat", "Flatten", ["both"], {}),
    ("dense1", "Dense", ["flat"], {"units": 6}),
    ("relu4", "ReLU", ["dense1"], {}),
    ("logits", "Dense", ["relu4"], {"units": 3}),
    ("probabilities", "Softmax", ["logits"], {}),
]
STARTS = ("conv1", "norm1", "pool1", "sum", "relu3", "mean3", "both", "relu4", "logits")


def same_padding(length, covered, stride):
    """TensorFlow's 'same': as even as possible, the odd pixel at the end."""
    total = max((-(-length // stride) - 1) * stride + covered - length, 0)
    return total // 2, total - total // 2


def padding_of(settings, size, shape):
    """(left, right, top, bottom), as F.pad takes it."""
    vertical, horizontal = (same_padding(shape[axis], size[axis], settings["strides"][axis]) for axis in (0, 1))
    return (*horizontal, *vertical)


class Net:
    def __init__(self, rng):
        self.weights = {}
        self.draw = lambda *shape, low=-1.0, high=1.0: np.round(rng.uniform(low, high, shape) * 256).astype(int)

    def weight(self, name, *shape, **limits):
        if name not in self.weights:
            self.weights[name] = self.draw(*shape, **limits)
        return torch.tensor(self.weights[name] / 256.0, dtype=torch.float64)

    def kernel(self, name, settings, channels):
        """[out, in, height, width] for torch, stored [height, width, in, out] as TensorFlow does."""
        size = settings["kernel_size"]
        return self.weight(f"{name}/kernel", *size, channels, settings["filters"]).permute(3, 2, 0, 1)

    def norm(self, name, channels):
        scale = self.weight(f"{name}/gamma", channels, low=0.5, high=1.5)
        offset = self.weight(f"{name}/beta", channels)
        mean = self.weight(f"{name}/moving_mean", channels)
        variance = self.weight(f"{name}/moving_variance", channels, low=0.25, high=2.0)
        return scale, offset, mean, variance

    def forward(self, images):
        values = {"image": images}
        for name, kind, sources, settings in LAYERS[1:]:
            values[name] = self.compute(name, kind, [values[source] for source in sources], settings)
        return values

    def compute(self, name, kind, inputs, settings):
        x = inputs[0]
        if kind == "Conv2D":
            kernel = self.kernel(name, settings, x.shape[1])
            bias = self.weight(f"{name}/bias", settings["filters"]) if settings.get("use_bias", True) else None
            padded = F.pad(x, padding_of(settings, settings["kernel_size"], x.shape[2:]))
            return F.conv2d(padded, kernel, bias, stride=settings["strides"])
        if kind == "ReLU":
            return x.clamp(min=0)
        if kind == "BatchNormalization":
            scale, offset, mean, variance = self.norm(name, x.shape[1])
            return F.batch_norm(x, mean, variance, scale, offset, False, 0.0, settings["epsilon"])
        if kind == "MaxPooling2D":
            return max_pool(x, settings, settings["strides"])[0]
        if kind == "AveragePooling2D":
            return average_pool(x, settings, settings["strides"])
        if kind == "Add":
            return inputs[0] + inputs[1]
        if kind == "Concatenate":
            return torch.cat(inputs, 1)
        if kind == "Flatten":
            return x.permute(0, 2, 3, 1).reshape(len(x), -1)
        if kind == "Dense":
            kernel = self.weight(f"{name}/kernel", x.shape[1], settings["units"], low=-0.5, high=0.5)
            return x @ kernel + self.weight(f"{name}/bias", settings["units"])
        assert kind == "Softmax"
        return torch.softmax(x, 1)

    def carry_back(self, values, start, channel, rule, correction):
        """Signal at the image, from the activation map of one channel (the method's backward pass)."""
        seed = torch.zeros_like(values[start])
        seed[:, channel] = values[start][:, channel]
        signals = {start: seed}
        for name, kind, sources, settings in reversed(LAYERS):
            if name not in signals or kind == "InputLayer":
                continue
            inputs = [values[source] for source in sources]
            below = self.below(name, kind, inputs, settings, signals[name], rule, correction)
            for source, signal in zip(sources, below):
                signals[source] = signals.get(source, 0) + signal
        return signals["image"]

    def below(self, name, kind, inputs, settings, signal, rule, correction):
        x = inputs[0]
        if kind == "Conv2D":
            strides = settings["strides"]
            size = settings["kernel_size"]
            left, right, top, bottom = padding_of(settings, size, x.shape[2:])
            full = (x.shape[2] + top + bottom, x.shape[3] + left + right)
            if correction != "none":
                signal, strides = to_unit_stride(signal, size, strides, full), [1, 1]
            out = F.conv_transpose2d(signal, self.kernel(name, settings, x.shape[1]), stride=strides)
            # Rows and columns at the end that no window reached.
            out = F.pad(out, (0, full[1] - out.shape[3], 0, full[0] - out.shape[2]))
            return [out[:, :, top : top + x.shape[2], left : left + x.shape[3]]]
        if kind == "ReLU":
            active = (x > 0).double()
            positive = signal * (signal > 0)
            return [{"gradient": signal * active, "deconvnet": positive, "guided": positive * active}[rule]]
        if kind == "BatchNormalization":
            scale, _, _, variance = self.norm(name, x.shape[1])
            return [signal * (scale / torch.sqrt(variance + settings["epsilon"])).reshape(1, -1, 1, 1)]
        if kind in ("MaxPooling2D", "AveragePooling2D"):
            strides = settings["strides"]
            left, right, top, bottom = padding_of(settings, settings["pool_size"], x.shape[2:])
            full = (x.shape[2] + top + bottom, x.shape[3] + left + right)
            if correction == "conv+pool":
                signal, strides = to_unit_stride(signal, settings["pool_size"], strides, full), [1, 1]
            if kind == "AveragePooling2D":
                variable = x.clone().requires_grad_()
                return [torch.autograd.grad(average_pool(variable, settings, strides), variable, signal)[0]]
            # max_pool2d names the first of equal maxima in scan order.
            _, places, shape = max_pool(x, settings, strides)
            out = torch.zeros(*x.shape[:2], shape[0] * shape[1], dtype=torch.float64)
            out.scatter_add_(2, places.flatten(2), signal.flatten(2))
            out = out.reshape(*x.shape[:2], *shape)
            return [out[:, :, top : top + x.shape[2], left : left + x.shape[3]]]
        if kind == "Add":
            return [signal, signal]
        if kind == "Concatenate":
            return list(torch.split(signal, [part.shape[1] for part in inputs], 1))
        if kind == "Flatten":
            return [signal.reshape(len(x), x.shape[2], x.shape[3], x.shape[1]).permute(0, 3, 1, 2)]
        assert kind == "Dense"
        return [signal @ self.weight(f"{name}/kernel").T]


def max_pool(x, settings, strides):
    """The padding stays that of the layer, whatever the strides."""
    padded = F.pad(x, padding_of(settings, settings["pool_size"], x.shape[2:]), value=-torch.inf)
    values, places = F.max_pool2d(padded, settings["pool_size"], strides, return_indices=True)
    return values, places, padded.shape[2:]


def average_pool(x, settings, strides):
    """Only real pixels count."""
    padding = padding_of(settings, settings["pool_size"], x.shape[2:])
    total, count = (
        F.avg_pool2d(F.pad(part, padding), settings["pool_size"], strides) for part in (x, torch.ones_like(x))
    )
    return total / count


def to_unit_stride(signal, size, strides, full):
    """Nearest neighbour to the A' rows that a window of stride 1 would have."""
    for axis in (0, 1):
        if strides[axis] > 1:
            length = full[axis] - size[axis] + 1
            index = torch.arange(length) * signal.shape[axis + 2] // length
            signal = signal.index_select(axis + 2, index)
    return signal


def channels_last(tensor):
    return tensor.permute(0, 2, 3, 1) if tensor.ndim == 4 else tensor


def rounded(tensor, digits=6):
    return [float(f"{value:.{digits}g}") for value in channels_last(tensor).reshape(-1).tolist()]


def strongest_colour(signal):
    """[images, colours, height, width] to the value of largest magnitude of each pixel."""
    place = signal.abs().argmax(1, keepdim=True)
    return signal.gather(1, place)[:, 0]


def liveliest(value):
    """The channel with the largest value in the first image: its heatmap is not empty."""
    return int(value[0].flatten(1).amax(1).argmax()) if value.ndim == 4 else int(value[0].argmax())


def heatmaps(net, values):
    """The first image. Values in 1e-5 of the largest magnitude, to keep the file small."""
    found = []
    for layer in STARTS:
        channel = liveliest(values[layer])
        check_against_autograd(net, values, layer, channel)
        for rule in RULES:
            for correction in CORRECTIONS:
                heat = strongest_colour(net.carry_back(values, layer, channel, rule, correction))[0]
                largest = heat.abs().max().item()
                assert largest > 0, (layer, channel, rule, correction)
                found.append(
                    {
                        "layer": layer,
                        "channel": channel,
                        "rule": rule,
                        "stride": correction,
                        "largest": largest,
                        "values": torch.round(heat / largest * 1e5).int().reshape(-1).tolist(),
                    }
                )
    return found


def check_against_autograd(net, values, layer, channel):
    """Without correction, the rule "gradient" is the gradient of half the squared channel norm."""
    images = values["image"].clone().requires_grad_()
    objective = net.forward(images)[layer][:, channel].square().sum() / 2
    gradient = torch.autograd.grad(objective, images)[0]
    assert torch.allclose(net.carry_back(values, layer, channel, "gradient", "none"), gradient, atol=1e-12)


def lasso_problems():
    found = []
    for seed, signed, nonnegative, mu in (
        (1, False, False, 0.5),
        (1, False, False, 4.0),
        (1, False, True, 2.0),
        (2, True, False, 0.3),
        (2, True, True, 0.2),
        (2, True, False, 1000.0),
    ):
        rng = np.random.default_rng(seed)
        features, images, classes = 12, 40, 3
        labels = (np.arange(images) % classes == np.arange(classes)[:, None]).astype(int)
        labels[0, 1] = 1
        x = rng.normal(size=(features, images)) if signed else np.maximum(rng.normal(0.2, 1.0, (features, images)), 0)
        x[:classes] += labels
        if not signed:
            x /= np.maximum(x.sum(axis=0), 1e-9)
        thousandths = np.round(x * 1000).astype(int)
        x = thousandths / 1000.0
        solutions = [solve(x, label, mu, nonnegative) for label in labels]
        found.append(
            {
                "mu": mu,
                "nonnegative": nonnegative,
                "features": features,
                "images": images,
                "thousandths": thousandths.reshape(-1).tolist(),
                "labels": labels.tolist(),
                "objectives": [objective for _, objective in solutions],
                "weights": [[round(value, 8) for value in weights.tolist()] for weights, _ in solutions],
            }
        )
    return found


def solve(x, label, mu, nonnegative):
    """Coordinate descent at the lambda whose solution has ||w||_1 = mu; LARS must agree."""
    images = len(label)

    def at(lambda_):
        model = Lasso(alpha=lambda_ / images, fit_intercept=False, positive=nonnegative, tol=1e-15, max_iter=200_000)
        return model.fit(x.T, label).coef_

    def objective(weights):
        residual = x.T @ weights - label
        return float(residual @ residual / 2)

    free = np.linalg.lstsq(x.T, label, rcond=None)[0]
    if not nonnegative and np.abs(free).sum() <= mu:
        return free, objective(free)
    highest = np.abs(x @ label).max()
    lambda_ = brentq(lambda value: np.abs(at(value)).sum() - mu, 1e-6 * highest, highest, xtol=1e-13, rtol=1e-14)
    weights = at(lambda_)
    lars = LassoLars(alpha=lambda_ / images, fit_intercept=False, positive=nonnegative).fit(x.T, label).coef_
    assert abs(objective(lars) - objective(weights)) < 1e-9
    return weights, objective(weights)


def main():
    rng = np.random.default_rng(20190506)
    net = Net(rng)
    pixels = net.draw(2, HEIGHT, WIDTH, COLOURS)
    images = torch.tensor(pixels / 256.0, dtype=torch.float64).permute(0, 3, 1, 2)
    values = net.forward(images)
    responses = [
        values[name].abs() if values[name].ndim == 2 else values[name].square().sum((2, 3)).sqrt()
        for name, kind, _, _ in LAYERS
        # Neither pure rearrangements nor the last layers, which are tied to the classes.
        if kind not in ("InputLayer", "Flatten") and name not in ("logits", "probabilities")
    ]
    channel = liveliest(values["relu3"])
    whole = net.carry_back(values, "relu3", channel, "guided", "conv+pool")
    golden = {
        "input": [HEIGHT, WIDTH, COLOURS],
        "layers": [
            {"name": name, "class": kind, "inputs": sources, "settings": settings}
            for name, kind, sources, settings in LAYERS
        ],
        "weights": {
            name: {"shape": list(value.shape), "256ths": value.reshape(-1).tolist()}
            for name, value in net.weights.items()
        },
        "images": {"count": 2, "256ths": pixels.reshape(-1).tolist()},
        "outputs": {
            name: {"shape": list(channels_last(values[name]).shape), "values": rounded(values[name])}
            for name in ("conv1", "norm1", "pool1", "sum", "both", "dense1", "logits", "probabilities")
        },
        "responses": {
            "shape": [2, sum(part.shape[1] for part in responses)],
            "values": rounded(torch.cat(responses, 1)),
        },
        "heatmaps": heatmaps(net, values),
        "wholeSignal": {
            "layer": "relu3", "channel": channel, "rule": "guided", "stride": "conv+pool",
            "signal": rounded(whole, 5),
            "norm": rounded(whole.square().sum(1).sqrt(), 5),
        },
        "lasso": lasso_problems(),
    }
    target = Path(__file__).with_name("command_line.json")
    target.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
    print(target.name, target.stat().st_size, "bytes; torch", torch.__version__)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
