"""Golden values for the importers of TensorFlow graphs: writes tensorflow-graphs.json beside this file.

Small Keras networks with random weights, as TF.js GraphModels of tensorflowjs, as SavedModels with variables and
without, and as frozen graphs of TensorFlow 2 and of TensorFlow 1. Each stands there with an image, TensorFlow's output
and guided-backpropagation heatmaps, here by activations with a gradient of their own in a second network of the same
weights.

    pip install "tensorflow-cpu<2.16" "tf-keras<2.16" tensorflow-hub "setuptools<70" packaging importlib_resources six
    pip install --no-deps tensorflowjs
    python scripts/golden/tensorflow_graphs.py
"""

import json
import pathlib
import sys
import tempfile
import unittest.mock

import numpy
import tensorflow as tf
from guided_keras import (
    act,
    expected,
    hard_sigmoid,
    hard_swish,
    heatmap,
    leaky,
    network_twin_and_image,
    plainly,
    weighted,
)
from packing import packed
from tensorflow.keras import layers
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

# tensorflowjs loads these for kinds of models that stand nowhere here.
for unused in ("tensorflow_decision_forests", "jax", "jax.experimental", "jax.experimental.jax2tf"):
    sys.modules.setdefault(unused, unittest.mock.MagicMock())
from tensorflowjs.converters import tf_saved_model_conversion_v2  # noqa: E402

rng = numpy.random.default_rng(1911)


def exact_gelu(x):
    return 0.5 * x * (1.0 + tf.math.erf(x / tf.sqrt(2.0)))


def limited(x):
    return tf.minimum(tf.nn.relu(x), 4.0)


def parametric(x):
    slopes = tf.constant([0.25, 0.0, 0.5, 0.125, 0.75, 0.25])
    return tf.nn.relu(x) - slopes * tf.nn.relu(-x)


def plain(size, rectify):
    """Scaling of the pixels, uneven SAME padding, pooling of both kinds, response normalisation, a softmax."""
    x = image = layers.Input((*size, 3))
    x = layers.Rescaling(1 / 2, offset=-0.25)(x)
    x = act(tf.nn.relu, rectify)(layers.Conv2D(6, 3, 2, padding="same")(x))
    x = layers.Lambda(lambda map: tf.nn.local_response_normalization(map, 2, 1.5, 0.25, 0.75))(x)
    x = layers.MaxPool2D(3, 2, padding="same")(x)
    x = act(leaky, rectify)(layers.Conv2D(8, 3, padding="valid", use_bias=False)(x))
    x = layers.AveragePooling2D(2, 2, padding="same")(x)
    x = layers.Flatten()(x)
    x = act(tf.nn.elu, rectify)(layers.Dense(12)(x))
    return tf.keras.Model(image, layers.Softmax()(layers.Dense(5)(x)))


def residual(size, rectify):
    """Batch normalisation and a residual with a strided shortcut."""
    x = image = layers.Input((*size, 3))
    x = layers.ZeroPadding2D(((0, 1), (1, 1)))(x)
    x = act(tf.nn.relu, rectify)(layers.BatchNormalization(epsilon=1e-5)(layers.Conv2D(6, 3, 2, use_bias=False)(x)))
    shortcut = layers.BatchNormalization()(layers.Conv2D(8, 1, 2)(x))
    x = act(tf.nn.relu, rectify)(layers.BatchNormalization()(layers.Conv2D(8, 3, 2, padding="same")(x)))
    x = layers.BatchNormalization(scale=False)(layers.Conv2D(8, 3, padding="same", use_bias=False)(x))
    x = act(tf.nn.relu, rectify)(layers.Add()([shortcut, x]))
    x = layers.GlobalAveragePooling2D()(x)
    return tf.keras.Model(image, layers.Dense(5)(x))


