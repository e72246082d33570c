"""Writes keras3-models.json: small models as Keras 3 describes them, their weights, one input each and the output.

Needs keras 3 with any backend, e.g. `pip install keras torch` and `KERAS_BACKEND=torch`. Average pooling with "same"
padding is left out: Keras' torch backend counts the padding, TensorFlow does not.
"""
import base64
import json
import pathlib

import keras
import numpy as np
from keras import layers as L

keras.utils.set_random_seed(1)
random = np.random.default_rng(1)


def sequential_without_input():
    model = keras.Sequential(
        [
            L.Conv2D(4, 3, strides=2, padding="same", activation="relu"),
            L.BatchNormalization(),
            L.MaxPooling2D(3, strides=2, padding="same"),
            L.Dropout(0.3),
            L.Flatten(),
            L.Dense(5, activation="softmax"),
        ],
        name="sequential",
    )
    model.build((None, 10, 12, 3))
    return model


def functional_nested_and_shared():
    inner = keras.Sequential(
        [keras.Input((8, 8, 4)), L.Conv2D(4, 3, padding="same", name="conv", activation="tanh"), L.SpatialDropout2D(0.2)],
        name="inner",
    )
    image = keras.Input((8, 8, 4), name="image")
    x = L.ReLU(max_value=1.5, negative_slope=0.1, threshold=0.2, name="bounded")(image)
    first = inner(x)
    second = L.LeakyReLU(name="leaky")(inner(image))
    x = L.Add(name="sum")([first, second])
    x = L.Conv2D(6, 3, groups=2, dilation_rate=2, activation=L.LeakyReLU(negative_slope=0.25), name="conv")(x)
    x = L.PReLU(shared_axes=[1, 2], name="prelu")(x)
    x = L.ZeroPadding2D(((1, 0), (0, 2)), name="pad")(x)
    x = L.SeparableConv2D(4, (3, 2), depth_multiplier=2, padding="same", activation="relu6", name="separable")(x)
    y = L.DepthwiseConv2D((2, 3), depth_multiplier=1, padding="same", activation="elu", name="depthwise")(x)
    x = L.Multiply(name="product")([x, y])
    x = L.Concatenate(name="joined")([x, y])
    x = L.Permute((2, 1, 3), name="turned")(x)
    y = L.GlobalMaxPooling2D(keepdims=True, name="peak")(x)
    x = L.AveragePooling2D(2, name="mean")(x)
    x = L.Reshape((-1, 8), name="rows")(x)
    x = L.Flatten(name="flat")(x)
    y = L.Flatten(name="flat_peak")(y)
    x = L.Concatenate(name="everything")([x, y])
    x = L.Dense(7, activation="leaky_relu", name="hidden")(x)
    x = L.ELU(alpha=0.5, name="bent")(x)
    x = L.Activation("linear", name="nothing")(x)
    x = L.Dense(3, name="scores")(x)
    return keras.Model(image, L.Softmax(name="probabilities")(x), name="functional")


def encoded(array):
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode()


def described(model):
    for weight in model.weights:
        values = random.normal(0, 0.4, weight.shape)
        weight.assign(np.abs(values) + 0.5 if "variance" in weight.path else values)
    shape = [2, *model.input_shape[1:]]
    images = random.normal(0, 1, shape).astype("float32")
    output = keras.ops.convert_to_numpy(model(images, training=False))
    return {
        "description": json.loads(model.to_json()),
        "weights": [
            {"name": w.path, "shape": list(w.shape), "data": encoded(keras.ops.convert_to_numpy(w))} for w in model.weights
        ],
        "input": {"shape": shape, "data": encoded(images)},
        "output": {"shape": list(output.shape), "data": encoded(output)},
    }


golden = {
    "keras": keras.__version__,
    "sequentialWithoutInput": described(sequential_without_input()),
    "functionalNestedAndShared": described(functional_nested_and_shared()),
}
target = pathlib.Path(__file__).with_name("keras3-models.json")
target.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print(target.name, target.stat().st_size)
