"""Writes keras-files.json: small models as Keras saves them, with what Keras computes from them.

Each model has random weights, a file (gzip, base64; weights alone come with the description beside them), two images,
the output, and heatmaps by guided backpropagation: the gradient at the images of one channel of a layer, started with
the channel's own activations, where every rectifier lets only positive signals pass on the way back.

Needs tensorflow, keras 3 and tf_keras; jax for the model with its channels first, which TensorFlow's CPU kernels
cannot compute. Runs itself once more with that backend.

    python scripts/golden/keras_files.py
"""

import base64
import gzip
import json
import os
import pathlib
import subprocess
import sys
import tempfile

CHANNELS_FIRST = "--channels-first"
if CHANNELS_FIRST in sys.argv:
    os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np

random = np.random.default_rng(5)


def mobile(K, act, after):
    """MobileNet: relu6, depthwise convolutions, explicit padding, a gate of bare operations, pooling that keeps its axes."""
    L = K.layers
    image = K.Input((16, 16, 3), name="image")
    x = L.Rescaling(1 / 2, offset=-0.25, name="rescaling")(image)
    x = L.ZeroPadding2D(((0, 1), (0, 1)), name="stem_pad")(x)
    x = L.Conv2D(6, 3, strides=2, use_bias=False, name="stem")(x)
    x = L.BatchNormalization(name="stem_bn")(x)
    x = after(L.ReLU(6.0, name="stem_relu")(x))
    x = L.DepthwiseConv2D(3, padding="same", use_bias=False, name="dw")(x)
    x = L.BatchNormalization(name="dw_bn")(x)
    x = after(L.ReLU(max_value=6, name="dw_relu")(x))
    x = L.Conv2D(8, 1, use_bias=False, name="pw")(x)
    x = L.BatchNormalization(scale=False, name="pw_bn")(x)
    x = after(L.Activation("relu6", name="pw_relu")(x))
    x = x * after(L.ReLU(6.0, name="gate")(x * 0.5 + 1.5)) * (1.0 / 6.0)
    x = L.GlobalAveragePooling2D(keepdims=True, name="pool")(x)
    x = L.Dropout(0.2, name="dropout")(x)
    x = L.Conv2D(5, 1, name="scores")(x)
    x = L.Reshape((5,), name="reshape")(x)
    return K.Model(image, L.Activation("softmax", name="classes")(x), name="mobile")


def residual(K, act, after):
    """ResNet: a wide first window, max-pooling with "same" padding, a projection, a frozen layer."""
    L = K.layers
    image = K.Input((16, 16, 3), name="image")
    x = L.Conv2D(5, 5, strides=2, padding="same", name="stem")(image)
    x = L.BatchNormalization(epsilon=1.1e-5, name="stem_bn")(x)
    x = after(L.Activation("relu", name="stem_relu")(x))
    x = L.MaxPooling2D(3, strides=2, padding="same", name="stem_pool")(x)
    y = L.Conv2D(6, 3, padding="same", name="a", activation=act("relu"))(x)
    y = L.Conv2D(6, (3, 1), padding="same", name="b", trainable=False)(y)
    y = L.BatchNormalization(name="b_bn", trainable=False)(y)
    x = L.Conv2D(6, 1, name="projection")(x)
    x = L.Add(name="sum")([x, y])
    x = after(L.LeakyReLU(0.125, name="leaky")(x))
    x = 0.75 * x + 0.25
    x = L.GlobalAveragePooling2D(name="pool")(x)
    return K.Model(image, L.Dense(4, activation="softmax", name="classes")(x), name="residual")


def inception(K, act, after):
    """Inception: branches, average pooling with "same" padding, a nested model and a layer that are used twice."""
    L = K.layers
    inner = K.Sequential(
        [
            L.InputLayer((14, 14, 4)) if K is keras else L.InputLayer(input_shape=(14, 14, 4)),
            L.Conv2D(4, 3, padding="same", name="conv", activation=act("relu")),
            L.BatchNormalization(name="bn"),
        ],
        name="inner",
    )
    image = K.Input((14, 14, 3), name="image")
    x = L.Conv2D(4, 3, padding="same", name="stem", activation=act("relu"))(image)
    shared = L.Conv2D(4, 1, name="shared", activation=act("elu"))
    one = shared(x)
    two = inner(shared(inner(x)))
    three = L.AveragePooling2D(3, strides=1, padding="same", name="mean")(x)
    x = L.Concatenate(name="mixed")([one, two, three])
    x = L.MaxPooling2D(2, name="pool")(x)
    x = L.SeparableConv2D(4, 3, depth_multiplier=2, name="separable", activation=act("relu"))(x)
    x = L.Flatten(name="flat")(x)
    x = L.Dense(6, activation=act("relu"), name="hidden")(x)
    return K.Model(image, L.Dense(3, name="scores")(x), name="inception")


