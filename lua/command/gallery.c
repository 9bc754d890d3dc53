/* drywire figures export DIRECTORY: a page with every figure, its pictures and the script that made
 * them.  Nothing on it is loaded from elsewhere. */
#include "gallery.h"
#include "embed.h"
#include "printing.h"
#include "binding/embedded.h"
#include "failure.h"
#include "run.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The page, made by the build from gallery/gallery.html: two comments say where its parts go. */
extern const dwl_source dwl_gallery[];
static const char groups_mark[] = "<!-- groups -->\n", figures_mark[] = "<!-- figures -->\n";

/* Where figures come from, by the beginning of their names; the last takes what is left. */
static const struct group {
    const char *prefix, *id, *title;
} groups[] = {{"rfc", "rfcs", "RFCs"},
              {"comer-", "comer", "Comer, Computer Networks and Internets"},
              {"dordal-", "dordal", "Dordal, An Introduction to Computer Networks"},
              {"kurose-", "kurose", "Kurose and Ross, Computer Networking"},
              {"peterson-", "peterson", "Peterson and Davie, Computer Networks"},
              {"stevens-", "stevens", "Stevens, TCP/IP Illustrated"},
              {"tanenbaum-", "tanenbaum", "Tanenbaum, Computer Networks"},
              {"xie-", "xie", "谢希仁, 计算机网络"},
              {"defect-", "defects", "Defects: a mistake beside the right run"},
              {"", "more", "More"}};
enum { GROUPS = sizeof groups / sizeof groups[0] };

static int group_of(const char *name)
{
    int i = 0;
    while (strncmp(name, groups[i].prefix, strlen(groups[i].prefix)) != 0)
        i++;
    return i;
}

static int figures_in(const dwl_source *figures, int group)
{
    int count = 0;
    for (const dwl_source *f = figures; f->name; f++)
        count += group_of(f->name) == group;
    return count;
}

static int make_directory(const char *path)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST) return EXIT_PASS;
    return usage_error("figures", "cannot make the directory %s: %s", path, strerror(errno));
}

/* FILE: FOLDER NAME.svg, NAME-2.svg ...; false: there is none. */
static bool find_picture(const char *directory, const char *folder, const char *name, int i,
                         char file[200])
{
    char path[PATH_MAX], number[12] = "";
    if (i > 1) snprintf(number, sizeof number, "-%d", i);
    snprintf(file, 200, "%s%s%s.svg", folder, name, number);
    snprintf(path, sizeof path, "%s/%s", directory, file);
    return access(path, R_OK) == 0;
}

static void add_pictures(FILE *page, const char *directory, const char *folder, const char *name)
{
    char file[200];
    for (int i = 1; find_picture(directory, folder, name, i, file); i++)
        fprintf(page, "<img loading=\"lazy\" src=\"%s\" alt=\"%s, picture %d\">\n", file, name, i);
}

/* The page's own words in other languages than English; titles are the scripts'. */
static const struct {
    const char *language, *english, *words;
} page_words[] = {
    {"zh", "<html lang=\"en\">", "<html lang=\"zh\">"},
    {"zh", "<title>drywire: figures<", "<title>drywire：图集<"},
    {"zh", "<h1>Figures<", "<h1>图集<"},
    {"zh", "Each is a run: the script below a picture made it, and asserts what it shows.",
     "每幅图都是一次运行：图下的脚本生成了它，并验证其内容。"},
    {"zh", "handshake, stevens, RFC 5961, time-wait …", "三次握手、四次挥手、stevens、TIME-WAIT…"},
    {"zh", "Filter the figures", "查找图"},
    {"zh", "<summary>The script</summary>", "<summary>脚本</summary>"},
    {"zh", "A page of it to embed</a>, in which it moves", "可嵌入的网页</a>（动画）"},
    {"zh", "a script that prints", "只输出文字的脚本"},
    {"zh", "} of ${", "} / ${"},
    {"zh", "} figures`", "} 幅图`"},
};

