/* SPDX-License-Identifier: MIT
 *
 * Anchors, aliases and merge keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "support/format_text.h"

static void expands_aliases(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("of a scalar", "a: &x 1\nb: *x\n", "a=1 (int) @1:1\nb=1 (int) @2:1\n"),
        FORMAT_CASE("of a quoted one", "a: &x '1'\nb: [*x]\n",
                    "a=1 (string quoted) @1:1\nb[0]=1 (string quoted) @2:5\n"),
        FORMAT_CASE("of a tagged one", "a: &x !!str 1\nb: *x\n",
                    "a=1 (string quoted) @1:1\nb=1 (string quoted) @2:1\n"),
        FORMAT_CASE("of nothing", "a: &x\nb: *x\n", "a= (null) @1:1\nb= (null) @2:1\n"),
        FORMAT_CASE("of a map", "a: &x\n  c: 1\n  d: {e: 2}\nb: *x\n",
                    "a.c=1 (int) @2:3\na.d.e=2 (int) @3:7\nb.c=1 (int) @2:3\nb.d.e=2 (int) @3:7\n"),
        FORMAT_CASE(
            "of a list", "- &x [1, [2]]\n- *x\n",
            "[0][0]=1 (int) @1:7\n[0][1][0]=2 (int) @1:11\n[1][0]=1 (int) @1:7\n[1][1][0]=2 (int) @1:11\n"),
        FORMAT_CASE("of an empty map", "a: &x {}\nb: *x\nc: [*x, *x]\n",
                    "a={} @1:1\nb={} @2:1\nc[0]={} @3:5\nc[1]={} @3:9\n"),
        FORMAT_CASE("of what holds aliases", "a: &x 1\nb: &y [*x, 2]\nc: &z {p: *y, q: *y}\nd: *z\n",
                    "a=1 (int) @1:1\nb[0]=1 (int) @2:8\nb[1]=2 (int) @2:12\n"
                    "c.p[0]=1 (int) @2:8\nc.p[1]=2 (int) @2:12\nc.q[0]=1 (int) @2:8\nc.q[1]=2 (int) @2:12\n"
                    "d.p[0]=1 (int) @2:8\nd.p[1]=2 (int) @2:12\nd.q[0]=1 (int) @2:8\nd.q[1]=2 (int) @2:12\n"),
        FORMAT_CASE("an anchor in an anchor", "a: &x {b: &y [1]}\nc: *y\nd: *x\n",
                    "a.b[0]=1 (int) @1:15\nc[0]=1 (int) @1:15\nd.b[0]=1 (int) @1:15\n"),
        FORMAT_CASE("redefined", "a: &x 1\nb: *x\nc: &x 2\nd: *x\n",
                    "a=1 (int) @1:1\nb=1 (int) @2:1\nc=2 (int) @3:1\nd=2 (int) @4:1\n"),
        FORMAT_CASE("redefined inside itself", "a: &x [&x 1, *x]\nb: *x\n",
                    "a[0]=1 (int) @1:8\na[1]=1 (int) @1:14\nb=1 (int) @2:1\n"),
        FORMAT_CASE("on the root", "&x\na: 1\n", "a=1 (int) @2:1\n"),
        FORMAT_CASE("an anchor and a tag", "a: &x !!int 1\nb: !!str &y 2\nc: *x\nd: *y\n",
                    "a=1 (int) @1:1\nb=2 (string quoted) @2:1\nc=1 (int) @3:1\nd=2 (string quoted) @4:1\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_yaml, cases);
}

static void anchors_keys(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("a key", "&x a: 1\nb: *x\n", "a=1 (int) @1:1\nb=a (string) @2:1\n"),
        FORMAT_CASE("a key has its type", "&x 1: a\nb: [*x]\n&y '2': c\nd: *y\n",
                    "1=a (string) @1:1\nb[0]=1 (int) @2:5\n2=c (string) @3:1\nd=2 (string quoted) @4:1\n"),
        FORMAT_CASE("a tagged key", "&x !!str 1: a\nb: *x\n",
                    "1=a (string) @1:1\nb=1 (string quoted) @2:1\n"),
        FORMAT_CASE("a key and its value", "&x a: &y b\n*y : *x\n", "a=b (string) @1:1\nb=a (string) @2:1\n"),
        FORMAT_CASE("an empty key", "? &x\n: 1\nb: *x\n", "=1 (int) @1:3\nb= (null) @3:1\n"),
        FORMAT_CASE("a key of a map", "&x a: {b: 1}\nc: {*x : 2}\n", "a.b=1 (int) @1:8\nc.a=2 (int) @2:5\n"),
        FORMAT_CASE("an anchored map with anchored keys", "a: &m {&k b: &v 1}\nc: *m\nd: {*k : *v}\n",
                    "a.b=1 (int) @1:8\nc.b=1 (int) @1:8\nd.b=1 (int) @3:5\n"),
        FORMAT_CASE("merged with its anchored keys", "a: &m {&k b: 1, c: 2}\nd: {<<: *m, c: 3}\ne: *k\n",
                    "a.b=1 (int) @1:8\na.c=2 (int) @1:17\nd.c=3 (int) @2:13\nd.b=1 (int) @1:8\n"
                    "e=b (string) @3:1\n"),
        FORMAT_CASE("a merge key", "&k <<: {a: 1}\nb: {*k : {c: 2}}\n'<<': *k\n",
                    "b.c=2 (int) @2:11\n<<=<< (string) @3:1\na=1 (int) @1:9\n"),
        FORMAT_CASE("an alias as a key", "a: &x b\n*x : 1\n", "a=b (string) @1:1\nb=1 (int) @2:1\n"),
        FORMAT_CASE("twice, in flow style", "{a: &x b, c: {*x : 1}, *x : 2}",
                    "a=b (string) @1:2\nc.b=1 (int) @1:15\nb=2 (int) @1:24\n"),
        FORMAT_CASE("explicit", "a: &x b\n? *x\n: 1\n", "a=b (string) @1:1\nb=1 (int) @2:3\n"),
        FORMAT_CASE("of a number", "a: &x 8080\n*x : {b: 1}\n", "a=8080 (int) @1:1\n8080.b=1 (int) @2:7\n"),
        FORMAT_CASE("of one in quotes that looks like an alias", "a: &x '*x'\n*x : 1\n",
                    "a=*x (string quoted) @1:1\n*x=1 (int) @2:1\n"),
        FORMAT_CASE("quoted, it does not merge", "a: &x '<<'\n*x : 1\n",
                    "a=<< (string quoted) @1:1\n<<=1 (int) @2:1\n"),
        FORMAT_CASE("of a block", "a: &x |\n  b\n*x : 1\n",
                    "a=b\\n (string quoted) @1:1\nb\\n=1 (int) @3:1\n"),
        FORMAT_CASE("redefined", "&x a: 1\n&x b: *x\nc: *x\n",
                    "a=1 (int) @1:1\nb=b (string) @2:1\nc=b (string) @3:1\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_yaml, cases);
}

static void refuses_aliases(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("unknown", "a: *x\n", "! syntax 1:4: unknown alias *x\n"),
        FORMAT_CASE("unknown among others", "a: &y 1\nb: *x\n", "! syntax 2:4: unknown alias *x\n"),
        FORMAT_CASE("not yet known", "a: *x\nb: &x 1\n", "! syntax 1:4: unknown alias *x\n"),
        FORMAT_CASE("inside its own anchor", "a: &x [1, *x]\n",
                    "! syntax 1:11: alias *x stands inside its own anchor\n"),
        FORMAT_CASE("further inside", "a: &x\n  b:\n  - c: *x\n",
                    "! syntax 3:8: alias *x stands inside its own anchor\n"),
        FORMAT_CASE("inside itself, though once defined outside", "a: &x 1\nb: &x [*x]\n",
                    "! syntax 2:8: alias *x stands inside its own anchor\n"),
        FORMAT_CASE("merged into itself", "a: &x\n  <<: *x\n",
                    "! syntax 2:7: alias *x stands inside its own anchor\n"),
        FORMAT_CASE("unknown, as a key", "*x : 1\n", "! syntax 1:1: unknown alias *x\n"),
        FORMAT_CASE("of a map, as a key", "a: &x {b: 1}\n*x : 1\n",
                    "! syntax 2:1: a map as a key: a key must be a scalar\n"),
        FORMAT_CASE("of a list, as a key", "- &x []\n- {*x : 1}\n",
                    "! syntax 2:4: a list as a key: a key must be a scalar\n"),
        FORMAT_CASE("of the map around, as a key", "&x\na:\n  *x : 1\n",
                    "! syntax 3:3: alias *x stands inside its own anchor\n"),
        FORMAT_CASE("a duplicate key", "&x a: 1\nb: 2\n*x : 3\n",
                    "! syntax 3:1: duplicate key \"a\": it already stands on line 1\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_yaml, cases);
}

static void merges_maps(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE(
            "a map", "a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  z: 3\n",
            "a.x=1 (int) @1:8\na.y=2 (int) @1:14\nb.z=3 (int) @4:3\nb.x=1 (int) @1:8\nb.y=2 (int) @1:14\n"),
        FORMAT_CASE("what stands in the map wins, before or behind",
                    "a: &a {x: 1, y: 2}\nb: {x: 7, <<: *a, y: 8}\n",
                    "a.x=1 (int) @1:8\na.y=2 (int) @1:14\nb.x=7 (int) @2:5\nb.y=8 (int) @2:19\n"),
        FORMAT_CASE("containers are replaced as a whole", "a: &a {m: {x: 1, y: 2}}\nb: {<<: *a, m: {x: 3}}\n",
                    "a.m.x=1 (int) @1:12\na.m.y=2 (int) @1:18\nb.m.x=3 (int) @2:17\n"),
        FORMAT_CASE("of a list the earlier wins",
                    "- &a {x: 1}\n- &b {x: 2, y: 2}\n- <<: [*a, *b]\n- <<: [*b, *a]\n",
                    "[0].x=1 (int) @1:7\n[1].x=2 (int) @2:7\n[1].y=2 (int) @2:13\n"
                    "[2].x=1 (int) @1:7\n[2].y=2 (int) @2:13\n[3].x=2 (int) @2:7\n[3].y=2 (int) @2:13\n"),
        FORMAT_CASE("of two merge keys the earlier wins",
                    "- &a {x: 1}\n- &b {x: 2, y: 2}\n- <<: *a\n  <<: *b\n",
                    "[0].x=1 (int) @1:7\n[1].x=2 (int) @2:7\n[1].y=2 (int) @2:13\n"
                    "[2].x=1 (int) @1:7\n[2].y=2 (int) @2:13\n"),
        FORMAT_CASE("written out", "<<: {x: 1, y: {z: 2}}\nx: 3\n", "x=3 (int) @2:1\ny.z=2 (int) @1:16\n"),
        FORMAT_CASE("written out in a list", "<<: [{x: 1}, {x: 2, y: 3}]\n",
                    "x=1 (int) @1:7\ny=3 (int) @1:21\n"),
        FORMAT_CASE("nothing", "<<: {}\na: {<<: []}\n", "a={} @2:1\n"),
        FORMAT_CASE("an empty map that was merged into", "a: {<<: {}}\nb: {<<: {c: 1}}\n",
                    "a={} @1:1\nb.c=1 (int) @2:10\n"),
        FORMAT_CASE(
            "a merged map merges", "a: &a {x: 1, y: 1}\nb: &b {<<: *a, x: 2, z: 2}\nc: {<<: *b, z: 3}\n",
            "a.x=1 (int) @1:8\na.y=1 (int) @1:14\nb.x=2 (int) @2:16\nb.z=2 (int) @2:22\nb.y=1 (int) @1:14\n"
            "c.z=3 (int) @3:13\nc.x=2 (int) @2:16\nc.y=1 (int) @1:14\n"),
        FORMAT_CASE("in an aliased map", "a: &a {m: {<<: {x: 1, y: 2}, x: 3}}\nb: *a\n",
                    "a.m.x=3 (int) @1:30\na.m.y=2 (int) @1:23\nb.m.x=3 (int) @1:30\nb.m.y=2 (int) @1:23\n"),
        FORMAT_CASE("an anchor on what is merged", "a:\n  <<: &x {y: 1}\nb: *x\n",
                    "a.y=1 (int) @2:11\nb.y=1 (int) @2:11\n"),
        FORMAT_CASE("an anchor inside of it", "a: {<<: {m: &x {y: 1}}}\nb: *x\n",
                    "a.m.y=1 (int) @1:17\nb.y=1 (int) @1:17\n"),
        FORMAT_CASE("deep below", "d: &d {t: {u: [1, {v: 2}]}}\nl:\n- n:\n    <<: *d\n",
                    "d.t.u[0]=1 (int) @1:16\nd.t.u[1].v=2 (int) @1:20\n"
                    "l[0].n.t.u[0]=1 (int) @1:16\nl[0].n.t.u[1].v=2 (int) @1:20\n"),
        FORMAT_CASE("in quotes it is a key", "'<<': {x: 1}\n\"<<\": 1\n",
                    "! syntax 2:1: duplicate key \"<<\": it already stands on line 1\n"),
        FORMAT_CASE("beside one in quotes", "'<<': 1\n<<: {x: 2}\n", "<<=1 (int) @1:1\nx=2 (int) @2:6\n"),
        FORMAT_CASE("a key by its tag", "!!str <<: 1\n", "<<=1 (int) @1:1\n"),
        FORMAT_CASE("a value is a value", "a: <<\nb: [<<]\n", "a=<< (string) @1:1\nb[0]=<< (string) @2:5\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_yaml, cases);
}

static void refuses_merges(void **state)
{
#define WANTS_MAP "<< merges a map, or a list of maps\n"
    static const struct format_case cases[] = {
        FORMAT_CASE("a scalar", "x: 1\n<<: 1\n", "! syntax 2:1: " WANTS_MAP),
        FORMAT_CASE("null", "a:\n  <<:\n", "! syntax 2:3: " WANTS_MAP),
        FORMAT_CASE("a list of others", "<<: [{a: 1}, 2]\n", "! syntax 1:1: " WANTS_MAP),
        FORMAT_CASE("a list of lists", "a: &a {}\n<<: [[*a]]\n", "! syntax 2:1: " WANTS_MAP),
        FORMAT_CASE("an alias of a scalar", "a: &a 1\nb: {<<: *a}\n", "! syntax 2:5: " WANTS_MAP),
        FORMAT_CASE("duplicates beside it", "<<: {a: 1}\nb: 1\nb: 2\n",
                    "! syntax 3:1: duplicate key \"b\": it already stands on line 2\n"),
        FORMAT_CASE("duplicates in it", "<<:\n  a: 1\n  a: 2\n",
                    "! syntax 3:3: duplicate key \"a\": it already stands on line 2\n"),
        FORMAT_CASE("duplicates in its list", "<<: [{a: 1}, {a: 1, b: {c: 1, c: 2}}]\na: 1\n",
                    "! syntax 1:31: duplicate key \"c\": it already stands on line 1\n"),
        FORMAT_CASE("duplicates are told once, however often they are repeated",
                    "a: &a {b: 1, b: 2}\nc: *a\nd: [*a, *a]\ne: {<<: *a}\nf: {g: *a}\n",
                    "! syntax 1:14: duplicate key \"b\": it already stands on line 1\n"),
    };
    (void)state;
    CHECK_FORMAT_CASES(&cmr__format_yaml, cases);
}

static void check_quick(const char *name, struct cmr__buffer *raw, const char *expected)
{
    struct timespec begin, end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    char *text = format_text(&cmr__format_yaml, raw->data, raw->size, NULL);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    if (strncmp(text, expected, strlen(expected)) != 0)
        fail_msg("%s: read %.200s, wanted %s", name, text, expected);
    if (end.tv_sec - begin.tv_sec > 20) /* a second, under valgrind */
        fail_msg("%s: took %ld s", name, (long)(end.tv_sec - begin.tv_sec));
    free(text);
    cmr__buffer_reset(raw);
}

