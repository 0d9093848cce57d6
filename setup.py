"""What setup.cfg cannot say: the compiled core. Without a compiler the package is installed without it, and answers the same.

With NAIDI_REQUIRE_CORE=1 the build fails instead: so are the wheels built that are published.
"""

import os
from glob import glob

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "naidi._core",
            sorted(glob("csrc/*.c")),
            depends=glob("csrc/*.h"),
            # No debugging symbols: they would be most of the file, and hold the folder that it was built in.
            extra_compile_args=["-O3", "-g0", "-std=c11"],
            optional=os.environ.get("NAIDI_REQUIRE_CORE") != "1",
        )
    ]
)
