"""`make bench`: every table, or those named on the command line."""

import sys
import time
from collections.abc import Callable

from tests.benchmarks.assigning import assigning_table
from tests.benchmarks.boards import boards_table
from tests.benchmarks.campaign_replies import campaign_replies_table
from tests.benchmarks.draws import draws_table
from tests.benchmarks.exports import exports_table
from tests.benchmarks.generation import generation_table
from tests.benchmarks.gpu import gpu_table
from tests.benchmarks.page import annotators_table, battles_table
from tests.benchmarks.prefill import prefill_table
from tests.benchmarks.processes import processes_table
from tests.benchmarks.sampling import sampling_table
from tests.benchmarks.server_boards import server_boards_table
from tests.benchmarks.smollm import smollm_table
from tests.benchmarks.start import start_table

TABLES: dict[str, Callable[[], str]] = {
    "start": start_table,
    "generation": generation_table,
    "campaign_replies": campaign_replies_table,
    "processes": processes_table,
    "gpu": gpu_table,
    "sampling": sampling_table,
    "prefill": prefill_table,
    "smollm": smollm_table,
    "annotators": annotators_table,
    "battles": battles_table,
    "draws": draws_table,
    "exports": exports_table,
    "boards": boards_table,
    "server_boards": server_boards_table,
    "assigning": assigning_table,
}


def main(names: list[str]) -> None:
    """Print the chosen tables."""
    unknown = sorted(set(names) - set(TABLES))
    if unknown:
        sys.exit(f"no such table: {', '.join(unknown)}; there are {', '.join(TABLES)}")
    for name in names or TABLES:
        began = time.perf_counter()
        table = TABLES[name]()
        print(f"## {name}\n\n{table}\n\n({time.perf_counter() - began:.0f} s)\n", flush=True)


main(sys.argv[1:])