/* A part of the page in the language that was asked for. */
static void put_words(FILE *page, const char *text, size_t len, const char *language)
{
    for (const char *at = text; at < text + len;) {
        size_t left = (size_t)(text + len - at), n = 1, i = 0;
        for (; language && i < sizeof page_words / sizeof page_words[0]; i++) {
            size_t words = strlen(page_words[i].english);
            if (strcmp(page_words[i].language, language) != 0 || words > left) continue;
            if (strncmp(at, page_words[i].english, words) != 0) continue;
            fputs(page_words[i].words, page);
            n = words;
            break;
        }
        if (!language || i == sizeof page_words / sizeof page_words[0]) fputc(*at, page);
        at += n;
    }
}

static void put_text(FILE *page, const char *text, const options *o)
{
    put_words(page, text, strlen(text), o->language);
}

static void add_thumbnail(FILE *page, const options *o, const char *directory, const char *name)
{
    char file[200];
    if (find_picture(directory, "plots/", name, 1, file) ||
        find_picture(directory, "", name, 1, file))
        fprintf(page, "<img class=\"thumb\" loading=\"lazy\" src=\"%s\" alt=\"\">", file);
    else
        put_text(page, "<span class=\"thumb text\">a script that prints</span>", o);
}

/* Run it, write its pictures: SVG, SVG-2 ..., and its plots into a directory; false: it failed, and
 * r says why. */
static bool draw_figure(const dwl_source *f, const options *asked, FILE *terms, const char *svg,
                        const char *moving, const char *plots, outcome *r)
{
    options o = *asked;
    o.watchdog_ms = 60000;
    o.memory = (size_t)512 << 20;
    o.color = "never";
    o.terms = terms;
    o.source = f->text;
    o.source_len = f->len;
    o.svg = svg;
    o.moving = moving;
    o.plots = plots;
    o.ladder_max = LONGEST_LADDER;
    run_silently(f->name, &o, false, r);
    return r->code == EXIT_PASS;
}

/* Returns its exit code. */
static int add_figure(FILE *page, const dwl_source *f, const options *o, const char *directory)
{
    char *terms = NULL;
    size_t terms_len = 0;
    FILE *list = open_memstream(&terms, &terms_len);
    if (!list) return no_memory("figures");
    char title[200], name[100], svg[PATH_MAX], moving[PATH_MAX], plots[PATH_MAX], why[600];
    outcome r;
    snprintf(name, sizeof name, "%.*s", (int)strlen(f->name) - 4, f->name);
    snprintf(svg, sizeof svg, "%s/%s.svg", directory, name);
    snprintf(moving, sizeof moving, "%s/embed/%s.svg", directory, name);
    snprintf(plots, sizeof plots, "%s/plots", directory);
    headline_of(f->text, f->len, title, sizeof title);
    if (!draw_figure(f, o, list, svg, moving, plots, &r)) {
        const char *problem = problem_of(&r);
        fprintf(stderr, "%s: ", name);
        print_lines(stderr, "", problem ? problem : "failed");
    }
    int code = r.code;
    free_outcome(&r);
    if (code == EXIT_PASS && write_embed(directory, name, title, why, sizeof why) != DW_OK)
        code = usage_error("figures", "%s", why);
    if (!close_text(list)) code = no_memory("figures");
    fprintf(page, "<details class=\"card\" id=\"%s\" data-terms=\"", name);
    if (terms) print_escaped_n(page, DW_IN_XML, terms, terms_len);
    fputs("\"><summary>", page);
    free(terms);
    add_thumbnail(page, o, directory, name);
    fputs("<span class=\"title\">", page);
    print_escaped(page, DW_IN_XML, title);
    fprintf(page, "</span> <code>%s</code></summary>\n<div class=\"body\">\n", name);
    add_pictures(page, directory, "plots/", name);
    add_pictures(page, directory, "", name);
    put_text(page, "<details><summary>The script</summary><pre>", o);
    print_escaped_n(page, DW_IN_XML, f->text, f->len);
    fprintf(page, "</pre></details>\n");
    fprintf(page, "<p><a href=\"embed/%s.html\">", name);
    put_text(page, "A page of it to embed</a>, in which it moves</p>", o);
    fprintf(page, "</div></details>\n");
    return code;
}

