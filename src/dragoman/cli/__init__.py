"""The `dragoman` command: the only place that parses arguments, prints, wires rooms together and exits.

Exit status: 0 done, 1 a check failed or an error of our own, 2 a user's error (one line on stderr),
130 and 143 for signals. Heavy imports stand inside the commands, so that `--help` is quick.
"""

import os
import sys

import typer

from dragoman.cli import evaluate, info, phrasebook, tokenizer, train, translate
from dragoman.errors import DragomanError

app = typer.Typer(
    name="dragoman",
    help="Train a Transformer from sentence pairs, translate with it, look inside it.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("train")(train.train)
app.command("translate")(translate.translate)
app.command("evaluate")(evaluate.evaluate)
app.command("score")(translate.score)
app.command("verify")(info.verify)
app.command("info")(info.info)
app.add_typer(tokenizer.app, name="tokenizer")
app.command("phrasebook")(phrasebook.phrasebook)


@app.callback(invoke_without_command=True)
def start(context: typer.Context, version: bool = typer.Option(False, "--version", help="Print the version.")) -> None:
    """Train a Transformer from sentence pairs, translate with it, look inside it."""
    if version:
        from dragoman import __version__

        print(__version__)
    elif context.invoked_subcommand is None:
        print(context.get_help())


def main() -> None:
    """Run the command line and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the command line; return the exit status."""
    try:
        status = app(arguments, standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except typer.Exit as request:
        return request.exit_code
    except typer.TyperException as error:
        return _fail(f"{error.format_message().rstrip('.')}; see dragoman --help")
    except DragomanError as error:
        return _fail(str(error))
    except ModuleNotFoundError as error:
        extra = {"torch": "train", "sacrebleu": "evaluate", "matplotlib": "plots"}.get(error.name or "")
        if extra is None:
            raise
        return _fail(f"this needs {error.name}, which is not installed; write pip install 'dragoman[{extra}]'")
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _fail(message: str) -> int:
    line = " ".join(message.split())
    print(f"dragoman: {line}", file=sys.stderr)
    return 2
