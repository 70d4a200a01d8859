"""models.yaml is read as a whole, or refused with everything that is wrong with it."""

from pathlib import Path

import pytest

from arena.catalog import CatalogError, Fault, load_catalog
from arena.domain.conversation import Sampling
from tests.catalog.catalog_files import fault_of, loaded, written


def test_five_different_faults_are_reported_at_once_with_their_lines(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """\
        defaults:
          weight: 1
        models:
          llama-2-7b:
            name: Llama-2 7B
            backend: lokal
            sampling:
              temperature: 7
          gpt:
            name: GPT
            backend: openai
            model: gpt-4
            tempature: 0
          Bad Key:
            name: Bad
            backend: local
            source: org/model
        """,
    )
    with pytest.raises(CatalogError) as caught:
        load_catalog(path)
    assert [(fault.line, fault.key) for fault in caught.value.faults] == [
        (6, "models.llama-2-7b.backend"),
        (8, "models.llama-2-7b.sampling.temperature"),
        (9, "models.gpt.base_url"),
        (13, "models.gpt.tempature"),
        (14, "models.Bad Key"),
    ]
    lines = str(caught.value).splitlines()
    assert len(lines) == 5
    assert lines[0] == (
        f"{path}:6: models.llama-2-7b.backend: choose 'local', 'openai' or 'scripted' "
        "(it is 'lokal'), did you mean 'local'?"
    )


def test_a_missing_file_is_one_fault_without_a_line(tmp_path: Path) -> None:
    with pytest.raises(CatalogError) as caught:
        load_catalog(tmp_path / "none.yaml")
    (fault,) = caught.value.faults
    assert (fault.line, fault.key) == (0, "")
    assert str(caught.value) == f"{tmp_path / 'none.yaml'}: {fault.message}"


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "models.yaml"
    path.write_bytes(b"models: \xff\xfe")
    with pytest.raises(CatalogError, match="is not UTF-8 text"):
        load_catalog(path)


def test_broken_yaml_is_refused_with_the_line_of_the_problem(tmp_path: Path) -> None:
    fault = fault_of(tmp_path, "models:\n  x: {name: X\n  y: 1\n")
    assert fault.line == 3
    assert "not valid YAML" in fault.message


@pytest.mark.parametrize("text", ["", "models:\n", "models: {}\n", "defaults: {weight: 1}\n"])
def test_a_file_without_models_says_so(tmp_path: Path, text: str) -> None:
    assert fault_of(tmp_path, text).message == "list at least one model under `models:`"


@pytest.mark.parametrize("text", ["- a\n- b\n", "models: [a]\n", "models: {x: }\n"])
def test_a_list_or_nothing_where_a_block_belongs_is_refused(tmp_path: Path, text: str) -> None:
    assert "must be a block" in fault_of(tmp_path, text).message


def test_a_key_that_stands_twice_names_its_first_line(tmp_path: Path) -> None:
    fault = fault_of(
        tmp_path,
        """\
        models:
          x: {name: X, backend: local, source: org/model}
          x: {name: Y, backend: local, source: org/other}
        """,
    )
    assert fault == Fault(3, "models.x", "stands twice, first in line 2: remove or rename one")


def test_an_unknown_section_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    text = "default: {weight: 1}\nmodels:\n  x: {name: X, backend: local, source: org/model}\n"
    fault = fault_of(tmp_path, text)
    assert (fault.line, fault.key) == (1, "default")
    assert "did you mean 'defaults'?" in fault.message


def test_azure_and_vllm_rows_take_what_is_theirs(tmp_path: Path) -> None:
    catalog = loaded(
        tmp_path,
        """\
        defaults: {timeouts: {connect_s: 1, first_token_s: 30}}
        models:
          a:
            name: A
            backend: openai
            server: azure
            base_url: https://x.openai.azure.com
            api_version: "2024-10-21"
            model: mine
            sampling: {repetition_penalty: 1}
          v:
            name: V
            backend: openai
            server: vllm
            base_url: http://host:8000
            model: m
            sampling: {top_k: 5, repetition_penalty: 1.1}
            timeouts: {first_token_s: 300}
          s: {name: S, backend: scripted, script: {replies: [x]}}
        """,
    )
    azure, vllm = catalog.get("a"), catalog.get("v")
    assert (azure.server, azure.api_version) == ("azure", "2024-10-21")
    assert (vllm.sampling.top_k, vllm.sampling.repetition_penalty) == (5, 1.1)
    assert azure.timeouts.given() == {"connect_s": 1.0, "first_token_s": 30.0}
    assert vllm.timeouts.given() == {"connect_s": 1.0, "first_token_s": 300.0}


