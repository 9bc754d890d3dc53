/* The same workloads on ns-3, so that both run on one machine in one go.  Prints lines as bench does. */
#include <ns3/applications-module.h>
#include <ns3/core-module.h>
#include <ns3/internet-module.h>
#include <ns3/network-module.h>
#include <ns3/point-to-point-module.h>

#include <cstdio>
#include <cstring>
#include <sys/resource.h>

using namespace ns3;

static const uint16_t port = 9;
static uint64_t hops;

static double CpuSeconds()
{
    rusage r;
    getrusage(RUSAGE_SELF, &r);
    return r.ru_utime.tv_sec + r.ru_utime.tv_usec / 1e6 + r.ru_stime.tv_sec + r.ru_stime.tv_usec / 1e6;
}

static void Report(const char *name, double units, double seconds)
{
    printf("%-12s %14.0f units %9.3f s %10.1f ns/unit\n", name, units, seconds, seconds * 1e9 / units);
    fflush(stdout);
}

static void CountHop(Ptr<const Packet>)
{
    hops++;
}

static void Defaults(uint32_t buffer)
{
    Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1448));
    Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(buffer));
    Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(buffer));
    Config::SetDefault("ns3::TcpSocket::InitialCwnd", UintegerValue(10));
    Config::SetDefault("ns3::TcpSocket::DelAckTimeout", TimeValue(MilliSeconds(40)));
    Config::SetDefault("ns3::TcpL4Protocol::SocketType", StringValue("ns3::TcpNewReno"));
}

static NetDeviceContainer Connect(Ptr<Node> a, Ptr<Node> b, const char *rate, Time delay,
                                  const char *queue)
{
    PointToPointHelper p2p;
    p2p.SetDeviceAttribute("DataRate", StringValue(rate));
    p2p.SetChannelAttribute("Delay", TimeValue(delay));
    p2p.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue(queue));
    NetDeviceContainer d = p2p.Install(a, b);
    for (uint32_t i = 0; i < 2; i++) d.Get(i)->TraceConnectWithoutContext("PhyRxEnd", MakeCallback(&CountHop));
    return d;
}

static Ipv4InterfaceContainer Assign(NetDeviceContainer d, int n)
{
    char base[32];
    snprintf(base, sizeof base, "10.%d.%d.0", 1 + n / 250, n % 250);
    Ipv4AddressHelper h(base, "255.255.255.0");
    return h.Assign(d);
}

