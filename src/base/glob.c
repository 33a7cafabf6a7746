/* SPDX-License-Identifier: MIT
 *
 * Globs on file names, by backtracking to at most two places: the last * and the last **.
 *
 * Older stars need not be remembered. What stands between two stars has been matched as early as
 * possible, and a later match of it would leave the second star nothing that it cannot reach already:
 * a ** reaches everything behind it, and a * everything up to the next "/", which the first * could not
 * have crossed either. Only a * that is stopped by a "/" falls back, to the last **. So the time is at
 * worst the glob's length times the square of the text's, and no pattern makes it exponential.
 */
#include "base/glob.h"

#include "base/utf8.h"

struct star {
    const char *glob; /* behind the star; NULL: there is none to go back to */
    const char *text; /* where its share of the text ends for now */
};

struct matcher {
    const char *glob, *glob_end;
    const char *text, *text_end;
    bool questions;    /* ? is one character */
    struct star level; /* the last *, if it stands behind the last ** */
    struct star deep;  /* the last ** */
};

/* By whole characters, so that a ? tried behind a star never meets half of one. */
static const char *next_character(const struct matcher *matcher, const char *text)
{
    size_t size = cmr__utf8_character_size(text, (size_t)(matcher->text_end - text));

    return text + (size ? size : 1);
}

static void enter_star(struct matcher *matcher)
{
    const char *begin = matcher->glob;

    while (matcher->glob < matcher->glob_end && *matcher->glob == '*')
        matcher->glob++;
    if (matcher->glob - begin == 1) {
        matcher->level = (struct star){ matcher->glob, matcher->text };
    } else {
        matcher->deep = (struct star){ matcher->glob, matcher->text };
        matcher->level.glob = NULL;
    }
}

/* Where the text goes on behind the glob's next character, which is no star; NULL: it does not match. */
static const char *match_character(const struct matcher *matcher)
{
    if (matcher->text == matcher->text_end)
        return NULL;
    if (*matcher->glob == '?' && matcher->questions)
        return *matcher->text == '/' ? NULL : next_character(matcher, matcher->text);
    return *matcher->glob == *matcher->text ? matcher->text + 1 : NULL;
}

static bool step(struct matcher *matcher)
{
    const char *behind;

    if (matcher->glob == matcher->glob_end)
        return false;
    if (*matcher->glob == '*') {
        enter_star(matcher);
        return true;
    }
    behind = match_character(matcher);
    if (!behind)
        return false;
    matcher->text = behind;
    matcher->glob++;
    return true;
}

static bool widen(struct matcher *matcher, struct star *star)
{
    if (!star->glob || star->text == matcher->text_end)
        return false;
    star->text = next_character(matcher, star->text);
    matcher->glob = star->glob;
    matcher->text = star->text;
    return true;
}

static bool backtrack(struct matcher *matcher)
{
    struct star *level = &matcher->level;

    /* A * that has tried all there is has tried all that it could from further on, too. */
    if (level->glob && (level->text == matcher->text_end || *level->text != '/'))
        return widen(matcher, level);
    level->glob = NULL;
    return widen(matcher, &matcher->deep);
}

static bool match(struct matcher matcher)
{
    while (matcher.glob < matcher.glob_end || matcher.text < matcher.text_end) {
        if (!step(&matcher) && !backtrack(&matcher))
            return false;
    }
    return true;
}

bool cmr__glob_match(const char *glob, size_t glob_length, const char *text, size_t text_length)
{
    return match((struct matcher){ .glob = glob,
                                   .glob_end = glob + glob_length,
                                   .text = text,
                                   .text_end = text + text_length,
                                   .questions = true });
}

bool cmr__glob_match_stars(const char *glob, size_t glob_length, const char *text, size_t text_length)
{
    return match((struct matcher){
        .glob = glob, .glob_end = glob + glob_length, .text = text, .text_end = text + text_length });
}
