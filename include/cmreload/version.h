/* SPDX-License-Identifier: MIT */
#ifndef CMRELOAD_VERSION_H
#define CMRELOAD_VERSION_H

/* The version of this header. The build reads it from here; cmr_version() is the version of the
 * library that the program actually runs with. */
#define CMR_VERSION_MAJOR 0
#define CMR_VERSION_MINOR 1
#define CMR_VERSION_PATCH 0

#endif
