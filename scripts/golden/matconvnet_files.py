"""Golden values for the MatConvNet importer: writes matconvnet-files.json beside this file.

Miniatures of MatConvNet's networks with random weights, in MAT-files as SciPy writes them: the LeNet of its MNIST
example, VGG-F (both SimpleNN), and a DagNN with branches. Each stands there with an image, the output, and
guided-backpropagation heatmaps (Springenberg et al. 2015) of one channel of an early, a middle and a late layer, all
computed by PyTorch from the formulas in MatConvNet's manual. SciPy writes little-endian files only, so one is turned
to big-endian here, element by element.

    pip install torch scipy
    python scripts/golden/matconvnet_files.py
"""

import io
import json
import pathlib
import struct

import numpy as np
import scipy.io
import torch
from packing import packed
from torch.nn import functional as F

random = np.random.default_rng(1903)
IMAGE = "x0"


def steps(*shape, spread=1.0):
    """Weights in steps of 1/64 keep the files small once packed."""
    return (np.round(random.standard_normal(shape) * spread * 64) / 64).astype(np.float32)


def filters(height, width, channels, count):
    return steps(height, width, channels, count, spread=(3 / (height * width * channels)) ** 0.5)


def conv(name, height, width, channels, count, bias=True, **settings):
    weights = [filters(height, width, channels, count)] + ([steps(1, count, spread=0.25)] if bias else [])
    return {"type": "conv", "name": name, "weights": weights, **settings}


def pool(name, size, method="max", **settings):
    return {"type": "pool", "name": name, "method": method, "pool": [float(side) for side in size], **settings}


def bnorm(name, channels):
    moments = np.stack([steps(channels, spread=0.3), 0.5 + np.abs(steps(channels))], axis=1)
    return {"type": "bnorm", "name": name, "weights": [1 + steps(channels, 1, spread=0.3), steps(channels, 1), moments]}


class GuidedReLU(torch.autograd.Function):
    @staticmethod
    def forward(context, x, leak):
        context.save_for_backward(x)
        context.leak = leak
        return torch.where(x > 0, x, leak * x)

    @staticmethod
    def backward(context, upstream):
        (x,) = context.saved_tensors
        return upstream.clamp(min=0) * torch.where(x > 0, 1.0, context.leak), None


def four(pad):
    top, bottom, left, right = np.broadcast_to(pad, 4) if np.size(pad) == 1 else pad
    return int(left), int(right), int(top), int(bottom)


def window_sums(x, size, stride):
    count, channels, height, width = x.shape
    ones = torch.ones(channels, 1, *size)
    return F.conv2d(x, ones, stride=stride, groups=channels)


