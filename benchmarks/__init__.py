"""Benchmarks: ``python -m benchmarks [NAME…]``, described in ``docs/benchmarks.md``.

Each module measures one thing against a limit or a peer in interleaved rounds, so that what else the machine
does weighs on both sides alike. The figures are for people to read: no test depends on them.
"""
