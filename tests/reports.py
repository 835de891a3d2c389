"""Reports that the faces are tried on."""

from __future__ import annotations

from dllguard._hosts._host import Host
from dllguard._preflight import report_on
from dllguard._verdict import Report
from tests.trees import Tree

RUNTIME_SET = "api-ms-win-crt-runtime-l1-1-0.dll"
PYTHON = "python311.dll"


def broken_torch(tree: Tree) -> tuple[Report, Host]:
    """Judge a torch that wants a newer runtime, and a package that is well.

    :param tree: a machine with the redistributable 14.29.
    """
    torch = {
        "c10.dll": tree.pe("MSVCP140.dll", "vcruntime140.dll", RUNTIME_SET),
        "shm.dll": tree.pe("torch_cpu.dll", "KERNEL32.dll"),
        "torch_cpu.dll": tree.pe(
            "c10.dll", "VCRUNTIME140_THREADS.dll", "KERNEL32.dll", RUNTIME_SET
        ),
    }
    files = {f"torch/lib/{name}": content for name, content in torch.items()}
    files["torch/_C.cp311-win_amd64.pyd"] = tree.pe(PYTHON, "torch_cpu.dll")
    tree.install("torch", "2.15.0", files)
    alike = {f"fine/_{i}.pyd": tree.pe(PYTHON, "KERNEL32.dll") for i in range(4)}
    tree.install("fine", "1.0", {**alike, "fine/lost.dll": tree.pe()})
    (tree.site / "fine/lost.dll").unlink()
    host = tree.host()
    return report_on(host, ("fine", "torch")), host
