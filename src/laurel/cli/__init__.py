"""The terminal door. Verbs for commands and queries follow from `commands.json` and speak HTTP only.

What is heavy is imported by the verb that needs it, so that `laurel --help` answers at once.
"""

from __future__ import annotations

import sys

import typer

from laurel.cli import (
    audit,
    bundle,
    commit,
    cyber,
    dialogue,
    doors,
    exercise,
    files,
    flight,
    from_test,
    keys,
    log,
    node,
    people,
    play,
    policy,
    region,
    replay,
    resume,
    review,
    services,
    sheet,
    supply,
    talk,
    verbs,
)
from laurel.core.errors import LaurelError

app = typer.Typer(
    name="laurel",
    help="Laurel: one sovereign node of a security partnership.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
node.add_to(app)
play.add_to(app)
people.add_to(app)
talk.add_to(app)
audit.add_to(app)
replay.add_to(app)
app.command("resume")(resume.resume)
app.add_typer(log.app, name="log")
app.add_typer(keys.app, name="keys")
app.add_typer(flight.app, name="flight")
app.add_typer(policy.app, name="policy")
app.add_typer(bundle.app, name="bundle")
app.add_typer(services.app, name="services")
groups = verbs.add_to(app)
doors.add_to(app)
exercise.add_to(groups)
from_test.add_to(groups)
dialogue.add_to(app, groups)
files.add_to(groups)
cyber.add_to(groups)
region.add_to(groups)
supply.add_to(groups)
review.add_to(groups)
commit.add_to(groups)
sheet.add_to(groups)


def main() -> None:
    """Run a verb. An error says what, where and what to do, and exits 1."""
    try:
        app()
    except LaurelError as error:
        sys.stderr.write(f"laurel: {error}\n")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None
