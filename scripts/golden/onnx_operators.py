"""Golden values for the ONNX importer, from onnxruntime: writes onnx-operators.json beside this file.

Small graphs that show one operator, or one way of writing something, each. The output is always flattened to one
vector, in the file's order. Values of inputs and weights are in steps of 1/64.

    pip install onnx onnxruntime
    python scripts/golden/onnx_operators.py
"""

import base64
import json
import pathlib

import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

rng = numpy.random.default_rng(1712)
MAP = (3, 5, 6)


def rand(*shape):
    return (rng.integers(-128, 129, shape) / 64).astype("float32")


def ints(*values):
    return numpy.array(values, "int64")


def scalar(value):
    return numpy.array(value, "float32")


class Graph:
    """Nodes in a row unless they name their inputs; arrays become initializers."""

    def __init__(self, shape, version):
        self.shape, self.version = shape, version
        self.nodes, self.weights, self.last = [], [], "image"

    def add(self, operator, *inputs, **attributes):
        """None stands for the output of the node before, '' for an input that is left out."""
        names = []
        for value in inputs or (None,):
            if value is None:
                names.append(self.last)
            elif isinstance(value, str):
                names.append(value)
            else:
                names.append(f"weight{len(self.weights)}")
                self.weights.append(numpy_helper.from_array(value, names[-1]))
        self.last = f"value{len(self.nodes)}"
        name = f"{operator.lower()} {len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, names, [self.last], name, **attributes))
        return self.last

    def model(self):
        self.nodes.append(helper.make_node("Flatten", [self.last], ["output"], "last", axis=1))
        image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["images", *self.shape])
        output = helper.make_tensor_value_info("output", TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, "case", [image], [output], self.weights)
        settings = {"opset_imports": [helper.make_opsetid("", self.version)], "ir_version": 8}
        return helper.make_model(graph, **settings)


CASES = []


def case(name, version, shape=MAP):
    def register(build):
        CASES.append((name, version, shape, build))
        return build

    return register


def simple(name, version, operator, *inputs, shape=MAP, **attributes):
    CASES.append((name, version, shape, lambda graph: graph.add(operator, *inputs, **attributes)))


