"""What the golden programs for Keras networks share: activations and weights, and guided-backpropagation heatmaps by
activations with a gradient of their own, in a second network of the same weights.
"""

import numpy
import tensorflow as tf
from packing import packed
from tensorflow.keras import layers


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


def plainly(curve):
    """The curve with its own gradient."""
    return curve


def act(curve, rectify):
    return layers.Activation(rectify(curve))


def hard_sigmoid(x):
    return tf.nn.relu6(x + 3.0) * (1.0 / 6.0)


def hard_swish(x):
    return x * hard_sigmoid(x)


def leaky(x):
    return tf.nn.leaky_relu(x, 0.1)


def weighted(model):
    kinds = (layers.Conv2D, layers.DepthwiseConv2D, layers.Dense)
    return [layer for layer in model.layers if isinstance(layer, kinds)]


def network_twin_and_image(build, size, rng):
    """A network of random weights, its twin with guided activations, and an image [1, height, width, 3]."""
    model = coarse(build(size, plainly), rng)
    twin = build(size, guided)
    twin.set_weights(model.get_weights())
    image = (rng.integers(-127, 128, (1, *size, 3)) / 64).astype("float32")
    # The largest value makes the steps of the stored form exact.
    image[0, 0, 0, 0] = 32767 / 16384
    return model, twin, image


def coarse(model, rng):
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


def expected(model, image, heatmaps):
    """What stands beside a file: the image, the network's output, and heatmaps of its twin."""
    size = image.shape[1:]
    return {
        "image": {"shape": list(size)} | whole_numbers(image[0]),
        "output": [float(value) for value in model(image)[0]],
        "heatmaps": heatmaps,
    }


def heatmap(model, image, output, layer):
    """Of the strongest channel of an output of the guided network; `layer` tells the importer's test which it is."""
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
    return {"layer": layer, "channel": channel} | whole_numbers(signal)


def whole_numbers(values):
    """In steps of the largest value / 32767, as packed int16: far finer than what is asked of a heatmap."""
    step = float(abs(values).max()) / 32767
    return {"step": step, "values": packed(numpy.round(values / step).astype("<i2").tobytes())}
