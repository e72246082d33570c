"""Writes mcnemar.json: exact two-sided p of McNemar's test, as SciPy's binomial test of the discordant pairs.

Run: python scripts/golden/mcnemar.py
"""
import json
import pathlib

from scipy.stats import binomtest

PAIRS = [(0, 1), (1, 0), (3, 3), (0, 6), (5, 12), (12, 5), (40, 61), (2, 90), (150, 151), (700, 800), (1200, 1100)]
golden = [dict(first=b, second=c, p=binomtest(min(b, c), b + c, 0.5).pvalue) for b, c in PAIRS]
pathlib.Path(__file__).with_suffix('.json').write_text(json.dumps(golden) + '\n')
