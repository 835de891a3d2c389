"""CUDA and cuDNN as products: which release a DLL is of, and how to get it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .._model import X64
from .._packages._distribution import Distribution
from .._paths import join
from .._remedies import _cures as cures
from .._tables._cuda import (
    CUDNN,
    CUDNNS,
    OLDER,
    PARTS,
    TOOLKIT_FOLDERS,
    TOOLKITS,
    WHEEL_FOLDERS,
    WHEEL_SUFFIXES,
    WINGET,
    Part,
    Release,
)
from .._tables._products import NativeProduct
from .._verdict import Remedy
from ._scene import Scene

_NAME = re.compile(r"([a-z]+(?:64)?)_(\d+(?:_\d+)?)\.dll")
_CUDNN = re.compile(r"cudnn(?:_\w+?)?64_(\d+)\.dll")
# A local version, as in torchvision 0.11.1+cu102.
_BUILT_FOR = re.compile(r"\+cu(\d+)(\d)$")
_CPU = Remedy("or take the CPU build of the package, where there is one")


def cuda_product(
    name: str,
    scene: Scene,
    owner: Distribution | None,
    bundler: Distribution | None,
) -> NativeProduct | None:
    """Return the CUDA or cuDNN that a DLL is a part of, as a product.

    :param name: lower-case name of the DLL.
    :param scene: host, target and distributions.
    :param owner: the distribution of the file that needs it.
    :param bundler: the distribution that brings other DLLs of CUDA.
    :returns: None for other DLLs.
    """
    cudnn = _CUDNN.fullmatch(name)
    if cudnn is not None:
        return _cudnn(cudnn[1], scene, owner)
    found = _NAME.fullmatch(name)
    part = PARTS.get(found[1]) if found else None
    if found is None or part is None:
        return None
    release = part.releases.get(found[2]) or OLDER.get(found[2].partition("_")[0])
    if release is None:
        release = Release("", ())
    exact = _built_for(owner, release)
    title = exact or release.title
    major = int(exact.partition(".")[0]) if exact else next(iter(release.majors), 0)
    ways = [
        *_other_release(owner, bundler, scene),
        *_wheel(part, major, found[2], scene),
        *_toolkit(title, major, scene),
        _CPU,
    ]
    return NativeProduct(
        files=re.escape(name),
        title=f"CUDA {release.title}".rstrip(),
        wanted=f"CUDA {title or 'of the number in the name'}, {{bits}}-bit",
        ways=tuple(ways),
        note=f"it is {part.title}, a part of the CUDA Toolkit.{_of_bundler(bundler)}",
        in_vain=(
            "taking another release of CUDA, or its DLL under this name",
            "installing the graphics driver again: it does not contain it",
        ),
    )


def _cudnn(number: str, scene: Scene, owner: Distribution | None) -> NativeProduct:
    majors = CUDNN.get(number, ())
    tag = _tag(owner)
    major = tag[0] if tag and tag[0] in majors else next(iter(majors), 0)
    ways = []
    if major and scene.host.process.machine == X64:
        wanted = f'"nvidia-cudnn-cu{major}=={number}.*"'
        ways.append(_with_folder(wanted, "cudnn/bin", scene))
    ways.append(
        Remedy(
            f"or install cuDNN {number} for the CUDA release of the package, and add "
            f"its bin folder to PATH: {CUDNNS}"
        )
    )
    return NativeProduct(
        files="",
        title=f"cuDNN {number}",
        wanted=f"cuDNN {number}, {{bits}}-bit",
        ways=(*ways, _CPU),
        note="cuDNN is not part of the CUDA Toolkit; it is installed besides.",
        in_vain=(
            "installing the CUDA Toolkit alone: it has no cuDNN in it",
            "taking another release of cuDNN, or its DLL under this name",
        ),
    )


def _tag(owner: Distribution | None) -> tuple[int, int] | None:
    found = _BUILT_FOR.search(owner.version or "") if owner else None
    return (int(found[1]), int(found[2])) if found else None


def _built_for(owner: Distribution | None, release: Release) -> str:
    tag = _tag(owner)
    if tag is None or tag[0] not in release.majors:
        return ""
    return ".".join(map(str, tag))


def _of_bundler(bundler: Distribution | None) -> str:
    if bundler is None:
        return ""
    return f" The other DLLs of CUDA that are needed come with {bundler.title}."


def _other_release(
    owner: Distribution | None, bundler: Distribution | None, scene: Scene
) -> Iterator[Remedy]:
    """Try another release where the packages themselves bring CUDA."""
    if owner is None or bundler is None or scene.host.environment.is_frozen:
        return
    names = dict.fromkeys((owner.name, bundler.name))
    command = cures.upgrade(scene.host.environment, *names)
    if owner.installer == "conda":
        command = f"conda update {' '.join(names)}"
    yield Remedy(
        f"try another release of {owner.name}{cures.index(owner)}:", (command,)
    )


def _wheel(part: Part, major: int, number: str, scene: Scene) -> Iterator[Remedy]:
    suffix = WHEEL_SUFFIXES.get(major)
    if suffix is None or scene.host.process.machine != X64:
        return
    folder = WHEEL_FOLDERS.get(major, f"{part.folder}/bin")
    # Without a suffix the version tells: it is the number of the part, not of CUDA.
    first = number.partition("_")[0][:2]
    wanted = f"{part.wheel}{suffix}" if suffix else f'"{part.wheel}=={first}.*"'
    yield _with_folder(wanted, folder, scene)


def _with_folder(wanted: str, folder: str, scene: Scene) -> Remedy:
    """Install a wheel of NVIDIA. Whoever needs its DLLs has to add their folder."""
    command = f"{{python}} -m pip install {wanted}"
    path = join(_site(scene), "nvidia")
    for name in folder.split("/"):
        path = join(path, name)
    if scene.host.environment.version < (3, 8):
        text = f"or install NVIDIA's wheel of it, and add its folder to PATH, {path}:"
        return Remedy(text, (command,))
    return Remedy(
        "or install NVIDIA's wheel of it, and add its folder before the import, since "
        "usually nobody else does:",
        (command, *cures.add_folder(path).commands),
    )


def _toolkit(title: str, major: int, scene: Scene) -> Iterator[Remedy]:
    version = WINGET.get(major)
    how = f"from {TOOLKITS}"
    commands: tuple[str, ...] = ()
    if version is not None:
        commands = (f"winget install --id Nvidia.CUDA -e --version {version}",)
        how = "which is large"
    added = ""
    environment = scene.host.environment
    if environment.version >= (3, 8) and not environment.is_frozen:
        folder = TOOLKIT_FOLDERS.get(major, "bin")
        added = ", and add its folder before the import"
        add = f'os.path.join(os.environ["CUDA_PATH"], r"{folder}")'
        commands = (*commands, f"import os; os.add_dll_directory({add})")
    text = f"or install the CUDA Toolkit{f' {title}' if title else ''}, {how}{added}"
    yield Remedy(f"{text}:" if commands else text, commands)


def _site(scene: Scene) -> str:
    """Return the folder that pip installs into."""
    folders = [f for f in scene.host.environment.site if f.endswith("site-packages")]
    return folders[-1] if folders else scene.host.environment.prefix
