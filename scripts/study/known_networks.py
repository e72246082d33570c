"""A well-known network with random weights, as its own framework writes it, with the framework's output of each layer.

    pip install tensorflow-cpu torch torchvision onnx onnxruntime onnxscript
    python scripts/study/known_networks.py NETWORK FOLDER

Writes to a folder, for scripts/study/known-networks.ts to compare: the model in each of its formats, `image.npy`
[height, width, colours], and `files.json`: for each model file its layers with their shapes (without the images' axis,
maps as [height, width, channels]), and beside it one NPY file with their values one after the other.

Networks of torchvision are exported as ONNX as `torch.onnx.export` does by itself, by its older way through
TorchScript, and with nothing simplified, so that batch normalisations stay in; each value inside is onnxruntime's
without its optimisations, the logits are PyTorch's. Statistics of batch normalisations are those of random images, then
shifted, so that no layer is trivial.
"""

import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
import numpy as np

SEED = 1
# Class of keras.applications, and the height and width of its images.
KERAS = {
    "keras-vgg16": ("VGG16", 64),
    "keras-resnet50": ("ResNet50", 96),
    "keras-mobilenet": ("MobileNet", 96),
    "keras-mobilenet-v2": ("MobileNetV2", 96),
    "keras-inception-v3": ("InceptionV3", 128),
}
# Function of torchvision.models, height and width, and its settings. Pretrained GoogLeNet and Inception-v3 rescale
# their input first, so these do, too.
INCEPTION = {"aux_logits": False, "init_weights": False, "transform_input": True}
TORCH = {
    "torch-alexnet": ("alexnet", 224, {}),
    "torch-vgg16": ("vgg16", 224, {"init_weights": False}),
    "torch-resnet50": ("resnet50", 128, {}),
    "torch-mobilenet-v2": ("mobilenet_v2", 128, {}),
    "torch-mobilenet-v3-small": ("mobilenet_v3_small", 128, {}),
    "torch-squeezenet1-1": ("squeezenet1_1", 128, {}),
    "torch-inception-v3": ("inception_v3", 128, INCEPTION),
    "torch-googlenet": ("googlenet", 128, INCEPTION),
}


def write_values(folder, path, kind, layers, logits):
    """Entry of `files.json` for one model file; `layers` are (name, array without the images' axis)."""
    values = f"{path}.npy"
    flat = [np.ascontiguousarray(value, np.float32).ravel() for _, value in layers]
    np.save(folder / values, np.concatenate(flat))
    named = [{"name": name, "shape": list(value.shape)} for name, value in layers]
    return {"path": path, "kind": kind, "values": values, "layers": named, "logits": logits.ravel().tolist()}


def keras_network(folder, name, size):
    import keras

    random = np.random.default_rng(SEED)
    model = getattr(keras.applications, name)(weights=None, input_shape=(size, size, 3))
    normalisations = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for layer in model.layers:
        for variable in layer.weights:
            variable.assign(random_keras_weight(random, variable))
    # With momentum 0 one pass in training sets the statistics to those of its images.
    momenta = [layer.momentum for layer in normalisations]
    for layer in normalisations:
        layer.momentum = 0.0
    model(random.standard_normal((8, size, size, 3), np.float32), training=True)
    for layer, momentum in zip(normalisations, momenta, strict=True):
        layer.momentum = momentum
        mean, variance = layer.moving_mean.numpy(), layer.moving_variance.numpy()
        layer.moving_mean.assign(mean + 0.2 * np.sqrt(variance) * random.standard_normal(mean.shape))
        layer.moving_variance.assign(variance * random.uniform(0.5, 2, variance.shape))

    image = random.standard_normal((1, size, size, 3), np.float32)
    np.save(folder / "image.npy", image[0])
    own = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    fused = [layer for layer in own if layer.weights and getattr(layer, "activation", None) is not None]
    fused = [layer for layer in fused if layer.activation is not keras.activations.linear]
    outputs = [layer.output for layer in own] + [layer.input for layer in fused]
    values = keras.Model(model.input, outputs).predict(image, verbose=0)
    inputs = dict(zip([layer.name for layer in fused], values[len(own) :], strict=True))
    layers = []
    for layer, value in zip(own, values, strict=False):
        if layer.name in inputs:
            # The product keeps an activation inside a layer as a layer of its own.
            activation = layer.activation
            layer.activation = keras.activations.linear
            layers.append((layer.name, np.asarray(layer(inputs[layer.name]))[0]))
            layer.activation = activation
            layers.append((f"{layer.name}/{activation.__name__}", value[0]))
        else:
            layers.append((layer.name, value[0]))
    logits = values[len(own) - 1][0]
    files = []
    for ending, kind in ((".keras", "Keras archive"), (".h5", "Keras HDF5")):
        model.save(folder / f"model{ending}")
        files.append(write_values(folder, f"model{ending}", kind, layers, logits))
    return f"keras {keras.__version__}", files


