/* SPDX-License-Identifier: MIT
 *
 * The pipeline: bytes in, a part or diagnostics out. It is pure, so tests and fuzzers enter here. */
#ifndef CMRELOAD_ENGINE_PIPELINE_H
#define CMRELOAD_ENGINE_PIPELINE_H

#include "engine/settings.h"
#include "model/part.h"
#include "source/fileset.h"

/* What is wrong with a generation. */
struct cmr__reports {
    cmr_report *refused; /* why it is rejected */
    cmr_report *kept;    /* what is wrong with files that keep their last good contents; NULL: none do */
};

/* Makes a part of a generation's files, which it uses up. A file whose bytes are those of `previous` (may be
 * NULL) keeps that document; with settings->keep_bad_files so does one that is bad, if `previous` has it.
 * CMR_ERR_REJECTED: some files are bad; all that is wrong is in reports->refused. CMR_ERR_NO_MEMORY;
 * CMR_ERR_SYSTEM, with errno. */
cmr_status cmr__pipeline_run(const struct cmr__settings *settings, const char *identity,
                             struct cmr__fileset *files, const cmr__part *previous,
                             const struct cmr__reports *reports, cmr__part **ret_part);

#endif
