"""Boards of votes on items that people see alike or not, with the alpha of ever more such items."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Comparisons, Numbers
from arena.statistics.krippendorff import ItemTable, krippendorff

MODELS = tuple(ModelKey(f"model-{number:02d}") for number in range(12))
PROMPTS_OF_TRUTH = 400_000


@dataclass(frozen=True, slots=True)
class Judging:
    """`people` judge `prompts` with `items` pairs of answers each.

    An item is `(votes, sd)`, each kind of `kinds` with the chance in `shares`: so many people
    judge it, and the log-odds of its first answer have the spread `sd` over items: the smaller it
    is, the harder the item. Where prompts are `alike`, all items of one are of the same kind.
    `prompt_sd` is the spread of what all items of a prompt share, and `people_sd` that of people
    who lean to the first answer. A tie has the chance `ties`.
    """

    kinds: tuple[tuple[int, float], ...]
    shares: tuple[float, ...] = ()
    prompts: int = 60
    items: int = 1
    people: int = 40
    alike: bool = False
    prompt_sd: float = 0.0
    people_sd: float = 0.0
    ties: float = 0.15

    def truth(self, random: np.random.Generator) -> float:
        """Alpha of `PROMPTS_OF_TRUTH` prompts like these, by ever other people like these."""
        prompt, judges, lean = self._items(PROMPTS_OF_TRUTH, random)
        item = np.repeat(np.arange(len(prompt)), judges)
        verdict = self._verdicts(lean[item] + random.normal(0, self.people_sd, len(item)), random)
        cells = np.bincount(item * len(Verdict) + verdict, minlength=len(prompt) * len(Verdict))
        weights = cells.reshape(-1, len(Verdict)).astype(float)
        agreeing = (weights * (weights - 1) / 2).sum(axis=1)
        return krippendorff(ItemTable(weights, agreeing, prompt)).value

    def board(self, random: np.random.Generator) -> Comparisons:
        """One campaign's votes, a person never twice on an item."""
        prompt, judges, lean = self._items(self.prompts, random)
        item = np.repeat(np.arange(len(prompt)), judges)
        people = random.normal(0, self.people_sd, self.people)
        who = np.concatenate([random.permutation(self.people)[:number] for number in judges])
        verdict = self._verdicts(lean[item] + people[who], random)
        pair = item % self.items
        return Comparisons(MODELS, pair * 2, pair * 2 + 1, verdict, who, prompt[item])

    def _items(self, prompts: int, random: np.random.Generator) -> tuple[Numbers, Numbers, Floats]:
        """Prompt, number of judges and log-odds of every item."""
        prompt = np.repeat(np.arange(prompts), self.items)
        drawn = prompts if self.alike else len(prompt)
        kind = random.choice(len(self.kinds), drawn, p=self.shares or None)
        kind = kind[prompt] if self.alike else kind
        judges = np.array([votes for votes, _ in self.kinds])[kind]
        spread = np.array([sd for _, sd in self.kinds])[kind]
        shared = random.normal(0, self.prompt_sd, prompts)[prompt]
        return prompt, judges, shared + random.normal(0, 1, len(prompt)) * spread

    def _verdicts(self, lean: Floats, random: np.random.Generator) -> Numbers:
        first = random.random(len(lean)) < expit(lean)
        verdict = np.where(first, Verdict.A_BETTER.number, Verdict.B_BETTER.number)
        verdict[random.random(len(lean)) < self.ties] = Verdict.TIE.number
        return verdict