def random_keras_weight(random, variable):
    shape = variable.shape
    kind = variable.path.split("/")[-1]
    if kind == "gamma":
        return random.uniform(0.5, 2, shape)
    if kind == "beta":
        return 0.5 * random.standard_normal(shape)
    if kind == "bias":
        return 0.1 * random.standard_normal(shape)
    if "kernel" not in kind:
        return variable.numpy()
    # [height, width, channels in, channels out]; a depthwise kernel sees one channel.
    depthwise = len(shape) == 4 and shape[-1] == 1
    fan_in = np.prod(shape[:2]) if depthwise else np.prod(shape[:-1])
    return np.sqrt(2 / fan_in) * random.standard_normal(shape)


def torch_network(folder, name, size, settings):
    import torch
    import torchvision
    from torch import nn

    torch.manual_seed(SEED)
    model = getattr(torchvision.models, name)(weights=None, **settings)
    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            if module.bias is not None:
                nn.init.normal_(module.bias, std=0.1)
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 2)
            nn.init.normal_(module.bias, std=0.5)
    normalisations = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [module.momentum for module in normalisations]
    with torch.no_grad():
        model.eval()
        for module in normalisations:
            module.train()
            module.momentum = 1.0
        if normalisations:
            model(torch.randn(8, 3, size, size))
        for module, momentum in zip(normalisations, momenta, strict=True):
            module.momentum = momentum
            module.running_mean += 0.2 * module.running_var.sqrt() * torch.randn_like(module.running_mean)
            module.running_var *= torch.empty_like(module.running_var).uniform_(0.5, 2)
        model.eval()
        image = torch.randn(1, 3, size, size)
        logits = model(image)
    np.save(folder / "image.npy", image[0].permute(1, 2, 0).numpy())

    files = []
    forms = [
        ("model.onnx", "ONNX", {}),
        ("model-traced.onnx", "ONNX, TorchScript", {"dynamo": False, "do_constant_folding": False}),
    ]
    if normalisations:
        forms.append(("model-as-written.onnx", "ONNX, not simplified", {"optimize": False}))
    for path, kind, ways in forms:
        torch.onnx.export(model, (image,), folder / path, verbose=False, **ways)
        files.append(write_values(folder, path, kind, onnx_values(folder / path, image.numpy()), logits.numpy()))
    return f"torch {torch.__version__}, torchvision {torchvision.__version__}", files


def onnx_values(path, image):
    """(node, its first output) of every node with a float output, in the file's order."""
    import onnx
    import onnxruntime

    model = onnx.load(path, load_external_data=False)
    graph = model.graph
    named = [(node.name or f"{node.op_type}_{place}", node.output[0]) for place, node in enumerate(graph.node)]
    inferred = onnx.shape_inference.infer_shapes(model).graph.value_info
    known = {value.name for value in graph.output}
    types = {value.name: value.type.tensor_type.elem_type for value in inferred}
    floats = known | {name for name, kind in types.items() if kind == onnx.TensorProto.FLOAT}
    named = [(name, value) for name, value in named if value in floats]
    for _, value in named:
        if value not in known:
            graph.output.append(onnx.helper.make_tensor_value_info(value, onnx.TensorProto.FLOAT, None))
    watched = path.with_name("watched.onnx")
    onnx.save(model, watched)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(watched, options, providers=["CPUExecutionProvider"])
    found = session.run([value for _, value in named], {session.get_inputs()[0].name: image})
    watched.unlink()
    return [(name, channels_last(value)) for (name, _), value in zip(named, found, strict=True)]


def channels_last(value):
    """Without the images' axis where there is one, maps as [height, width, channels]."""
    if value.ndim == 4:
        return value[0].transpose(1, 2, 0)
    return value[0] if value.ndim > 1 else value


def main():
    name, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    if name in KERAS:
        framework, files = keras_network(folder, *KERAS[name])
    else:
        framework, files = torch_network(folder, *TORCH[name])
    (folder / "files.json").write_text(json.dumps({"framework": framework, "files": files}))


if __name__ == "__main__":
    main()
