"""Names of accounts, machines and folders that tell nothing of anybody. Data only.

An account called `torch` or `Lib` is told from a package and a folder by where it
stands; these words are never replaced elsewhere.
"""

from __future__ import annotations

from typing import Final

COMMON: Final = frozenset(
    # "Default local accounts", "Well-known SIDs" and "Recognized environment variables"
    # (Microsoft), and what images of build services and containers call theirs.
    """
    account admin administrator administrators all anonymous appveyor azuread azureuser
    build builder builduser builtin ci client computer container containeradministrator
    containeruser default desktop dev developer docker domain everyone github guest home
    host jenkins localhost localservice local localsystem machine microsoftaccount name
    networkservice nobody nt authority owner pc profile public root runner runneradmin
    runneruser server service shared system systemprofile test tester unknown user
    username users vagrant vm wdagutilityaccount wine workgroup workstation
    """.split()
    # Folders of Windows, Python, conda, Wine and their installers; parts of API sets.
    + """
    amd64 anaconda anaconda3 api app appdata application apps arm64 assembly bin boot
    cache chocolatey code com common conda config content core data dist dll dlls doc
    docs documents dotnet downloads drive_c drivers dword edge env envs etc exe export
    ext file files folder fonts git globalroot image import include inf info internal
    java json kernel keys lib libs library link log logs mamba meta microsoft mingw
    miniconda miniconda3 miniforge miniforge3 module modules mount msys net node opt
    package packages path pip pipx pkg plugins poetry prefix program programdata
    programs project projects pyenv pypy pyd python python2 python3 pythons pyw release
    roaming scoop script scripts setup share site software source src std store
    style sxs syswow64 system32 temp text tmp tool tools unc unix usr uv var venv
    version virtual virtualenv volume wbem wheel win win32 win64 windir windows
    windowsapps windowspowershell winsxs work workspace www x64 x86 zip
    dllguard snapshot
    """.split()
    # Words of products by which DLLs are told apart.
    + """
    adobe amazon amd android apple cuda cudnn cupy cython directx eclipse electron
    ffmpeg gdal gimp gnome google gtk ibm intel jetbrains jupyter keras linux llvm
    matlab mesa mkl mozilla mpi mysql nodejs nuget numba numpy nvidia office onnx
    opencl opencv openmp openssl openvino oracle pandas postgres postgresql powershell
    protobuf pyinstaller pyqt pyside pytorch qt redist redistributable rocm ruby runtime
    rust scipy sklearn spyder sql sqlite steam studio tcl tensorflow tensorrt tk torch
    torchaudio torchvision tortoise triton ucrt vc vcpkg vcredist visual visualstudio
    vlc vulkan xgboost
    """.split()
)
