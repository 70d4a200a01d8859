"""What the battle page is made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from arena.catalog import Example
from arena.services.battle.battles import Battles
from arena.services.battle.voting import Voting
from arena.web.battle.examples import choose_examples
from arena.web.common.accept_language import AcceptedLanguages
from arena.web.common.judging import HasToJudge, never
from arena.web.common.site import Site
from arena.web.common.texts import Texts
from arena.web.http.access import Access
from arena.web.http.allowance import Allowance


@dataclass(frozen=True, slots=True, kw_only=True)
class BattleParts:
    """What the page needs from the application.

    `ready` says whether a battle can begin, `loading` whether models are on their way; `remote`
    whether prompts leave this machine. `site` holds the operator's words. `turns` and `votes` limit
    what one person and one address may do. `has_to_judge` says whether the header leads to the
    evaluation page.
    """

    battles: Battles
    voting: Voting
    access: Access
    texts: Texts
    ready: Callable[[], bool]
    loading: Callable[[], bool]
    site: Site
    random: Random
    ask_reasons: bool
    remote: bool
    turns: Allowance
    votes: Allowance
    has_to_judge: HasToJudge = never

    def some_examples(self, accept_language: str | None) -> Sequence[Example]:
        """Draw the examples for one empty page, in the browser's languages where there are any."""
        accepted = AcceptedLanguages.parse(accept_language)
        return choose_examples(self.site.examples, accepted, self.random)
