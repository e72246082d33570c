"""Golden values for the ONNX importer, from TensorFlow: writes tf2onnx-files.json beside this file.

Small Keras networks with random weights, converted by tf2onnx with the image channels last and with it channels first.
As in onnx_files.py each stands there with an image, TensorFlow's output and guided-backpropagation heatmaps, here by
activations with a gradient of their own in a second network of the same weights.

    pip install "tensorflow-cpu<2.16" tf2onnx
    python scripts/golden/tf2onnx_files.py
"""

import base64
import gzip
import io
import json
import pathlib

import numpy
import tensorflow as tf
import tf2onnx
from tensorflow.keras import layers

rng = numpy.random.default_rng(1712)


def guided(curve):
    """The same curve; backwards the positive part of the signal times the slope."""

    @tf.custom_gradient
    def forward(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = curve(x)

        def backward(upstream):
            with tf.GradientTape() as inner:
                inner.watch(x)
                again = curve(x)
            return inner.gradient(again, x, output_gradients=tf.nn.relu(upstream))

        return y, backward

    return forward


def hard_sigmoid(x):
    return tf.nn.relu6(x + 3.0) * (1.0 / 6.0)


def hard_swish(x):
    return x * hard_sigmoid(x)


def leaky(x):
    return tf.nn.leaky_relu(x, 0.1)


def act(curve, rectify):
    return layers.Activation(rectify(curve))


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


def coarse(model):
    """Weights in steps of 1/64 keep the files small once packed."""
    for variable in model.variables:
        shape = variable.shape.as_list()
        if "variance" in variable.name:
            value = 0.5 + rng.integers(0, 64, shape) / 64
        elif len(shape) > 1:
            spread = (3 / numpy.prod(shape[:2] if "depthwise" in variable.name else shape[:-1])) ** 0.5
            value = numpy.round(rng.standard_normal(shape) * spread * 64) / 64
        else:
            value = rng.integers(-16, 17, shape) / 64 + (0.75 if "gamma" in variable.name else 0)
        variable.assign(value)
    return model


def weighted(model):
    kinds = (layers.Conv2D, layers.DepthwiseConv2D, layers.Dense)
    return [layer for layer in model.layers if isinstance(layer, kinds)]


def heatmap(model, image, place):
    output = weighted(model)[place].output
    shortened = tf.keras.Model(model.input, output)
    start = tf.constant(image)
    with tf.GradientTape() as tape:
        tape.watch(start)
        chosen = shortened(start)
    norms = numpy.linalg.norm(chosen.numpy().reshape(-1, chosen.shape[-1]), axis=0)
    channel = int(norms.argmax() if len(chosen.shape) == 4 else chosen.numpy()[0].argmax())
    seed = numpy.zeros_like(chosen)
    seed[..., channel] = chosen.numpy()[..., channel]
    signal = tape.gradient(chosen, start, output_gradients=tf.constant(seed)).numpy()[0]
    assert abs(signal).max() > 1e-6
    return {"layer": place, "channel": channel} | whole_numbers(signal)


def whole_numbers(values):
    """In steps of the largest value / 32767, as packed int16: far finer than what is asked of a heatmap."""
    step = float(abs(values).max()) / 32767
    return {"step": step, "values": packed(numpy.round(values / step).astype("<i2").tobytes())}


def packed(data):
    """Base64 of gzip."""
    target = io.BytesIO()
    with gzip.GzipFile(fileobj=target, mode="wb", mtime=0) as file:
        file.write(data)
    return base64.b64encode(target.getvalue()).decode()


def case(name, build, size, operator_set, channels_first, again=False):
    model = coarse(build(size, lambda curve: curve))
    twin = build(size, guided)
    twin.set_weights(model.get_weights())
    image = (rng.integers(-127, 128, (1, *size, 3)) / 64).astype("float32")
    # The largest value makes the steps of the stored form exact.
    image[0, 0, 0, 0] = 32767 / 16384
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
        "image": {"shape": [*size, 3]} | whole_numbers(image[0]),
        "output": [float(value) for value in model(image)[0]],
        "heatmaps": [heatmap(twin, image, place) for place in places],
    }


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
