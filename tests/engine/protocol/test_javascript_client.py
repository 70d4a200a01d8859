"""The official JavaScript client gets from an engine what OpenAI's protocol says.

Not part of the project's own packages: `npm install openai` in a folder of your own, then run
this with `NODE_PATH=THAT_FOLDER/node_modules`.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.engine.protocol.refusals import REFUSALS
from tests.fakes.engine_processes import TOKEN, RunningEngine

SCRIPT = Path(__file__).with_name("javascript_client.cjs")
NODE = shutil.which("node")
HAS_CLIENT = NODE is not None and not subprocess.call(
    [NODE, "--eval", "require('openai')"], stderr=subprocess.DEVNULL
)

pytestmark = pytest.mark.skipif(
    not HAS_CLIENT,
    reason="NOT RUN: OpenAI's JavaScript client is missing: it needs node, "
    "`npm install openai` in a folder of your own and NODE_PATH=THAT_FOLDER/node_modules",
)


def test_the_javascript_client_understands_every_answer(engine: RunningEngine) -> None:
    checked = subprocess.run(
        [str(NODE), str(SCRIPT), f"{engine.base_url}/v1", TOKEN, "tiny"],
        input=json.dumps(REFUSALS),
        stdout=subprocess.PIPE,
        text=True,
        timeout=240,
        check=True,
    )
    faults = json.loads(checked.stdout)
    assert len(faults) > 2 * len(REFUSALS)
    assert not {name: fault for name, fault in faults.items() if fault}
