/* Languages of pictures: a table each, looked up by the English word (see language.h).  What a
 * protocol calls its states and causes, its own table has (dw_protocol_ops.word). */
#include "language.h"

#include "drywire/plugin.h"
#include "drywire/view.h"

#include <stdio.h>
#include <string.h>

typedef struct word {
    const char *english, *word; /* ends with NULL */
} word;

/* As Chinese textbooks put it. */
static const word chinese[] = {
    /* Phrases of pictures. */
    {"%s later", "%s之后"},
    {"lost", "丢失"},
    {"(lost)", "(丢失)"},
    {"(lost?)", "(丢失?)"},
    {"(unknown)", "(不明)"},
    {"likely lost", "可能丢失"},
    {"unknown", "不明"},
    {"arrived", "到达"},
    {"likely arrived", "可能到达"},
    {"inferred", "推断"},
    {"inferred:", "推断："},
    {"certain", "确定"},
    {"likely", "可能"},
    {"seconds", "秒"},
    {"sent %s s", "%s 秒发送"},
    {"arrived %s s", "%s 秒到达"},
    {"lost: %s", "丢失：%s"},
    {"refused: %s", "丢弃：%s"},
    {"%s in #%s", "%s（见#%s）"},
    {"STATE?", "状态?"},
    {"malformed: %s", "格式错误：%s"},
    {"damaged", "已损坏"},
    {"rewritten", "已改写"},
    {"#%s again: %s", "重发#%s：%s"},
    {"again: %s", "重发：%s"},
    {"again", "重发"},
    {"copy", "副本"},
    {"#%s again", "重发#%s"},
    {"discarded: %s", "丢弃：%s"},
    {"copy of #%s", "#%s的副本"},
    {"made by the script", "由脚本发出"},
    {"here", "此处"},
    {"%s and %s", "%s与%s"},
    {"itself", "自身"},
    {"%s timer", "%s计时器"},
    {"hollow head: arrived, but discarded", "空心箭头：到达后被丢弃"},
    {"not sent by the host", "不是主机所发"},
    {"dash-dot: changed on the way", "点划线：途中被改动"},
    {"dotted axis: stretched to be read", "虚线时间轴：为便于阅读而拉长"},
    {"torn axis: silence cut", "断开的时间轴：略去静默"},
    {"dashed: certain", "虚线：确定"},
    {"dotted, open head: likely arrived", "点线、开口箭头：可能到达"},
    {"fading, ?: unknown whether it arrived", "渐隐、?：不知是否到达"},
    {"faded bar: state", "淡色条：状态"},
    {"the beginning", "开头部分"},
    {"the packet", "报文段"},
    {"no exchange to draw", "没有可画的交互"},
    {"(no exchange between two hosts to draw)", "（两主机之间没有可画的交互）"},
    /* Why a state changed. */
    {"crash", "崩溃"},
    /* Why a segment was sent again. */
    {"retransmission", "重传"},
    {"likely-fast-retransmit", "可能是快速重传"},
    {"likely-timeout", "可能是超时重传"},
    {"likely-recovery", "可能是恢复期间重传"},
    /* Why one was lost, or discarded. */
    {"fault-drop", "丢失"},
    {"planned-loss", "丢失"},
    {"random-loss", "随机丢失"},
    {"queue-full", "队列已满"},
    {"queue-refuses", "本机队列已满"},
    {"link-down", "链路中断"},
    {"too-big", "分组过大"},
    {"ttl-exceeded", "生存时间到"},
    {"no-route", "没有路由"},
    {"ip-bad-checksum", "首部检验和出错"},
    {"older-connection", "旧的连接"},
    {NULL, NULL},
};

/* What pictures say for causes whose names are for scripts and searches. */
static const word plain[] = {
    {"fault-drop", "lost"},
    {"planned-loss", "lost"},
    {"random-loss", "lost"},
    {"queue-full", "queue full"},
    {"queue-refuses", "own queue full"},
    {"link-down", "link down"},
    {"too-big", "too big"},
    {"ttl-exceeded", "time to live over"},
    {"hop-limit-exceeded", "hop limit reached"},
    {"no-route", "no route"},
    {"ip-bad-checksum", "bad IP checksum"},
    {NULL, NULL},
};

static const struct {
    const char *name;
    const word *words; /* NULL: the English ones */
} languages[] = {{"en", NULL}, {"zh", chinese}};

enum { LANGUAGES = sizeof languages / sizeof languages[0] };

const char *dw_language(size_t index)
{
    return index < LANGUAGES ? languages[index].name : NULL;
}

static const word *words_of(const char *language)
{
    for (size_t i = 0; language && i < LANGUAGES; i++)
        if (strcmp(languages[i].name, language) == 0) return languages[i].words;
    return NULL;
}

bool dw_language_known(const char *language)
{
    for (size_t i = 0; language && i < LANGUAGES; i++)
        if (strcmp(languages[i].name, language) == 0) return true;
    return !language;
}

char *dw_language_list(char *buf, size_t size)
{
    size_t used = 0;
    *buf = 0;
    for (size_t i = 0; i < LANGUAGES && used < size; i++) {
        const char *before = i + 1 == LANGUAGES ? " or " : ", ";
        if (i == 0) before = "";
        used += (size_t)snprintf(buf + used, size - used, "%s%s", before, languages[i].name);
    }
    return buf;
}

static const char *find_word(const word *words, const char *english)
{
    for (; words && words->english; words++)
        if (strcmp(words->english, english) == 0) return words->word;
    return NULL;
}

const char *dw_word(const dw_plugin *const *plugins, const char *language, const char *english)
{
    if (!language) return english;
    for (; *plugins; plugins++) {
        const dw_protocol_ops *ops = (*plugins)->protocol;
        const char *own = NULL;
        if (ops && DW_OFFERS(dw_protocol_ops, ops, word)) own = ops->word(language, english);
        if (own) return own;
    }
    const char *found = find_word(words_of(language), english);
    return found ? found : english;
}

const char *dw_cause_word(const dw_plugin *const *plugins, const char *language, const char *name)
{
    const char *said = dw_word(plugins, language, name), *english = find_word(plain, name);
    return english && strcmp(said, name) == 0 ? english : said;
}
