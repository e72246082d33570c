"""Golden values for the ONNX importer, from PyTorch: writes onnx-files.json beside this file.

Miniatures of well-known networks with random weights, exported by PyTorch's exporters (the older one, which traces, and
the newer one, "dynamo"). Each stands there as the bytes of its file with an image, the output that PyTorch computes, and
the guided-backpropagation heatmaps (Springenberg et al. 2015) of one channel of an early, a middle and a late layer with
weights, by hooks on PyTorch's modules. Layers are named by their place among the layers with weights.

    pip install torch onnx onnxscript
    python scripts/golden/onnx_files.py
"""

import json
import pathlib
import tempfile
import warnings

import onnx
import torch
from packing import packed
from torch import nn
from torch.nn import functional as F

torch.manual_seed(1712)
RECTIFIERS = (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.ELU, nn.Hardswish, nn.SiLU, nn.GELU)


def conv(channels, out, size, stride=1, padding=0, **settings):
    return nn.Conv2d(channels, out, size, stride, padding, **settings)


def conv_norm(channels, out, size, stride=1, padding=0, act=nn.ReLU, **settings):
    layers = [conv(channels, out, size, stride, padding, bias=False, **settings), nn.BatchNorm2d(out)]
    return nn.Sequential(*layers, *([act()] if act else []))


def alexnet():
    return nn.Sequential(
        conv(3, 8, 5, 2, 2), nn.ReLU(), nn.LocalResponseNorm(5, 0.1, 0.75, 2.0), nn.MaxPool2d(3, 2),
        conv(8, 12, 3, 1, 1, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Flatten(), nn.Dropout(), nn.Linear(108, 16), nn.ReLU(), nn.Dropout(), nn.Linear(16, 5),
    )  # fmt: skip


def vgg():
    return nn.Sequential(
        conv_norm(3, 6, 3, 1, 1), conv_norm(6, 6, 3, 1, 1), nn.MaxPool2d(2, 2),
        conv(6, 8, 3, 1, 1), nn.PReLU(8), nn.MaxPool2d(2, 2, padding=1),
        conv(8, 8, 3, padding="same"), nn.LeakyReLU(0.1), nn.AdaptiveAvgPool2d((1, 1)),
        nn.Flatten(), nn.Linear(8, 12), nn.BatchNorm1d(12), nn.ELU(0.7), nn.Linear(12, 5), nn.Softmax(1),
    )  # fmt: skip


class Residual(nn.Module):
    def __init__(self, channels, out, stride):
        super().__init__()
        self.body = nn.Sequential(conv_norm(channels, out, 3, stride, 1), conv_norm(out, out, 3, 1, 1, act=None))
        same = stride == 1 and channels == out
        self.shortcut = nn.Identity() if same else conv_norm(channels, out, 1, stride, act=None)
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(self.body(x) + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(conv_norm(3, 6, 5, 2, 2), nn.MaxPool2d(3, 2, 1))
        self.stages = nn.Sequential(Residual(6, 6, 1), Residual(6, 8, 2))
        self.classes = nn.Linear(8, 5)

    def forward(self, x):
        x = F.adaptive_avg_pool2d(self.stages(self.stem(x)), 1)
        return self.classes(x.view(x.size(0), -1))


class Inverted(nn.Module):
    """Inverted residual of MobileNetV2; with a gate, of MobileNetV3."""

    def __init__(self, channels, wide, out, stride, act, gate=None):
        super().__init__()
        layers = [conv_norm(channels, wide, 1, act=act), conv_norm(wide, wide, 3, stride, 1, act=act, groups=wide)]
        if gate:
            layers.append(gate(wide))
        self.body = nn.Sequential(*layers, conv_norm(wide, out, 1, act=None))
        self.same = stride == 1 and channels == out

    def forward(self, x):
        return x + self.body(x) if self.same else self.body(x)


class ConvGate(nn.Module):
    """Squeeze-and-excitation by 1x1 convolutions and a hard sigmoid, as in MobileNetV3."""

    def __init__(self, channels):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.down, self.up = conv(channels, 4, 1), conv(4, channels, 1)
        self.act, self.gate = nn.ReLU(), nn.Hardsigmoid()

    def forward(self, x):
        return x * self.gate(self.up(self.act(self.down(self.pool(x)))))


class DenseGate(nn.Module):
    """The same by dense layers and a sigmoid, as in the first paper."""

    def __init__(self, channels):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(channels, 4), nn.SiLU(), nn.Linear(4, channels), nn.Sigmoid())

    def forward(self, x):
        images, channels, _, _ = x.shape
        gate = self.layers(x.mean((2, 3)))
        return x * gate.view(images, channels, 1, 1)


def mobilenet2():
    return nn.Sequential(
        conv_norm(3, 6, 3, 2, 1, act=nn.ReLU6), Inverted(6, 12, 6, 1, nn.ReLU6), Inverted(6, 12, 8, 2, nn.ReLU6),
        conv_norm(8, 16, 1, act=nn.ReLU6), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(), nn.Linear(16, 5),
    )  # fmt: skip


def mobilenet3():
    return nn.Sequential(
        conv_norm(3, 6, 3, 2, 1, act=nn.Hardswish), Inverted(6, 12, 6, 1, nn.Hardswish, ConvGate),
        Inverted(6, 12, 8, 2, nn.ReLU, ConvGate), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(8, 12), nn.Hardswish(), nn.Linear(12, 5),
    )  # fmt: skip


def efficientnet():
    return nn.Sequential(
        conv_norm(3, 6, 3, 2, 1, act=nn.SiLU), Inverted(6, 12, 6, 1, nn.SiLU, DenseGate),
        Inverted(6, 12, 8, 2, nn.SiLU, DenseGate), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5),
    )  # fmt: skip


