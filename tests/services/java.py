"""The Java that runs Elasticsearch."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.services.service import ServiceMissing

OLDEST = 17


def java() -> str:
    """Find Java 17 or later: JAVA_HOME's, else the first on PATH."""
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if not found or not Path(found).exists():
        message = f"install Java {OLDEST} or later"
        raise ServiceMissing(message)
    told = subprocess.run([found, "-version"], capture_output=True, text=True, check=False, timeout=30)
    version = re.search(r'version "(\d+)', told.stderr)
    if not version or int(version[1]) < OLDEST:
        message = f"install Java {OLDEST} or later ({found} is {version[1] if version else 'unknown'})"
        raise ServiceMissing(message)
    return found
