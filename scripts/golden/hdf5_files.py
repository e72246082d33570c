"""Writes hdf5-files.json: HDF5 files that a careless reader would trip over, each with a member "x".

    python scripts/golden/hdf5_files.py      (needs h5py)
"""

import base64
import gzip
import json
import pathlib
import tempfile

import h5py
import numpy as np

written = {}


def case(name):
    """Registers a function that fills a file; stores the file it makes."""

    def register(fill):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "case.h5"
            with h5py.File(path, "w") as file:
                fill(file)
            written[name] = base64.b64encode(gzip.compress(path.read_bytes(), 9, mtime=0)).decode()
        return fill

    return register


for kind in ("<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "i1", "u1", "<i2", ">u2", "<i4", ">i4", "<u4", "<i8", ">u8"):

    @case(f"values {kind}")
    def values(file):
        file["x"] = np.array([[0, 1, 2], [3, 100, 0 if kind[-2] == "u" else -100]]).astype(kind)


@case("scalar")
def scalar(file):
    file["x"] = np.float32(2.5)


@case("no values")
def no_values(file):
    file["x"] = np.zeros((0, 3), "<f4")


@case("packed")
def packed(file):
    rows = np.arange(700 * 30, dtype="<f4").reshape(700, 30)
    file.create_dataset("x", data=rows, chunks=(64, 7), compression="gzip", shuffle=True, fletcher32=True)


@case("list of texts in parts")
def parts(file):
    file.attrs["names0"] = np.array([b"a", b"long"])
    file.attrs["names1"] = ["variable", "lengths"]
    file.attrs["none"] = []


@case("external storage")
def external_storage(file):
    file.create_dataset("x", (10,), "<f4", external=[("/etc/hostname", 0, 40)])


@case("external storage in a device")
def external_device(file):
    file.create_dataset("x", (10,), "<f4", external=[("/dev/stdin", 0, 40)])


@case("external link")
def external_link(file):
    file["x"] = h5py.ExternalLink("/etc/other.h5", "/weights")


@case("external link on the way")
def external_group(file):
    file.create_group("layers")["x"] = h5py.ExternalLink("other.h5", "/")


@case("soft link")
def soft_link(file):
    file["y"] = np.zeros(3)
    file["x"] = h5py.SoftLink("/y")


@case("virtual data set")
def virtual(file):
    layout = h5py.VirtualLayout((3,), "<f4")
    layout[:] = h5py.VirtualSource("/etc/other.h5", "weights", (3,))
    file.create_virtual_dataset("x", layout)


@case("cycle")
def cycle(file):
    group = file.create_group("x")
    group["x"] = group


@case("huge")
def huge(file):
    file.create_dataset("x", (1 << 20, 1 << 20), "<f4")


@case("huge and packed")
def huge_packed(file):
    file.create_dataset("x", (1 << 20, 1 << 20), "<f4", chunks=(1000, 1000), compression="gzip")


@case("huge chunk")
def huge_chunk(file):
    file.create_dataset("x", (4, 4), "<f4", maxshape=(None, None), chunks=(1 << 14, 1 << 13), compression="gzip")


@case("small values of many")
def small_values(file):
    file.create_dataset("x", (20_000, 1000), "u1", chunks=(1000, 1000), compression="gzip")


@case("huge chunk that is nearly empty")
def nearly_empty_chunk(file):
    file.create_dataset("x", (1,), "<f4", maxshape=(None,), chunks=(20_000_000,), compression="gzip")


@case("one data set under many names")
def many_names(file):
    file["x"] = np.zeros(1000, "<f4")
    for position in range(10):
        file[f"x{position}"] = file["x"]


@case("text")
def text(file):
    file["x"] = "no numbers"


@case("compound")
def compound(file):
    file["x"] = np.zeros(2, [("a", "<f4"), ("b", "<i4")])


@case("unknown filter")
def unknown_filter(file):
    file.create_dataset("x", data=np.zeros((100, 100), "<f4"), compression="lzf")


target = pathlib.Path(__file__).with_name("hdf5-files.json")
target.write_text(json.dumps(written, indent=0) + "\n")
print(target.name, target.stat().st_size)
