/* SPDX-License-Identifier: MIT
 *
 * A program that embeds Lua and lends its scripts the reloader: callbacks while the program dispatches, who
 * ends first, and no Lua error through a frame of the library, also when Lua runs out of memory at any
 * allocation. Built once for each Lua, with its static library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

#include "cmreload/lua.h"
#include "support/follower.h"

struct host {
    lua_State *L;
    struct follower *follower;
};

static void run(lua_State *L, const char *script)
{
    if (luaL_loadstring(L, script) || lua_pcall(L, 0, 0, 0))
        fail_msg("%s", lua_tostring(L, -1));
}

/* Frees the program's reloader, whoever calls it: a script, too. */
static int free_reloader(lua_State *L)
{
    struct host *host = lua_touserdata(L, lua_upvalueindex(1));
    cmr_reloader *reloader = host->follower->reloader;
    host->follower->reloader = NULL;
    cmr_reloader_free(reloader);
    return 0;
}

static lua_State *new_state(struct host *host)
{
    lua_State *L = luaL_newstate();
    assert_non_null(L);
    luaL_openlibs(L);
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "preload");
    lua_pushcfunction(L, luaopen_cmreload);
    lua_setfield(L, -2, "cmreload");
    lua_pop(L, 2);
    lua_pushlightuserdata(L, host);
    lua_pushcclosure(L, free_reloader, 1);
    lua_setglobal(L, "free_reloader");
    host->L = L;
    return L;
}

static void lend(const struct host *host, lua_State *L)
{
    assert_int_equal(CMR_OK, cmr_lua_push(L, host->follower->reloader));
    lua_setglobal(host->L, "config");
}

static int set_up(void **state)
{
    static struct host host;
    void *follower = NULL;
    if (follower_set_up(&follower) != 0)
        return -1;
    host.follower = follower;
    fake_kubelet_write(&host.follower->kubelet, "n", "1");
    follower_load(host.follower);
    lend(&host, new_state(&host));
    *state = &host;
    return 0;
}

static int tear_down(void **state)
{
    struct host *host = *state;
    void *follower = host->follower;
    if (host->L)
        lua_close(host->L);
    host->L = NULL;
    return follower_tear_down(&follower);
}

static void change(const struct host *host, const char *text)
{
    fake_kubelet_write(&host->follower->kubelet, "n", text);
    if (host->follower->reloader)
        cmr_reloader_dispatch(host->follower->reloader);
}

static void check(const struct host *host, const char *condition)
{
    char script[512];
    snprintf(script, sizeof script, "assert(%s, [[%s]])", condition, condition);
    run(host->L, script);
}

/* ---- callbacks */

static void the_program_dispatches(void **state)
{
    struct host *host = *state;
    run(host->L, "config:subscribe('**', function(update)\n"
                 "    heard = update.changes[1].new\n"
                 "    assert(config:dispatch() == nil)\n"
                 "end)");
    lua_gc(host->L, LUA_GCCOLLECT, 0);
    change(host, "2");
    check(host, "heard == '2'");
    assert_false(cmr_lua_take_error(host->L, host->follower->reloader));
    run(host->L, "heard = nil\n assert(config:dispatch()) assert(config:load(0))");
    check(host, "heard == nil");
    assert_int_equal(0, lua_gettop(host->L));
}

static void errors_are_kept(void **state)
{
    struct host *host = *state;
    run(host->L, "for i = 1, 3 do config:subscribe('**', function() error('number ' .. i) end) end");
    change(host, "2");
    for (int i = 1; i <= 3; i++) {
        char text[16];
        snprintf(text, sizeof text, "number %d", i);
        assert_true(cmr_lua_take_error(host->L, host->follower->reloader));
        assert_non_null(strstr(lua_tostring(host->L, -1), text));
        assert_non_null(strstr(lua_tostring(host->L, -1), "traceback"));
        lua_pop(host->L, 1);
    }
    assert_false(cmr_lua_take_error(host->L, host->follower->reloader));
    assert_int_equal(0, lua_gettop(host->L));
    follower_has(host->follower, "n", "2");
    change(host, "3"); /* a script takes them, too */
    run(host->L, "for i = 1, 3 do assert(config:take_error():find('number ' .. i)) end\n"
                 "assert(config:take_error() == nil)");
}

static void a_script_vetoes(void **state)
{
    struct host *host = *state;
    run(host->L, "config:validate{name = 'script', prepare = function(candidate)\n"
                 "    if candidate:get('n') == '2' then error('not two', 0) end\n"
                 "end}");
    journal_take(&host->follower->journal);
    change(host, "2");
    follower_has(host->follower, "n", "1");
    assert_string_equal("rejected 1 :0:0 []\n", journal_take(&host->follower->journal));
    change(host, "3");
    follower_has(host->follower, "n", "3");
}

static void a_yield_is_an_error(void **state)
{
    struct host *host = *state;
    run(host->L, "config:subscribe('**', function() coroutine.yield() end)");
    change(host, "2");
    assert_true(cmr_lua_take_error(host->L, host->follower->reloader));
    assert_non_null(strstr(lua_tostring(host->L, -1), "yield"));
    lua_pop(host->L, 1);
}

