"""A server whose annotators all ask for an item at the same instant.

`python -m tests.fakes.campaign_server URL ID:NAME …` says `ready`, waits for a line, and prints
`item` or `nothing` for each of them.
"""

import secrets
import sys
from concurrent.futures import ThreadPoolExecutor
from random import SystemRandom
from threading import Barrier

from arena.domain.accounts import AccountRole, AnnotatorId, Caller
from arena.domain.evaluation import ItemView
from arena.services.campaigns.evaluation.assigning import Assigning
from arena.storage.database import Database
from tests.fakes.campaigns import NAME, HandClock


def main(url: str, *people: str) -> None:
    """Ask for everybody at once."""
    database = Database(url)
    assigning = Assigning(
        database, HandClock(), random=SystemRandom(), new_id=lambda: secrets.token_urlsafe(16)
    )
    together = Barrier(len(people) + 1)

    def ask(person: str) -> str:
        number, name = person.split(":")
        caller = Caller(AnnotatorId(int(number)), name, AccountRole.ANNOTATOR)
        together.wait()
        found = assigning.next(caller, NAME)
        return "item" if isinstance(found, ItemView) else "nothing"

    with ThreadPoolExecutor(len(people)) as pool:
        answers = [pool.submit(ask, person) for person in people]
        print("ready", flush=True)
        sys.stdin.readline()
        together.wait()
        for answer in answers:
            print(answer.result())
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