def apply(layer, *inputs):
    """One layer on maps [1, channels, height, width], by the formulas of MatConvNet's manual."""
    x = inputs[0]
    weights = [torch.from_numpy(value) for value in layer.get("weights", [])]
    stride = tuple(int(step) for step in np.broadcast_to(layer.get("stride", 1), 2))
    pad = four(layer.get("pad", 0))
    kind = layer["type"]
    if kind == "conv":
        kernel = weights[0].permute(3, 2, 0, 1)
        bias = weights[1].flatten() if len(weights) > 1 else None
        dilation = int(layer.get("dilate", 1))
        return F.conv2d(F.pad(x, pad), kernel, bias, stride, 0, dilation, x.shape[1] // kernel.shape[1])
    if kind == "relu":
        return GuidedReLU.apply(x, float(layer.get("leak", 0)))
    if kind == "pool":
        size = [int(side) for side in layer["pool"]]
        if layer["method"] == "max":
            return F.max_pool2d(F.pad(x, pad, value=-torch.inf), size, stride)
        inside = window_sums(F.pad(torch.ones_like(x), pad), size, stride)
        return window_sums(F.pad(x, pad), size, stride) / inside
    if kind in ("lrn", "normalize"):
        size, kappa, alpha, beta = layer["param"]
        radius = int(size) // 2
        squares = F.pad(x**2, (0, 0, 0, 0, radius, radius))
        total = sum(squares[:, shift : shift + x.shape[1]] for shift in range(int(size)))
        return x / (kappa + alpha * total) ** beta
    if kind == "bnorm":
        scale, offset, moments = (value.reshape(1, x.shape[1], 1, -1) for value in weights)
        return scale * (x - moments[..., :1]) / moments[..., 1:] + offset
    if kind == "scale":
        return x * weights[0].reshape(1, -1, 1, 1) + weights[1].reshape(1, -1, 1, 1)
    if kind == "sum":
        return sum(inputs)
    if kind == "concat":
        return torch.cat(inputs, 1)
    if kind == "sigmoid":
        return torch.sigmoid(x)
    if kind == "dropout":
        return x
    if kind in ("softmax", "softmaxloss", "loss"):
        return torch.softmax(x, 1)
    raise ValueError(kind)


def run(layers, image):
    """Outputs by layer name; `layers` are (layer, input names)."""
    values = {IMAGE: image}
    for layer, inputs in layers:
        if layer.get("loss") != "classerror":
            values[layer["name"]] = apply(layer, *(values[name] for name in inputs))
    return values


def case(title, layers, size, file, places, source):
    image = torch.from_numpy(random.integers(-127, 128, (1, size[2], *size[:2])).astype(np.float32) / 64)
    # Exact in the steps of the stored form.
    image[0, 0, 0, 0] = 32767 / 16384
    output = [layer["name"] for layer, _ in layers if layer.get("loss") != "classerror"][-1]
    heatmaps = []
    for place in places:
        start = image.clone().requires_grad_()
        chosen = run(layers, start)[place]
        channel = int(chosen.detach().flatten(2).norm(dim=2).argmax())
        seed = torch.zeros_like(chosen)
        seed[:, channel] = chosen.detach()[:, channel]
        (signal,) = torch.autograd.grad(chosen, start, seed)
        assert signal.abs().max() > 1e-6, (title, place)
        heatmaps.append({"layer": place, "channel": channel} | whole_numbers(signal))
    probabilities = run(layers, image)[output].flatten().tolist()
    assert 0.2 < max(probabilities) < 0.999, (title, probabilities)
    return {
        "name": title,
        "file": packed(file),
        "source": f"MatConvNet {source}",
        "image": {"shape": list(size)} | whole_numbers(image),
        "output": probabilities,
        "heatmaps": heatmaps,
    }


def whole_numbers(tensor):
    """[1, channels, height, width] as [height, width, channels], in steps of the largest value / 32767, packed int16."""
    values = tensor[0].permute(1, 2, 0)
    step = float(values.abs().max()) / 32767
    return {"step": step, "values": packed(torch.round(values / step).to(torch.int16).contiguous().numpy().tobytes())}


def cell(values):
    array = np.empty((1, len(values)), dtype=object)
    for index, value in enumerate(values):
        array[0, index] = value
    return array


def struct_array(elements):
    array = np.empty((1, len(elements)), dtype=[(field, object) for field in elements[0]])
    for index, element in enumerate(elements):
        for field, value in element.items():
            array[0, index][field] = value
    return array


def saved(variables, compressed):
    target = io.BytesIO()
    scipy.io.savemat(target, variables, do_compression=compressed, long_field_names=True)
    # The date would make each run another file.
    header = b"MATLAB 5.0 MAT-file, written by SciPy".ljust(116)
    return header + target.getvalue()[116:]


BYTES = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8, 16: 1, 17: 2}


def big_endian(file):
    """The same MAT-file, which must not be compressed, with its bytes in the other order."""
    return file[:124] + struct.pack(">H", 0x0100) + b"MI" + turned(file[128:])