def mobile(size, rectify):
    """Depthwise convolution, ReLU6, squeeze-and-excitation, a residual, hard swish and swish."""
    x = image = layers.Input((*size, 3))
    x = act(hard_swish, rectify)(layers.BatchNormalization()(layers.Conv2D(8, 3, 2, use_bias=False)(x)))
    shortcut = x
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    x = act(tf.nn.relu6, rectify)(layers.BatchNormalization()(x))
    gate = layers.Reshape((1, 1, 8))(layers.GlobalAveragePooling2D()(x))
    gate = act(tf.nn.relu, rectify)(layers.Conv2D(4, 1)(gate))
    gate = layers.Activation(hard_sigmoid)(layers.Conv2D(8, 1)(gate))
    x = layers.Add()([shortcut, layers.Multiply()([x, gate])])
    x = act(tf.nn.silu, rectify)(layers.DepthwiseConv2D(3, 2, depth_multiplier=2, padding="same")(x))
    return tf.keras.Model(image, layers.Dense(5)(layers.GlobalAveragePooling2D()(x)))


def inception(size, rectify):
    """Branches of several window sizes beside a pool, joined twice."""

    def conv(x, channels, window):
        x = layers.Conv2D(channels, window, padding="same", use_bias=False)(x)
        return act(tf.nn.relu, rectify)(layers.BatchNormalization(scale=False, epsilon=1e-3)(x))

    def block(x, channels):
        wide = conv(conv(x, channels, 1), channels, 3)
        pooled = conv(layers.AveragePooling2D(3, 1, padding="same")(x), 4, 1)
        return layers.Concatenate()([conv(x, 4, 1), wide, pooled])

    x = image = layers.Input((*size, 3))
    x = layers.MaxPool2D(3, 2)(conv(x, 6, (1, 3)))
    x = block(block(x, 4), 5)
    return tf.keras.Model(image, layers.Dense(5)(layers.GlobalMaxPooling2D()(x)))


def reshaping(size, rectify):
    """Units by arithmetic on shapes, several spelled-out activations, a dilated convolution, slopes by channel."""

    def units(x):
        sizes = tf.shape(x)
        flat = tf.reshape(x, tf.stack([sizes[0], sizes[1] * sizes[2] * x.shape[3]]))
        return tf.ensure_shape(flat, (None, numpy.prod(x.shape[1:])))

    def turned(x):
        sizes = tf.shape(x)
        flat = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), tf.concat([sizes[:1], [-1]], 0))
        return tf.ensure_shape(flat, (None, numpy.prod(x.shape[1:])))

    x = image = layers.Input((*size, 3))
    x = act(parametric, rectify)(layers.Conv2D(6, 3, 2, padding="same")(x))
    x = act(limited, rectify)(layers.Conv2D(6, 3, dilation_rate=2, padding="same")(x))
    left = act(exact_gelu, rectify)(layers.Dense(6)(layers.Lambda(units)(x)))
    right = layers.Activation(tf.nn.tanh)(layers.Dense(6)(layers.Lambda(turned)(x)))
    x = layers.Concatenate()([left, right])
    return tf.keras.Model(image, layers.Dense(5)(x))


def chosen_layers(model):
    """An early, a middle and a late layer with weights, whose kernels have shapes of their own."""
    found = weighted(model)
    shapes = [tuple(layer.weights[0].shape) for layer in found]
    own = [layer for layer, shape in zip(found, shapes) if shapes.count(shape) == 1]
    return own[0], own[len(own) // 2], own[-1]


def heatmap_of(model, image, layer, norms_folded):
    """Where normalisation is folded into the layer before it, the layer's output includes it."""
    (node,) = layer.outbound_nodes or (None,)
    is_folded = norms_folded and node and isinstance(node.layer, layers.BatchNormalization)
    return heatmap(model, image, (node.layer if is_folded else layer).output, list(layer.weights[0].shape))


def concrete(model):
    spec = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, name="image")
    return tf.function(lambda image: model(image, training=False)).get_concrete_function(spec)


def without_notes(graph):
    """Shapes that were worked out and names of devices are not read and fill the file."""
    for nodes in [graph.node, *(body.node_def for body in graph.library.function)]:
        for node in nodes:
            node.ClearField("experimental_debug_info")
            for key in [key for key in node.attr if key.startswith("_")]:
                del node.attr[key]
    return graph


def saved_model(model, folder, again=None):
    """With variables beside the graph."""
    tf.saved_model.save(model, folder, signatures=concrete(model))
    without_objects(folder)


