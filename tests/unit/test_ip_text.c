/* SPDX-License-Identifier: MIT
 *
 * RFC 5952's form: its own examples, and inet_ntop's text wherever that has no IPv4 tail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "cli/ip_text.h"

static void assert_text(const char *address, const char *wanted)
{
    cmr_ip ip = { .version = 6 };
    char text[CLI_IP_SIZE];

    assert_int_equal(inet_pton(AF_INET6, address, ip.bytes), 1);
    cli_ip_text(&ip, text);
    assert_string_equal(text, wanted);
}

static void the_standards_examples(void **state)
{
    (void)state;
    assert_text("2001:0db8::0001", "2001:db8::1");               /* 4.1 */
    assert_text("2001:db8:0:0:0:0:2:1", "2001:db8::2:1");        /* 4.2.1 */
    assert_text("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"); /* 4.2.2 */
    assert_text("2001:0:0:1:0:0:0:1", "2001:0:0:1::1");          /* 4.2.3: the longest */
    assert_text("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1");    /* and of these the first */
    assert_text("2001:DB8::AAAA", "2001:db8::aaaa");             /* 4.3 */
    assert_text("0:0:0:0:0:ffff:192.0.2.1", "::ffff:192.0.2.1"); /* 5 */
    assert_text("::", "::");
    assert_text("1::", "1::");
    assert_text("::1.2.3.4", "::102:304");
    assert_text("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

static void version_4_is_dotted(void **state)
{
    char text[CLI_IP_SIZE];

    (void)state;
    cli_ip_text(&(cmr_ip){ .version = 4, .bytes = { 10, 0, 200, 7 } }, text);
    assert_string_equal(text, "10.0.200.7");
}

static void the_others_are_as_inet_ntop_writes_them(void **state)
{
    unsigned seed = 4711, compared = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        cmr_ip ip = { .version = 6 };
        char text[CLI_IP_SIZE], wanted[INET6_ADDRSTRLEN];

        for (size_t j = 0; j < 16; j++) {
            seed = seed * 1103515245u + 12345u;
            ip.bytes[j] = seed >> 30 ? 0 : (uint8_t)(seed >> 16);
        }
        inet_ntop(AF_INET6, ip.bytes, wanted, sizeof(wanted));
        if (strchr(wanted, '.'))
            continue;
        compared++;
        cli_ip_text(&ip, text);
        assert_string_equal(text, wanted);
    }
    assert_in_range(compared, 10000, 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standards_examples),
        cmocka_unit_test(version_4_is_dotted),
        cmocka_unit_test(the_others_are_as_inet_ntop_writes_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
