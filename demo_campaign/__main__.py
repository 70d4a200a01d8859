"""`make demo-campaign`: every step of a campaign by the commands that a researcher would type."""

import argparse
import shlex
import subprocess
import sys
import uuid
from pathlib import Path
from random import Random, SystemRandom

from arena.domain.accounts import AccountRole, Caller
from arena.inference.clock import SystemClock
from arena.services.campaigns.evaluation.assigning import Assigning
from arena.services.campaigns.evaluation.evaluations import CampaignEvaluations
from arena.services.people import People
from arena.storage.database import Database
from demo_campaign.annotators import SimulatedAnnotator, judge_all

ROOT = Path(__file__).parents[1]
CAMPAIGN = "wizardlm2-demo"
FILE = Path("examples/wizardlm2/demo.yaml")
DATABASE = "arena.sqlite3"
ANNOTATORS = [f"Simulated annotator {number}" for number in range(1, 9)]


def main() -> None:
    """Run the campaign in a folder of its own, of which there must be none yet."""
    parser = argparse.ArgumentParser(prog="python -m demo_campaign", description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("demo-campaign"))
    parser.add_argument("--seed", type=int, default=1, help="what the annotators' errors follow")
    options = parser.parse_args()
    folder: Path = options.output.absolute()
    if (folder / DATABASE).exists():
        sys.exit(f"{folder} has a campaign already: remove it, or choose another --output")
    folder.mkdir(parents=True, exist_ok=True)
    run(folder, options.seed)


def run(folder: Path, seed: int, *, file: Path = FILE, models: Path = Path("models.yaml")) -> None:
    """Do every step, each printed before it is done."""
    url = f"sqlite:///{folder / DATABASE}"
    catalog = ("--models", str(models))
    _arena("campaign", "create", str(file), *catalog, url=url)
    _arena("campaign", "generate", CAMPAIGN, *catalog, url=url)
    _arena("campaign", "open", CAMPAIGN, url=url)
    _arena("annotator", "invite", *ANNOTATORS, "--group", "simulated", url=url, quiet=True)
    print(f"\n# {len(ANNOTATORS)} simulated annotators judge: they prefer long replies, and err.")
    print(f"# {_judged(url, seed)} ballots.")
    _arena("campaign", "status", CAMPAIGN, url=url)
    _arena("leaderboard", "--campaign", CAMPAIGN, url=url)
    figure = folder / "figure.svg"
    _arena("figure", "--campaign", CAMPAIGN, "--output", str(figure), url=url)
    print(f"\nThe figure: {figure}\nIts votes are simulated: it says nothing about the models.")


def _arena(*arguments: str, url: str, quiet: bool = False) -> None:
    """Run a command of the arena; end with its exit code if it fails."""
    print(f"\n$ arena {shlex.join(arguments)}", flush=True)
    command = [sys.executable, "-m", "arena", *arguments, "--database-url", url]
    output = subprocess.DEVNULL if quiet else None
    code = subprocess.run(command, cwd=ROOT, stdout=output, check=False).returncode
    if code:
        sys.exit(code)


def _judged(url: str, seed: int) -> int:
    database = Database(url)
    clock = SystemClock()
    assigning = Assigning(database, clock, random=SystemRandom(), new_id=lambda: uuid.uuid4().hex)
    evaluations = CampaignEvaluations(database, clock, assigning)
    try:
        callers = [
            Caller(person.id, person.name, AccountRole.ANNOTATOR)
            for person in People(database, clock).find(ANNOTATORS)
        ]
        simulated = [
            SimulatedAnnotator(caller, Random(f"{seed} {caller.name}")) for caller in callers
        ]
        return judge_all(simulated, evaluations, CAMPAIGN)
    finally:
        database.close()


if __name__ == "__main__":
    main()