/* Few bytes that mean many entries: the limit counts them as they are made. */
static void bounds_expansion(void **state)
{
#define TOO_MANY "more than 200000 entries in one file, aliases expanded\n"
    struct cmr__buffer raw = CMR__BUFFER_INIT;
    (void)state;
    cmr__buffer_append_text(&raw, "a: &a [lol,lol,lol,lol,lol,lol,lol,lol,lol]\n");
    for (char c = 'b'; c < 'j'; c++) {
        cmr__buffer_printf(&raw, "%c: &%c [", c, c);
        for (int i = 0; i < 9; i++)
            cmr__buffer_printf(&raw, "*%c,", c - 1);
        cmr__buffer_append_text(&raw, "]\n");
    }
    check_quick("a billion laughs", &raw, "! limit 6:11: " TOO_MANY);

    cmr__buffer_append_text(&raw, "- &a {");
    for (int i = 0; i < 1000; i++)
        cmr__buffer_printf(&raw, "k%d: 1, ", i);
    cmr__buffer_append_text(&raw, "}\n- <<: [");
    for (int i = 0; i < 1000; i++)
        cmr__buffer_append_text(&raw, "*a, ");
    cmr__buffer_append_text(&raw, "]\n");
    check_quick("a large map, often merged", &raw, "! limit 2:800: " TOO_MANY);

    cmr__buffer_append_text(&raw, "a: &a {k: 1}\nb:\n");
    for (int i = 0; i < 60000; i++)
        cmr__buffer_append_text(&raw, "  <<: *a\n");
    check_quick("a small map, very often merged", &raw, "a.k=1 (int) @1:8\nb.k=1 (int) @1:8\n");

    cmr__buffer_append_text(&raw, "a: &a {k: {l: {m: [1]}}}\nb:\n");
    for (int i = 0; i < 20000; i++)
        cmr__buffer_append_text(&raw, "  <<: *a\n");
    check_quick("a deep map, very often merged", &raw,
                "a.k.l.m[0]=1 (int) @1:20\nb.k.l.m[0]=1 (int) @1:20\n");

    for (int i = 0; i < 50000; i++)
        cmr__buffer_printf(&raw, "k%d: &a%d [*a%d]\n", i, i, i ? i - 1 : 0);
    check_quick("a chain that begins with itself", &raw, "! syntax 1:10: alias *a0 stands");

    for (int i = 0; i < 50000; i++)
        cmr__buffer_printf(&raw, "- &a%d x\n- *a%d\n", i, i / 2);
    check_quick("many anchors", &raw, "[0]=x (string) @1:3\n[1]=x (string) @2:3\n");
}

