"""Golden values for single TensorFlow operators: writes tensorflow-operators.json beside this file.

Small graphs, each with two images and TensorFlow's output, for what the networks of tensorflow_graphs.py leave out:
settings of operators, fused operators, and arithmetic on shapes and constants.

    pip install tensorflow-cpu
    python scripts/golden/tensorflow_operators.py
"""

import base64
import gzip
import json
import pathlib

import numpy
import tensorflow as tf

v1 = tf.compat.v1
raw = tf.raw_ops
rng = numpy.random.default_rng(77)
MAP = (4, 5, 3)
UNITS = (7,)


def weights(*shape):
    return tf.constant((rng.integers(-48, 49, shape) / 64).astype("float32"))


def whole(*values):
    return tf.constant(values, tf.int32)


def flat(x):
    if None in x.shape[1:]:
        return tf.reshape(x, [tf.shape(x)[0], -1])
    return tf.reshape(x, [-1, int(numpy.prod(x.shape[1:]))])


def normalised(x, epsilon):
    spread = tf.constant((0.5 + rng.integers(0, 64, 3) / 64).astype("float32"))
    norm = raw.FusedBatchNormV3(
        x=x, scale=weights(3), offset=weights(3), mean=weights(3), variance=spread, epsilon=epsilon, is_training=False
    )
    return flat(norm[0])


def fused(kind, operators, x, *arguments, **settings):
    """An operator of the optimiser, which Python does not offer."""
    graph = v1.get_default_graph()
    weight = weights(2, 3, 3, 4) if kind == "_FusedConv2D" else weights(7, 5)
    inputs = [x, weight, *arguments]
    node = v1.NodeDef(name="fused", op=kind, input=[tensor.op.name for tensor in inputs])
    values = {"T": tf.float32, "num_args": len(arguments), "fused_ops": operators, **settings}
    if kind == "_FusedConv2D":
        values |= {"padding": "SAME", "strides": [1, 2, 1, 1], "TArgs": [tf.float32] * len(arguments)}
    for key, value in values.items():
        attribute = node.attr[key]
        if isinstance(value, tf.DType):
            attribute.type = value.as_datatype_enum
        elif isinstance(value, float):
            attribute.f = value
        elif isinstance(value, int):
            attribute.i = value
        elif isinstance(value, str):
            attribute.s = value.encode()
        elif isinstance(value[0], str):
            attribute.list.s.extend(each.encode() for each in value)
        elif isinstance(value[0], tf.DType):
            attribute.list.type.extend(each.as_datatype_enum for each in value)
        else:
            attribute.list.i.extend(value)
    (made,) = tf.graph_util.import_graph_def(
        v1.GraphDef(node=[*[placeholder(tensor) for tensor in inputs], node]),
        input_map={tensor.op.name: tensor for tensor in inputs},
        return_elements=["fused:0"],
        name="",
    )
    assert made.graph is graph
    return flat(made) if kind == "_FusedConv2D" else made


def placeholder(tensor):
    node = v1.NodeDef(name=tensor.op.name, op="Placeholder")
    node.attr["dtype"].type = tf.float32.as_datatype_enum
    return node


def sliced_shape(x):
    """[images, width * channels, height] by slices of the shape: backwards, from the end, with a new axis."""
    sizes = tf.shape(x)
    backwards = sizes[::-1]
    height = sizes[-3, tf.newaxis]
    return tf.reshape(x, tf.concat([[-1], [backwards[0] * backwards[1]], height], 0))


