/* SPDX-License-Identifier: MIT
 *
 * A daemon that runs its user's Lua script, and lends it the reloader:
 *
 *     lua-host DIRECTORY lua-host.lua
 *
 * It answers each line of its standard input by the script's function answer(). The script's callbacks run
 * while the daemon dispatches; what one raises is logged, and the daemon goes on. SIGTERM and the end of the
 * input end it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <lauxlib.h>
#include <lualib.h>

#include <cmreload/lua.h>

static void say(const char *level, const char *text)
{
    printf("%s: %s\n", level, text);
    fflush(stdout);
}

/* log(level, text), for the script */
static int log_from_lua(lua_State *L)
{
    say(luaL_checkstring(L, 1), luaL_checkstring(L, 2));
    return 0;
}

/* Errors that are no strings are a script's own affair. */
static void log_error(lua_State *L)
{
    const char *text = lua_tostring(L, -1);
    say("error", text ? text : "(an error that is no string)");
    lua_pop(L, 1);
}

/* In a protected call: what goes wrong here must not end the daemon. Gets the reloader and the script's name.
 */
static int start(lua_State *L)
{
    cmr_reloader *reloader = lua_touserdata(L, 1);
    const char *script = lua_tostring(L, 2);
    luaL_openlibs(L);
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "preload");
    lua_pushcfunction(L, luaopen_cmreload);
    lua_setfield(L, -2, "cmreload"); /* a script may require "cmreload", too */
    lua_pushcfunction(L, log_from_lua);
    lua_setglobal(L, "log");
    cmr_status status = cmr_lua_push(L, reloader);
    if (status != CMR_OK)
        return luaL_error(L, "%s", cmr_strerror(status));
    lua_setglobal(L, "config");
    if (luaL_loadfile(L, script))
        return lua_error(L);
    lua_call(L, 0, 0);
    return 0;
}

static lua_State *start_script(cmr_reloader *reloader, const char *script)
{
    lua_State *L = luaL_newstate();
    if (!L)
        return NULL;
    lua_pushcfunction(L, start);
    lua_pushlightuserdata(L, reloader);
    lua_pushstring(L, script);
    if (lua_pcall(L, 2, 0, 0)) {
        log_error(L);
        lua_close(L);
        return NULL;
    }
    return L;
}

static void dispatch(lua_State *L, cmr_reloader *reloader)
{
    cmr_reloader_dispatch(reloader);
    while (cmr_lua_take_error(L, reloader))
        log_error(L);
}

static void answer(lua_State *L, char *name)
{
    name[strcspn(name, "\n")] = '\0';
    lua_getglobal(L, "answer");
    lua_pushstring(L, name);
    if (lua_pcall(L, 1, 1, 0)) {
        log_error(L);
        return;
    }
    say("answer", lua_tostring(L, -1) ? lua_tostring(L, -1) : "(none)");
    lua_pop(L, 1);
}

/* Lines that come in one piece, as from a terminal. False: the input ends. */
static bool read_names(lua_State *L)
{
    char names[4096];
    ssize_t size = read(STDIN_FILENO, names, sizeof names - 1);
    if (size <= 0)
        return size < 0 && errno == EINTR;
    names[size] = '\0';
    for (char *rest = names, *name; (name = strtok_r(rest, "\n", &rest));)
        answer(L, name);
    return true;
}

static bool add(int epoll, int descriptor)
{
    struct epoll_event event = { .events = EPOLLIN, .data.fd = descriptor };
    return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

static bool serve(lua_State *L, cmr_reloader *reloader, int signals)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event;
    if (epoll < 0 || !add(epoll, signals) || !add(epoll, STDIN_FILENO) ||
        !add(epoll, cmr_reloader_fd(reloader)))
        return false;
    say("info", "serving");
    for (;;) {
        int ready = epoll_wait(epoll, &event, 1, -1);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready < 0 || event.data.fd == signals)
            break;
        if (event.data.fd == cmr_reloader_fd(reloader))
            dispatch(L, reloader);
        else if (!read_names(L))
            break;
    }
    close(epoll);
    return true;
}

static int block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

int main(int argc, char **argv)
{
    cmr_reloader *reloader;
    int signals = block_signals();
    if (argc != 3 || signals < 0) {
        fprintf(stderr, "usage: lua-host DIRECTORY SCRIPT\n");
        return 2;
    }
    if (cmr_open(argv[1], NULL, &reloader) != CMR_OK)
        return 1;
    lua_State *L = start_script(reloader, argv[2]);
    bool served = false;
    if (L) { /* what is mounted may come later, or be mended */
        cmr_reloader_load(reloader, 0);
        served = serve(L, reloader, signals);
        lua_close(L);
    }
    cmr_reloader_free(reloader);
    close(signals);
    return served ? 0 : 1;
}
