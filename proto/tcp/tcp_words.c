/* What TCP's states, causes and kinds of segments are called in other languages than English. */
#include "tcp_picture.h"

#include <string.h>

typedef struct word {
    const char *english, *word; /* ends with NULL */
} word;

/* As Chinese textbooks print the states; the causes in the same style. */
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
    {"keepalive-unanswered", "保活探测无应答"},
    {"user-timeout", "用户超时"},
    {"icmp-hard-error", "ICMP硬差错"},
    {"linger-zero", "立即异常终止"},
    {"accept-overflow", "接受队列已满"},
    {"syn-cache-evicted", "半开连接让位"},
    {"syn-cookie-valid", "SYN cookie有效"},
    {"two-way-handshake", "两次握手"},
    {"fast-open", "快速打开"},
    /* Why a segment was sent again. */
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
    {"tcp-bad-checksum", "检验和出错"},
    {"tcp-bad-header", "首部出错"},
    {"tcp-bad-option", "选项出错"},
    {"already-received", "已经收到过"},
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
    {NULL, NULL},
};

const char *dw_tcp_word(const char *language, const char *english)
{
    const word *words = strcmp(language, "zh") == 0 ? chinese : NULL;
    for (; words && words->english; words++)
        if (strcmp(words->english, english) == 0) return words->word;
    return NULL;
}
