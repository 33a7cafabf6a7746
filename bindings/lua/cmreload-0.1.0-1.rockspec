-- SPDX-License-Identifier: MIT
--
-- In this folder: luarocks make. libcmreload and its headers are looked for in the system, or in CMRELOAD_DIR:
--     luarocks make CMRELOAD_DIR=/opt/cmreload
rockspec_format = "3.0"
package = "cmreload"
version = "0.1.0-1"
source = {
    url = ".", -- it is built where it lies
}
description = {
    summary = "A program's configuration follows its mounted Kubernetes ConfigMap, while it runs",
    license = "MIT",
}
dependencies = {
    "lua >= 5.1, < 5.5, ~= 5.2, ~= 5.3",
}
external_dependencies = {
    CMRELOAD = {header = "cmreload/lua.h", library = "cmreload"},
}
build = {
    type = "builtin",
    modules = {
        cmreload = {
            sources = {
                "class.c", "compat.c", "module.c", "observer.c", "open.c", "options.c", "registration.c", "reloader.c",
                "session.c", "shape.c", "snapshot.c", "status.c", "update.c", "validator.c", "values.c",
            },
            defines = {"_GNU_SOURCE"},
            libraries = {"cmreload", "m"},
            incdirs = {"$(CMRELOAD_INCDIR)"},
            libdirs = {"$(CMRELOAD_LIBDIR)"},
        },
    },
}
