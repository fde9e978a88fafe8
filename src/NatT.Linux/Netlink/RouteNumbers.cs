namespace NatT.Linux.Netlink;

/// <summary>Numbers of rtnetlink(7), under the kernel's names.</summary>
internal static class RouteNumbers
{
    public const ushort RTM_NEWLINK = 16;
    public const ushort RTM_GETLINK = 18;
    public const ushort RTM_NEWADDR = 20;
    public const ushort RTM_DELADDR = 21;
    public const ushort RTM_NEWROUTE = 24;
    public const ushort RTM_DELROUTE = 25;
    public const ushort RTM_GETROUTE = 26;

    public const uint RTMGRP_LINK = 1;
    public const uint RTMGRP_IPV4_IFADDR = 0x10;
    public const uint RTMGRP_IPV4_ROUTE = 0x40;
    public const uint RTMGRP_IPV4_RULE = 0x80;
    public const uint RTMGRP_IPV6_IFADDR = 0x100;
    public const uint RTMGRP_IPV6_ROUTE = 0x400;

    /// <summary>RTNLGRP_IPV6_RULE and RTNLGRP_NEXTHOP as bits, for which the kernel has no names.</summary>
    public const uint RTMGRP_IPV6_RULE = 1u << 18;
    public const uint RTMGRP_NEXTHOP = 1u << 31;

    public const ushort NLM_F_REQUEST = 1;
    public const ushort NLM_F_ACK = 4;
    public const ushort NLM_F_DUMP = 0x300;
    public const ushort NLM_F_EXCL = 0x200;
    public const ushort NLM_F_CREATE = 0x400;

    public const ushort IFLA_IFNAME = 3;
    public const ushort IFLA_MTU = 4;
    public const ushort IFLA_TXQLEN = 13;
    public const ushort IFLA_LINKINFO = 18;
    public const ushort IFLA_INFO_KIND = 1;
    public const ushort IFLA_INFO_DATA = 2;
    public const ushort IFLA_TUN_TYPE = 3;
    public const ushort IFLA_TUN_PERSIST = 6;
    public const ushort IFLA_AF_SPEC = 26;
    public const ushort IFLA_INET6_ADDR_GEN_MODE = 8;
    public const ushort IFLA_STATS64 = 23;
    public const byte IN6_ADDR_GEN_MODE_NONE = 1;
    public const uint IFF_UP = 1;

    public const ushort IFA_ADDRESS = 1;
    public const ushort IFA_LOCAL = 2;
    public const ushort IFA_FLAGS = 8;
    public const uint IFA_F_NODAD = 0x02;
    public const uint IFA_F_NOPREFIXROUTE = 0x200;

    public const ushort RTA_DST = 1;
    public const ushort RTA_OIF = 4;
    public const ushort RTA_METRICS = 8;
    public const ushort RTA_MULTIPATH = 9;
    public const ushort RTA_TABLE = 15;
    public const ushort RTAX_MTU = 2;
    public const byte RT_TABLE_MAIN = 254;
    public const byte RT_TABLE_LOCAL = 255;
    public const byte RTPROT_KERNEL = 2;
    public const byte RTPROT_STATIC = 4;
    public const byte RT_SCOPE_UNIVERSE = 0;
    public const byte RT_SCOPE_LINK = 253;
    public const byte RTN_UNICAST = 1;
    public const byte RTN_LOCAL = 2;
    public const byte RTN_BLACKHOLE = 6;
    public const byte RTN_PROHIBIT = 8;
    public const uint RTM_F_CLONED = 0x200;
    public const uint RTM_F_FIB_MATCH = 0x2000;
}
