"""The options of `arena leaderboard` of its own; those that filter a board are every command's."""

from typing import Annotated

import typer

from arena.domain.style import StyleFeature

Baseline = Annotated[str | None, typer.Option(metavar="KEY", help="Only the pairs of this model.")]
Pairs = Annotated[bool, typer.Option("--pairs", help="Print the rates of all pairs too.")]
Top = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Only the N models with the best rates.")
]
Robustness = Annotated[
    bool,
    typer.Option(
        "--robustness",
        help="Show rates under other choices instead: with style control and the like.",
    ),
]
Style = Annotated[
    list[StyleFeature] | None,
    typer.Option(help="With --robustness, a feature of style to control; give it for each."),
]
Freeze = Annotated[
    bool, typer.Option("--freeze", help="Keep the board under a number, for good, to be cited.")
]
Snapshots = Annotated[bool, typer.Option("--snapshots", help="List the boards that were kept.")]
Snapshot = Annotated[
    int | None, typer.Option(metavar="NUMBER", help="Print a board that was kept.")
]
CompareWith = Annotated[
    int | None,
    typer.Option(metavar="NUMBER", help="With --snapshot: what changed between the two."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
