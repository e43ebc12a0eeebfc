"""Run a command, and say on standard error how long it took and how much memory its largest process had: `peak.py CMD…`."""
from __future__ import annotations

import resource
import subprocess
import sys
import time

start = time.perf_counter()
code = subprocess.run(sys.argv[1:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{time.perf_counter() - start:.1f} s, {used.ru_utime + used.ru_stime:.1f} s of CPU, {used.ru_maxrss / 1024:.0f} MB", file=sys.stderr)
sys.exit(code)