static void BulkFlow(Ptr<Node> a, Ptr<Node> b, Ipv4Address to, Time end)
{
    BulkSendHelper source("ns3::TcpSocketFactory", InetSocketAddress(to, port));
    source.SetAttribute("MaxBytes", UintegerValue(0));
    source.Install(a).Start(Seconds(0));
    PacketSinkHelper sink("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), port));
    sink.Install(b).Start(Seconds(0));
    (void)end;
}

static void Run(const char *name, Time end)
{
    hops = 0;
    Simulator::Stop(end);
    double before = CpuSeconds();
    Simulator::Run();
    Report(name, hops, CpuSeconds() - before);
    Simulator::Destroy();
}

static void Bulk(const char *name, Time delay, const char *rate, Time end, double loss)
{
    NodeContainer n;
    n.Create(2);
    InternetStackHelper().Install(n);
    NetDeviceContainer d = Connect(n.Get(0), n.Get(1), rate, delay, "100000p");
    if (loss > 0) {
        for (uint32_t i = 0; i < 2; i++) {
            Ptr<RateErrorModel> e = CreateObject<RateErrorModel>();
            e->SetUnit(RateErrorModel::ERROR_UNIT_PACKET);
            e->SetRate(loss);
            d.Get(i)->SetAttribute("ReceiveErrorModel", PointerValue(e));
        }
    }
    Ipv4InterfaceContainer i = Assign(d, 0);
    BulkFlow(n.Get(0), n.Get(1), i.GetAddress(1), end);
    Run(name, end);
}

static void Dumbbell()
{
    const int flows = 100;
    NodeContainer routers, left, right;
    routers.Create(2);
    left.Create(flows);
    right.Create(flows);
    InternetStackHelper stack;
    stack.Install(routers);
    stack.Install(left);
    stack.Install(right);
    Assign(Connect(routers.Get(0), routers.Get(1), "1Gbps", MilliSeconds(10), "2400p"), 0);
    for (int i = 0; i < flows; i++) {
        Assign(Connect(left.Get(i), routers.Get(0), "1Gbps", MilliSeconds(2), "100000p"), 1 + i);
        Ipv4InterfaceContainer a = Assign(Connect(routers.Get(1), right.Get(i), "1Gbps",
                                                   MilliSeconds(2), "100000p"), 300 + i);
        BulkFlow(left.Get(i), right.Get(i), a.GetAddress(1), Seconds(10));
    }
    Ipv4GlobalRoutingHelper::PopulateRoutingTables();
    Run("W2", Seconds(10));
}

/* W4 and W5: request and answer. */

static uint32_t answerBytes;

static void ServerReceive(Ptr<Socket> s)
{
    Ptr<Packet> p = s->Recv();
    if (!p || p->GetSize() == 0) return;
    s->Send(Create<Packet>(answerBytes));
    s->Close();
}

static void Accepted(Ptr<Socket> s, const ns3::Address &)
{
    s->SetRecvCallback(MakeCallback(&ServerReceive));
}

static void ClientReceive(Ptr<Socket> s)
{
    while (Ptr<Packet> p = s->Recv()) {
        if (p->GetSize() == 0) break;
    }
}

static void ClientConnected(Ptr<Socket> s)
{
    s->Send(Create<Packet>(1000));
    s->ShutdownSend(); /* the client closes first and keeps the TIME-WAIT, as in bench.c */
}

static void PeerClosed(Ptr<Socket> s)
{
    s->Close();
}

static void OpenOne(Ptr<Node> node, Ipv4Address to)
{
    Ptr<Socket> s = Socket::CreateSocket(node, TcpSocketFactory::GetTypeId());
    s->SetRecvCallback(MakeCallback(&ClientReceive));
    s->SetConnectCallback(MakeCallback(&ClientConnected), MakeNullCallback<void, Ptr<Socket>>());
    s->SetCloseCallbacks(MakeCallback(&PeerClosed), MakeNullCallback<void, Ptr<Socket>>());
    s->Connect(InetSocketAddress(to, port));
}

static void Listen(Ptr<Node> node)
{
    Ptr<Socket> s = Socket::CreateSocket(node, TcpSocketFactory::GetTypeId());
    s->Bind(InetSocketAddress(Ipv4Address::GetAny(), port));
    s->SetAcceptCallback(MakeNullCallback<bool, Ptr<Socket>, const ns3::Address &>(), MakeCallback(&Accepted));
    s->Listen();
}

static void Many()
{
    const int clients = 100, connections = 10000;
    answerBytes = 10000;
    NodeContainer server, c;
    server.Create(1);
    c.Create(clients);
    InternetStackHelper stack;
    stack.Install(server);
    stack.Install(c);
    std::vector<Ipv4Address> to;
    for (int i = 0; i < clients; i++)
        to.push_back(Assign(Connect(c.Get(i), server.Get(0), "1Gbps", MilliSeconds(10), "100000p"), i).GetAddress(1));
    Listen(server.Get(0));
    for (int i = 0; i < connections; i++)
        Simulator::ScheduleWithContext(c.Get(i % clients)->GetId(), MilliSeconds(i),
                                       &OpenOne, c.Get(i % clients), to[i % clients]);
    Simulator::Stop(Seconds(400));
    double before = CpuSeconds();
    Simulator::Run();
    Report("W4", connections, CpuSeconds() - before);
    Simulator::Destroy();
}

static void Lifecycles()
{
    const int times = 1000;
    answerBytes = 1000;
    double before = CpuSeconds();
    for (int i = 0; i < times; i++) {
        NodeContainer n;
        n.Create(2);
        InternetStackHelper stack;
        stack.SetIpv6StackInstall(false);
        stack.Install(n);
        Ipv4InterfaceContainer a = Assign(Connect(n.Get(0), n.Get(1), "1Gbps", MilliSeconds(10), "1000p"), 0);
        Listen(n.Get(1));
        Simulator::ScheduleWithContext(n.Get(0)->GetId(), Seconds(0), &OpenOne, n.Get(0), a.GetAddress(1));
        Simulator::Stop(Seconds(260));
        Simulator::Run();
        Simulator::Destroy();
        Ipv4AddressGenerator::Reset();
    }
    Report("W5", times, CpuSeconds() - before);
}

static void Chain()
{
    const int length = 100, packets = 20000;
    NodeContainer n;
    n.Create(length + 1);
    InternetStackHelper stack;
    Ipv4StaticRoutingHelper routing;
    stack.SetRoutingHelper(routing);
    stack.Install(n);
    std::vector<Ipv4InterfaceContainer> at;
    for (int i = 0; i < length; i++)
        at.push_back(Assign(Connect(n.Get(i), n.Get(i + 1), "1Gbps", MilliSeconds(1), "100000p"), i));
    for (int i = 0; i < length; i++) {
        Ptr<Ipv4> ip = n.Get(i)->GetObject<Ipv4>();
        routing.GetStaticRouting(ip)->SetDefaultRoute(at[i].GetAddress(1), i == 0 ? 1 : 2);
    }
    UdpServerHelper server(port);
    server.Install(n.Get(length)).Start(Seconds(0));
    UdpClientHelper client(at[length - 1].GetAddress(1), port);
    client.SetAttribute("MaxPackets", UintegerValue(packets));
    client.SetAttribute("Interval", TimeValue(MicroSeconds(100)));
    client.SetAttribute("PacketSize", UintegerValue(1000));
    client.Install(n.Get(0)).Start(Seconds(0));
    Config::SetDefault("ns3::Ipv4L3Protocol::DefaultTtl", UintegerValue(255));
    Run("W7", Seconds(10));
}

int main(int argc, char **argv)
{
    Config::SetDefault("ns3::Ipv4L3Protocol::DefaultTtl", UintegerValue(255));
    for (int i = 1; i < argc; i++) {
        std::string w = argv[i];
        /* Small buffers where a large window would only measure the scoreboard. */
        Defaults(w == "W1" || w == "W2" || w == "W3" ? 4 << 20 : 131072);
        if (w == "version") printf("ns-3 3.37, the installed package\n");
        if (w == "W1") Bulk("W1", MilliSeconds(5), "1Gbps", Seconds(10), 0);
        if (w == "W1-short") Bulk("W1-short", MicroSeconds(100), "1Gbps", Seconds(10), 0);
        if (w == "W2") Dumbbell();
        if (w == "W3") Bulk("W3", MilliSeconds(20), "100Mbps", Seconds(60), 0.01);
        if (w == "W4") Many();
        if (w == "W5") Lifecycles();
        if (w == "W7") Chain();
    }
    return 0;
}
