/* SPDX-License-Identifier: MIT
 *
 * A user namespace and a mount namespace of the test's own: it may mount, and set limits, and nothing else on
 * this machine notices. */
#ifndef CMRELOAD_TESTS_SUPPORT_NAMESPACES_H
#define CMRELOAD_TESTS_SUPPORT_NAMESPACES_H

#include <stdbool.h>

/* Before any thread. False: there are none to be had. The user is root in them. */
bool namespaces_enter(void);

/* A bind mount with these flags more than it has: MS_RDONLY, or 0. */
bool namespaces_bind(const char *source, const char *target, unsigned long flags);

/* Of inotify, for all users in the namespace. The kernel's own limits stay. */
bool namespaces_limit_instances(const char *most);
bool namespaces_limit_watches(const char *most);

/* The end of each test. */
void namespaces_lift_limits(void);

#endif
