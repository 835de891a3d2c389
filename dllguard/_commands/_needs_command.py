"""`dllguard needs`: what targets demand of a machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._host_choice import choice_of
from ._output import put
from ._usage import UsageError, told

if TYPE_CHECKING:
    import argparse


def show_needs(options: argparse.Namespace) -> int:
    """Tell what targets need; which of it is missing is what `check` tells."""
    from .._needs import needs
    from ._named_targets import selection_of

    if not (options.targets or options.requirement_files or options.everything):
        raise UsageError("needs: of what? name a TARGET; see dllguard needs --help")
    with told():
        selection = selection_of(options, choice_of(options, options.host))
        names = [*selection.names]
        if selection.whole is not None:
            whole = selection.whole
            names += [*(d.name for d in whole.distributions), *whole.loose]
        found = needs(selection.host, names)
    put(found.to_dict() if options.json else str(found))
    return 0
