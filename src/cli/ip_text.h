/* SPDX-License-Identifier: MIT
 *
 * An address as text: of version 6 in the one form of RFC 5952. */
#ifndef CMRELOAD_CLI_IP_TEXT_H
#define CMRELOAD_CLI_IP_TEXT_H

#include <cmreload/cmreload.h>

#define CLI_IP_SIZE 46

void cli_ip_text(const cmr_ip *ip, char ret_text[static CLI_IP_SIZE]);

#endif
