"""The command `naidi completion`: lets a shell complete commands, options and paths."""

from __future__ import annotations

import click


@click.command("completion", short_help="Print a script that lets a shell complete.")
@click.argument("shell", type=click.Choice(["bash", "fish", "zsh"]))
@click.pass_context
def completion_command(ctx: click.Context, shell: str) -> int:
    """Print the script that lets SHELL complete commands, options and paths.

    \b
      naidi completion bash > ~/.local/share/bash-completion/completions/naidi
      naidi completion zsh > ~/.zfunc/_naidi        with fpath+=~/.zfunc before compinit in ~/.zshrc
      naidi completion fish > ~/.config/fish/completions/naidi.fish
    """
    from click.shell_completion import get_completion_class

    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(ctx.find_root().command, {}, "naidi", "_NAIDI_COMPLETE").source())
    return 0
