"""Reference values for src/core/heatmap-pixels.ts: python heatmap_pixels.py > heatmap-pixels.json

A map enlarged bilinearly between the centres of its values, the border values held beyond the outermost centres:
numpy.interp along each axis in turn. Needs numpy.
"""
import json

import numpy as np

rng = np.random.default_rng(7)
cases = []
for height, width, factor in [(1, 1, 3), (1, 4, 2), (3, 2, 4), (5, 7, 3)]:
    values = np.round(rng.normal(size=(height, width)), 3)
    magnitudes = np.abs(values)
    rows = (np.arange(height * factor) + 0.5) / factor - 0.5
    columns = (np.arange(width * factor) + 0.5) / factor - 0.5
    along = np.stack([np.interp(columns, np.arange(width), row) for row in magnitudes])
    both = np.stack([np.interp(rows, np.arange(height), column) for column in along.T], axis=1)
    cases.append(
        {
            "height": height,
            "width": width,
            "factor": factor,
            "values": values.ravel().tolist(),
            "enlarged": [float(f"{v:.8g}") for v in both.ravel()],
        }
    )
print(json.dumps(cases))
