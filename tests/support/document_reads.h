/* SPDX-License-Identifier: MIT
 *
 * Every read that can be made of a document, for a sanitizer to watch. */
#ifndef CMRELOAD_TESTS_SUPPORT_DOCUMENT_READS_H
#define CMRELOAD_TESTS_SUPPORT_DOCUMENT_READS_H

#include "model/document.h"

/* Each entry's texts, path, key and values of all types; each must be found under its own path, and be told
 * by its key where a key can have it. Ends the process when not. */
void read_document_whole(const cmr__document *document);

#endif
