"""The extensions and names of source code and of other plain texts."""

# ruff: noqa: SIM905 (word tables are easier to read and to change as text)

from __future__ import annotations

SOURCE_CODE = tuple(
    """
    .py .pyi .pyw .pyx .pxd .js .mjs .cjs .jsx .ts .mts .cts .tsx .coffee .vue .svelte .astro .css .scss .sass .less
    .styl .java .kt .kts .scala .sbt .groovy .gradle .clj .cljs .cljc .c .h .cc .cpp .cxx .hh .hpp .hxx .inl .ino .cu
    .cuh .m .mm .swift .cs .csx .vb .vbs .fs .fsi .fsx .go .rs .zig .nim .d .v .sv .vhd .vhdl .rb .rake .gemspec .php
    .phtml .pl .pm .t .lua .tcl .r .jl .sh .bash .zsh .ksh .fish .ps1 .psm1 .psd1 .bat .cmd .awk .sed .sql .psql .ex
    .exs .erl .hrl .hs .lhs .ml .mli .elm .el .lisp .lsp .scm .rkt .dart .pas .pp .dpr .f .f90 .f95 .for .adb .ads .cob
    .cbl .asm .s .sol .glsl .hlsl .vert .frag .proto .thrift .graphql .gql .tf .hcl .nix .cmake .mk .am .ac .m4 .bas
    .cls .sty .bsl .os .jinja .jinja2 .j2 .tpl .erb .ejs .hbs .pug
    """.split()
)
"""Extensions."""

SOURCE_FILES = tuple(
    """
    makefile gnumakefile cmakelists.txt dockerfile containerfile jenkinsfile vagrantfile rakefile gemfile podfile
    brewfile procfile justfile sconstruct sconscript meson.build build.bazel build workspace pkgbuild configure.ac
    """.split()
)
"""Whole names."""

READMES = tuple(
    """
    readme license licence copying changelog changes news history authors contributors maintainers credits notice
    install todo contributing codeowners version
    """.split()
)
"""Whole names of plain texts."""