CASES = {
    "Conv2D, explicit padding": (MAP, lambda x: flat(raw.Conv2D(
        input=x, filter=weights(2, 3, 3, 4), strides=[1, 2, 1, 1], padding="EXPLICIT",
        explicit_paddings=[0, 0, 1, 0, 2, 1, 0, 0]))),
    "Conv2D, dilations": (MAP, lambda x: flat(raw.Conv2D(
        input=x, filter=weights(2, 2, 3, 4), strides=[1, 1, 1, 1], padding="SAME", dilations=[1, 2, 3, 1]))),
    "Conv2D, groups": ((4, 3, 4), lambda x: flat(tf.nn.conv2d(x, weights(3, 3, 2, 6), 1, "VALID"))),
    "DepthwiseConv2dNative, two for each channel": (MAP, lambda x: flat(
        tf.nn.depthwise_conv2d(x, weights(3, 2, 3, 2), [1, 2, 2, 1], "SAME"))),
    "SpaceToBatchND around a depthwise convolution": (MAP, lambda x: flat(raw.BatchToSpaceND(
        input=raw.DepthwiseConv2dNative(
            input=raw.SpaceToBatchND(input=x, block_shape=[2, 2], paddings=[[2, 4], [1, 2]]),
            filter=weights(3, 2, 3, 1), strides=[1, 1, 1, 1], padding="VALID"),
        block_shape=[2, 2], crops=[[0, 2], [0, 0]]))),
    "_FusedConv2D, LeakyRelu": (MAP, lambda x: fused(
        "_FusedConv2D", ["BiasAdd", "LeakyRelu"], x, weights(4), leakyrelu_alpha=0.25)),
    "_FusedConv2D, Elu": (MAP, lambda x: fused("_FusedConv2D", ["BiasAdd", "Elu"], x, weights(4))),
    "_FusedConv2D, FusedBatchNorm and Relu6": (MAP, lambda x: fused(
        "_FusedConv2D", ["FusedBatchNorm", "Relu6"], x, weights(4), weights(4), weights(4), weights(4) + 2.0,
        epsilon=0.01)),
    "_FusedMatMul, Relu": (UNITS, lambda x: fused("_FusedMatMul", ["BiasAdd", "Relu"], x, weights(5))),
    "MatMul, transposed weights": (UNITS, lambda x: tf.matmul(x, weights(4, 7), transpose_b=True)),
    "MatMul and AddV2": (UNITS, lambda x: tf.matmul(x, weights(7, 4)) + weights(4)),
    "FusedBatchNormV3": (MAP, lambda x: normalised(x, 0.01)),
    "LRN": (MAP, lambda x: flat(tf.nn.local_response_normalization(x, 1, 2.0, 0.5, 0.75))),
    "MaxPool, SAME": (MAP, lambda x: flat(tf.nn.max_pool2d(x, [2, 3], [2, 1], "SAME"))),
    "AvgPool, SAME": (MAP, lambda x: flat(tf.nn.avg_pool2d(x, [3, 2], 2, "SAME"))),
    "Mean, negative axes": (MAP, lambda x: tf.reduce_mean(x, [-3, -2])),
    "Mean of channels first": (MAP, lambda x: tf.reduce_mean(tf.transpose(x, [0, 3, 1, 2]), [2, 3])),
    "Max, kept axes, and Squeeze": (MAP, lambda x: tf.squeeze(tf.reduce_max(x, [1, 2], keepdims=True), [1, 2])),
    "PadV2 of zeros": (MAP, lambda x: flat(raw.PadV2(
        input=x, paddings=[[0, 0], [1, 2], [0, 3], [0, 0]], constant_values=0.0))),
    "Sub and RealDiv by channel": (MAP, lambda x: flat((x - weights(3)) / (weights(3) + 2.0))),
    "constant minus image": (MAP, lambda x: flat(1.0 - x)),
    "unfused normalisation": (MAP, lambda x: flat(tf.nn.batch_normalization(
        x, weights(3), weights(3) + 2.0, weights(3), weights(3), 0.001))),
    "ConcatV2 along the height": (MAP, lambda x: flat(tf.concat([x, tf.nn.relu(x)], 1))),
    "gate by ExpandDims": (MAP, lambda x: flat(x * tf.sigmoid(
        tf.expand_dims(tf.expand_dims(tf.reduce_mean(x, [1, 2]), 1), 1)))),
    "AddN": (UNITS, lambda x: tf.add_n([tf.nn.relu(x), tf.tanh(x), tf.sigmoid(x)])),
    "Softmax": (UNITS, tf.nn.softmax),
    "GELU by tanh": (UNITS, lambda x: tf.nn.gelu(x, approximate=True)),
    "GELU by erfc": (UNITS, lambda x: 0.5 * x * tf.math.erfc(-x * 0.70710678)),
    "hard sigmoid of Keras 2": (UNITS, lambda x: tf.clip_by_value(0.2 * x + 0.5, 0.0, 1.0)),
    "slopes in a sum": (MAP, lambda x: flat(tf.nn.relu(x) + (-weights(1, 1, 3)) * tf.nn.relu(-x))),
    "ReLU6 by a minimum in a maximum": (UNITS, lambda x: tf.maximum(tf.minimum(4.0 * x, 6.0), 0.0)),
    "ReLU by a maximum": (UNITS, lambda x: tf.maximum(x, 0.0)),
    "Reshape by slices of a shape": (MAP, lambda x: flat(tf.transpose(sliced_shape(x), [0, 2, 1]))),
    "Reshape by a product": (MAP, lambda x: tf.reshape(x, tf.stack(
        [tf.shape(x)[0], tf.reduce_prod(tf.shape(x)[1:])]))),
    "Reshape by gathered sizes": (MAP, lambda x: flat(tf.reshape(x, tf.concat(
        [[-1], tf.gather(tf.shape(x), [2, 1]), tf.fill([1], 3)], 0)))),
    "constants by a slice": (UNITS, lambda x: x * tf.constant(
        (numpy.arange(84).reshape(4, 7, 3) / 64).astype("float32"))[2, ::-1, 1]),
    "constants by masks": (UNITS, lambda x: x + tf.constant(
        (numpy.arange(105).reshape(5, 7, 3) / 64).astype("float32"))[..., tf.newaxis, 2][1:4:2][-1, :, 0]),
}  # fmt: skip


def case(name, shape, build):
    images = rng.integers(-127, 128, (2, *shape)).astype("int8")
    graph = tf.Graph()
    with graph.as_default(), v1.Session(graph=graph) as session:
        image = v1.placeholder(tf.float32, (None, *shape), "image")
        classes = tf.identity(build(image), "classes")
        output = session.run(classes, {image: images / 64})
        stored = v1.graph_util.extract_sub_graph(graph.as_graph_def(), ["classes"])
    for node in stored.node:
        for key in [key for key in node.attr if key.startswith("_")]:
            del node.attr[key]
    return {
        "name": name,
        "file": text(gzip.compress(stored.SerializeToString(), mtime=0)),
        "shape": list(shape),
        "image": text(images.tobytes()),
        "output": text(output.astype("<f4").tobytes()),
    }


def text(data):
    return base64.b64encode(data).decode()


def main():
    cases = [case(name, shape, build) for name, (shape, build) in CASES.items()]
    path = pathlib.Path(__file__).with_name("tensorflow-operators.json")
    path.write_text(json.dumps({"tensorflow": tf.__version__, "cases": cases}, separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size, "bytes,", len(cases), "cases")


main()