class Fire(nn.Module):
    def __init__(self, channels, squeeze, expand):
        super().__init__()
        self.squeeze, self.act = conv(channels, squeeze, 1), nn.ReLU()
        self.narrow, self.wide = conv(squeeze, expand, 1), conv(squeeze, expand, 3, 1, 1)

    def forward(self, x):
        x = self.act(self.squeeze(x))
        return torch.cat([self.act(self.narrow(x)), self.act(self.wide(x))], 1)


def squeezenet():
    return nn.Sequential(
        conv(3, 8, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True), Fire(8, 4, 6),
        nn.MaxPool2d(3, 2, ceil_mode=True), Fire(12, 4, 6), conv(12, 5, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )  # fmt: skip


class Inception(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.single = conv_norm(channels, 4, 1)
        self.triple = nn.Sequential(conv_norm(channels, 4, 1), conv_norm(4, 4, (1, 3), 1, (0, 1)),
                                    conv_norm(4, 4, (3, 1), 1, (1, 0)))  # fmt: skip
        self.dilated = conv_norm(channels, 4, 3, 1, 2, dilation=2)
        self.pooled = nn.Sequential(nn.AvgPool2d(3, 1, 1), conv_norm(channels, 4, 1))

    def forward(self, x):
        return torch.cat([self.single(x), self.triple(x), self.dilated(x), self.pooled(x)], 1)


class InceptionNet(nn.Module):
    """Average pools that round up: with and without counting the padding, with uneven padding before one."""

    def __init__(self):
        super().__init__()
        self.stem = conv_norm(3, 6, 3, 2)
        self.blocks = nn.ModuleList([Inception(6), Inception(16)])
        self.counted = nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=True)
        self.real = nn.AvgPool2d(2, 2, 1, ceil_mode=True, count_include_pad=False)
        self.classes = nn.Linear(16, 5)

    def forward(self, x):
        x = self.counted(self.blocks[0](self.stem(x)))
        x = self.real(self.blocks[1](F.pad(x, (1, 0, 0, 2))))
        return self.classes(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


class ShuffleNet(nn.Module):
    """Grouped convolutions with a channel shuffle between them, and the curved activations."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(conv(3, 6, 3, 2, 1), nn.GELU())
        self.first = nn.Sequential(conv(6, 12, 1, groups=3), nn.GELU("tanh"))
        self.second = nn.Sequential(conv(12, 8, 3, 2, 1, groups=4), nn.Tanh())
        self.classes = nn.Linear(32, 5)

    def forward(self, x):
        x = self.first(self.stem(x))
        images, channels, height, width = x.shape
        x = x.view(images, 3, channels // 3, height, width).transpose(1, 2).reshape(images, channels, height, width)
        x = F.max_pool2d(self.second(x), 3, 2, 1)
        return self.classes(x.permute(0, 2, 3, 1).flatten(1))


class TurnedNet(nn.Module):
    """Trained on BGR: turns the colours itself. Halves of the channels that change places, as in ShuffleNetV2."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(conv(3, 8, 5, 2), nn.ReLU())
        self.branch = nn.Sequential(conv(4, 4, 3, 1, 1), nn.ReLU())
        self.classes = nn.Linear(8, 5)

    def forward(self, x):
        left, right = self.stem(x[:, [2, 1, 0]]).chunk(2, dim=1)
        x = torch.cat([self.branch(right), left], 1)
        images, channels, height, width = x.shape
        x = x.view(images, 2, channels // 2, height, width).transpose(1, 2).reshape(images, channels, height, width)
        left, right = x.chunk(2, dim=1)
        return self.classes(torch.cat([right, left], 1).amax((2, 3)))


def coarse(model):
    """Weights in steps of 1/64 keep the files small once packed."""
    for name, tensor in model.state_dict().items():
        if not tensor.dtype.is_floating_point:
            continue
        if name.endswith("running_var"):
            tensor.copy_(0.5 + torch.randint(0, 64, tensor.shape) / 64)
        elif tensor.dim() > 1:
            spread = (3 / tensor[0].numel()) ** 0.5
            tensor.copy_(torch.round(torch.randn(tensor.shape) * spread * 64) / 64)
        else:
            tensor.copy_(torch.randint(-16, 17, tensor.shape) / 64 + (0.75 if tensor.mean() > 0.2 else 0))
    return model.eval()


def heatmap(model, image, place, norms_folded):
    """Signal at the image of the strongest channel of the `place`-th layer with weights.

    Where the exporter has folded batch normalisation into the layer before, the layer's output includes it.
    """
    handles, outputs = [], []

    def positive_part(_module, upstream):
        return (upstream[0].clamp(min=0),)

    for module in model.modules():
        if isinstance(module, RECTIFIERS):
            handles.append(module.register_full_backward_pre_hook(positive_part))
        elif isinstance(module, (nn.Conv2d, nn.Linear)):
            handles.append(module.register_forward_hook(lambda _module, _inputs, output: outputs.append(output)))
        elif isinstance(module, nn.BatchNorm2d) and norms_folded:
            hook = module.register_forward_hook(lambda _module, _inputs, output: replace_last(outputs, output))
            handles.append(hook)
    start = image.clone().requires_grad_()
    model(start)
    chosen = outputs[place]
    # Strong, but not by accident of the last float.
    channel = int(chosen.detach().flatten(2).norm(dim=2).argmax() if chosen.dim() == 4 else chosen.detach().argmax())
    seed = torch.zeros_like(chosen)
    seed[:, channel] = chosen.detach()[:, channel]
    (signal,) = torch.autograd.grad(chosen, start, seed)
    for handle in handles:
        handle.remove()
    assert signal.abs().max() > 1e-6
    return {"layer": place, "channel": channel} | whole_numbers(signal[0].permute(1, 2, 0))


def replace_last(outputs, output):
    outputs[-1] = output


def whole_numbers(tensor):
    """In steps of the largest value / 32767, as packed int16: far finer than what is asked of a heatmap."""
    step = float(tensor.abs().max()) / 32767
    return {"step": step, "values": packed(torch.round(tensor / step).to(torch.int16).contiguous().numpy().tobytes())}


def exported(model, image, operator_set, dynamo, open_batch, keep_norms):
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = pathlib.Path(folder) / "model.onnx"
        settings = {"opset_version": operator_set, "input_names": ["image"], "output_names": ["classes"]}
        if dynamo:
            settings |= {"external_data": False}
            if open_batch:
                settings |= {"dynamic_shapes": ({0: torch.export.Dim("images")},)}
            torch.onnx.export(model, (image.repeat(2, 1, 1, 1) if open_batch else image,), path, dynamo=True,
                              verbose=False, **settings)  # fmt: skip
        else:
            if open_batch:
                settings |= {"dynamic_axes": {"image": {0: "images"}}}
            if keep_norms:
                settings |= {"training": torch.onnx.TrainingMode.PRESERVE}
            torch.onnx.export(model, (image,), path, dynamo=False, **settings)
        stored = onnx.load(path)
        # Shapes of values between and notes of the exporter are not read and fill the file.
        del stored.graph.value_info[:]
        for node in stored.graph.node:
            node.doc_string = ""
            del node.metadata_props[:]
        del stored.metadata_props[:], stored.graph.metadata_props[:]
        for tensor in stored.graph.initializer:
            del tensor.metadata_props[:]
        return stored


def case(name, model, size, operator_set, dynamo=False, open_batch=True, keep_norms=False, again=False,
         by_kernel=False):  # fmt: skip
    """A network that is exported `again` has one heatmap, to keep the file small.

    Layers are named by the shape of their kernels where the importer adds some of its own.
    """
    model = coarse(model)
    # Exact in the steps of the stored form.
    image = torch.randint(-127, 128, (1, 3, *size)) / 64
    image[0, 0, 0, 0] = 32767 / 16384
    layers = sum(isinstance(module, (nn.Conv2d, nn.Linear)) for module in model.modules())
    places = [layers // 2] if again else [0, layers // 2, layers - 1]
    exporter = "dynamo" if dynamo else "tracing"
    stored = exported(model, image, operator_set, dynamo, open_batch, keep_norms)
    norms_folded = not any(node.op_type == "BatchNormalization" for node in stored.graph.node)
    return {
        "name": f"{name}, {exporter} exporter, operator set {operator_set}",
        "file": packed(stored.SerializeToString()),
        "image": {"shape": [*size, 3]} | whole_numbers(image[0].permute(1, 2, 0)),
        "output": model(image)[0].tolist(),
        "heatmaps": [
            heatmap(model, image, place, norms_folded) | ({"layer": kernel_shape(model, place)} if by_kernel else {})
            for place in places
        ],
    }


def kernel_shape(model, place):
    """[height, width, channels, out] or [units, out]."""
    layers = [module for module in model.modules() if isinstance(module, (nn.Conv2d, nn.Linear))]
    shape = list(layers[place].weight.shape)
    return [*shape[2:], shape[1], shape[0]]


def main():
    cases = [
        case("AlexNet", alexnet(), (31, 29), 9),
        case("AlexNet", alexnet(), (31, 29), 13, again=True),
        case("VGG", vgg(), (14, 13), 7),
        case("ResNet", ResNet(), (21, 22), 11, keep_norms=True),
        case("ResNet", ResNet(), (21, 22), 18, dynamo=True, again=True),
        case("MobileNetV2", mobilenet2(), (15, 16), 10, keep_norms=True),
        case("MobileNetV3", mobilenet3(), (15, 16), 9),
        case("MobileNetV3", mobilenet3(), (15, 16), 17, again=True),
        case("EfficientNet", efficientnet(), (15, 16), 13),
        case("EfficientNet", efficientnet(), (15, 16), 20, dynamo=True, open_batch=False, again=True),
        case("SqueezeNet", squeezenet(), (26, 27), 12),
        case("Inception", InceptionNet(), (20, 21), 11),
        case("Inception", InceptionNet(), (20, 21), 20, dynamo=True, again=True),
        case("ShuffleNet", ShuffleNet(), (15, 16), 14),
        case("ShuffleNet", ShuffleNet(), (15, 16), 21, dynamo=True, again=True),
        case("TurnedNet", TurnedNet(), (14, 15), 12, by_kernel=True),
        case("TurnedNet", TurnedNet(), (14, 15), 18, dynamo=True, again=True, by_kernel=True),
    ]
    path = pathlib.Path(__file__).with_name("onnx-files.json")
    path.write_text(json.dumps({"torch": torch.__version__, "cases": cases}, separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size, "bytes")
    for each in cases:
        print(f"  {each['name']}: {len(each['file'])}, {[round(value, 3) for value in each['output']]}")


main()
