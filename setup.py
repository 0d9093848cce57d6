"""What setup.cfg cannot say: the compiled core. Without a compiler the package is installed without it, and answers the same."""

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
            optional=True,
        )
    ]
)
