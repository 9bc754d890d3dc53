/* What a picture was asked for, read once for all kinds of them. */
#ifndef DW_PICTURE_H
#define DW_PICTURE_H

#include "drywire/drywire.h"

/* What the letters of a figure stand for, in this order. */
enum dw_letter { DW_LETTER_X, DW_LETTER_Y, DW_LETTER_U, DW_LETTER_V, DW_LETTER_W, DW_LETTERS };

typedef struct dw_letters {
    char name[DW_LETTERS][20];
} dw_letters;

/* The letters of "J,K,M" or "x=J,u=M", or of NULL, x, y, u, v, w; false, with a sentence in why. */
bool dw_letters_read(const char *text, dw_letters *out, char *why, size_t why_size);

/* A picture of whatever version; NULL: everything.  DW_E_INVAL when it asks for what this version
 * does not have, letters and languages included. */
int dw_picture_read(const dw_picture *picture, dw_picture *out);

/* The title on one line, whatever lines it was given in, as much as there is room for; into buf,
 * which it returns; NULL where there is none. */
const char *dw_picture_title(const dw_picture *picture, char *buf, size_t size);

/* Where yes and no are not said. */
static inline bool dw_chosen(enum dw_choice choice, bool usual)
{
    return choice == DW_AS_USUAL ? usual : choice == DW_YES;
}

#endif