/* ---- who is there, and how long */

static void one_reloader_is_one_object(void **state)
{
    struct host *host = *state;
    assert_int_equal(CMR_OK, cmr_lua_push(host->L, host->follower->reloader));
    lua_getglobal(host->L, "config");
    assert_true(lua_rawequal(host->L, -1, -2));
    lua_settop(host->L, 0);
    follower_end(host->follower);
    follower_load(host->follower); /* often at the same address */
    assert_int_equal(CMR_OK, cmr_lua_push(host->L, host->follower->reloader));
    lua_getglobal(host->L, "config");
    assert_false(lua_rawequal(host->L, -1, -2));
    lua_settop(host->L, 0);
    check(host, "config:is_closed()");
    assert_int_equal(CMR_ERR_INVALID_ARGUMENT, cmr_lua_push(host->L, NULL));
    assert_int_equal(0, lua_gettop(host->L));
}

static void scripts_need_not_keep_it(void **state)
{
    struct host *host = *state;
    run(host->L, "config:subscribe('**', function(update) heard = update.changes[1].new end) config = nil");
    lua_gc(host->L, LUA_GCCOLLECT, 0);
    lua_gc(host->L, LUA_GCCOLLECT, 0);
    change(host, "2");
    check(host, "heard == '2'");
}

static void closing_it_in_lua_only_ends_what_lua_has(void **state)
{
    struct host *host = *state;
    run(host->L, "config:subscribe('**', function() heard = true config:close() end)\n"
                 "config:subscribe('**', function() heard_too = true end)");
    change(host, "2");
    check(host, "heard and not heard_too and config:is_closed()");
    follower_has(host->follower, "n", "2");
    assert_int_equal(0, follower_status(host->follower).subscriptions - 1); /* the journal's */
    lend(host, host->L);
    check(host, "not config:is_closed() and config:snapshot():get('n') == '2'");
}

static void the_program_frees_it_first(void **state)
{
    struct host *host = *state;
    run(host->L, "registration = config:subscribe('**', print)\n"
                 "config:observe(print)\n"
                 "snapshot = config:snapshot()");
    follower_end(host->follower);
    check(host, "select(3, config:dispatch()) == 'closed' and config:is_closed()");
    check(host, "snapshot:get('n') == '1'");
    run(host->L, "registration:close() config:close()");
}

static void the_state_is_closed_first(void **state)
{
    struct host *host = *state;
    run(host->L, "config:subscribe('**', print, {enum = {'1', '2'}})\n"
                 "config:observe(print)\n"
                 "config:validate{name = 'never', prepare = function() return false end}\n"
                 "snapshot = config:snapshot()");
    lua_close(host->L);
    host->L = NULL;
    change(host, "2");
    follower_has(host->follower, "n", "2");
    new_state(host); /* and another one comes */
    lend(host, host->L);
    check(host, "config:snapshot():get('n') == '2'");
}

static void a_callback_frees_it(void **state)
{
    struct host *host = *state;
    cmr_reloader *reloader = host->follower->reloader;
    run(host->L, "config:subscribe('**', function()\n"
                 "    free_reloader()\n"
                 "    after = config:is_closed()\n"
                 "    collectgarbage()\n"
                 "    error('last words')\n"
                 "end)");
    fake_kubelet_write(&host->follower->kubelet, "n", "2");
    assert_int_equal(CMR_ERR_CLOSED, cmr_reloader_dispatch(reloader));
    assert_true(cmr_lua_take_error(host->L, reloader));
    lua_pop(host->L, 1);
    check(host, "config:is_closed()");
}

static void a_callback_of_lua_frees_it_below_dispatch(void **state)
{
    struct host *host = *state;
    run(host->L, "config:subscribe('**', function() free_reloader() end)");
    fake_kubelet_write(&host->follower->kubelet, "n", "2");
    check(host, "select(3, config:dispatch()) == 'closed'");
    check(host, "select(3, config:dispatch()) == 'closed'");
}

/* Pushed in a coroutine that has ended, and is collected: callbacks must not run on it. */
static void it_was_pushed_in_a_coroutine(void **state)
{
    struct host *host = *state;
    follower_end(host->follower);
    follower_load(host->follower);
    lua_State *thread = lua_newthread(host->L);
    assert_int_equal(CMR_OK, cmr_lua_push(thread, host->follower->reloader));
    lua_setglobal(thread, "config");
    run(thread, "config:subscribe('**', function(update) heard = update.changes[1].new end)");
    lua_pop(host->L, 1);
    lua_gc(host->L, LUA_GCCOLLECT, 0);
    run(host->L, "for i = 1, 100 do coroutine.wrap(function() local _ = ('x'):rep(i) end)() end");
    change(host, "2");
    check(host, "heard == '2'");
}

