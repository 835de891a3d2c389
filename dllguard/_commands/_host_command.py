"""`dllguard host`: what an issue report needs to know, or the built-in names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._host_choice import choice_of, host_maker
from ._output import put
from ._usage import told

if TYPE_CHECKING:
    import argparse


def show_host(options: argparse.Namespace) -> int:
    """Show one host, or list the names of those that are built in."""
    from .._hosts._facts import host_dict, host_text

    if options.list:
        put(_names())
        return 0
    with told():
        host = host_maker(choice_of(options, options.host), "folder")(None)
    put(host_dict(host) if options.json else host_text(host))
    return 0


def _names() -> str:
    from .._hosts._built_in import built_in
    from .._hosts._host_name import MODIFIERS, built_in_names

    titles = (
        (name, built_in(name).windows.partition(" (")[0]) for name in built_in_names()
    )
    lines = [f"{name:18} {title}" for name, title in titles]
    return "\n".join([*lines, "", f"each with {', '.join(MODIFIERS)} and the like"])