def test_inherited_sampling_that_a_plain_server_does_not_know_stays_with_the_others(
    tmp_path: Path,
) -> None:
    catalog = loaded(
        tmp_path,
        """\
        defaults: {sampling: {temperature: 0.1, top_k: 5, repetition_penalty: 1.1}}
        models:
          near: {name: N, backend: local, source: o/n}
          far: {name: F, backend: openai, base_url: "https://host", model: m, sampling: {seed: 1}}
        """,
    )
    assert catalog.get("near").sampling.top_k == 5
    assert catalog.get("far").sampling == Sampling(temperature=0.1, seed=1)


def test_an_unpinned_remote_code_row_is_fine_while_it_is_disabled(tmp_path: Path) -> None:
    row = "name: X, backend: local, source: o/m, trust_remote_code: true, enabled: false"
    assert loaded(tmp_path, f"models:\n  x: {{{row}}}\n").enabled() == ()


def test_a_pinned_remote_code_row_may_be_enabled(tmp_path: Path) -> None:
    row = f"name: X, backend: local, source: o/m, trust_remote_code: true, revision: {'a' * 40}"
    assert len(loaded(tmp_path, f"models:\n  x: {{{row}}}\n").enabled()) == 1


def test_defaults_go_under_every_row_and_sampling_is_merged_key_by_key(tmp_path: Path) -> None:
    catalog = loaded(
        tmp_path,
        """\
        defaults:
          license: MIT
          sampling: {temperature: 0.1, max_new_tokens: 64}
        models:
          a: {name: A, backend: local, source: o/a, sampling: {temperature: 0.9}}
          b: {name: B, backend: local, source: o/b, license: Apache-2.0}
        """,
    )
    assert catalog.get("a").sampling == Sampling(temperature=0.9, max_new_tokens=64)
    assert catalog.get("b").sampling == Sampling(temperature=0.1, max_new_tokens=64)
    assert [row.license for row in catalog.models] == ["MIT", "Apache-2.0"]


def test_a_fault_in_the_defaults_is_reported_once_and_there(tmp_path: Path) -> None:
    fault = fault_of(
        tmp_path,
        """\
        defaults:
          sampling:
            temperature: hot
        models:
          a: {name: A, backend: local, source: o/a}
          b: {name: B, backend: local, source: o/b}
        """,
    )
    assert (fault.line, fault.key) == (3, "defaults.sampling.temperature")


def test_an_anchor_may_be_used_in_several_rows(tmp_path: Path) -> None:
    catalog = loaded(
        tmp_path,
        """\
        models:
          a: {name: A, backend: local, source: o/a, sampling: &s {stop: ["USER:"]}}
          b: {name: B, backend: local, source: o/b, sampling: *s}
        """,
    )
    assert catalog.get("b").sampling.stop == ("USER:",)


def test_a_file_with_one_model_is_not_faulty(tmp_path: Path) -> None:
    assert len(loaded(tmp_path, "models:\n  x: {name: X, backend: local, source: o/m}\n").models)


THINKING = """\
models:
  x: {name: X, backend: local, source: org/model, reasoning: {open: "", close: "</think>"}}
  y:
    name: Y
    backend: openai
    base_url: https://host/v1
    model: y
    system_prompt_role: user
    reasoning:
      open: "[THINK]"
      close: "[/THINK]"
"""


def test_a_row_may_name_the_tags_of_its_reasoning(tmp_path: Path) -> None:
    catalog = loaded(tmp_path, THINKING)
    tags = {row.key: row.reasoning and row.reasoning.model_dump() for row in catalog.models}
    assert tags == {
        "x": {"open": "", "close": "</think>"},
        "y": {"open": "[THINK]", "close": "[/THINK]"},
    }
    assert catalog.get("y").system_prompt_role == "user"


def test_halves_of_characters_in_escapes_are_joined_and_lone_ones_replaced(tmp_path: Path) -> None:
    row = 'models:\n  x: {name: "\\ud83d\\ude00", backend: local, source: org/model, '
    read = loaded(tmp_path, row + 'system_prompt: "Be\\ud83d brief."}').get("x")
    assert (read.name, read.system_prompt) == ("\N{GRINNING FACE}", "Be\ufffd brief.")
    assert read.fingerprint()
