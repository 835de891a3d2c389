"""What a freezer is told so that it takes a DLL along. Data only.

In the texts, {name} is the DLL, {arch} its architecture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .._verdict import Remedy


@dataclass(frozen=True)
class Freezer:
    """One freezer, or installer of a Python that is part of a program.

    :param title: its name, "" where that is not known.
    :param collect: how its user names a DLL to take along.
    :param runtime: how its user takes the Visual C++ runtime along, None where that is
        no other way.
    :param single: how the folder is called into which a program of one file unpacks
        itself; a regular expression. It is gone when the program has ended.
    :param apart: how to check what such a program brings. {target} is what to check.
    """

    title: str
    collect: Remedy | None
    runtime: Remedy | None = None
    single: str = ""
    apart: Remedy | None = None


FREEZERS: Final[Mapping[str, Freezer]] = {
    # pyinstaller(1) of 3.4 and 4.5, --add-binary SRC;DEST on Windows; pyinstaller/
    # pyinstaller#8028 (read 2026). Later releases understand the semicolon as well.
    "pyinstaller": Freezer(
        title="PyInstaller",
        collect=Remedy(
            "its maker: name the DLL to PyInstaller, with the folder where it is on "
            "the PC that freezes:",
            (r'pyinstaller --add-binary "C:\folder\{name};." app.py',),
        ),
        runtime=Remedy(
            "its maker: name the runtime to PyInstaller, on a PC that has it:",
            (
                (
                    r'pyinstaller --add-binary "C:\Windows\System32\msvcp140*.dll;." '
                    r'--add-binary "C:\Windows\System32\vcruntime140*.dll;." app.py'
                ),
            ),
        ),
        # PyInstaller, "How the One-File Program Works" (read 2026).
        single=r"_MEI\w+",
        apart=Remedy(
            "then check, with the program frozen as a folder:",
            (
                "pyinstaller --onedir app.py",
                r"python -m dllguard check --python dist\app\_internal {target}",
            ),
        ),
    ),
    # cx_Freeze, "setup script" and "FAQs", build_exe: include_files, include_msvcr
    # (read 2026).
    "cx_freeze": Freezer(
        title="cx_Freeze",
        collect=Remedy(
            "its maker: name the DLL in setup.py, with the folder where it is on the "
            "PC that freezes:",
            (
                (
                    r'build_exe_options = {{"include_files": [(r"C:\folder\{name}", '
                    r'r"lib\{name}")]}}'
                ),
            ),
        ),
        runtime=Remedy(
            "its maker: in setup.py, let cx_Freeze take the runtime along:",
            ('build_exe_options = {{"include_msvcr": True}}',),
        ),
    ),
    # Nuitka, "Nuitka Package Configuration" (dlls) and the text of its option for the
    # runtime (read 2026).
    "nuitka": Freezer(
        title="Nuitka",
        collect=Remedy(
            "its maker: name the DLL under `dlls` in a package configuration, and "
            "pass that:",
            (
                (
                    "python -m nuitka --standalone "
                    "--user-package-configuration-file=my.nuitka-package.config.yml "
                    "app.py"
                ),
            ),
        ),
        runtime=Remedy(
            "its maker: let Nuitka take the runtime along:",
            (
                (
                    "python -m nuitka --standalone --include-windows-runtime-dlls=yes "
                    "app.py"
                ),
            ),
        ),
        # Nuitka 4.3.3, nuitka/options/OptionParsing.py, --onefile-tempdir-spec.
        single=r"onefile_\d+_\w+",
        apart=Remedy(
            "then check, with the program compiled into a folder:",
            (
                "python -m nuitka --standalone app.py",
                "python -m dllguard check --python app.dist {target}",
            ),
        ),
    ),
    # takluyver/pynsist#58; pynsist, "The Config File" (read 2026).
    "embeddable": Freezer(
        title="the embeddable package of Python",
        collect=None,
        runtime=Remedy(
            "its maker: let the installer of the program run the redistributable:",
            ("vc_redist.{arch}.exe /install /quiet /norestart",),
        ),
    ),
    "frozen": Freezer(title="", collect=None),
}
"""By the kind of the environment."""