def turned(data):
    result, position = b"", 0
    while position < len(data):
        (word,) = struct.unpack_from("<I", data, position)
        kind, size = word & 0xFFFF, word >> 16
        if size:
            content, start, end = struct.pack(">HH", size, kind), position + 4, position + 8
        else:
            (size,) = struct.unpack_from("<I", data, position + 4)
            content, start = struct.pack(">II", kind, size), position + 8
            end = start + -(-size // 8) * 8
        if kind == 14:
            content += turned(data[start : start + size])
        else:
            width = BYTES[kind]
            content += np.frombuffer(data[start : start + size], f"<u{width}").astype(f">u{width}").tobytes()
        result += content.ljust(len(content) + end - start - size, b"\0")
        position = end
    return result


def chain(layers):
    names = [IMAGE] + [layer["name"] for layer in layers]
    return [(layer, [names[index]]) for index, layer in enumerate(layers)]


def lenet():
    """As cnn_mnist writes it: no names, no size of images, a loss at the end, everything in `net`."""
    layers = [
        conv("conv1", 5, 5, 1, 4, stride=1.0, pad=0.0),
        pool("pool2", (2, 2), stride=2.0, pad=0.0),
        conv("conv3", 5, 5, 4, 6, stride=1.0, pad=0.0),
        bnorm("bnorm4", 6),
        pool("pool5", (2, 2), stride=2.0, pad=0.0),
        conv("conv6", 4, 4, 6, 12, stride=1.0, pad=0.0),
        {"type": "relu", "name": "relu7", "leak": 0.0},
        conv("conv8", 1, 1, 12, 5, stride=1.0, pad=0.0),
        {"type": "softmaxloss", "name": "softmaxloss9"},
    ]
    cells = cell([simplenn(layer, named=False) for layer in layers])
    file = saved({"net": {"layers": cells, "meta": {"trainOpts": {"batchSize": 100.0}}}, "stats": [1.0, 2.0]}, True)
    return case("LeNet, SimpleNN in net, compressed", chain(layers), (28, 28, 1), file, ["conv1", "conv3", "relu7"], "SimpleNN")


def simplenn(layer, named=True, old=False):
    stated = {key: value for key, value in layer.items() if key != "weights" and (named or key != "name")}
    if "weights" in layer and old:
        stated["filters"], stated["biases"] = layer["weights"]
    elif "weights" in layer:
        stated["weights"] = cell(layer["weights"])
    if old and layer["type"] == "lrn":
        stated["type"] = "normalize"
    return stated


def vgg_f():
    relu = [{"type": "relu", "name": f"relu{number}"} for number in range(8)]
    param = [5.0, 2.0, 0.01, 0.75]
    odd = [0.0, 1.0, 0.0, 1.0]
    layers = [
        conv("conv1", 5, 5, 3, 6, stride=[2.0, 2.0], pad=0.0), relu[1],
        {"type": "lrn", "name": "norm1", "param": param}, pool("pool1", (3, 3), stride=2.0, pad=odd),
        conv("conv2", 3, 3, 3, 8, stride=1.0, pad=[2.0, 2.0, 2.0, 2.0]), relu[2],
        {"type": "lrn", "name": "norm2", "param": param}, pool("pool2", (3, 3), stride=2.0, pad=odd),
        conv("conv3", 3, 3, 8, 8, stride=1.0, pad=1.0), relu[3],
        pool("pool5", (3, 3), stride=[2.0, 2.0], pad=odd),
        conv("fc6", 3, 3, 8, 16, stride=1.0, pad=0.0), relu[6], {"type": "dropout", "name": "dropout6", "rate": 0.5},
        conv("fc7", 1, 1, 16, 12), relu[7],
        conv("fc8", 1, 1, 12, 5), {"type": "softmax", "name": "prob"},
    ]  # fmt: skip
    size = (49, 51, 3)
    normalization = {"imageSize": [49.0, 51.0, 3.0], "keepAspect": False, "interpolation": "bicubic"}
    normalization["averageImage"] = (np.arange(49 * 51 * 3).reshape(size) % 32 + 100).astype(np.float32)
    names = cell([f"n0{number}" for number in range(5)])
    classes = {"name": names, "description": cell(["tench", "goldfish", "great white shark", "tiger shark", "ray"])}
    new = {"layers": cell([simplenn(layer) for layer in layers])}
    new["meta"] = {"normalization": normalization, "classes": classes}
    old = {"layers": cell([simplenn(layer, old=True) for layer in layers])}
    old |= {"classes": classes, "normalization": normalization}
    return [
        case("VGG-F, SimpleNN, compressed", chain(layers), size, saved(new, True), ["relu1", "conv2", "fc7"], "SimpleNN"),
        case("VGG-F, older SimpleNN, big-endian", chain(layers), size, big_endian(saved(old, False)), ["conv3"], "SimpleNN"),
    ]


def branches():
    shared = filters(3, 3, 6, 6)
    shortcut = conv("shortcut", 1, 1, 6, 12, bias=False)
    left = conv("left", 3, 3, 6, 6, bias=False, pad=1.0)
    right = conv("right", 3, 3, 6, 6, bias=False, pad=[2.0, 2.0, 2.0, 2.0], dilate=2.0)
    left["weights"] = right["weights"] = [shared]
    layers = [
        (conv("stem", 3, 3, 3, 6, bias=False, stride=[2.0, 1.0], pad=[1.0, 0.0, 1.0, 1.0]), [IMAGE]),
        (bnorm("norm", 6), ["stem"]),
        ({"type": "relu", "name": "act"}, ["norm"]),
        (pool("mean", (3, 3), "avg", stride=[2.0, 2.0], pad=[1.0, 1.0, 0.0, 1.0]), ["act"]),
        (left, ["mean"]),
        ({"type": "relu", "name": "leaky", "leak": 0.125}, ["left"]),
        (right, ["mean"]),
        ({"type": "scale", "name": "scaled", "weights": [steps(6, 1), steps(6, 1)]}, ["right"]),
        ({"type": "concat", "name": "joined", "dim": 3.0}, ["leaky", "scaled"]),
        (shortcut, ["mean"]),
        ({"type": "sum", "name": "sum"}, ["joined", "shortcut"]),
        ({"type": "relu", "name": "act2"}, ["sum"]),
        (conv("grouped", 3, 3, 3, 8, pad=1.0), ["act2"]),
        ({"type": "sigmoid", "name": "sigmoid"}, ["grouped"]),
        (pool("whole", (6, 8), "avg"), ["sigmoid"]),
        ({"type": "dropout", "name": "drop", "rate": 0.5}, ["whole"]),
        (conv("classes", 1, 1, 8, 4), ["drop"]),
        ({"type": "loss", "name": "objective", "loss": "softmaxlog"}, ["classes", "label"]),
        ({"type": "loss", "name": "error", "loss": "classerror"}, ["classes", "label"]),
    ]
    size = (24, 17, 3)
    blocks = {"conv": "Conv", "bnorm": "BatchNorm", "relu": "ReLU", "pool": "Pooling", "scale": "Scale",
              "concat": "Concat", "sum": "Sum", "sigmoid": "Sigmoid", "dropout": "DropOut", "loss": "Loss"}  # fmt: skip
    params, elements = {}, []
    for layer, inputs in layers:
        names = []
        for place, value in enumerate(layer.get("weights", [])):
            name = "shared_f" if value is shared else f"{layer['name']}_{place}"
            params[name] = value
            names.append(name)
        hidden = ("type", "name", "weights", "pool")
        block = {key: value for key, value in layer.items() if key not in hidden} or {"opts": cell([])}
        if layer["type"] == "pool":
            block["poolSize"] = layer["pool"]
        elements.append({
            "name": layer["name"], "type": f"dagnn.{blocks[layer['type']]}", "inputs": cell(inputs),
            "outputs": cell([layer["name"]]), "params": cell(names), "block": block,
        })  # fmt: skip
    meta = {"inputs": {"name": IMAGE, "size": [24.0, 17.0, 3.0, 10.0]}}
    meta["normalization"] = {"averageImage": np.array([123.68, 116.779, 103.939], np.float32).reshape(1, 1, 3)}
    variables = {
        "vars": struct_array([{"name": element["name"], "precious": False} for element in elements]),
        "params": struct_array([{"name": name, "value": value, "learningRate": 1.0} for name, value in params.items()]),
        "layers": struct_array(elements[10:] + elements[:10]),
        "meta": meta,
        "conserveMemory": True,
    }
    computed = [(layer, inputs[:1]) if layer["type"] == "loss" else (layer, inputs) for layer, inputs in layers]
    return case("branches, DagNN", computed, size, saved(variables, True), ["stem", "joined", "grouped"], "DagNN")


def main():
    cases = [lenet(), *vgg_f(), branches()]
    target = pathlib.Path(__file__).with_name("matconvnet-files.json")
    target.write_text(json.dumps({"cases": cases}, indent=1) + "\n")
    print(target.stat().st_size, [case["output"] for case in cases])


main()
