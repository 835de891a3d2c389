"""What the tasks run: Python code with its arguments on the command line. Data only.

A program that repeats itself reports the median of its repetitions, after one that does
not count: what a long-running process pays.
"""

from __future__ import annotations

from typing import Final

_TIMING: Final = """
import json, statistics, time
def report(once, times):
    once()
    walls, processors = [], []
    for _ in range(times):
        wall, processor = time.perf_counter(), time.process_time()
        once()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    tell(wall=statistics.median(walls), processor=statistics.median(processors))
def peak():
    try:
        status = open("/proc/self/status").read()
        # ru_maxrss would be that of the process that started this one, too.
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    except (OSError, IndexError):
        return 0.0
def tell(**facts):
    print("perf:" + json.dumps({"memory": peak(), **facts}))
"""

PASS: Final = "pass"
IMPORT_JSON: Final = "import json"
IMPORT_DLLGUARD: Final = "import dllguard"
IMPORT_BARE: Final = "import pefile, packaging.version"

START_UP: Final = """
sys.path.insert(0, sys.argv[2])
if sys.argv[1] == "hook":
    import dllguard
    dllguard.install(force=True)
import scipy.stats, pandas
"""

CHECK: Final = (
    """
import os
from dllguard._cli import main
code = main(["check", *sys.argv[1:]])
assert code in (0, 1), code
"""
    + _TIMING.replace("import json, statistics, time", "import json")
    + """
tell()
"""
)
"""The command `dllguard check` in a new process, with what it prints."""

PREFLIGHT: Final = (
    _TIMING
    + """
from dllguard._hosts._offline import offline_host
from dllguard._judge import Rules
from dllguard._preflight import report_on
target, python, windows, symbols, times = sys.argv[1:]
rules = Rules(symbols=False if symbols == "names" else None)
report(
    lambda: report_on(offline_host(python, windows), (target,), rules), int(times)
)
"""
)
"""What `preflight` does, of a host that does not run here."""

PEFILE_WALK: Final = (
    _TIMING
    + """
import pefile
files = open(sys.argv[1], encoding="utf-8").read().splitlines()
directories = [
    pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_IMPORT"],
    pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_DELAY_IMPORT"],
]
exports = [pefile.DIRECTORY_ENTRY["IMAGE_DIRECTORY_ENTRY_EXPORT"]]
names = sys.argv[2] == "names"
def once():
    for file in files:
        try:
            image = pefile.PE(file, fast_load=True)
        except pefile.PEFormatError:
            continue
        image.parse_data_directories(
            directories if names else directories + exports,
            import_dllnames_only=names,
        )
        for row in getattr(image, "DIRECTORY_ENTRY_IMPORT", ()):
            row.dll
        image.close()
report(once, int(sys.argv[3]))
"""
)

LIEF_WALK: Final = (
    _TIMING
    + """
import lief
files = open(sys.argv[1], encoding="utf-8").read().splitlines()
config = lief.PE.ParserConfig()
config.parse_signature = config.parse_rsrc = config.parse_reloc = False
config.parse_exports = sys.argv[2] != "names"
def once():
    for file in files:
        image = lief.PE.parse(file, config)
        if image is None:
            continue
        for row in image.imports:
            row.name
            if sys.argv[2] != "names":
                for entry in row.entries:
                    entry.name
        if sys.argv[2] != "names" and image.has_exports:
            for entry in image.get_export().entries:
                entry.name
report(once, int(sys.argv[3]))
"""
)

WHOLE: Final = (
    _TIMING
    + """
import resource
from dllguard._hosts._offline import offline_host
from dllguard._targets._selection import Selection
from dllguard._targets._survey import survey
from dllguard._targets._whole import everything
python, windows, processes = sys.argv[1:]
wall, processor = time.perf_counter(), time.process_time()
host = offline_host(python, windows)
whole = everything(host.environment)
result = survey(Selection(host, whole=whole), processes=int(processes))
files = {file.path for target in result.targets for file in target.files}
used = resource.getrusage(resource.RUSAGE_CHILDREN)
tell(
    wall=time.perf_counter() - wall,
    processor=time.process_time() - processor + used.ru_utime + used.ru_stime,
    files=len(files),
    # Of all processes: this one, and so many of the largest of the others.
    memory=peak() + int(processes) * used.ru_maxrss / 1024,
)
"""
)
"""Everything in an environment, with symbols, in several processes."""

JUDGED: Final = """
import json
from dllguard._hosts._offline import offline_host
from dllguard._judge import judge
python, windows, target = sys.argv[1:]
result = judge(offline_host(python, windows), target)
files = {path for file in result.files for path in (file.path, *file.resolved.values())}
print(json.dumps(sorted(files)))
"""
"""The files that a judgement comes to."""
