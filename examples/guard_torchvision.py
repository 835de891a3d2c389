"""A script whose failing import explains itself: one line before the others.

    python examples/guard_torchvision.py

On Windows, where a DLL is missing, the traceback ends in the name of that DLL, the
way to it, and the cure. Elsewhere, or where all is well, `import dllguard` changes
nothing. A script that you cannot edit is run the same way with

    python -m dllguard run SCRIPT
"""

from __future__ import annotations

import dllguard  # noqa: F401  it must come before what it guards

# isort: split
import torch
import torchvision

boxes = torch.tensor(
    [[0.0, 0.0, 9.0, 9.0], [1.0, 1.0, 9.0, 9.0], [20.0, 0.0, 29.0, 9.0]]
)
scores = torch.tensor([0.9, 0.8, 0.7])
# An operator of torchvision's own DLL: a load that torchvision keeps to itself.
print("boxes kept:", torchvision.ops.nms(boxes, scores, iou_threshold=0.5).tolist())
