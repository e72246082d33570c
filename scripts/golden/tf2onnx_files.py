"""Golden values for the ONNX importer, from TensorFlow: writes tf2onnx-files.json beside this file.

Small Keras networks with random weights, converted by tf2onnx with the image channels last and with it channels first.
As in onnx_files.py each stands there with an image, TensorFlow's output and guided-backpropagation heatmaps, here by
activations with a gradient of their own in a second network of the same weights.

    pip install "tensorflow-cpu<2.16" tf2onnx
    python scripts/golden/tf2onnx_files.py
"""

import json
import pathlib

import numpy
import tensorflow as tf
import tf2onnx
from guided_keras import act, expected, hard_sigmoid, hard_swish, heatmap, leaky, network_twin_and_image, weighted
from packing import packed
from tensorflow.keras import layers

rng = numpy.random.default_rng(1712)


def plain(size, rectify):
    """Scaling of the pixels, SAME padding that is uneven, batch normalisation, pooling, dense layers."""
    x = image = layers.Input((*size, 3))
    x = layers.Rescaling(1 / 2, offset=-0.25)(x)
    x = act(tf.nn.relu, rectify)(layers.Conv2D(6, 3, 2, padding="same")(x))
    x = layers.BatchNormalization()(x)
    x = layers.MaxPool2D(3, 2, padding="same")(x)
    x = act(leaky, rectify)(layers.Conv2D(8, 3, dilation_rate=2, padding="same", use_bias=False)(x))
    x = layers.AveragePooling2D(2, 2, padding="same")(x)
    x = layers.Flatten()(x)
    x = act(tf.nn.elu, rectify)(layers.Dense(12)(x))
    return tf.keras.Model(image, layers.Softmax()(layers.Dense(5)(x)))


def mobile(size, rectify):
    """Depthwise convolution, squeeze-and-excitation by a reshape, a residual, hard swish and swish."""
    x = image = layers.Input((*size, 3))
    x = layers.ZeroPadding2D(((0, 1), (0, 1)))(x)
    x = act(hard_swish, rectify)(layers.BatchNormalization()(layers.Conv2D(8, 3, 2, use_bias=False)(x)))
    shortcut = x
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    x = act(tf.nn.relu6, rectify)(layers.BatchNormalization()(x))
    gate = layers.Reshape((1, 1, 8))(layers.GlobalAveragePooling2D()(x))
    gate = act(tf.nn.relu, rectify)(layers.Conv2D(4, 1)(gate))
    gate = layers.Activation(hard_sigmoid)(layers.Conv2D(8, 1)(gate))
    x = layers.Add()([shortcut, layers.Multiply()([x, gate])])
    x = act(tf.nn.silu, rectify)(layers.Conv2D(6, 1)(x))
    x = layers.Concatenate()([x, shortcut])
    return tf.keras.Model(image, layers.Dense(5)(layers.GlobalAveragePooling2D()(x)))


def case(name, build, size, operator_set, channels_first, again=False):
    model, twin, image = network_twin_and_image(build, size, rng)
    signature = [tf.TensorSpec((None, *size, 3), tf.float32, name="image")]
    stored, _ = tf2onnx.convert.from_keras(
        model, signature, operator_set, inputs_as_nchw=["image"] if channels_first else None
    )
    count = len(weighted(model))
    # Batch normalisation is folded into the convolution before it, so that later layers are the comparable ones.
    places = [count - 1] if again else [0, count // 2, count - 1]
    return {
        "name": f"{name}, channels {'first' if channels_first else 'last'}, tf2onnx, operator set {operator_set}",
        "file": packed(stored.SerializeToString()),
    } | expected(model, image, [heatmap(twin, image, weighted(twin)[place].output, place) for place in places])


def main():
    cases = [
        case("plain network", plain, (15, 14), 9, channels_first=False),
        case("plain network", plain, (15, 14), 13, channels_first=True, again=True),
        case("mobile network", mobile, (15, 16), 15, channels_first=False, again=True),
        case("mobile network", mobile, (15, 16), 18, channels_first=True, again=True),
    ]
    path = pathlib.Path(__file__).with_name("tf2onnx-files.json")
    text = {"tensorflow": tf.__version__, "tf2onnx": tf2onnx.__version__, "cases": cases}
    path.write_text(json.dumps(text, separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size, "bytes")
    for each in cases:
        print(f"  {each['name']}: {len(each['file'])}, {[round(value, 3) for value in each['output']]}")


main()