def without_objects(folder):
    """The graph alone: Python's objects are not read and fill the file."""
    path = pathlib.Path(folder) / "saved_model.pb"
    stored = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    for meta in stored.meta_graphs:
        without_notes(meta.graph_def)
        meta.ClearField("object_graph_def")
        meta.meta_info_def.ClearField("stripped_op_list")
    path.write_bytes(stored.SerializeToString())


def frozen_saved_model(model, folder, again=None):
    """The variables are constants in the function that the graph calls."""
    frozen = convert_variables_to_constants_v2(concrete(model))
    module = tf.Module()
    spec = tf.TensorSpec(frozen.inputs[0].shape, tf.float32)
    module.call = tf.function(lambda image: frozen(image)[0], input_signature=[spec])
    tf.saved_model.save(module, folder, signatures=module.call)
    without_objects(folder)


def frozen_graph(model, folder, again=None):
    """One file, as TensorFlow 2 freezes."""
    graph = convert_variables_to_constants_v2(concrete(model)).graph.as_graph_def()
    (pathlib.Path(folder) / "frozen_graph.pb").write_bytes(without_notes(graph).SerializeToString())


def old_frozen_graph(model, folder, again=None):
    """One file, as TensorFlow 1 froze."""
    weights = model.get_weights()
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        tf.compat.v1.keras.backend.set_session(session)
        copy = again()
        copy.set_weights(weights)
        graph = tf.compat.v1.graph_util.convert_variables_to_constants(
            session, session.graph_def, [copy.output.op.name]
        )
    (pathlib.Path(folder) / "old_graph.pb").write_bytes(without_notes(graph).SerializeToString())


def graph_model(model, folder, again=None):
    """TF.js, by way of a SavedModel and TensorFlow's optimiser of graphs."""
    with tempfile.TemporaryDirectory() as between:
        tf.saved_model.save(model, between, signatures=concrete(model))
        tf_saved_model_conversion_v2.convert_tf_saved_model(between, folder, weight_shard_size_bytes=1500)


# What is read of a SavedModel.
READ = ("saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001", "frozen_graph.pb",
        "old_graph.pb", "model.json")  # fmt: skip


def case(name, build, size, write, norms_folded=False, again=False):
    """A network that is written `again` has one heatmap, to keep the file small."""
    tf.keras.backend.clear_session()
    model, twin, image = network_twin_and_image(build, size, rng)
    chosen = chosen_layers(twin)[1:2] if again else chosen_layers(twin)
    beside = expected(model, image, [heatmap_of(twin, image, layer, norms_folded) for layer in chosen])
    with tempfile.TemporaryDirectory() as folder:
        write(model, folder, lambda: build(size, plainly))
        root = pathlib.Path(folder)
        paths = [path for path in sorted(root.rglob("*")) if path.is_file()]
        names = [path.relative_to(root).as_posix() for path in paths]
        kept = {each: path for each, path in zip(names, paths) if each in READ or each.startswith("group")}
        files = {each: packed(path.read_bytes()) for each, path in kept.items()}
    return {"name": name, "files": files} | beside


def main():
    cases = [
        case("plain network, GraphModel", plain, (15, 14), graph_model),
        case("plain network, frozen graph of TensorFlow 1", plain, (15, 14), old_frozen_graph, again=True),
        case("residual network, frozen graph", residual, (15, 16), frozen_graph),
        case("residual network, GraphModel", residual, (15, 16), graph_model, norms_folded=True, again=True),
        case("mobile network, SavedModel with variables", mobile, (15, 16), saved_model),
        case("mobile network, GraphModel", mobile, (15, 16), graph_model, norms_folded=True, again=True),
        case("inception network, GraphModel", inception, (14, 13), graph_model, norms_folded=True),
        case("inception network, frozen SavedModel", inception, (14, 13), frozen_saved_model, again=True),
        case("reshaping network, GraphModel", reshaping, (9, 8), graph_model),
        case("reshaping network, frozen graph", reshaping, (9, 8), frozen_graph, again=True),
    ]
    path = pathlib.Path(__file__).with_name("tensorflow-graphs.json")
    path.write_text(json.dumps({"tensorflow": tf.__version__, "cases": cases}, separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size, "bytes")
    for each in cases:
        sizes = {name: len(text) for name, text in each["files"].items()}
        print(f"  {each['name']}: {sizes}, {[round(value, 3) for value in each['output']]}")


main()