static void two_states_have_one_reloader(void **state)
{
    struct host *host = *state;
    lua_State *first = host->L, *second = new_state(host);
    lend(host, second);
    run(first, "config:subscribe('**', function() heard = true end)");
    run(second, "config:subscribe('**', function() heard = true end)");
    change(host, "2");
    check(host, "heard");
    lua_close(second);
    host->L = first;
    check(host, "heard");
    change(host, "3");
    assert_false(cmr_lua_take_error(first, host->follower->reloader));
}

/* ---- memory */

static struct {
    lua_Alloc allocate;
    void *user;
    bool armed;
    unsigned long count, fail_at;
    unsigned long failures; /* in a row: 5.4 collects garbage, and tries once more */
} memory;

static void *allocate(void *user, void *old, size_t old_size, size_t size)
{
    (void)user;
    bool grows = size > 0 && (!old || size > old_size); /* Lua takes it that shrinking never fails */
    if (memory.armed && grows && ++memory.count >= memory.fail_at &&
        memory.count < memory.fail_at + memory.failures)
        return NULL;
    return memory.allocate(memory.user, old, old_size, size);
}

static void arm(unsigned long fail_at)
{
    memory.armed = true;
    memory.count = 0;
    memory.fail_at = fail_at;
}

static const char all_callbacks[] =
    "heard = 0\n"
    "config:observe(function(event) kept = event.message .. event.kind end)\n"
    "config:validate{name = 'v', prepare = function(candidate, veto) kept = candidate:get('n') .. 'x' end,\n"
    "                commit = function(published) kept = published:get('n') .. 'y' end}\n"
    "config:subscribe('**', function(update)\n"
    "    kept = update.changes[1].new .. 'z' .. update:after():generation()\n"
    "    heard = heard + 1\n"
    "end)\n"
    "config:subscribe('**', function() error({'kept'}) end)\n"
    "function dispatch() return config:dispatch() end\n";

/* How many errors there are. */
static int take_errors(const struct host *host)
{
    int count = 0;
    for (; cmr_lua_take_error(host->L, host->follower->reloader); count++)
        lua_pop(host->L, 1);
    return count;
}

/* Dispatches a change while Lua's allocation of that number fails. False: there are not that many. */
static bool dispatch_short_of_memory(const struct host *host, unsigned long fail_at, bool by_script)
{
    struct journal *journal = &host->follower->journal;
    char text[32];
    snprintf(text, sizeof text, "%lu.%lu.%d", fail_at, memory.failures, by_script);
    fake_kubelet_write(&host->follower->kubelet, "n", text);
    lua_getglobal(host->L, "dispatch");
    arm(fail_at);
    if (by_script)
        lua_pcall(host->L, 0, 0, 0);
    else
        assert_int_equal(CMR_OK, cmr_reloader_dispatch(host->follower->reloader));
    memory.armed = false;
    lua_settop(host->L, 0);
    if (!journal_wait(journal, host->follower->reloader, text)) /* its validator may have put it off */
        fail_msg("the allocation %lu: %s", fail_at, journal->text);
    if (take_errors(host) == 0 && !by_script)
        fail_msg("the allocation %lu: an error is lost", fail_at);
    journal_take(journal);
    return memory.count >= fail_at;
}

/* Each allocation of Lua fails once, in a dispatch of the program or, below it, of a script. */
static void lua_is_out_of_memory(void **state)
{
    struct host *host = *state;
    unsigned long longest = 0;
    lua_gc(host->L, LUA_GCSTOP, 0);
    memory.allocate = lua_getallocf(host->L, &memory.user);
    run(host->L, all_callbacks);
    lua_setallocf(host->L, allocate, NULL);
    for (memory.failures = 1; memory.failures <= 2; memory.failures++) {
        for (int by_script = 0; by_script < 2; by_script++) {
            unsigned long fail_at = 1;
            while (dispatch_short_of_memory(host, fail_at, by_script))
                fail_at++;
            longest = fail_at > longest ? fail_at : longest;
        }
    }
    assert_true(longest > 20); /* there is something to fail */
    lua_setallocf(host->L, memory.allocate, memory.user);
    lua_gc(host->L, LUA_GCRESTART, 0);
    run(host->L, "local before = heard\n check_heard = function() return heard == before + 1 end");
    change(host, "last");
    check(host, "check_heard()");
}

int main(void)
{
#define HOST_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        HOST_TEST(the_program_dispatches),
        HOST_TEST(errors_are_kept),
        HOST_TEST(a_script_vetoes),
        HOST_TEST(a_yield_is_an_error),
        HOST_TEST(one_reloader_is_one_object),
        HOST_TEST(scripts_need_not_keep_it),
        HOST_TEST(closing_it_in_lua_only_ends_what_lua_has),
        HOST_TEST(the_program_frees_it_first),
        HOST_TEST(the_state_is_closed_first),
        HOST_TEST(a_callback_frees_it),
        HOST_TEST(a_callback_of_lua_frees_it_below_dispatch),
        HOST_TEST(it_was_pushed_in_a_coroutine),
        HOST_TEST(two_states_have_one_reloader),
        HOST_TEST(lua_is_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
