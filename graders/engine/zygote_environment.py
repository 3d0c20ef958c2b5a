"""Environment variables of the engine's processes: little is inherited, and libraries start no threads."""

from __future__ import annotations

import os
import sys
from pathlib import Path

#: One thread for each process: workers scale by processes, and a warm process must have one thread when it forks.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "ARROW_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # pyarrow starts a thread on import otherwise
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}


#: Where Matplotlib keeps its list of fonts, which takes seconds to make. Warm processes share it; student code does not
#: learn of it.
FONT_CACHE_VARIABLE = "MPLCONFIGDIR"


def student_environment() -> dict[str, str]:
    """Return the environment of the warm process: of ours only the time zone and the font cache are inherited."""
    cache = {name: os.environ[name] for name in (FONT_CACHE_VARIABLE,) if name in os.environ}
    return {
        **cache,
        **ONE_THREAD,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"]),
        "LANG": "C.UTF-8",
        "TZ": os.environ.get("TZ", "Asia/Seoul"),
        "PYTHONHASHSEED": "0",  # the order of sets is the same in every grading
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "TERM": "xterm-color",
    }
