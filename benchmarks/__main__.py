"""``python -m benchmarks [NAME…] [--quick] [--engine ENGINE] [--json FILE]``"""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from benchmarks import (
    balances,
    bank_import,
    bulk,
    charges,
    district,
    evaluation,
    exports,
    pages,
    paper,
    proofs,
    single,
    verification,
)
from benchmarks.report import Figure, machine, save, table
from benchmarks.world import World
from tests.servers import KINDS

BENCHMARKS: Mapping[str, Callable[[World], Iterator[Figure]]] = MappingProxyType(
    {
        "bulk": bulk.run,
        "single": single.run,
        "balances": balances.run,
        "proofs": proofs.run,
        "exports": exports.run,
        "verification": verification.run,
        "charges": charges.run,
        "bank": bank_import.run,
        "district": district.run,
        "evaluation": evaluation.run,
        "pages": pages.run,
        "paper": paper.run,
    }
)


def main() -> None:
    """Run the benchmarks asked for and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure what docs/benchmarks.md says."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="ten times less of everything, for a try")
    parser.add_argument("--engine", choices=(*KINDS, "both"), default="both")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    asked = parser.parse_args()
    if unknown := set(asked.names) - BENCHMARKS.keys():
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # clean up when told to stop, too
    figures: list[Figure] = []
    before = machine()
    try:
        with World(KINDS if asked.engine == "both" else (asked.engine,), quick=asked.quick) as world:
            for name in asked.names or BENCHMARKS:
                figures.extend(BENCHMARKS[name](world))
    finally:
        print(f"{before}{', quick: sizes a tenth' if asked.quick else ''}\n\n{table(figures)}")
        if asked.json:
            save(figures, asked.json)


if __name__ == "__main__":
    main()