KERNEL = rand(4, 3, 3, 2)
simple("Conv with SAME_UPPER", 11, "Conv", None, KERNEL, rand(4), auto_pad="SAME_UPPER", strides=[2, 2])
simple("Conv with SAME_LOWER", 11, "Conv", None, KERNEL, rand(4), auto_pad="SAME_LOWER", strides=[2, 3])
simple("Conv with VALID", 7, "Conv", None, KERNEL, auto_pad="VALID")
simple("Conv with uneven pads and dilation", 22, "Conv", None, KERNEL, pads=[2, 0, 1, 3], dilations=[2, 3])
simple("Conv in groups", 11, "Conv", None, rand(6, 2, 2, 2), rand(6), group=2, shape=(4, 4, 5))
simple("Conv for each channel, two outputs each", 11, "Conv", None, rand(6, 1, 3, 3), rand(6), group=3)
simple("MaxPool rounding up", 10, "MaxPool", kernel_shape=[2, 3], strides=[2, 2], ceil_mode=1)
simple("MaxPool with uneven pads", 12, "MaxPool", kernel_shape=[3, 3], strides=[2, 2], pads=[0, 2, 1, 0])
simple("MaxPool with SAME_LOWER", 12, "MaxPool", kernel_shape=[3, 2], strides=[2, 2], auto_pad="SAME_LOWER")
simple("AveragePool of real pixels", 11, "AveragePool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 0, 2, 1])
simple("AveragePool counting the padding", 11, "AveragePool", kernel_shape=[3, 2], pads=[1, 1, 0, 1],
       count_include_pad=1)  # fmt: skip
simple("AveragePool rounding up", 19, "AveragePool", kernel_shape=[2, 4], strides=[2, 4], ceil_mode=1)
simple("GlobalAveragePool", 7, "GlobalAveragePool")
simple("GlobalMaxPool", 7, "GlobalMaxPool")
simple("ReduceMean without axes kept", 11, "ReduceMean", axes=[2, 3], keepdims=0)
simple("ReduceMean with axes as input", 18, "ReduceMean", None, ints(-1, -2))
simple("ReduceMax", 11, "ReduceMax", axes=[2, 3], keepdims=1)
simple("BatchNormalization", 9, "BatchNormalization", None, rand(3), rand(3), rand(3), abs(rand(3)) + 1, epsilon=1e-3)
simple("BatchNormalization of units", 15, "BatchNormalization", None, rand(7), rand(7), rand(7), abs(rand(7)) + 1,
       shape=(7,))  # fmt: skip
simple("LRN", 13, "LRN", size=3, alpha=0.3, beta=0.6, bias=1.5)
simple("LeakyRelu by default", 6 + 1, "LeakyRelu")
simple("PRelu per channel", 9, "PRelu", None, rand(3, 1, 1))
simple("PRelu of one slope", 16, "PRelu", None, rand(1))
simple("PRelu per place", 16, "PRelu", None, rand(*MAP))
simple("Elu", 7, "Elu", alpha=0.6)
simple("ThresholdedRelu", 10, "ThresholdedRelu", alpha=0.5)
simple("Clip with attributes", 7, "Clip", min=0.0, max=1.0)
simple("Clip with inputs", 13, "Clip", None, scalar(0), scalar(1.5))
simple("Clip below only", 13, "Clip", None, scalar(0))
simple("HardSigmoid by default", 7, "HardSigmoid")
simple("HardSigmoid", 7, "HardSigmoid", alpha=0.6, beta=0.3)
simple("HardSwish", 14, "HardSwish")
simple("Gelu", 20, "Gelu")
simple("Gelu by tanh", 20, "Gelu", approximate="tanh")
simple("Sigmoid", 13, "Sigmoid")
simple("Tanh", 13, "Tanh")
simple("Softmax over the channels", 13, "Softmax", axis=1)
simple("Softmax over the width", 13, "Softmax", axis=-1)
simple("Softmax of units, old", 7, "Softmax", shape=(7,))
simple("Add of one per channel", 13, "Add", None, rand(3, 1, 1))
simple("Mul with one number on the left", 13, "Mul", scalar(1.75), None)
simple("Div by one per channel", 13, "Div", None, abs(rand(1, 3, 1, 1)) + 1)
simple("Pad of old", 7, "Pad", pads=[0, 0, 1, 2, 0, 0, 0, 1])
simple("Pad", 13, "Pad", None, ints(0, 0, 0, 1, 0, 0, 2, 0))
simple("Pad along chosen axes", 18, "Pad", None, ints(1, 0, 0, 2), "", ints(-2, -1))
simple("Gemm with factors", 13, "Gemm", None, rand(7, 4), rand(1, 4), alpha=0.5, beta=2.0, shape=(7,))
simple("Gemm, transposed, with one number", 11, "Gemm", None, rand(4, 7), rand(1), transB=1, shape=(7,))
simple("MatMul over the width", 13, "MatMul", None, rand(6, 4))
simple("Flatten", 7, "Flatten")
simple("Reshape that keeps and infers", 13, "Reshape", None, ints(0, 15, -1))
simple("Squeeze and nothing else", 13, "Squeeze", None, ints(1), shape=(1, 4, 3))
simple("Transpose", 13, "Transpose", perm=[0, 3, 1, 2])
simple("Gather of channels, turned", 13, "Gather", None, ints(2, 1, 0), axis=1)
simple("Gather of channels, counted from the end, one twice", 13, "Gather", None, ints(-1, 0, -1, 1), axis=-3)
simple("Slice that turns the channels", 13, "Slice", None, ints(-1), ints(-9), ints(1), ints(-1))
simple("Slice of channels, old", 9, "Slice", axes=[0, 1, 3], starts=[0, 1, 0], ends=[2147483647, 3, 2147483647])


@case("Sub and Div of mean and deviation", 13)
def normalised(graph):
    graph.add("Sub", None, rand(1, 3, 1, 1))
    graph.add("Div", None, abs(rand(1, 3, 1, 1)) + 1)
    graph.add("Mul", None, scalar(3))


@case("MatMul and Add after Flatten", 9, (4, 2, 3))
def dense_after_map(graph):
    graph.add("Flatten", axis=1)
    graph.add("Relu")
    graph.add("MatMul", None, rand(24, 5))
    graph.add("Add", rand(5), None)


@case("BatchNormalization after Flatten", 15, (4, 2, 3))
def norm_after_map(graph):
    graph.add("Flatten", axis=1)
    graph.add("BatchNormalization", None, rand(24), rand(24), rand(24), abs(rand(24)) + 1)


@case("constant per unit after Flatten", 13, (4, 2, 3))
def constant_after_map(graph):
    graph.add("Flatten", axis=1)
    graph.add("Mul", None, rand(24))


@case("constant along the last axis of a regrouped vector", 13, (12,))
def constant_after_regrouping(graph):
    graph.add("Reshape", None, ints(-1, 3, 4))
    graph.add("Mul", None, rand(4))


@case("Concat of two flattened maps", 13)
def joined_units(graph):
    first = graph.add("Flatten", "image", axis=1)
    graph.add("MaxPool", "image", kernel_shape=[2, 2])
    second = graph.add("Flatten", axis=1)
    graph.add("Concat", first, second, axis=-1)


@case("Concat along the height", 13)
def joined_rows(graph):
    graph.add("MaxPool", "image", kernel_shape=[2, 1])
    graph.add("Concat", "image", None, axis=2)


@case("Concat of maps with their channels first and last", 13, (3, 4, 4))
def joined_layouts(graph):
    first = graph.add("Conv", "image", rand(3, 3, 2, 2))
    turned = graph.add("Transpose", perm=[0, 2, 3, 1])
    graph.add("Concat", first, turned, axis=1)


@case("Sum of three", 8)
def summed(graph):
    graph.add("Relu")
    graph.add("Sum", "image", None, "image")


@case("product of a map with one number per place", 13)
def attended(graph):
    gate = graph.add("Conv", "image", rand(1, 3, 1, 1))
    graph.add("Mul", "image", gate)


@case("product with a gate from units", 13)
def gated(graph):
    graph.add("GlobalAveragePool", "image")
    graph.add("Flatten", axis=1)
    graph.add("Gemm", None, rand(3, 3), rand(3))
    graph.add("Unsqueeze", None, ints(2, 3))
    graph.add("Mul", None, "image")


@case("Gather and Slice of channels that stand last", 13, (5, 6, 3))
def turned_last(graph):
    graph.add("Gather", None, ints(2, 1, 0), axis=3)
    graph.add("Transpose", perm=[0, 3, 1, 2])
    graph.add("Conv", None, rand(4, 3, 2, 2), rand(4))
    graph.add("Transpose", perm=[0, 2, 3, 1])
    graph.add("Slice", None, ints(3), ints(-9), ints(-1), ints(-2))


def halves(graph, **sizes):
    graph.nodes.append(helper.make_node("Split", ["image"], ["left", "right"], "split", **sizes))
    left = graph.add("Relu", "left")
    graph.add("Concat", "right", left, axis=1)


@case("Split of channels in halves", 13, (4, 3, 5))
def split_in_halves(graph):
    halves(graph, axis=1)


@case("Split of channels, uneven", 18, (3, 3, 5))
def split_unevenly(graph):
    halves(graph, axis=-3, num_outputs=2)


@case("Split of channels in stated sizes, old", 11, (5, 3, 2))
def split_as_stated(graph):
    halves(graph, axis=1, split=[1, 4])


@case("means over a map with its channels last", 13, (5, 6, 3))
def channels_last_mean(graph):
    graph.add("Transpose", perm=[0, 3, 1, 2])
    graph.add("Conv", None, rand(4, 3, 2, 2), rand(4))
    graph.add("Transpose", perm=[0, 2, 3, 1])
    graph.add("Add", None, rand(4))
    graph.add("ReduceMean", axes=[1, 2], keepdims=0)


@case("dense layer on a map with its channels last", 13, (5, 6, 3))
def channels_last_dense(graph):
    graph.add("Transpose", perm=[0, 3, 1, 2])
    graph.add("Conv", None, rand(4, 3, 2, 2), rand(4))
    graph.add("Transpose", perm=[0, 2, 3, 1])
    graph.add("MatMul", None, rand(4, 2))
    graph.add("Add", None, rand(2))


@case("shape arithmetic", 13)
def shape_arithmetic(graph):
    shape = graph.add("Shape", "image")
    images = graph.add("Gather", shape, numpy.array(0, "int64"), axis=0)
    images = graph.add("Unsqueeze", images, ints(0))
    rest = graph.add("Slice", shape, ints(1), ints(9223372036854775807), ints(0))
    rest = graph.add("ReduceProd", rest, keepdims=1)
    half = graph.add("Div", rest, ints(2))
    whole = graph.add("Cast", graph.add("Cast", half, to=TensorProto.FLOAT), to=TensorProto.INT64)
    target = graph.add("Concat", images, ints(2), whole, axis=0)
    graph.add("Reshape", "image", target)


@case("arithmetic on constants", 13)
def constant_arithmetic(graph):
    steps = graph.add("Range", ints(0)[0], ints(3)[0], ints(1)[0])
    odd = graph.add("Equal", graph.add("Mod", steps, ints(2)), ints(1))
    late = graph.add("Greater", steps, ints(1))
    early = graph.add("Less", steps, ints(1))
    grown = graph.add("Pow", graph.add("Cast", steps, to=TensorProto.FLOAT), scalar(1.5))
    shifted = graph.add("Where", odd, grown, graph.add("Neg", graph.add("Sqrt", abs(rand(3)) + 1)))
    shifted = graph.add("Where", late, graph.add("Reciprocal", abs(rand(3)) + 1), shifted)
    shifted = graph.add("Where", early, graph.add("Floor", rand(3)), shifted)
    table = graph.add("Expand", graph.add("Ceil", rand(4, 1)), ints(2, 4, 3))
    table = graph.add("Slice", table, ints(3, 0), ints(-9, 2), ints(1, 2), ints(-2, 1))
    table = graph.add("Gather", table, ints(-1, 0), axis=2)
    table = graph.add("Reshape", graph.add("Transpose", table, perm=[2, 0, 1]), ints(4, 2))
    table = graph.add("Slice", graph.add("Concat", table, rand(1, 2), axis=0), ints(1), ints(4), ints(0))
    table = graph.add("Min", graph.add("Max", table, scalar(-1)), scalar(1))
    column = graph.add("Squeeze", graph.add("Slice", table, ints(1), ints(2), ints(1)), ints(1))
    zeros = graph.add("ConstantOfShape", ints(3), value=numpy_helper.from_array(numpy.array([0.5], "float32")))
    total = graph.add("Sub", graph.add("Add", shifted, column), graph.add("Div", zeros, graph.add("Abs", rand(1))))
    graph.add("Mul", "image", graph.add("Unsqueeze", graph.add("Identity", total), ints(1, 2)))


@case("transposed weights", 13, (7,))
def transposed_weights(graph):
    matrix = graph.add("Transpose", rand(4, 7), perm=[1, 0])
    graph.add("MatMul", "image", matrix)


@case("reshapes between a vector and a map", 13, (24,))
def vector_to_map(graph):
    graph.add("Reshape", None, ints(-1, 2, 3, 4))
    graph.add("Conv", None, rand(3, 2, 2, 2))
    graph.add("Reshape", None, ints(-1, 3, 6))
    graph.add("Transpose", perm=[0, 2, 1])


@case("remainders of constants, with the sign of the divisor or the dividend", 13)
def remainders(graph):
    odd = graph.add("Mod", ints(-5, 5, -7), ints(3, -3, 4))
    as_in_c = graph.add("Mod", numpy.array([-5.5, 5.5, -7], "float32"), numpy.array([3, -3, 4], "float32"), fmod=1)
    total = graph.add("Add", graph.add("Cast", odd, to=TensorProto.FLOAT), as_in_c)
    graph.add("Add", "image", graph.add("Unsqueeze", total, ints(1, 2)))


@case("a product over all axes of a constant, kept", 13)
def product(graph):
    kept = graph.add("ReduceProd", rand(1, 2, 2), axes=[2, 0, 1])
    graph.add("Mul", "image", graph.add("Squeeze", kept, ints(0, 2)))


def encoded(data):
    return base64.b64encode(data).decode()


def main():
    cases = []
    for name, version, shape, build in CASES:
        graph = Graph(shape, version)
        build(graph)
        data = graph.model().SerializeToString()
        session = onnxruntime.InferenceSession(data)
        steps = rng.integers(-127, 128, (2, *shape))
        (output,) = session.run(None, {"image": (steps / 64).astype("float32")})
        cases.append({
            "name": f"{name} ({version})",
            "file": encoded(data),
            "shape": shape,
            # int8 in steps of 1/64, and float32.
            "image": encoded(steps.astype("int8").tobytes()),
            "output": encoded(output.astype("<f4").tobytes()),
        })  # fmt: skip
    path = pathlib.Path(__file__).with_name("onnx-operators.json")
    text = {"onnxruntime": onnxruntime.__version__, "cases": cases}
    path.write_text(json.dumps(text, separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size, "bytes,", len(cases), "cases")


main()
