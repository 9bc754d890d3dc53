/* Files that are no captures, or none that are read here: what they are, as far as that shows. */
#include "reader.h"

#include <string.h>

/* Other files that people take for captures, by how they begin. */
static const struct foreign {
    const char *begins;
    size_t len;
    const char *what; /* "is ..." */
} foreign[] = {
    {"snoop\0\0\0", 8, "a snoop file; convert it: editcap -F pcapng"},
    {"GMBU", 4, "a Microsoft Network Monitor file; convert it: editcap -F pcapng"},
    {"RTSS", 4, "a Microsoft Network Monitor 1 file; convert it: editcap -F pcapng"},
    {"iptrace ", 8, "an AIX iptrace file; convert it: editcap -F pcapng"},
    {"TRSNIFF data ", 13, "a Sniffer file; convert it: editcap -F pcapng"},
    {"XCP\0", 4, "a NetXRay file; convert it: editcap -F pcapng"},
    {"\x0f\x0b\x0d\x0a", 4, "a file of a foreign analyser; convert it: editcap -F pcapng"},
    {"5VNF", 4, "a Visual Networks file; convert it: editcap -F pcapng"},
    {"btsnoop\0", 8, "a Bluetooth log, which has no TCP"},
    {"BZh", 3, "compressed by bzip2; unpack it first: bunzip2"},
    {"\xfd"
     "7zXZ\0",
     6, "compressed by xz; unpack it first: unxz"},
    {"\x04\x22\x4d\x18", 4, "compressed by lz4; unpack it first: unlz4"},
    {"PK\3\4", 4, "a zip archive; unpack it first"},
    {"7z\xbc\xaf\x27\x1c", 6, "a 7-Zip archive; unpack it first"},
    {"\x7f"
     "ELF",
     4, "a program"},
    {"%PDF", 4, "a PDF document"},
    {"\x89PNG", 4, "a picture"},
};

static bool is_text(const uint8_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((b[i] < ' ' && b[i] != '\t' && b[i] != '\n' && b[i] != '\r') || b[i] == 0x7f)
            return false;
    return n > 0;
}

/* Endace's records have no magic: 8 octets of time, then a type, flags, and a length that the next
 * record stands behind. */
static bool is_erf(const uint8_t *b, size_t n)
{
    enum { HEADER = 16, ETHERNET = 2, LAST_TYPE = 27 };
    if (n < HEADER || (b[8] & 0x7f) > LAST_TYPE || (b[8] & 0x7f) < 1) return false;
    size_t next = (size_t)(b[10] << 8 | b[11]);
    if (next < HEADER || next + HEADER > n) return false;
    return (b[next + 8] & 0x7f) == (b[8] & 0x7f) && b[7] == b[next + 7];
}

/* A magic that somebody chose says more than what the octets look like. */
int reader_not_ours(const reader *r, const uint8_t *b, size_t n, char *why, size_t size)
{
    const char *path = input_path(r->in), *what = NULL;
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0] && !what; i++)
        if (n >= foreign[i].len && memcmp(b, foreign[i].begins, foreign[i].len) == 0)
            what = foreign[i].what;
    if (!what && n > 1 && b[0] == '{' && memchr(b, ':', n))
        what = "no capture; a trace of drywire's is drawn by drywire ladder";
    if (!what && is_text(b, n)) what = "a text file, neither a pcap nor a pcapng file";
    if (!what && is_erf(b, n)) what = "an ERF file; convert it: editcap -F pcapng";
    if (n == 0)
        snprintf(why, size, "%s is empty", path);
    else if (what && strstr(what, "editcap"))
        snprintf(why, size, "%s is %s %s OUT.pcapng", path, what, path);
    else if (what)
        snprintf(why, size, "%s is %s", path, what);
    else
        snprintf(why, size, "%s is neither a pcap nor a pcapng file", path);
    return DW_E_FORMAT;
}
