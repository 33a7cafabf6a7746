# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# The Luas that this build has the binding for; sourced by the scripts that test it.

# lua_list BUILD: prints INTERPRETER FOLDER, a line for each whose module and interpreter are there; the others as a
# line that begins with SKIP: on the descriptor 3. No plain interpreter loads a module that has sanitizers in it.
lua_list() {
    if grep -q '^CMRELOAD_SANITIZE:[A-Z]*=.' "$1/CMakeCache.txt"; then
        echo "SKIP: Lua: no plain interpreter loads a module with sanitizers" >&3
        return
    fi
    for lua_name in lua5.4 lua5.1 luajit; do
        lua_folder=$1/bindings/lua/${lua_name#lua}
        [ "$lua_name" != luajit ] || lua_folder=$1/bindings/lua/luajit
        if [ ! -e "$lua_folder/cmreload.so" ]; then
            echo "SKIP: $lua_name: this build has no binding for it" >&3
        elif ! command -v "$lua_name" >/dev/null; then
            echo "SKIP: $lua_name: there is no such interpreter" >&3
        else
            echo "$lua_name $lua_folder"
        fi
    done
}
