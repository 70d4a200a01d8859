"""The line-ups of open play: drawn among the models that are ready and have room for the prompt."""

from collections.abc import Mapping
from random import Random

from arena.domain.accounts import Caller
from arena.domain.conversation import ModelKey
from arena.domain.informed_pairing import draw_informed
from arena.domain.mode import Mode
from arena.domain.pairing import Draw, Met, draw
from arena.services.battle.contestants import Contestant
from arena.services.battle.eligibility import Eligibility
from arena.services.battle.opening import Choose, Lineup, Opening
from arena.services.battle.pair_information import PairInformation
from arena.storage.battles import drawn_pairs
from arena.storage.database import Connection


class OpenPlay:
    """A `LineupSource` that draws by weight and need, or where a vote tells most.

    With `information` pairs are drawn by it once votes were counted, in battles of two models.
    """

    def __init__(
        self,
        eligibility: Eligibility,
        contestants: Mapping[ModelKey, Contestant],
        *,
        mode: Mode,
        random: Random,
        information: PairInformation | None = None,
    ) -> None:
        self._eligibility = eligibility
        self._contestants = contestants
        self._mode = mode
        self._random = random
        self._information = information

    async def prepare(self, caller: Caller, opening: Opening) -> Choose:  # noqa: ARG002
        """Check the prompt and ask which models can answer it.

        Raises:
            BadInput: The prompt is blank, too long, or too dense for the models.
            Unavailable: Fewer models than slots are ready.
        """
        self._eligibility.check_prompt(opening.prompt)
        eligible = await self._eligibility.models_for(opening.prompt)
        weights = {key: self._contestants[key].weight for key in eligible}
        return lambda connection: self._drawn(connection, weights)

    def _drawn(self, connection: Connection, weights: Mapping[ModelKey, float]) -> Lineup:
        drawn = self._draw(weights, drawn_pairs(connection))
        return Lineup(drawn.order, drawn.probability, even_probability=drawn.even_probability)

    def _draw(self, weights: Mapping[ModelKey, float], met: Met) -> Draw:
        gains = self._information.gains if self._information and self._mode.by_verdict else None
        if gains is None:
            slots = self._mode.slots
            return draw(weights=weights, slots=slots, met=met, random=self._random)
        return draw_informed(weights=weights, gains=gains, met=met, random=self._random)
