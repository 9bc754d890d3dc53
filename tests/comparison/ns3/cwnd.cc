/* The congestion window of ns-3's TCP on a path of 20 Mbit/s and 50 ms where given data packets are lost, as the table
 * that ../window-beside-ns3.lua compares drywire's with.  refresh.sh builds and runs it. */
#include <ns3/applications-module.h>
#include <ns3/core-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>
#include <ns3/point-to-point-module.h>

#include <cstdio>
#include <set>
#include <vector>

using namespace ns3;

/* Loses data packets by their number. */
class LoseNth : public ErrorModel
{
  public:
    std::set<uint32_t> numbers;

  private:
    uint32_t m_count = 0;
    bool DoCorrupt(Ptr<Packet> p) override
    {
        return p->GetSize() > 500 && numbers.count(++m_count) > 0;
    }
    void DoReset() override
    {
        m_count = 0;
    }
};

static std::vector<std::pair<double, uint32_t>> cwnd, ssthresh;

static void CwndChanged(uint32_t, uint32_t now)
{
    cwnd.emplace_back(Simulator::Now().GetSeconds(), now);
}

static void SsthreshChanged(uint32_t, uint32_t now)
{
    ssthresh.emplace_back(Simulator::Now().GetSeconds(), now);
}

static void Trace(Ptr<Node> node)
{
    Ptr<TcpL4Protocol> tcp = node->GetObject<TcpL4Protocol>();
    ObjectVectorValue sockets;
    tcp->GetAttribute("SocketList", sockets);
    Ptr<TcpSocketBase> s = sockets.Get(0)->GetObject<TcpSocketBase>();
    s->TraceConnectWithoutContext("CongestionWindow", MakeCallback(&CwndChanged));
    s->TraceConnectWithoutContext("SlowStartThreshold", MakeCallback(&SsthreshChanged));
}

/* What the window was at each multiple of a step, in octets. */
static void PrintWindow(double step)
{
    size_t at = 0;
    int n = 0;
    printf("    step = %g,\n    cwnd = {", step);
    for (double time = step; at < cwnd.size(); time += step) {
        while (at < cwnd.size() && cwnd[at].first <= time) at++;
        printf("%s%u,", n++ % 16 ? " " : "\n      ", at > 0 ? cwnd[at - 1].second : 0);
    }
    printf("\n    },\n");
}

/* Each reduction. */
static void PrintSsthresh()
{
    printf("    ssthresh = {");
    for (auto &change : ssthresh)
        if (change.second < UINT32_MAX) printf(" { %.4f, %u },", change.first, change.second);
    printf(" },\n");
}

static void Run(const char *name, const char *control, bool sack, uint32_t segments, double step,
                std::set<uint32_t> lost)
{
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1448));
    Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(4 << 20));
    Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(4 << 20));
    Config::SetDefault("ns3::TcpSocket::InitialCwnd", UintegerValue(10));
    Config::SetDefault("ns3::TcpSocket::DelAckCount", UintegerValue(1));
    Config::SetDefault("ns3::TcpSocketBase::Sack", BooleanValue(sack));
    Config::SetDefault("ns3::TcpL4Protocol::SocketType", StringValue(std::string("ns3::") + control));
    /* With SACK the window is set at once, as RFC 6675 has it; ns-3's default is PRR. */
    Config::SetDefault("ns3::TcpL4Protocol::RecoveryType", StringValue("ns3::TcpClassicRecovery"));
    Config::SetDefault("ns3::TcpCubic::HyStart", BooleanValue(false));
    NodeContainer n;
    n.Create(2);
    InternetStackHelper().Install(n);
    PointToPointHelper p2p;
    p2p.SetDeviceAttribute("DataRate", StringValue("20Mbps"));
    p2p.SetChannelAttribute("Delay", StringValue("25ms"));
    p2p.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("10000p"));
    NetDeviceContainer d = p2p.Install(n);
    Ptr<LoseNth> model = CreateObject<LoseNth>();
    model->numbers = lost;
    d.Get(1)->SetAttribute("ReceiveErrorModel", PointerValue(model));
    Ipv4AddressHelper address("10.1.1.0", "255.255.255.0");
    Ipv4InterfaceContainer i = address.Assign(d);
    BulkSendHelper source("ns3::TcpSocketFactory", InetSocketAddress(i.GetAddress(1), 9));
    source.SetAttribute("MaxBytes", UintegerValue(segments * 1448ull));
    source.SetAttribute("SendSize", UintegerValue(1448));
    source.Install(n.Get(0)).Start(Seconds(0));
    PacketSinkHelper sink("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), 9));
    sink.Install(n.Get(1)).Start(Seconds(0));
    cwnd.clear();
    ssthresh.clear();
    Simulator::Schedule(MilliSeconds(1), &Trace, n.Get(0));
    Simulator::Stop(Seconds(60));
    Simulator::Run();
    Simulator::Destroy();
    printf("  [\"%s\"] = {\n    segments = %u, lost = {", name, segments);
    for (uint32_t number : lost) printf(" %u,", number);
    printf(" },\n");
    PrintWindow(step);
    PrintSsthresh();
    printf("  },\n");
}

int main()
{
    printf("-- Made by refresh.sh with ns-3 %s: the window in octets at each step, and { seconds, ssthresh }.\nreturn {\n", NS3_VERSION);
    Run("slow start", "TcpNewReno", false, 300, 0.01, {});
    Run("one loss", "TcpNewReno", false, 1200, 0.01, {100});
    Run("one loss, SACK", "TcpNewReno", true, 1200, 0.01, {100});
    Run("three losses, SACK", "TcpNewReno", true, 1200, 0.01, {100, 103, 110});
    Run("CUBIC, one loss", "TcpCubic", true, 9000, 0.05, {400});
    printf("}\n");
    return 0;
}
