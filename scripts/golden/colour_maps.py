"""Reference colours for src/core/colour-maps.ts: python colour_maps.py > colour-maps.json

viridis, inferno and cividis: the 256-entry tables of matplotlib (N. Smith, S. van der Walt; J. Nunez, CC0).
jet: matplotlib's piecewise linear definition.
coolwarm: computed here from its definition, K. Moreland, "Diverging Color Maps for Scientific Visualization"
(ISVC 2009): interpolation in Msh space from (59, 76, 192) over an unsaturated middle to (180, 4, 38).
`--points` prints the 33 control points instead, as one string of hexadecimal colours per map.
Needs numpy and matplotlib.
"""
import json
import sys

import matplotlib
import numpy as np

RGB_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = RGB_TO_XYZ @ np.ones(3)


def rgb_to_msh(rgb):
    c = np.asarray(rgb) / 255
    linear = np.where(c > 0.04045, ((c + 0.055) / 1.055) ** 2.4, c / 12.92)
    f = RGB_TO_XYZ @ linear / WHITE
    f = np.where(f > 0.008856, np.cbrt(f), 7.787 * f + 16 / 116)
    lab = np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])
    m = np.linalg.norm(lab)
    return m, np.arccos(lab[0] / m), np.arctan2(lab[2], lab[1])


def msh_to_rgb(m, s, h):
    light, a, b = m * np.cos(s), m * np.sin(s) * np.cos(h), m * np.sin(s) * np.sin(h)
    fy = (light + 16) / 116
    f = np.array([fy + a / 500, fy, fy - b / 200])
    xyz = np.where(f > 0.206893, f**3, (f - 16 / 116) / 7.787) * WHITE
    linear = np.clip(np.linalg.solve(RGB_TO_XYZ, xyz), 0, 1)
    return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)


def adjust_hue(saturated, unsaturated_m):
    m, s, h = saturated
    if m >= unsaturated_m:
        return h
    spin = s * np.sqrt(unsaturated_m**2 - m**2) / (m * np.sin(s))
    return h + spin if h > -np.pi / 3 else h - spin


def coolwarm(t):
    low, high = rgb_to_msh([59, 76, 192]), rgb_to_msh([180, 4, 38])
    middle = max(low[0], high[0], 88)
    if t < 0.5:
        start, end, u = low, (middle, 0, adjust_hue(low, middle)), 2 * t
    else:
        start, end, u = (middle, 0, adjust_hue(high, middle)), high, 2 * t - 1
    return msh_to_rgb(*((1 - u) * np.array(start) + u * np.array(end)))


def table(name, positions):
    if name == "coolwarm":
        colours = [coolwarm(t) for t in positions]
    elif name == "jet":
        # Evaluated exactly: the 256 entries of the table would bend its corners.
        channels = matplotlib._cm._jet_data
        colours = [[np.interp(t, *np.array(channels[c])[:, :2].T) for c in ("red", "green", "blue")] for t in positions]
    else:
        entries = np.array(matplotlib.colormaps[name].colors)
        colours = [[np.interp(t * 255, np.arange(256), entries[:, c]) for c in range(3)] for t in positions]
    return np.rint(np.array(colours) * 255).astype(int)


names = ["viridis", "inferno", "coolwarm", "cividis", "jet"]
if "--points" in sys.argv:
    for name in names:
        print(name, "".join("%02x%02x%02x" % tuple(row) for row in table(name, np.linspace(0, 1, 33))))
else:
    maps = {name: table(name, np.arange(256) / 255).ravel().tolist() for name in names}
    print(json.dumps({"matplotlib": matplotlib.__version__, "maps": maps}, separators=(",", ":")))
