"""The `dragoman` command: the only place that parses arguments, prints, wires rooms together and exits.

Exit status: 0 done, 1 a check failed or an error of our own, 2 a user's error (one line on stderr),
130 and 143 for signals. Heavy imports stand inside the commands, so that `--help` is quick.
"""

import errno
import io
import os
import signal
import sys
from itertools import pairwise
from types import FrameType

import typer

from dragoman.cli import (
    bench,
    data,
    evaluate,
    explain,
    export,
    importing,
    info,
    merge,
    phrasebook,
    plan,
    quantize,
    serve,
    tokenizer,
    train,
    translate,
    xray,
)
from dragoman.cli.files import note, shown
from dragoman.errors import DragomanError

EXTRAS = {
    "torch": "train",
    "sacrebleu": "evaluate",
    "matplotlib": "plots",
    "ctranslate2": "export",
    "onnx": "export",
    "fastapi": "serve",
    "starlette": "serve",
    "uvicorn": "serve",
}
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

app = typer.Typer(
    name="dragoman",
    help="Train a Transformer from sentence pairs, translate with it, look inside it.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("train")(train.train)
app.command("plan")(plan.plan)
app.command("translate")(translate.translate)
app.command("evaluate")(evaluate.evaluate)
app.command("score")(translate.score)
app.command("quantize")(quantize.quantize)
app.command("merge")(merge.merge)
app.command("xray")(xray.xray)
app.command("explain")(explain.explain)
app.command("serve")(serve.serve)
app.command("export")(export.export)
app.command("import")(importing.import_model)
app.command("bench")(bench.bench)
app.command("verify")(info.verify)
app.command("info")(info.info)
app.add_typer(tokenizer.app, name="tokenizer")
app.add_typer(data.app, name="data")
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
    if sys.stderr is None:  # closed by the caller; its number would go to the next file that is opened
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    if sys.stdin is None:
        sys.stdin = os.fdopen(os.open(os.devnull, os.O_RDONLY))
    if sys.stdout is None:
        sys.exit(_fail("stdout is closed; give results a place to go, such as > out.txt"))
    if isinstance(sys.stdout, io.TextIOWrapper):  # UTF-8 whatever the locale; names of files as they are
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _terminate)
    sys.exit(run(sys.argv[1:]))


class Terminated(BaseException):
    """SIGTERM or SIGHUP, which end a command as Ctrl-C does: what is half-written goes."""

    def __init__(self, number: int) -> None:
        """Take the number of the signal."""
        self.number = number


def _terminate(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)  # the second one ends the process at once
    raise Terminated(number)


def run(arguments: list[str]) -> int:
    """Run the command line; return the exit status."""
    try:
        status = app(arguments, prog_name="dragoman", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except typer.Exit as request:
        return request.exit_code
    except typer.TyperException as error:
        return _fail(_usage(error, arguments))
    except DragomanError as error:
        return _fail(str(error))
    except ModuleNotFoundError as error:
        extra = EXTRAS.get(error.name or "")
        if extra is None:
            raise
        return _fail(f"this needs {error.name}, which is not installed; write pip install 'dragoman[{extra}]'")
    except Terminated as stop:
        return 128 + stop.number
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except (BrokenPipeError, SystemExit):  # the reader, such as `head`, has seen enough; Typer makes an exit of that
        _close_stdout()
        return 0
    except OSError as error:
        if error.errno in FULL:
            _close_stdout()
            return _fail(f"cannot write: {error.strerror}; make room")
        if error.filename is None:
            raise
        return _fail(f"{error.filename}: {error.strerror}; write another path")


def _usage(error: typer.TyperException, arguments: list[str]) -> str:
    """Return what is wrong with the arguments, with what was given, and which help says more."""
    message = error.format_message().rstrip(".")
    parameter, context = getattr(error, "param", None), getattr(error, "ctx", None)
    for name in () if parameter is None else parameter.opts:
        given = [value for before, value in pairwise(arguments) if before == name]
        given += [value.removeprefix(f"{name}=") for value in arguments if value.startswith(f"{name}=")]
        if given:
            message = f"{name} {given[-1]}: {error.message.partition(',')[0].rstrip('.')}"
    joint = " See" if message.endswith("?") else "; see"
    return f"{message}{joint} {context.command_path if context else 'dragoman'} --help"


def _close_stdout() -> None:
    """Leave nothing for Python to write when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str) -> int:
    note(f"dragoman: {shown(' '.join(message.splitlines()))}")
    return 2