/* A limit on nesting counts what aliases bring as it counts what is written out. */
static void bounds_depth(void **state)
{
    static const struct format_case cases[] = {
        FORMAT_CASE("written out", "a: {b: {c: 1}}", "a.b.c=1 (int) @1:9\n"),
        FORMAT_CASE("written out, too deep", "a: {b: {c: {}}}",
                    "! limit 1:9: more than 2 levels of nesting\n"),
        FORMAT_CASE("aliased", "x: &x {c: 1}\na: {b: *x}", "x.c=1 (int) @1:8\na.b.c=1 (int) @1:8\n"),
        FORMAT_CASE("aliased, a scalar", "x: &x 1\na: {b: {c: *x}}", "x=1 (int) @1:1\na.b.c=1 (int) @2:9\n"),
        FORMAT_CASE("aliased, an empty map", "x: &x {}\na: {b: *x}", "x={} @1:1\na.b={} @2:5\n"),
        FORMAT_CASE("aliased, too deep", "x: &x {}\na: {b: {c: *x}}",
                    "! limit 2:9: more than 2 levels of nesting, aliases expanded\n"),
        FORMAT_CASE("aliased, too deep inside", "x: &x {y: 1, c: {d: 1}}\na: {b: *x}",
                    "! limit 2:5: more than 2 levels of nesting, aliases expanded\n"),
        FORMAT_CASE("merged", "x: &x {c: 1}\na: {<<: *x}", "x.c=1 (int) @1:8\na.c=1 (int) @1:8\n"),
        FORMAT_CASE("a merge key is a level of its own", "x: &x {c: {d: 1}}\na: {<<: *x}",
                    "! limit 2:5: more than 2 levels of nesting, aliases expanded\n"),
    };
    cmr_limits limits = default_limits;
    (void)state;
    limits.depth = 2;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = format_text(&cmr__format_yaml, cases[i].raw, cases[i].length, &limits);
        assert_string_equal(text, cases[i].expected);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expands_aliases), cmocka_unit_test(anchors_keys),
        cmocka_unit_test(refuses_aliases), cmocka_unit_test(merges_maps),
        cmocka_unit_test(refuses_merges),  cmocka_unit_test(bounds_expansion),
        cmocka_unit_test(bounds_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
