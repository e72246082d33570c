"""Golden values for src/main/data: resizing, cropping, luma and preprocessing, from Pillow and NumPy.

Needs pillow and numpy. Writes resize.json beside itself:
    python scripts/golden/resize.py
Samples are base64 of unsigned bytes, row-major [height, width, channels].
"""
import base64
import json
import math
from pathlib import Path

import numpy as np
import PIL
from PIL import Image

rng = np.random.default_rng(20190506)


def picture(height, width, channels):
    """Half noise, half smooth, so that both rounding and blurring show."""
    noise = rng.integers(0, 256, (height, width, channels))
    ramp = np.add.outer(np.arange(height), np.arange(width))[:, :, None] * 3 % 256
    samples = np.where(np.arange(width)[None, :, None] * 2 < width, noise, ramp)
    return samples.astype(np.uint8)


def to_pillow(samples):
    return Image.fromarray(samples[:, :, 0] if samples.shape[2] == 1 else samples)


def two_passes(image, size, kernel):
    """Horizontal, then vertical, rounded between: what Pillow 11 does. Version 13 goes vertical first where the
    width grows while the height shrinks, which is at most one level apart."""
    return image.resize((size[0], image.height), kernel).resize(size, kernel)


def resized(samples, target, mode, kernel):
    """Resize (keeping the aspect ratio and cropping the centre in mode crop) as torchvision does on PIL images."""
    image = to_pillow(samples)
    height, width = target
    if mode == 'fit':
        return np.asarray(two_passes(image, (width, height), kernel))
    if height * image.width >= width * image.height:
        scaled = (max(width, math.floor(height * image.width / image.height)), height)
    else:
        scaled = (width, max(height, math.floor(width * image.height / image.width)))
    left, top = (scaled[0] - width) // 2, (scaled[1] - height) // 2
    return np.asarray(two_passes(image, scaled, kernel).crop((left, top, left + width, top + height)))


def encode(samples):
    return base64.b64encode(np.ascontiguousarray(samples, np.uint8).tobytes()).decode()


def resize_case(shape, target, mode):
    samples = picture(*shape)
    binary = (samples[:, :, :1] > 127).astype(np.uint8)
    return {
        'shape': shape,
        'target': target,
        'resize': mode,
        'input': encode(samples),
        'bilinear': encode(resized(samples, target, mode, Image.BILINEAR)),
        'mask': encode(binary),
        'nearest': encode(resized(binary, target, mode, Image.NEAREST)),
    }


def preprocess_case(channels, order, scale, mean, std):
    samples = picture(6, 5, channels)
    network_order = samples[:, :, ::-1] if order == 'bgr' else samples
    values = (network_order.astype(np.float64) * scale - np.array(mean)) / np.array(std)
    return {
        'shape': [6, 5, channels],
        'input': encode(samples),
        'options': {'height': 6, 'width': 5, 'channels': channels, 'order': order,
                    'scale': scale, 'mean': mean, 'std': std},
        'values': [float(value) for value in values.astype(np.float32).ravel()],
    }


colours = picture(16, 16, 3)
golden = {
    'made_with': {'pillow': PIL.__version__, 'numpy': np.__version__},
    'resize': [
        resize_case([37, 53, 3], [16, 16], 'fit'),
        resize_case([37, 53, 1], [11, 7], 'fit'),
        resize_case([12, 9, 3], [28, 31], 'fit'),
        resize_case([30, 30, 3], [29, 31], 'fit'),
        resize_case([5, 200, 1], [2, 3], 'fit'),
        resize_case([1, 1, 3], [4, 4], 'fit'),
        resize_case([20, 60, 3], [16, 16], 'crop'),
        resize_case([45, 31, 3], [20, 24], 'crop'),
        resize_case([9, 14, 1], [21, 20], 'crop'),
        resize_case([33, 16, 3], [16, 16], 'crop'),
    ],
    'luma': {
        'shape': [16, 16, 3],
        'input': encode(colours),
        'grey': encode(np.asarray(to_pillow(colours).convert('L'))),
    },
    'preprocess': [
        preprocess_case(3, 'rgb', 1 / 255, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        preprocess_case(3, 'bgr', 1, [103.939, 116.779, 123.68], [1, 1, 1]),
        preprocess_case(1, 'rgb', 1 / 255, [0.1307], [0.3081]),
    ],
}
target = Path(__file__).with_name('resize.json')
target.write_text(json.dumps(golden, separators=(',', ':')) + '\n')
