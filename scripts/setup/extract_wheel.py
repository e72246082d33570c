"""Extract from a TensorFlow wheel what tfjs-node's binding is compiled and linked against.

Usage: extract_wheel.py WHEEL FOLDER. Writes FOLDER/tensorflow/...
"""
import sys
import zipfile

LIBRARIES = ("tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2")
HEADERS = tuple("tensorflow/include/" + name for name in ("tensorflow/c/", "tensorflow/core/platform/", "xla/tsl/c/", "tsl/"))

with zipfile.ZipFile(sys.argv[1]) as wheel:
    names = set(wheel.namelist())
    missing = [name for name in LIBRARIES if name not in names]
    if missing:
        sys.exit("error: the wheel lacks " + ", ".join(missing))
    for name in sorted(names):
        if name in LIBRARIES or name.startswith(HEADERS):
            wheel.extract(name, sys.argv[2])
