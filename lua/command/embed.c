/* A page for one figure, to be shown inside another page: nothing but pictures and a caption, as
 * wide as the frame that it is in, without a background of its own. */
#include "embed.h"
#include "failure.h"
#include "printing.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char beginning[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>";
static const char style[] =
    "</title>\n<style>\n"
    "body { margin: 0; background: transparent } figure { margin: 0 auto; max-width: 1100px }\n"
    "img { display: block; width: 100%; height: auto }\n"
    "figcaption { font: 14px system-ui, sans-serif; padding: .5rem; text-align: center }\n"
    "</style></head><body><figure>\n";

static bool is_there(const char *directory, const char *folder, const char *file)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s/%s", directory, folder, file);
    return access(path, R_OK) == 0;
}

/* FOLDER/NAME.svg, NAME-2.svg ..., as the page refers to them.  Returns how many. */
static int add_pictures(FILE *page, const char *directory, const char *folder, const char *from,
                        const char *name)
{
    for (int i = 1;; i++) {
        char file[200], number[12] = "";
        if (i > 1) snprintf(number, sizeof number, "-%d", i);
        snprintf(file, sizeof file, "%s%s.svg", name, number);
        if (!is_there(directory, folder, file)) return i - 1;
        fprintf(page, "<img src=\"%s%s\" alt=\"%s, picture %d\">\n", from, file, name, i);
    }
}

int write_embed(const char *directory, const char *name, const char *title, char *why, size_t size)
{
    char path[PATH_MAX], *text = NULL;
    size_t len = 0;
    FILE *page = open_memstream(&text, &len);
    if (!page) {
        snprintf(why, size, "out of memory");
        return DW_E_NOMEM;
    }
    fputs(beginning, page);
    print_escaped(page, DW_IN_XML, title);
    fputs(style, page);
    int titled = add_pictures(page, directory, "embed", "", name); /* in the picture itself */
    add_pictures(page, directory, "plots", "../plots/", name);
    if (!titled) {
        fputs("<figcaption>", page);
        print_escaped(page, DW_IN_XML, title);
        fputs("</figcaption>\n", page);
    }
    fputs("</figure></body></html>\n", page);
    int status = DW_E_NOMEM;
    snprintf(why, size, "out of memory");
    snprintf(path, sizeof path, "%s/embed/%s.html", directory, name);
    if (close_text(page)) status = dw_file_write(path, text, len, why, size);
    free(text);
    return status;
}
