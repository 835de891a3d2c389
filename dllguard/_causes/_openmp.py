"""Two OpenMP runtimes in one process, of which the second one ends it.

Each registers itself when it starts, and aborts when it finds another one: "OMP: Error
#15" (meta-pytorch/csprng#115).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .._model import Image, Link, Load
from .._packages._distribution import normalised
from .._paths import base_name, folder_of, join
from .._remedies import _cures as cures
from .._tables._conventions import OPENMP, OPENMP_BY_PATH
from .._verdict import Diagnosis, Remedy
from ._owners import Owner, owners_of
from ._scene import Scene

_UNSAFE = (
    "setting KMP_DUPLICATE_LIB_OK, which Intel's own message calls unsafe: the program "
    "may crash or compute wrong results"
)
_BY_HAND = (
    "deleting or renaming one of the files: the next update brings it back, and its "
    "package may stop working"
)


@dataclass(frozen=True)
class _Runtime:
    """One OpenMP runtime, and who brought it."""

    path: str
    owner: Owner | None

    @property
    def title(self) -> str:
        return self.owner.title if self.owner else folder_of(self.path)


def openmp_findings(loads: tuple[Load, ...], scene: Scene) -> Iterator[Diagnosis]:
    """Warn of OpenMP runtimes that the process would hold besides that of the target.

    :param loads: every load of the target.
    :param scene: host, target and distributions.
    """
    ours = [_runtime(path, scene) for path in _loaded_by(loads, scene)]
    if not ours:
        return
    others = [_runtime(path, scene) for path in _others(scene)]
    seen = {runtime.path.lower() for runtime in ours}
    for one in ours:
        for other in (*ours[ours.index(one) + 1 :], *others):
            is_ours = other.path.lower() in seen
            if not _both(one, other, scene):
                continue
            if not is_ours and _is_required(other, scene):
                # The loads of the target show that it comes after, by its name.
                continue
            yield _conflict(one, other, scene, certain=is_ours)
            return


def _loaded_by(loads: tuple[Load, ...], scene: Scene) -> list[str]:
    """Return the OpenMP runtimes that come with the loads of a target."""
    found: dict[str, str] = {}
    for load in loads:
        if load.faults:
            continue
        for path in (load.path, *load.resolved.values()):
            if base_name(path).lower() in OPENMP:
                real = _real(path, scene)
                found.setdefault(real.lower(), real)
    return list(found.values())


def _others(scene: Scene) -> Iterator[str]:
    """Yield what else is loaded, or lies in this environment to be loaded."""
    environment, process = scene.host.environment, scene.host.process
    for name in OPENMP:
        paths = [process.loaded.get(name)]
        if not scene.happened:
            paths += [file.path for _, file in environment.recorded(name)]
            folder = join(join(environment.prefix, "Library"), "bin")
            paths.append(process.disk.find(folder, name))
        for path in paths:
            if path is None or not process.disk.exists(path):
                continue
            image = process.disk.image(path)
            if isinstance(image, Image) and process.accepts(image):
                yield _real(path, scene)


def _real(path: str, scene: Scene) -> str:
    """Return the runtime that a file stands for.

    conda's newer libiomp5md.dll forwards all it exports to the libomp.dll beside it
    (joblib/threadpoolctl#203).
    """
    disk = scene.host.process.disk
    exports = disk.exports(path)
    for symbol in sorted(exports.names)[:1] if exports and exports.forwards else ():
        target = (exports.forwarder(symbol) or "").rpartition(".")[0] if exports else ""
        found = disk.find(folder_of(path), f"{target}.dll") if target else None
        if found is not None and base_name(found).lower() in OPENMP:
            return found
    return path


def _runtime(path: str, scene: Scene) -> _Runtime:
    return _Runtime(path, next(iter(owners_of(path, scene)), None))


def _both(one: _Runtime, other: _Runtime, scene: Scene) -> bool:
    """Tell whether a process can come to hold both.

    Of two files of one name the second is taken only by who asks for it by full path.
    What one package brings together is taken for tried.
    """
    same = one.owner is not None and one.owner == other.owner
    if same or one.path.lower() == other.path.lower():
        return False
    if base_name(one.path).lower() != base_name(other.path).lower():
        return True
    return _by_path(one, scene) or _by_path(other, scene)


def _is_required(runtime: _Runtime, scene: Scene) -> bool:
    name = normalised(runtime.owner.name) if runtime.owner else ""
    return any(name == distribution.key for distribution in scene.distributions)


def _by_path(runtime: _Runtime, scene: Scene) -> bool:
    folder = folder_of(runtime.path).replace("\\", "/").lower()
    return any(
        folder == join(site, row).replace("\\", "/").lower()
        for site in scene.host.environment.site
        for row in OPENMP_BY_PATH.values()
    )


def _conflict(
    one: _Runtime, other: _Runtime, scene: Scene, *, certain: bool
) -> Diagnosis:
    name, second = base_name(one.path), base_name(other.path)
    headline = f"two OpenMP runtimes: {name} and {second}"
    if name.lower() == second.lower() and one.owner and other.owner:
        headline = f"two OpenMP runtimes: {name} of {one.owner.name} and of "
        headline += other.owner.name
    when = "and importing it loads both" if certain else "which the import loads"
    return Diagnosis(
        code="openmp-conflict",
        severity="warning",
        headline=headline,
        summary=f"{one.title} brings one, {when}; {other.title} brings another. Which "
        'starts second ends the process with "OMP: Error #15: Initializing '
        'libiomp5md.dll, but found libiomp5md.dll already initialized", without a '
        "Python exception. Files do not show whether both are started.",
        culprit=name,
        chain=(Link(name, one.path), Link(second, other.path)),
        chain_end="A SECOND ONE",
        note=_note(one, other, scene),
        help=tuple(_ways_out(one, other, scene)),
        will_not_help=(_UNSAFE, _BY_HAND),
    )


def _name(runtime: _Runtime) -> str:
    return runtime.owner.name if runtime.owner else folder_of(runtime.path)


def _note(one: _Runtime, other: _Runtime, scene: Scene) -> str | None:
    if base_name(one.path).lower() != base_name(other.path).lower():
        return None
    if _by_path(one, scene) and not _by_path(other, scene):
        return (
            f"{_name(one)} loads its copy by full path, whatever is loaded already. "
            "Who asks for the name alone gets the copy that is there: so the order of "
            "imports decides."
        )
    return None


def _ways_out(one: _Runtime, other: _Runtime, scene: Scene) -> Iterator[Remedy]:
    lead = ""
    if _note(one, other, scene) and scene.target.isidentifier():
        yield Remedy(
            f"import {scene.target} before all that uses {_name(other)} (numpy, scipy "
            "and others with MKL), at the top of the program:",
            (f"import {scene.target}",),
        )
        lead = "or "
    environment = scene.host.environment
    if cures.is_conda(environment) and _is_mkl_used(scene):
        yield Remedy(
            f"{lead}let numpy and the others use OpenBLAS in place of MKL, which needs "
            "no OpenMP:",
            (f"conda install -p {cures.quoted(environment.prefix)} nomkl",),
        )
        lead = "or "
    yield Remedy(
        f"{lead}take both packages from one source, all pip (in a new virtual "
        "environment) or all conda"
    )


def _is_mkl_used(scene: Scene) -> bool:
    environment = scene.host.environment
    packages = environment.conda_packages(environment.prefix)
    return any(package.name == "mkl" for package in packages)
