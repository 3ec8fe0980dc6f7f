"""The headless commands: parse the arguments, run one, end with its exit code."""

from __future__ import annotations

import argparse
import contextlib
import locale
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import NoReturn, Protocol, cast

from sim.errors import Cancelled, SimError
from workbench.cli.output import FAULT, INTERRUPTED, USAGE, Output
from workbench.errors import WorkbenchError
from workbench.i18n import LANGUAGES, Translator, load
from workbench.settings import load_settings

#: Command -> module. Each is imported when it is called: physics and comparison take their time to load.
COMMANDS = {
    "open": "window",
    "simulate": "simulate",
    "preflight": "preflight",
    "import": "import_log",
    "compare": "compare",
    "export": "export",
    "robot": "robot",
    "run": "run",
}


class CommandModule(Protocol):
    """What the module of a command offers."""

    def arguments(self, parser: argparse.ArgumentParser, tr: Translator) -> None:
        """Add its arguments."""

    def run(self, arguments: argparse.Namespace, output: Output) -> int:
        """Do it; the exit code. WorkbenchError and SimError are shown by the caller."""


class Parser(argparse.ArgumentParser):
    """Speaks the user's language when it is called wrongly."""

    tr: Translator

    def error(self, message: str) -> NoReturn:
        """Say how it is called and end."""
        self.print_usage(sys.stderr)
        print(self.tr("cli.usage", reason=self._said(message), program=self.prog), file=sys.stderr)
        sys.exit(USAGE)

    def format_usage(self) -> str:
        """How it is called, in the user's language."""
        return self._titled(super().format_usage())

    def format_help(self) -> str:
        """What it does and how it is called, in the user's language."""
        return self._titled(super().format_help())

    def _said(self, message: str) -> str:
        """What argparse says in English, in the user's language; unknown messages as they are."""
        for key, pattern in _SAID.items():
            found = re.fullmatch(pattern, message, re.DOTALL)
            if found is not None:
                return self.tr(f"cli.call.{key}", **found.groupdict())
        return message

    def _titled(self, text: str) -> str:
        for key, title in _TITLES.items():
            text = re.sub(rf"^{title}", self.tr(f"cli.call.{key}"), text, count=1, flags=re.MULTILINE)
        return re.sub(rf"(?<= ){re.escape(_HELP)}$", self.tr("cli.call.help"), text, count=1, flags=re.MULTILINE)


#: What argparse says of a wrong call; the same in Python 3.11 to 3.14. Its own translations need gettext catalogues nobody has.
_SAID = {
    "choice": r"argument (?P<name>.+?): invalid choice: '?(?P<found>.*?)'? \(choose from (?P<valid>.*)\)",
    "value": r"argument (?P<name>.+?): invalid \w+ value: '(?P<found>.*)'",
    "required": r"the following arguments are required: (?P<names>.*)",
    "unknown": r"unrecognized arguments: (?P<names>.*)",
    "no_value": r"argument (?P<name>.+?): expected (?:one|at least one|\d+) arguments?",
    "not_both": r"argument (?P<name>.+?): not allowed with argument (?P<other>.+)",
}
_TITLES = {"usage": "usage:", "positional": "positional arguments:", "options": "options:"}
_HELP = "show this help message and exit"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 where it succeeded, 1 where it was done without success (a fall, a failed check), 2 where it was called wrongly,
        3 where it could not be done.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    tr = load(chosen_language(words))
    arguments = build_parser(tr, words).parse_args(words)
    if arguments.command is None:  # as a desktop starts it
        words.append("open")
        arguments = build_parser(tr, words).parse_args(words)
    output = Output(tr, bool(getattr(arguments, "json", False)))
    # Standard output holds the one object; what libraries print goes beside it.
    aside = contextlib.redirect_stdout(sys.stderr) if output.as_json else contextlib.nullcontext()
    try:
        with aside:
            return command_module(arguments.command).run(arguments, output)
    except (WorkbenchError, SimError) as error:
        output.fault(error)
        return FAULT
    except BrokenPipeError:
        # Who read us has enough. Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAULT
    except (KeyboardInterrupt, Cancelled):
        output.say(tr("cli.interrupted"))
        return INTERRUPTED


def build_parser(tr: Translator, words: Sequence[str]) -> Parser:
    """The parser; only the command that ``words`` call gets its arguments, as only its module is imported."""
    parser = _parser(Parser(prog="humanoid-workbench", description=tr("cli.about")), tr)
    parser.add_argument("--version", action="version", version=f"humanoid-workbench {own_version()}")
    parser.add_argument("--lang", choices=LANGUAGES, help=tr("cli.lang"))
    subparsers = parser.add_subparsers(dest="command", metavar=tr("cli.command"), parser_class=Parser)
    for name in COMMANDS:
        about = tr(f"cli.{name}.about")
        subparser = _parser(subparsers.add_parser(name, help=about, description=about), tr)
        if name in words:
            common_arguments(subparser, tr)
            command_module(name).arguments(subparser, tr)
    return parser


def common_arguments(parser: argparse.ArgumentParser, tr: Translator) -> None:
    """What every command understands."""
    parser.add_argument("--json", action="store_true", help=tr("cli.json"))
    parser.add_argument("--lang", choices=LANGUAGES, default=argparse.SUPPRESS, help=tr("cli.lang"))


def command_module(name: str) -> CommandModule:
    """The module of a command."""
    return cast(CommandModule, import_module(f"workbench.cli.{COMMANDS[name]}"))


def chosen_language(words: Sequence[str]) -> str:
    """What ``--lang`` says, else the settings, else the system, else English."""
    for i, word in enumerate(words):
        given = (
            word.removeprefix("--lang=")
            if word.startswith("--lang=")
            else words[i + 1]
            if word == "--lang" and i + 1 < len(words)
            else ""
        )
        if given in LANGUAGES:
            return given
    chosen = load_settings().language
    if chosen in LANGUAGES:
        return chosen
    system = (locale.getlocale()[0] or "").lower()
    return next((language for language in LANGUAGES if system.startswith(_SYSTEM_NAMES[language])), LANGUAGES[0])


#: How systems call a language: POSIX codes, and the English names of Windows.
_SYSTEM_NAMES = {"en": ("en", "english"), "ko": ("ko", "korean")}


def own_version() -> str:
    """Version of the installed distribution; "0" in a checkout that is not installed."""
    try:
        return version("humanoid-workbench")
    except PackageNotFoundError:
        return "0"


def _parser(parser: argparse.ArgumentParser, tr: Translator) -> Parser:
    made = cast(Parser, parser)
    made.tr = tr
    return made
