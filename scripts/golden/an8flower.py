"""Writes an8flower.json: what src/core/an8flower must give for one small scene and for colour conversion.

The scene is traced in world space with NumPy linear algebra: every sample is a ray, every primitive is
intersected with it, the nearest hit wins. Colours come from the standard library's colorsys.
Run: python scripts/golden/an8flower.py
"""
import base64
import colorsys
import json
import pathlib

import numpy as np

SIZE, SIDE, WRAP, EXPONENT = 32, 3, 0.3, 24


def rotation(seed):
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    return (q * np.sign(np.diag(r))).T


def ellipsoid(part, seed, centre, radii, colour, gloss, ramp, vein):
    return dict(kind='ellipsoid', part=part, centre=centre, axes=rotation(seed).tolist(), radii=radii,
                colour=colour, gloss=gloss, ramp=ramp, vein=vein)


direction = np.array([0.4, 0.5, 0.8])
scene = dict(
    size=SIZE,
    camera=dict(elevation=0.55, azimuth=0.8, scale=11.0, origin=[15.3, 24.6]),
    light=dict(direction=(direction / np.linalg.norm(direction)).tolist(), ambient=0.5, diffuse=0.45, tint=[1, 0.97, 0.94]),
    primitives=[
        dict(kind='frustum', part='pot', base=[0.1, 0, -0.1], height=0.8, bottomRadius=0.45, topRadius=0.7,
             colour=[0.8, 0.4, 0.2], gloss=0.2),
        ellipsoid('petals', 1, [0.1, 1.4, 0.2], [0.7, 0.4, 0.1], [0.9, 0.2, 0.3], 0.1, 0.15, 0.2),
        ellipsoid('petals', 2, [-0.4, 1.2, 0.1], [0.6, 0.3, 0.2], [0.9, 0.2, 0.3], 0.0, -0.1, 0.0),
        ellipsoid('leaves', 3, [0.3, 0.9, 0.4], [0.8, 0.25, 0.08], [0.2, 0.6, 0.2], 0.0, 0.1, 0.25),
    ],
    backdrop=dict(style='gradient', colours=[[0.2, 0.3, 0.4], [0.7, 0.8, 0.6]], angle=0.6, horizon=0, grain=9, noiseSeed=1,
                  blobs=[dict(centre=[7.5, 9.0], radii=[6.0, 3.5], angle=0.7, colour=[0.1, 0.2, 0.9], opacity=0.8, softness=0.4)]),
)


def hit(primitive, origins, ray):
    """Distance along the ray of the nearest (largest) hit, unit normal, and pigment brightness."""
    if primitive['kind'] == 'ellipsoid':
        shape = np.array(primitive['axes']) / np.array(primitive['radii'])[:, None]
        start, step = (origins - primitive['centre']) @ shape.T, shape @ ray
        a, b, c = step @ step, start @ step, (start**2).sum(1) - 1
        inside = b * b - a * c
        t = np.where(inside >= 0, (-b + np.sqrt(np.maximum(inside, 0))) / a, -np.inf)
        local = start + np.where(np.isfinite(t), t, 0)[:, None] * step
        normal = local @ shape
        bright = (1 + primitive['ramp'] * local[:, 0]) * (1 - primitive['vein'] * np.maximum(0, 1 - abs(local[:, 1]) / 0.16))
    else:
        slope = (primitive['topRadius'] - primitive['bottomRadius']) / primitive['height']
        start = origins - primitive['base']
        radius = primitive['bottomRadius'] + slope * start[:, 1]
        a = ray[0]**2 + ray[2]**2 - (slope * ray[1])**2
        b = start[:, 0] * ray[0] + start[:, 2] * ray[2] - radius * slope * ray[1]
        c = start[:, 0]**2 + start[:, 2]**2 - radius**2
        inside = b * b - a * c
        root = np.sqrt(np.maximum(inside, 0))
        t = np.full(len(start), -np.inf)
        for candidate in ((-b - root) / a, (-b + root) / a):
            level = start[:, 1] + candidate * ray[1]
            t = np.where((inside >= 0) & (level >= 0) & (level <= primitive['height']), np.maximum(t, candidate), t)
        point = start + np.where(np.isfinite(t), t, 0)[:, None] * ray
        normal = np.stack([point[:, 0], -slope * np.hypot(point[:, 0], point[:, 2]), point[:, 2]], 1)
        inner = normal @ ray < 0
        normal[inner] *= -1
        bright = np.where(inner, 0.9, 1.0)
    return t, normal / np.linalg.norm(normal, axis=1, keepdims=True), bright


