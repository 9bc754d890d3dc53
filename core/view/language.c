/* Languages of pictures: a table each, looked up by the English word (see language.h). */
#include "language.h"

#include "drywire/view.h"

#include <stdio.h>
#include <string.h>

typedef struct word {
    const char *english, *word; /* ends with NULL */
} word;

/* As Chinese textbooks print the states; causes and phrases in the same style. */
static const word chinese[] = {
    /* States. */
    {"CLOSED", "关闭"},
    {"LISTEN", "收听"},
    {"SYN-SENT", "同步已发送"},
    {"SYN-RECEIVED", "同步收到"},
    {"ESTABLISHED", "已建立连接"},
    {"FIN-WAIT-1", "终止等待1"},
    {"FIN-WAIT-2", "终止等待2"},
    {"CLOSE-WAIT", "关闭等待"},
    {"CLOSING", "正在关闭"},
    {"LAST-ACK", "最后确认"},
    {"TIME-WAIT", "时间等待"},
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
    {"malformed: %s", "格式错误：%s"},
    {"damaged", "已损坏"},
    {"rewritten", "已改写"},
    {"#%s again: %s", "重发#%s：%s"},
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
    /* Kinds of segments. */
    {"keep-alive", "保活探测"},
    {"window probe", "窗口探测"},
    {"window update", "窗口更新"},
    {"tail loss probe", "尾部丢失探测"},
    {"MTU probe", "MTU探测"},
    {"challenge ACK", "质询确认"},
    /* Why a state changed. */
    {"active-open", "主动打开"},
    {"passive-open", "被动打开"},
    {"simultaneous-open", "同时打开"},
    {"handshake-ack", "握手确认"},
    {"syn-acked", "SYN被确认"},
    {"fin", "终止"},
    {"close", "关闭"},
    {"abort", "异常终止"},
    {"close-with-unread-data", "关闭时有数据未读"},
    {"data-after-close", "关闭后有数据到达"},
    {"peer-fin", "对方终止"},
    {"fin-acked", "FIN被确认"},
    {"time-wait", "等待2MSL"},
    {"time-wait-restart", "重新等待2MSL"},
    {"time-wait-over", "2MSL到"},
    {"2 MSL", "2MSL"},
    {"time-wait-reopened", "新的SYN重新打开"},
    {"time-wait-reused", "端口被重新使用"},
    {"time-wait-resumed", "回到时间等待"},
    {"time-wait-recycled", "时间等待被回收"},
    {"finwait2-timeout", "终止等待2超时"},
    {"r1-exceeded", "超过R1"},
    {"r2-exceeded", "超过R2"},
    {"rst-received", "收到RST"},
    {"refused", "被拒绝"},
    {"rst-back-to-listen", "收到RST，回到收听"},
    {"syn-back-to-listen", "收到SYN，回到收听"},
    {"syn-in-window", "窗口内的SYN"},
    {"reset-no-connection", "没有此连接"},
    {"reset-ack-in-listen", "收听时收到确认"},
    {"reset-unacceptable-ack", "不可接受的确认"},
    {"listener-closed", "停止收听"},
    {"crash", "崩溃"},
    {"keepalive-unanswered", "保活探测无应答"},
    {"user-timeout", "用户超时"},
    {"icmp-hard-error", "ICMP硬差错"},
    {"linger-zero", "立即异常终止"},
    {"accept-overflow", "接受队列已满"},
    {"syn-cache-evicted", "半开连接让位"},
    {"syn-cookie-valid", "SYN cookie有效"},
    {"two-way-handshake", "两次握手"},
    {"fast-open", "快速打开"},
    {"inferred", "推断"},
    /* Why a segment was sent again. */
    {"retransmission", "重传"},
    {"retransmission-timeout", "超时重传"},
    {"resend-after-timeout", "超时后重传"},
    {"fast-retransmit", "快重传"},
    {"partial-ack", "部分确认后重传"},
    {"resend-smaller", "改用较小的报文段"},
    {"syn-retry", "再次请求连接"},
    {"tail-loss-probe", "尾部丢失探测"},
    {"recovery-begins", "开始恢复"},
    {"zero-window-probe", "窗口探测"},
    {"keepalive", "保活探测"},
    {"pmtu-black-hole", "路径MTU黑洞"},
    {"local-drop", "本机队列已满"},
    {"data", "数据"},
    /* Why one was lost, or discarded. */
    {"fault-drop", "丢失"},
    {"random-loss", "随机丢失"},
    {"queue-full", "队列已满"},
    {"queue-refuses", "本机队列已满"},
    {"link-down", "链路中断"},
    {"too-big", "分组过大"},
    {"ttl-exceeded", "生存时间到"},
    {"no-route", "没有路由"},
    {"tcp-bad-checksum", "检验和出错"},
    {"ip-bad-checksum", "首部检验和出错"},
    {"tcp-bad-header", "首部出错"},
    {"tcp-bad-option", "选项出错"},
    {"outside-window", "在窗口之外"},
    {"segment-beyond-window", "超出窗口"},
    {"not-acceptable", "不可接受"},
    {"zero-window", "窗口为零"},
    {"rst-to-closed", "RST：没有此连接"},
    {"rst-to-listen", "RST：正在收听"},
    {"no-syn", "没有SYN"},
    {"no-ack", "没有ACK"},
    {"backlog-full", "半开队列已满"},
    {"accept-queue-full", "接受队列已满"},
    {"accept-deferred", "等待数据"},
    {"rst-bad-ack", "RST的确认号不对"},
    {"rst-outside-window", "RST在窗口之外"},
    {"rst-not-exact", "RST的序号不精确"},
    {"rst-in-time-wait", "时间等待中的RST"},
    {"syn-challenged", "SYN受到质询"},
    {"ack-out-of-range", "确认号超出范围"},
    {"paws", "旧的重复报文段"},
    {"timestamp-missing", "缺少时间戳"},
    {"challenge-limited", "质询确认受限"},
    {"receive-buffer-full", "接收缓存已满"},
    {"nobody-reads", "无人读取"},
    {"after-fin", "FIN之后的数据"},
    {"defect", "缺陷"},
    {"older-connection", "旧的连接"},
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
        const char *before = i ? i + 1 == LANGUAGES ? " or " : ", " : "";
        used += (size_t)snprintf(buf + used, size - used, "%s%s", before, languages[i].name);
    }
    return buf;
}

const char *dw_word(const char *language, const char *english)
{
    for (const word *w = words_of(language); w && w->english; w++)
        if (strcmp(w->english, english) == 0) return w->word;
    return english;
}
