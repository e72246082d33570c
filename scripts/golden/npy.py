"""Golden values for src/core/npy.ts: .npy files as NumPy writes them, and their values.

Writes npy.json beside this file. Needs numpy.
"""

import base64
import io
import json
from pathlib import Path

import numpy as np
from numpy.lib import format as npy_format


def entry(name, array, version=None):
    stream = io.BytesIO()
    npy_format.write_array(stream, array, version=version)
    return {
        "name": name,
        "bytes": base64.b64encode(stream.getvalue()).decode(),
        "shape": list(array.shape),
        "values": [float(value) for value in array.ravel(order="C")],
    }


entries = []
for code in ("f4", "f8", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"):
    for order in "<>":
        dtype = np.dtype(order + code)
        if code[0] == "f":
            array = np.array([[0.5, -1.25, 3e10], [1e-7, 2.0, -0.0]], dtype)
        else:
            limits = np.iinfo(dtype)
            largest = min(limits.max, 2**53 - 1)
            array = np.array([[max(limits.min, -(2**53) + 1), 1, largest], [7, 100, 0]], dtype)
        entries.append(entry(order + code, array))
cube = np.arange(24, dtype="<f4").reshape(2, 3, 4)
entries += [
    entry("bool", np.array([True, False, True])),
    entry("Fortran order, two axes", np.asfortranarray(np.arange(6, dtype="<i4").reshape(2, 3))),
    entry("Fortran order, three axes", np.asfortranarray(cube)),
    entry("no axes", np.array(2.5)),
    entry("one axis", np.arange(5.0)),
    entry("empty", np.zeros((0, 3))),
    entry("version 2", cube, (2, 0)),
    entry("version 3", cube, (3, 0)),
]


def saved(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return base64.b64encode(stream.getvalue()).decode()


refused = {
    "complex": saved(np.array([1 + 2j])),
    "record": saved(np.zeros(2, dtype=[("a", "<f4"), ("b", "<i4")])),
    "integer beyond 2^53": saved(np.array([2**60], dtype="<i8")),
}
written = {code: saved(np.arange(6, dtype=code).reshape(2, 3)) for code in ("<f4", "<f8", "<i4", "|u1")}
result = {"source": f"NumPy {np.__version__}", "arrays": entries, "refused": refused, "written": written}
Path(__file__).with_suffix(".json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