static void add_groups(FILE *page, const dwl_source *figures)
{
    fputs("<nav aria-label=\"Groups\">", page);
    for (int g = 0; g < GROUPS; g++) {
        int count = figures_in(figures, g);
        if (count > 0)
            fprintf(page, "<a href=\"#%s\">%s (%d)</a>\n", groups[g].id, groups[g].title, count);
    }
    fputs("</nav>\n", page);
}

typedef struct tally {
    int count, failed, worst; /* worst: the greatest exit code */
} tally;

/* What comes after a signal is left out. */
static void add_figures(FILE *page, const dwl_source *figures, const options *o,
                        const char *directory, tally *t)
{
    for (int g = 0; g < GROUPS; g++) {
        if (figures_in(figures, g) == 0) continue;
        fprintf(page, "<section id=\"%s\"><h2>%s</h2>\n<div class=\"cards\">\n", groups[g].id,
                groups[g].title);
        for (const dwl_source *f = figures; f->name && t->worst < EXIT_SIGNAL; f++) {
            if (group_of(f->name) != g) continue;
            int code = add_figure(page, f, o, directory);
            t->count++;
            t->failed += code != EXIT_PASS;
            if (code > t->worst) t->worst = code;
        }
        fputs("</div></section>\n", page);
    }
}

/* The page's own text, with what belongs at its two marks. */
static void write_page(FILE *page, const dwl_source *figures, const options *o,
                       const char *directory, tally *t)
{
    const char *text = dwl_gallery->text, *first = strstr(text, groups_mark),
               *second = strstr(text, figures_mark);
    DW_ASSERT(first && second);
    put_words(page, text, (size_t)(first - text), o->language);
    add_groups(page, figures);
    first += strlen(groups_mark);
    put_words(page, first, (size_t)(second - first), o->language);
    add_figures(page, figures, o, directory, t);
    put_text(page, second + strlen(figures_mark), o);
}

/* The pictures are written as the figures run, the page when all have; so after a signal there are
 * pictures, but no page that lacks some. */
int export_gallery(const dwl_source *figures, const char *directory, const options *o)
{
    char path[PATH_MAX], why[600];
    char *text = NULL;
    size_t len = 0;
    tally t = {.worst = EXIT_PASS};
    int code = make_directory(directory);
    snprintf(path, sizeof path, "%s/plots", directory);
    if (code == EXIT_PASS) code = make_directory(path);
    snprintf(path, sizeof path, "%s/embed", directory);
    if (code == EXIT_PASS) code = make_directory(path);
    if (code != EXIT_PASS) return code;
    FILE *page = open_memstream(&text, &len);
    if (!page) return no_memory("figures");
    write_page(page, figures, o, directory, &t);
    snprintf(path, sizeof path, "%s/index.html", directory);
    if (!close_text(page)) {
        free(text);
        return no_memory("figures");
    }
    if (t.worst > EXIT_SIGNAL) {
        free(text);
        return t.worst;
    }
    int status = dw_file_write(path, text, len, why, sizeof why);
    free(text);
    if (status != DW_OK) return failure("figures", status, why);
    printf("%d figures, %d failed: ", t.count, t.failed);
    print_escaped(stdout, DW_IN_LINE, path);
    putchar('\n');
    if (t.worst == EXIT_LIMIT) return t.worst;
    return t.failed ? EXIT_FAILED : EXIT_PASS;
}
