"""Trains one checkpoint from its recipe; the budget is in steps, so a seed fixes the result."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import Parameter, functional
from torch.optim import AdamW, Muon, Optimizer
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from demo_models.exchange import Split
from demo_models.packing import IGNORED, Batch, batch_of, encoded
from demo_models.recipes import Recipe
from demo_models.sampling import conversations
from demo_models.tokenizer import CONTEXT, train_tokenizer

LONGEST_REPLY = 256
REPORT_EVERY = 100
LOWEST_SCALE = 0.01

Report = Callable[[str], None]


@dataclass(frozen=True)
class Trained:
    """What a run made and used; `loss` is the mean over the last reported steps."""

    model: Any
    tokenizer: Any
    tokens: int
    target_tokens: int
    loss: float
    cpu_seconds: float


def train(recipe: Recipe, report: Report) -> Trained:
    """Train on one CPU thread, so that the order of additions is always the same."""
    with _one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        return _train(recipe, report)


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _train(recipe: Recipe, report: Report) -> Trained:
    started = time.process_time()
    tokenizer = train_tokenizer(seed=recipe.tokenizer_seed, samples=recipe.tokenizer_samples)
    model = new_model(recipe, tokenizer)
    optimizers = _optimizers(recipe, model)
    losses: list[float] = []
    targets = tokens = 0
    for step, batch in enumerate(_batches(recipe, tokenizer)):
        losses.append(_step(model, optimizers, batch, scale=learning_rate_scale(recipe, step)))
        targets += int((batch.targets[:, 1:] != IGNORED).sum())
        tokens += batch.ids.numel()
        if (step + 1) % REPORT_EVERY == 0:
            seconds = time.process_time() - started
            report(f"step {step + 1}/{recipe.steps} loss {_mean(losses):.4f} {seconds:.0f} CPU s")
    model.eval()
    seconds = time.process_time() - started
    return Trained(model, tokenizer, tokens, targets, _mean(losses), seconds)


def new_model(recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> Any:
    shape = recipe.shape
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=shape.dim,
        intermediate_size=shape.ffn,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads,
        max_position_embeddings=CONTEXT,
        rms_norm_eps=1e-5,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = LlamaForCausalLM(config)
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        max_new_tokens=LONGEST_REPLY,
        do_sample=False,
    )
    return model


def learning_rate_scale(recipe: Recipe, step: int) -> float:
    """Linear warm-up, constant, linear decay."""
    warmup = min(1.0, (step + 1) / recipe.warmup_steps)
    left = (recipe.steps - step) / recipe.steps
    return warmup * max(LOWEST_SCALE, min(1.0, left / recipe.decay_share))


def _batches(recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> Iterator[Batch]:
    stream = encoded(conversations(recipe.seed, Split.TRAIN), tokenizer)
    for step in range(recipe.steps):
        width = recipe.widths[step % len(recipe.widths)]
        yield batch_of(stream, rows=recipe.tokens_per_step // width, width=width)


def _optimizers(recipe: Recipe, model: Any) -> list[Optimizer]:
    """Muon for the matrices inside the layers, AdamW for embeddings and norms."""
    matrices: list[Parameter] = []
    others: list[Parameter] = []
    for name, parameter in model.named_parameters():
        is_matrix = parameter.ndim == 2 and "embed" not in name
        (matrices if is_matrix else others).append(parameter)
    muon = Muon(matrices, lr=recipe.matrix_learning_rate, weight_decay=0.01, momentum=0.95)
    adam = AdamW(others, lr=recipe.other_learning_rate, betas=(0.9, 0.95), weight_decay=0.0)
    for optimizer in (muon, adam):
        for group in optimizer.param_groups:
            group["full_lr"] = group["lr"]
    return [muon, adam]


def _step(model: Any, optimizers: list[Optimizer], batch: Batch, *, scale: float) -> float:
    loss = _loss(model, batch)
    torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = group["full_lr"] * scale
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return float(loss.item())


def _loss(model: Any, batch: Batch) -> torch.Tensor:
    """Cross entropy of the next token, with logits only where there is a target."""
    hidden = model.model(input_ids=batch.ids, use_cache=False).last_hidden_state[:, :-1]
    targets = batch.targets[:, 1:]
    wanted = targets != IGNORED
    return functional.cross_entropy(model.lm_head(hidden[wanted]), targets[wanted])


def _mean(losses: list[float]) -> float:
    recent = losses[-REPORT_EVERY:]
    return sum(recent) / len(recent)
