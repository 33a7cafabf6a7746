/* SPDX-License-Identifier: MIT
 *
 * The pipeline: bytes in, a part or diagnostics out. It is pure, so tests and fuzzers enter here. */
#ifndef CMRELOAD_ENGINE_PIPELINE_H
#define CMRELOAD_ENGINE_PIPELINE_H

#include "engine/settings.h"
#include "model/part.h"
#include "source/fileset.h"

/* Makes a part of a generation's files, which it uses up. A file whose bytes are those of `previous` (may be
 * NULL) keeps that document. CMR_ERR_REJECTED: some files are bad; all that is wrong is in the report.
 * CMR_ERR_NO_MEMORY; CMR_ERR_SYSTEM, with errno. */
cmr_status cmr__pipeline_run(const struct cmr__settings *settings, struct cmr__fileset *files,
                             const cmr__part *previous, cmr_report *report, cmr__part **ret_part);

#endif