def squeeze(K, act, after):
    """Squeeze-and-excitation and newer activations; a Normalization that learnt its statistics; groups."""
    L = K.layers
    image = K.Input((12, 12, 4), name="image")
    x = L.Normalization(name="normalization")(image)
    x = L.Conv2D(6, 3, strides=2, groups=2, name="stem", activation=act("silu"))(x)
    gate = L.GlobalAveragePooling2D(name="squeeze")(x)
    gate = L.Reshape((1, 1, 6), name="squeeze_map")(gate)
    gate = L.Conv2D(2, 1, activation=act("gelu"), name="squeeze_fewer")(gate)
    gate = L.Conv2D(6, 1, activation="hard_sigmoid", name="squeeze_gate")(gate)
    x = L.Multiply(name="excite")([x, gate])
    x = after(L.PReLU(shared_axes=[1, 2], name="prelu")(x))
    x = L.Conv2D(4, 2, dilation_rate=2, name="dilated", activation=act("hard_silu" if K is keras else "relu"))(x)
    x = L.GlobalMaxPooling2D(name="pool")(x)
    x = L.Dense(3, activation="sigmoid", name="narrow")(x)
    return K.Model(image, L.Dense(3, name="scores")(x), name="squeeze")


def channels_first(K, act, after):
    """Every layer with its channels first; Flatten in both ways; a gate that is reshaped; a parameter for each pixel."""
    L = K.layers
    K.config.set_image_data_format("channels_first")
    image = K.Input((3, 11, 9), name="image")
    x = L.Conv2D(6, 3, padding="same", strides=(2, 1), name="stem", activation=act("relu"))(image)
    x = L.BatchNormalization(axis=1, name="bn")(x)
    x = after(L.PReLU(name="prelu")(x))
    y = L.DepthwiseConv2D(3, padding="same", name="dw", activation=act("relu6"))(x)
    gate = L.GlobalAveragePooling2D(name="squeeze")(y)
    gate = L.Dense(6, activation="sigmoid", name="gate")(gate)
    gate = L.Reshape((6, 1, 1), name="gate_map")(gate)
    y = L.Multiply(name="excite")([y, gate])
    x = L.Concatenate(axis=1, name="joined")([x, y])
    x = L.ZeroPadding2D(((1, 0), (0, 2)), name="pad")(x)
    x = L.MaxPooling2D((2, 3), name="pool")(x)
    x = after(L.PReLU(shared_axes=[2, 3], name="prelu_shared")(x))
    as_stored = L.Flatten(data_format="channels_last", name="flat_as_stored")(x)
    channels_last = L.Flatten(name="flat_channels_last")(x)
    turned = L.Flatten(data_format="channels_last", name="flat_turned")(L.Permute((2, 3, 1), name="turned")(x))
    rows = L.Flatten(data_format="channels_last", name="flat_rows")(L.Dense(2, name="along_width")(x))
    x = L.Concatenate(name="all")([as_stored, channels_last, turned, rows])
    return K.Model(image, L.Dense(3, activation="softmax", name="classes")(x), name="first")


# Function, Keras, file, and for the heatmaps Keras' layer with the node of the graph.
MODELS = {
    "mobile": (mobile, "keras", "model.keras", [("stem_relu", "stem_relu"), ("dw_bn", "dw_bn"), ("pw_relu", "pw_relu")]),
    "residual": (residual, "tf_keras", "model.h5", [("stem_pool", "stem_pool"), ("a", "a/relu"), ("leaky", "leaky")]),
    "inception": (inception, "tf_keras", "model.keras", [("stem", "stem/relu"), ("mixed", "mixed"), ("hidden", "hidden/relu")]),
    "inceptionWeights": (inception, "tf_keras", "model.h5 weights", [("pool", "pool")]),
    "squeeze": (squeeze, "keras", "model.h5", [("stem", "stem/silu"), ("excite", "excite"), ("dilated", "dilated/hard_silu")]),
    "inceptionNumbered": (inception, "keras", "model.weights.h5 weights", [("separable", "separable/relu")]),
}
FIRST = {
    "channelsFirst": (channels_first, "keras", "model.keras", [("stem", "stem/relu"), ("excite", "excite"), ("pool", "pool")]),
}


def gate():
    """The identity, which lets only positive signals pass on the way back."""
    if keras.backend.backend() == "jax":
        import jax

        passing = jax.custom_vjp(lambda x: x)
        passing.defvjp(lambda x: (x, None), lambda _, signal: (jax.numpy.maximum(signal, 0),))
        return passing
    import tensorflow

    return tensorflow.custom_gradient(lambda x: (tensorflow.identity(x), lambda signal: tensorflow.nn.relu(signal)))


