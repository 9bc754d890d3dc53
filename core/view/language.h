/* The words of pictures in other languages than English. */
#ifndef DW_LANGUAGE_H
#define DW_LANGUAGE_H

#include "drywire/drywire.h"

/* NULL is English. */
bool dw_language_known(const char *language);
/* "en or zh", into buf; returns buf. */
char *dw_language_list(char *buf, size_t size);

/* What a language says for the English word: a state or cause of one of the protocols, a call, a
 * phrase of pictures ("%s" in a phrase stands in both).  The word itself where the language has
 * none for it. */
const char *dw_word(const dw_plugin *const *plugins, const char *language, const char *english);
/* What pictures write for a cause: that, and in English a plain word for some: "lost". */
const char *dw_cause_word(const dw_plugin *const *plugins, const char *language, const char *name);
/* What a language says for the player's own words, each behind the English ones, which are not
 * those of other pictures; ends with NULL. */
const char *const (*dw_player_words(const char *language))[2];

#endif
