"""Builds of torch: for the processor alone, or for a CUDA release."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from .._model import Fault, Image, Load
from .._packages._distribution import Distribution
from .._paths import base_name
from .._remedies import _cures as cures
from .._tables import _links as links
from .._tables._conventions import PARTNER_RELEASES, WHEEL_PAGES
from .._verdict import Diagnosis, Remedy
from ._scene import Scene

_BUILT_FOR: Final = re.compile(r"\+pt(\d)\.?(\d+)(?:\.(\d+))?(?:cpu|cu\d+)?$")
_LOCAL: Final = re.compile(r"\+(cpu|cu\d+)$")
# c10_cuda.dll and torch_cuda.dll are in every CUDA build; torch 1.8 to 1.13 had two
# parts of the latter, torch_cuda_cpp.dll and torch_cuda_cu.dll.
_OF_CUDA_BUILD: Final = re.compile(
    r"c10_cuda\.dll|torch_cuda(_\w+)?\.dll", re.IGNORECASE
)
_OF_CUDA: Final = re.compile(
    r"(cudart|cublas|cublaslt|cusparse|cusolver|cufft|curand|cudnn|nvrtc)\w*\.dll",
    re.IGNORECASE,
)


def built_for(distribution: Distribution) -> str:
    """Return the torch that a wheel was built for, as `+pt21cu118` says: 2.1, or ""."""
    found = _BUILT_FOR.search(distribution.version or "")
    return ".".join(filter(None, found.groups())) if found else ""


def wheel_page(distribution: Distribution, torch: Distribution) -> str:
    """Return the page with the wheels that were built for a torch, or "".

    :param distribution: of which.
    :param torch: the torch that is there.
    """
    page = WHEEL_PAGES.get(distribution.key)
    build = _build(torch)
    version = (torch.version or "").partition("+")[0]
    if page is None or not build or version.count(".") < 2:
        return ""
    minor = ".".join(version.split(".")[:2])
    return page.format(version=version, minor=minor, build=build)


def cpu_build(
    diagnosis: Diagnosis, fault: Fault, load: Load, scene: Scene
) -> Diagnosis | None:
    """Explain an extension for CUDA beside a torch without (mmdetection#5580)."""
    del load
    environment = scene.host.environment
    importer = fault.importer.path if fault.importer else None
    image = scene.host.process.disk.image(importer) if importer else None
    owner = scene.importing(fault)
    torch = environment.distribution("torch")
    if owner is None or torch is None or owner.key == torch.key:
        return None
    names = image.imports if isinstance(image, Image) else ()
    if not any(map(_OF_CUDA_BUILD.fullmatch, names)) or _has_cuda(torch):
        return None
    culprit = fault.culprit
    if not (_OF_CUDA_BUILD.fullmatch(culprit) or _OF_CUDA.fullmatch(culprit)):
        return None
    who = fault.importer.name if fault.importer else owner.name
    lacking = next(name for name in names if _OF_CUDA_BUILD.fullmatch(name))
    return replace(
        diagnosis,
        code="version-mismatch",
        headline=f"{torch.title} is the CPU build; {owner.name} wants CUDA",
        wanted=f"the same build of torch and {owner.name}, both CPU or both CUDA",
        found=f"{torch.title}, the CPU build; {owner.title}, a CUDA build",
        note=f"{who} imports {lacking}, a part of torch that its CPU build, the one on "
        "the package index for Windows, does not have.",
        help=_both_alike(owner, torch, scene),
        will_not_help=(
            f"installing a driver, the CUDA toolkit or cuDNN: none brings {lacking}",
            "installing the Visual C++ runtime",
        ),
        links=(links.TORCH_RELEASES,),
    )


def _both_alike(
    owner: Distribution, torch: Distribution, scene: Scene
) -> tuple[Remedy, ...]:
    environment = scene.host.environment
    page = wheel_page(owner, torch)
    remedies: list[Remedy] = []
    url = cures.index_url(owner)
    if url:
        others = (environment.distribution(name) for name in PARTNER_RELEASES)
        wanted = [_pin(one) for one in (torch, *others) if one is not None]
        index, _, build = url.rpartition("/")
        names = "both" if len(wanted) == 2 else f"all {len(wanted)}"
        command = cures.from_index(environment, url, *wanted)
        text = f"take {names} from one index, as builds for {build}:"
        remedies.append(Remedy(text, (command,)))
        command = cures.from_index(environment, f"{index}/cpu", *wanted)
        remedies.append(Remedy("or as CPU builds:", (command,)))
        return tuple(remedies)
    if page:
        command = cures.from_page(environment, _pin(owner), page)
        text = f"keep {torch.title}, install the {owner.name} made for it:"
        remedies.append(Remedy(text, (command,)))
    else:
        remedies.append(
            Remedy(
                f"install the CPU build of {owner.name}, from the place that its "
                "documentation names"
            )
        )
    remedies.append(
        Remedy(
            f"or install the build of torch for the CUDA that {owner.name} was built "
            f"for; the page below has the command"
        )
    )
    return tuple(remedies)


def _pin(distribution: Distribution) -> str:
    version = (distribution.version or "").partition("+")[0]
    return f"{distribution.name}=={version}" if version else distribution.name


def _has_cuda(torch: Distribution) -> bool:
    names = (base_name(file.path) for file in torch.natives)
    return any(map(_OF_CUDA_BUILD.fullmatch, names))


def _build(torch: Distribution) -> str:
    found = _LOCAL.search(torch.version or "")
    if found:
        return found[1]
    # The package index has CPU builds alone for Windows ("Start Locally", PyTorch).
    return "" if _has_cuda(torch) or not torch.natives else "cpu"
