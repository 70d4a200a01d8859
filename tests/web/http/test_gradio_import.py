"""Gradio is imported without writing type stubs, and is otherwise the same."""

import subprocess
import sys

SEEN = """
import arena.web
import gradio
from gradio import component_meta
written = component_meta.create_or_modify_pyi(gradio.Textbox, "Textbox", [])
print(component_meta.create_or_modify_pyi.__module__, written, gradio.Textbox().elem_id)
"""


def test_a_start_writes_no_type_stubs_into_the_installed_package() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SEEN], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split() == ["arena.web.http.gradio_import", "None", "None"]
