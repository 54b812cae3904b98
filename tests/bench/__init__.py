"""Benchmarks: each figure stands beside a baseline measured in the same run.

``python -m tests.bench`` runs all, ``python -m tests.bench tap decision`` some of them. Machines
are noisy, so ratios are what to read; no test depends on an absolute figure.
"""