def smooth(t):
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


def render(part):
    camera, light = scene['camera'], scene['light']
    e, a = camera['elevation'], camera['azimuth']
    ray = np.array([np.cos(e) * np.sin(a), np.sin(e), np.cos(e) * np.cos(a)])
    right = np.cross([0, 1, 0], ray)
    right /= np.linalg.norm(right)
    up = np.cross(ray, right)
    rows, columns = np.mgrid[:SIZE * SIDE, :SIZE * SIDE]
    x = ((columns + 0.5) / SIDE - camera['origin'][0]).ravel() / camera['scale']
    y = (camera['origin'][1] - (rows + 0.5) / SIDE).ravel() / camera['scale']
    origins = x[:, None] * right + y[:, None] * up
    hits = [hit(primitive, origins, ray) for primitive in scene['primitives']]
    depth = np.stack([h[0] for h in hits])
    owner = np.where(np.isfinite(depth.max(0)), depth.argmax(0), -1)

    to_light = np.array(light['direction'])
    halfway = to_light + [0, 0, 1]
    halfway /= np.linalg.norm(halfway)
    colour = np.zeros((len(owner), 3))
    for index, (primitive, (_, normal, bright)) in enumerate(zip(scene['primitives'], hits)):
        seen = normal @ np.stack([right, up, ray], 1)
        lit = light['ambient'] * (0.92 + 0.08 * seen[:, 1])
        lit = lit + light['diffuse'] * np.maximum(0, (seen @ to_light + WRAP) / (1 + WRAP))
        shine = primitive['gloss'] * np.maximum(0, seen @ halfway)**EXPONENT
        value = np.clip(np.array(primitive['colour']) * (bright * lit)[:, None] + shine[:, None], 0, 1)
        colour[owner == index] = value[owner == index]

    centres = np.mgrid[:SIZE, :SIZE] + 0.5
    backdrop = scene['backdrop']
    angle = backdrop['angle']
    position = ((centres[1] - SIZE / 2) * np.cos(angle) + (centres[0] - SIZE / 2) * np.sin(angle)) / SIZE
    start, end = (np.array(c) for c in backdrop['colours'])
    ground = start + (end - start) * smooth(0.5 + 0.8 * position)[..., None]
    for blob in backdrop['blobs']:
        turn = np.array([[np.cos(blob['angle']), np.sin(blob['angle'])], [-np.sin(blob['angle']), np.cos(blob['angle'])]])
        offset = np.stack([centres[1] - blob['centre'][0], centres[0] - blob['centre'][1]], -1) @ turn.T / blob['radii']
        weight = blob['opacity'] * smooth((1 - np.linalg.norm(offset, axis=-1)) / blob['softness'])
        ground = ground + (np.array(blob['colour']) - ground) * weight[..., None]

    by_pixel = lambda v: v.reshape(SIZE, SIDE, SIZE, SIDE, -1).transpose(0, 2, 1, 3, 4).reshape(SIZE, SIZE, SIDE * SIDE, -1)
    owners, colours = by_pixel(owner)[..., 0], by_pixel(colour)
    filled = np.where((owners < 0)[..., None], ground[:, :, None], colours)
    alike = (owners == owners[..., 4:5]).all(-1, keepdims=True)
    image = np.where(alike, filled[:, :, 4], filled.mean(2)) * light['tint']
    parts = np.array([p['part'] == part for p in scene['primitives']] + [False])
    return np.floor(np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8), (parts[owners].sum(-1) >= 5).astype(np.uint8)


image, petals = render('petals')
_, pot = render('pot')
hsv = [[h, s, v] for h in (0, 27, 96, 174, 222, 307, 359) for s in (0, 0.3, 0.9) for v in (0.2, 1)]
encode = lambda array: base64.b64encode(array.tobytes()).decode()
golden = dict(
    scene=scene,
    image=encode(image),
    masks=dict(petals=encode(petals), pot=encode(pot)),
    hsv=hsv,
    rgb=[[round(c, 12) for c in colorsys.hsv_to_rgb(h / 360, s, v)] for h, s, v in hsv],
)
pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps(golden) + '\n')
