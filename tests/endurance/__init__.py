"""How much longer than in `make test` a long run is: 1 there, more under `make endurance`."""

import os

FACTOR = int(os.environ.get("ENDURANCE", "1"))