def guided(build, K):
    """The model with a gate behind every rectifier."""
    passing = gate()
    activations = K.activations

    def act(name):
        function = activations.get(name)
        return lambda x: passing(function(x))

    return build(K, act, lambda x: K.layers.Lambda(passing)(x))


def fill(model):
    """Random weights with few binary digits, so that the file packs well."""
    values = []
    for weight in model.weights:
        name = weight.name.split("/")[-1].split(":")[0]
        shape = tuple(weight.shape)
        fan_in = max(int(np.prod(shape[:-1])), 1)
        scale = 1.3 / np.sqrt(fan_in) if len(shape) > 1 else 0.3
        value = np.round(random.normal(0, scale, shape) * 64) / 64
        if name in ("gamma", "variance", "moving_variance"):
            value = 0.75 + np.abs(value)
        values.append(np.asarray(value, dtype="float32"))
    set_weights(model, values)


def set_weights(model, values):
    model.set_weights(values)
    for layer in model.layers:
        # A Normalization computes with copies of its weights.
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def strongest_channel(maps, axis):
    others = tuple(other for other in range(maps.ndim) if other != axis % maps.ndim)
    return int(np.asarray(maps).sum(axis=others).argmax())


def heatmap(model, images, layer):
    """The gradient of the strongest channel, and its number."""
    K = sys.modules[type(model).__module__.split(".")[0]]
    below = K.Model(model.input, model.get_layer(layer).output)
    first = K.backend.image_data_format() == "channels_first"
    channel = strongest_channel(below(images, training=False), 1 if first else -1)
    if K.backend.backend() == "jax":
        import jax

        def response(x):
            maps = below(x)
            chosen = maps[:, channel] if first or maps.ndim == 2 else maps[..., channel]
            return (chosen * jax.lax.stop_gradient(chosen)).sum()

        return np.asarray(jax.grad(response)(jax.numpy.asarray(images))), channel
    import tensorflow

    x = tensorflow.constant(images)
    with tensorflow.GradientTape() as tape:
        tape.watch(x)
        chosen = below(x, training=False)[..., channel]
        response = tensorflow.reduce_sum(chosen * tensorflow.stop_gradient(chosen))
    return tape.gradient(response, x).numpy(), channel


def saved(model, name):
    """The file's bytes and, for weights alone, the description."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / name.split(" ")[0]
        if name.endswith(" weights"):
            model.save_weights(path)
            return path.read_bytes(), model.to_json()
        model.save(path)
        return path.read_bytes(), None


def encoded(array):
    return {
        "shape": list(array.shape),
        "data": base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode(),
    }


def golden(build, framework, name, layers):
    K = keras
    if framework == "tf_keras":
        import tf_keras as K
    K.backend.clear_session()
    model = build(K, lambda name: name, lambda x: x)
    fill(model)
    images = random.normal(0, 1, (2, *model.input_shape[1:])).astype("float32")
    output = np.asarray(model(images, training=False))
    twin = guided(build, K)
    set_weights(twin, model.get_weights())
    assert np.allclose(np.asarray(twin(images, training=False)), output, atol=1e-6)
    channels_last = (lambda maps: np.moveaxis(maps, 1, -1)) if CHANNELS_FIRST in sys.argv else (lambda maps: maps)
    heatmaps = []
    for layer, node in layers:
        gradient, channel = heatmap(twin, images[:1], layer)
        assert np.abs(gradient).max() > 0
        heatmaps.append({"node": node, "channel": channel, "map": encoded(channels_last(gradient))})
    data, description = saved(model, name)
    return {
        "keras": K.__version__,
        "file": name.split(" ")[0],
        "data": base64.b64encode(gzip.compress(data, 9, mtime=0)).decode(),
        "description": description,
        "input": encoded(channels_last(images)),
        "output": encoded(output),
        "heatmaps": heatmaps,
    }


if __name__ == "__main__":
    if CHANNELS_FIRST in sys.argv:
        print(json.dumps({key: golden(*settings) for key, settings in FIRST.items()}))
        sys.exit()
    written = {key: golden(*settings) for key, settings in MODELS.items()}
    other = subprocess.run([sys.executable, __file__, CHANNELS_FIRST], capture_output=True, text=True, check=True)
    written.update(json.loads(other.stdout.splitlines()[-1]))
    target = pathlib.Path(__file__).with_name("keras-files.json")
    target.write_text(json.dumps(written, separators=(",", ":")) + "\n")
    for key, model in written.items():
        print(key, model["keras"], len(model["data"]), model["output"]["shape"])
    print(target.name, target.stat().st_size)
