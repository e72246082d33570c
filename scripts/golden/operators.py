"""Golden values for the operators, from PyTorch in float64: writes operators.json beside this file.

Each case is a graph in the product's layout (channels last, kernels [height, width, in, out]) with its input, the
signal at its output, the expected output, and the expected signal at the input for each "rule/stride correction".
Rectifier rules are backward hooks on torch modules; the stride correction is an autograd function of its own.

    python scripts/golden/operators.py
"""

import json
import pathlib

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(1712)
torch.set_default_dtype(torch.float64)
RULES = ("gradient", "deconvnet", "guided")
CORRECTIONS = ("none", "conv", "conv+pool")


def rand(*shape):
    """Three decimals, so that the inputs are short in the file and the same everywhere."""
    return torch.round(torch.rand(*shape) * 4000 - 2000) / 1000


def numbers(tensor):
    return [float(f"{value:.7g}") for value in tensor.detach().contiguous().flatten().tolist()]


def channels_last(tensor):
    return tensor.permute(0, 2, 3, 1) if tensor.dim() == 4 else tensor


def array(tensor):
    return {"shape": list(tensor.shape), "data": numbers(tensor)}


def padding_spec(pad):
    top, bottom, left, right = pad
    return {"top": top, "bottom": bottom, "left": left, "right": right}


def padded(x, pad, value=0.0):
    top, bottom, left, right = pad
    return F.pad(x, (left, right, top, bottom), value=value)


def unpadded(x, pad, size):
    top, _, left, _ = pad
    return x[:, :, top : top + size[0], left : left + size[1]]


def nearest(g, rows, columns):
    row = torch.arange(rows) * g.shape[2] // rows
    column = torch.arange(columns) * g.shape[3] // columns
    return g[:, :, row][:, :, :, column]


class CorrectedConv(torch.autograd.Function):
    """Strided convolution whose backward pass is the stride-1 transposed one on the resampled signal."""

    @staticmethod
    def forward(ctx, x, kernel, bias, stride, pad, dilation, groups):
        ctx.save_for_backward(kernel)
        ctx.settings = (x.shape[2:], stride, pad, dilation, groups)
        return F.conv2d(padded(x, pad), kernel, bias, stride, 0, dilation, groups)

    @staticmethod
    def backward(ctx, g):
        (kernel,) = ctx.saved_tensors
        size, stride, pad, dilation, groups = ctx.settings
        covered = [(kernel.shape[2 + axis] - 1) * dilation[axis] + 1 for axis in (0, 1)]
        rows = size[0] + pad[0] + pad[1] - covered[0] + 1 if stride[0] > 1 else g.shape[2]
        columns = size[1] + pad[2] + pad[3] - covered[1] + 1 if stride[1] > 1 else g.shape[3]
        signal = F.conv_transpose2d(nearest(g, rows, columns), kernel, None, 1, 0, 0, groups, dilation)
        return unpadded(signal, pad, size), None, None, None, None, None, None


class CorrectedPool(torch.autograd.Function):
    """Strided pooling whose backward pass is that of the stride-1 pooling of the same input."""

    @staticmethod
    def forward(ctx, x, pool, size, stride, pad):
        ctx.save_for_backward(x)
        ctx.settings = (pool, size, stride, pad)
        return pool(x, size, stride, pad)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        pool, size, _, pad = ctx.settings
        with torch.enable_grad():
            again = x.detach().requires_grad_()
            every = pool(again, size, (1, 1), pad)
            (signal,) = torch.autograd.grad(every, again, nearest(g, *every.shape[2:]))
        return signal, None, None, None, None


def max_pool(x, size, stride, pad):
    return F.max_pool2d(padded(x, pad, -torch.inf), size, stride)


def average_all(x, size, stride, pad):
    return F.avg_pool2d(padded(x, pad), size, stride)


def average_real(x, size, stride, pad):
    share = F.avg_pool2d(padded(torch.ones_like(x[:1, :1]), pad), size, stride)
    return F.avg_pool2d(padded(x, pad), size, stride) / share


