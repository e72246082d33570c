"""The extraction of extraction.ts in PyTorch with forward hooks: norm of every channel, place of its maximum, the 100
strongest images of each feature, descriptors, their Gram matrix and label sums; norms and predictions go to a file
that is safe on disk after every 512 images, as VEBI's are. Arguments: an IDX file of images, one of labels, the prefix
of the weights' .npy files, the batch size; prints JSON. Reading files and building the network are not timed."""

import json
import os
import sys
import tempfile
import time

try:
    import numpy as np
    import torch
except ImportError as error:
    sys.exit(f"{error.name} is not installed for {sys.executable}")

TOP = 100
BLOCK = 2048
PART = 512

images = torch.from_numpy(np.fromfile(sys.argv[1], np.uint8)[16:].reshape(-1, 1, 28, 28).copy())
labels = torch.from_numpy(np.fromfile(sys.argv[2], np.uint8)[8:].astype(np.int64))
batch_size = int(sys.argv[4])


def weight(name, part):
    return torch.from_numpy(np.load(f"{sys.argv[3]}-{name}-{part}.npy").astype(np.float32))


def convolution(name):
    kernel = weight(name, "kernel").permute(3, 2, 0, 1).contiguous()
    layer = torch.nn.Conv2d(kernel.shape[1], kernel.shape[0], kernel.shape[2])
    layer.weight, layer.bias = torch.nn.Parameter(kernel), torch.nn.Parameter(weight(name, "bias"))
    return layer


def dense(name, maps=None):
    kernel = weight(name, "kernel")
    if maps:
        # Flattened with channels last there, channels first here.
        kernel = kernel.reshape(*maps, -1).permute(2, 0, 1, 3).reshape(kernel.shape)
    layer = torch.nn.Linear(*kernel.shape)
    layer.weight, layer.bias = torch.nn.Parameter(kernel.T.contiguous()), torch.nn.Parameter(weight(name, "bias"))
    return layer


network = torch.nn.Sequential(
    convolution("conv1"), torch.nn.MaxPool2d(2), convolution("conv2"), torch.nn.MaxPool2d(2), torch.nn.Flatten(),
    dense("fc3", (4, 4, 50)), torch.nn.ReLU(), dense("fc4"), torch.nn.Softmax(1),
)
hooked = [network[i] for i in (0, 1, 2, 3, 5, 6)]
found = {}


def hook(layer, _inputs, output):
    if output.ndim == 2:
        found[layer] = output.abs(), torch.zeros(output.shape, dtype=torch.long)
    else:
        maps = output.flatten(2)
        found[layer] = torch.linalg.vector_norm(maps, dim=2), maps.argmax(2)


for layer in hooked:
    layer.register_forward_hook(hook)


def extract(file):
    size = 1140
    top = {"norms": torch.empty(0, size), "positions": torch.empty(0, size, dtype=torch.long),
           "images": torch.empty(0, size, dtype=torch.long)}
    gram = torch.zeros(size, size, dtype=torch.float64)
    true_sums = torch.zeros(10, size, dtype=torch.float64)
    predicted_sums = torch.zeros(10, size, dtype=torch.float64)
    block = []
    predicted = []
    since = 0
    for begin in range(0, len(images), batch_size):
        batch = images[begin : begin + batch_size].float() / 255
        predicted.append(network(batch).argmax(1))
        norms = torch.cat([found[layer][0] for layer in hooked], 1)
        positions = torch.cat([found[layer][1] for layer in hooked], 1)
        ids = torch.arange(begin, begin + len(batch))[:, None].expand(-1, size)
        file.write(norms.numpy())
        file.write(predicted[-1].numpy())
        since += len(batch)
        if since >= PART or begin + batch_size >= len(images):
            file.flush()
            os.fsync(file.fileno())
            since = 0
        everything = {"norms": torch.cat([top["norms"], norms]), "positions": torch.cat([top["positions"], positions]),
                      "images": torch.cat([top["images"], ids])}
        kept = everything["norms"].topk(min(TOP, len(everything["norms"])), 0).indices
        top = {name: values.gather(0, kept) for name, values in everything.items()}
        block.append(torch.cat([n / n.sum(1, keepdim=True).clamp_min(1e-30) for n in (found[x][0] for x in hooked)], 1))
        if sum(len(rows) for rows in block) >= BLOCK or begin + batch_size >= len(images):
            descriptors = torch.cat(block)
            gram += (descriptors.T @ descriptors).double()
            guessed = torch.cat(predicted)
            end = begin + len(batch)
            true_sums.index_add_(0, labels[end - len(descriptors) : end], descriptors.double())
            predicted_sums.index_add_(0, guessed, descriptors.double())
            block = []
            predicted = []
    return gram


with torch.no_grad():
    network(images[:batch_size].float() / 255)
    with tempfile.TemporaryFile(dir=os.path.dirname(sys.argv[3])) as file:
        start = time.perf_counter()
        result = extract(file)
        taken = time.perf_counter() - start
print(json.dumps({"version": torch.__version__, "seconds": taken, "gramTrace": result.trace().item()}))
