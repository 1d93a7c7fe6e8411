"""Print what a shell needs to complete riskgate's commands and options."""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import get_completion_class

from riskgate.cli.accepted import Word
from riskgate.cli.app import COMPLETION, PROGRAM, riskgate

SHELLS: Final = ("bash", "fish", "zsh")


@click.command("completion")
@click.argument("shell", type=Word(SHELLS))
def command(shell: str) -> None:
    """Print the completion script of SHELL.

    In ~/.bashrc: eval "$(riskgate completion bash)"

    In ~/.zshrc: eval "$(riskgate completion zsh)"

    In ~/.config/fish/config.fish: riskgate completion fish | source
    """
    found = get_completion_class(shell)
    if found is not None:
        made = found(riskgate, {}, PROGRAM, COMPLETION)
        click.echo(made.source_template % made.source_vars())