class Conv(nn.Module):
    def __init__(self, channels, out, size, stride=(1, 1), pad=(0, 0, 0, 0), dilation=(1, 1), groups=1):
        super().__init__()
        self.kernel = rand(out, channels // groups, *size)
        self.bias = rand(out)
        self.settings = (stride, pad, dilation, groups)

    def forward(self, x, correction):
        stride, pad, dilation, groups = self.settings
        if correction == "none":
            return F.conv2d(padded(x, pad), self.kernel, self.bias, stride, 0, dilation, groups)
        return CorrectedConv.apply(x, self.kernel, self.bias, stride, pad, dilation, groups)

    def node(self):
        stride, pad, dilation, groups = self.settings
        spec = {"strides": stride, "padding": padding_spec(pad), "dilation": dilation, "groups": groups}
        return "conv2d", spec | {"kernel": array(self.kernel.permute(2, 3, 1, 0)), "bias": array(self.bias)}


class Depthwise(Conv):
    def __init__(self, channels, multiplier, size, **settings):
        super().__init__(channels, channels * multiplier, size, groups=channels, **settings)

    def node(self):
        stride, pad, dilation, channels = self.settings
        size = self.kernel.shape[2:]
        kernel = self.kernel.reshape(channels, -1, *size).permute(2, 3, 0, 1)
        spec = {"strides": stride, "padding": padding_spec(pad), "dilation": dilation}
        return "depthwiseConv2d", spec | {"kernel": array(kernel), "bias": array(self.bias)}


class Pool(nn.Module):
    def __init__(self, pool, size, stride, pad=(0, 0, 0, 0)):
        super().__init__()
        self.settings = (pool, size, stride, pad)

    def forward(self, x, correction):
        if correction == "conv+pool":
            return CorrectedPool.apply(x, *self.settings)
        return self.settings[0](x, *self.settings[1:])

    def node(self):
        pool, size, stride, pad = self.settings
        spec = {"size": size, "strides": stride, "padding": padding_spec(pad)}
        if pool is max_pool:
            return "maxPool", spec
        return "averagePool", spec | {"countPadding": pool is average_all}


class Dense(nn.Module):
    def __init__(self, units, out):
        super().__init__()
        self.kernel = rand(out, units)
        self.bias = rand(out)

    def forward(self, x, _):
        return F.linear(x, self.kernel, self.bias)

    def node(self):
        return "dense", {"kernel": array(self.kernel.T), "bias": array(self.bias)}


class Plain(nn.Module):
    """Any torch module or function with the node that it stands for."""

    def __init__(self, operation, op, spec=None, rectifier=False):
        super().__init__()
        self.operation, self.op, self.spec, self.rectifier = operation, op, spec or {}, rectifier

    def forward(self, x, _):
        return self.operation(x)

    def node(self):
        return self.op, self.spec


def flatten(x):
    return channels_last(x).reshape(x.shape[0], -1)


def lrn(radius, bias, alpha, beta):
    # torch divides alpha by the size of the window.
    size = 2 * radius + 1
    spec = {"radius": radius, "bias": bias, "alpha": alpha, "beta": beta}
    return Plain(nn.LocalResponseNorm(size, alpha * size, beta, bias), "lrn", spec)


def batch_norm(channels):
    layer = nn.BatchNorm2d(channels, eps=1e-3).eval()
    layer.weight.data, layer.bias.data = rand(channels), rand(channels)
    layer.running_mean, layer.running_var = rand(channels), rand(channels).abs()
    spec = {
        "scale": array(layer.weight),
        "offset": array(layer.bias),
        "mean": array(layer.running_mean),
        "variance": array(layer.running_var),
        "epsilon": 1e-3,
    }
    return Plain(layer, "batchNorm", spec)


def relu():
    return Plain(nn.ReLU(), "relu", {"maxValue": None, "negativeSlope": 0, "threshold": 0}, True)


def prelu(channels):
    layer = nn.PReLU(channels)
    layer.weight.data = rand(channels).abs()
    return Plain(layer, "prelu", {"alpha": array(layer.weight)}, True)


def hook(module, rule):
    """Guided takes the positive part before the slope; a slope below 0 (GELU, SiLU) may then turn the sign."""

    def positive_part(_module, upstream):
        return (upstream[0].clamp(min=0),)

    def deconvnet(_module, _downstream, upstream):
        return (upstream[0].clamp(min=0),)

    if rule == "guided":
        return module.register_full_backward_pre_hook(positive_part)
    return module.register_full_backward_hook(deconvnet)


def case(name, modules, x, rules=("gradient",), corrections=("none",)):
    nodes = []
    for position, module in enumerate(modules):
        op, spec = module.node()
        nodes.append({"op": op, "spec": spec, "inputs": [position]})
    output, upstream, backward = None, None, {}
    for rule in rules:
        for correction in corrections:
            hooks = []
            for module in modules:
                if rule != "gradient" and getattr(module, "rectifier", False):
                    hooks.append(hook(module.operation, rule))
            start = x.clone().requires_grad_()
            value = start
            for module in modules:
                value = module(value, correction)
            if output is None:
                output, upstream = value, rand(*value.shape)
            (signal,) = torch.autograd.grad(value, start, upstream)
            backward[f"{rule}/{correction}"] = numbers(channels_last(signal))
            for handle in hooks:
                handle.remove()
            assert signal.abs().max() > 1e-3, f"{name}: no signal under {rule}/{correction}"
    return {
        "name": name,
        "nodes": nodes,
        "input": array(channels_last(x)),
        "upstream": array(channels_last(upstream)),
        "output": array(channels_last(output)),
        "backward": backward,
    }


def curved(op, module, spec, suffix=""):
    return case(op + suffix, [Plain(module, op, spec, True)], rand(1, 2, 3, 4) * 3, RULES)


def stack():
    """Odd sizes, so that the last rows are not reached by every stride."""
    return [
        Conv(2, 6, (5, 5), (2, 2), (2, 1, 1, 2)),
        relu(),
        lrn(2, 2.0, 0.1, 0.75),
        Pool(max_pool, (3, 3), (2, 2), (0, 1, 0, 1)),
        Conv(6, 4, (3, 3), (1, 1), (1, 1, 1, 1), groups=2),
        batch_norm(4),
        relu(),
        Pool(average_real, (2, 2), (2, 2), (0, 1, 0, 0)),
        Plain(flatten, "flatten"),
        Dense(8, 20),
        relu(),
        Dense(20, 3),
    ]


def main():
    ties = torch.randint(-1, 2, (2, 2, 7, 8)).to(torch.float64)
    cases = [
        case("conv2d with stride and uneven padding", [Conv(3, 4, (3, 5), (2, 3), (1, 0, 2, 1))], rand(2, 3, 9, 8),
             corrections=("none", "conv")),
        case("conv2d with groups and dilation", [Conv(4, 6, (3, 2), (1, 1), (2, 1, 0, 1), (2, 3), 2)],
             rand(1, 4, 7, 6)),
        case("conv2d with stride and dilation", [Conv(2, 3, (3, 2), (2, 3), (2, 1, 0, 1), (2, 3))],
             rand(2, 2, 9, 10), corrections=("none", "conv")),
        case("depthwiseConv2d with stride", [Depthwise(3, 2, (3, 3), stride=(2, 2), pad=(0, 1, 0, 1))],
             rand(2, 3, 8, 6), corrections=("none", "conv+pool")),
        case("depthwiseConv2d with dilation and uneven strides",
             [Depthwise(2, 1, (3, 2), stride=(1, 2), pad=(2, 2, 1, 0), dilation=(2, 2))], rand(1, 2, 6, 7),
             corrections=("none", "conv")),
        case("maxPool", [Pool(max_pool, (3, 3), (2, 2), (1, 1, 1, 1))], rand(2, 2, 7, 8), corrections=CORRECTIONS),
        case("maxPool with ties", [Pool(max_pool, (3, 2), (2, 2), (0, 1, 0, 1))], ties, corrections=CORRECTIONS),
        case("averagePool counting padding", [Pool(average_all, (3, 3), (2, 2), (1, 1, 1, 1))], rand(2, 2, 7, 8),
             corrections=CORRECTIONS),
        case("averagePool of real pixels", [Pool(average_real, (3, 2), (2, 1), (1, 0, 0, 1))], rand(2, 2, 7, 6),
             corrections=CORRECTIONS),
        case("averagePool as torch counts",
             [Plain(nn.AvgPool2d(3, 2, 1, count_include_pad=False), "averagePool",
                    {"size": [3, 3], "strides": [2, 2], "padding": padding_spec((1, 1, 1, 1)),
                     "countPadding": False})], rand(1, 2, 7, 5)),
        case("globalAveragePool", [Plain(lambda x: F.adaptive_avg_pool2d(x, 1), "globalAveragePool",
                                         {"keepAxes": True})], rand(2, 3, 4, 5)),
        case("globalMaxPool", [Plain(lambda x: F.adaptive_max_pool2d(x, 1).flatten(1), "globalMaxPool",
                                     {"keepAxes": False})], rand(2, 3, 4, 5)),
        case("lrn", [lrn(2, 2.0, 1e-4, 0.75)], rand(1, 7, 3, 2) * 30),
        case("lrn that is strong", [lrn(1, 0.5, 0.7, 0.6)], rand(1, 6, 2, 3)),
        case("batchNorm", [batch_norm(5)], rand(2, 5, 3, 2)),
        case("relu", [relu()], rand(1, 2, 3, 4), RULES),
        case("leaky relu", [Plain(nn.LeakyReLU(0.2), "relu",
                                  {"maxValue": None, "negativeSlope": 0.2, "threshold": 0}, True)],
             rand(1, 2, 3, 4), RULES),
        case("relu6", [Plain(nn.ReLU6(), "relu", {"maxValue": 6, "negativeSlope": 0, "threshold": 0}, True)],
             rand(1, 2, 3, 4) * 5, RULES),
        case("prelu", [prelu(3)], rand(2, 3, 3, 2), RULES),
        case("elu", [Plain(nn.ELU(0.7), "elu", {"alpha": 0.7}, True)], rand(1, 2, 3, 4), RULES),
        case("sigmoid", [Plain(torch.sigmoid, "sigmoid")], rand(1, 2, 3, 4)),
        case("tanh", [Plain(torch.tanh, "tanh")], rand(1, 2, 3, 4)),
        case("softmax", [Plain(lambda x: torch.softmax(x, 1), "softmax")], rand(3, 6)) | {"backward": {}},
        case("dense", [Dense(6, 4)], rand(3, 6)),
        case("stack", stack(), rand(1, 2, 15, 13), RULES, CORRECTIONS),
        case("hardSigmoid", [Plain(nn.Hardsigmoid(), "hardSigmoid", {"alpha": 1 / 6, "beta": 0.5})],
             rand(1, 2, 3, 4) * 3),
        curved("hardSwish", nn.Hardswish(), {}),
        curved("silu", nn.SiLU(), {}),
        curved("gelu", nn.GELU(), {"approximate": False}),
        curved("gelu", nn.GELU("tanh"), {"approximate": True}, " by tanh"),
    ]
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps({"torch": torch.__version__, "cases": cases}, separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size, "bytes")


main()
