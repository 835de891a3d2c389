"""What a terminal shows while files are judged: a line of rich, where rich is there."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading

_QUIET_SECONDS = 1.0


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Show on stderr what is being judged, once it has taken a second.

    Most verdicts are there sooner, and would only wait for the import of rich.

    :returns: a function to call with the name of each target as its turn comes; it
        does nothing where stderr is no terminal or rich is not installed.
    """
    names: list[str] = []
    if sys.stderr is None or not sys.stderr.isatty():
        yield names.append
        return
    import threading

    done = threading.Event()
    drawing = threading.Thread(target=_draw, args=(names, done), daemon=True)
    drawing.start()
    try:
        yield names.append
    finally:
        done.set()
        drawing.join()


def _draw(names: list[str], done: threading.Event) -> None:
    if done.wait(_QUIET_SECONDS):
        return
    try:
        from rich.console import Console
        from rich.text import Text
    except ImportError:
        return
    with Console(stderr=True).status("") as status:
        while not done.wait(0.1):
            # A name may look like rich's markup.
            status.update(Text(f"judging {names[-1]}" if names else "judging"))
