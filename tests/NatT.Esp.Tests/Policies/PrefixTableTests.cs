using NatT.Esp.Policies;
using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Policies;

public sealed class PrefixTableTests
{
    [Theory]
    [InlineData("10.1.2.3", "10.1.2.3/32 10.1.2.0/24 10.0.0.0/8 0.0.0.0/0")]
    [InlineData("10.1.2.4", "10.1.2.0/24 10.0.0.0/8 0.0.0.0/0")]
    [InlineData("192.0.2.1", "0.0.0.0/0")]
    [InlineData("fd00::1", "fd00::/8")]
    [InlineData("2001:db8::1", "")]
    public void Prefixes_are_found_from_the_longest_to_the_shortest(string address, string expected)
    {
        PrefixTable<string> table = Create("0.0.0.0/0", "10.1.2.3/32", "10.0.0.0/8", "10.1.2.0/24", "10.2.0.0/16", "fd00::/8");

        Assert.Equal(expected, string.Join(' ', FindAll(table, IpAddress.Parse(address))));
    }

    [Fact]
    public void Families_are_kept_apart()
    {
        PrefixTable<string> table = Create("::/0");

        Assert.Null(table.Find(IpAddress.Parse("0.0.0.1")));
        Assert.Equal("::/0", table.Find(IpAddress.Parse("::1")));
    }

    [Fact]
    public void An_empty_table_holds_nothing()
    {
        Assert.Null(Create().Find(IpAddress.Parse("10.0.0.1")));
    }

    [Fact]
    public void It_agrees_with_a_search_through_all_prefixes()
    {
        var random = new Random(4303);
        for (int round = 0; round < 200; round++)
        {
            IpPrefix[] prefixes = [.. Enumerable.Range(0, 30).Select(_ => RandomPrefix(random)).Distinct()];
            var table = new PrefixTable<string>(prefixes.ToDictionary(prefix => prefix, prefix => $"{prefix}"));
            for (int i = 0; i < 50; i++)
            {
                IpAddress address = RandomAddress(random);

                IEnumerable<string> expected =
                    prefixes.Where(prefix => prefix.Contains(address)).OrderByDescending(prefix => prefix.Length).Select(prefix => $"{prefix}");

                Assert.Equal(expected, FindAll(table, address));
            }
        }
    }

    private static PrefixTable<string> Create(params string[] prefixes) =>
        new(prefixes.ToDictionary(IpPrefix.Parse, prefix => prefix));

    private static List<string> FindAll(PrefixTable<string> table, IpAddress address)
    {
        var found = new List<string>();
        int position = 0;
        while (table.Next(address, ref position) is string value)
        {
            found.Add(value);
        }

        return found;
    }

    private static IpPrefix RandomPrefix(Random random)
    {
        IpAddress address = RandomAddress(random);
        return new IpPrefix(address, random.Next(address.BitLength + 1));
    }

    // Few different bits at both ends, so that short and long prefixes meet.
    private static IpAddress RandomAddress(Random random)
    {
        bool isIPv6 = random.Next(2) == 0;
        UInt128 high = (UInt128)random.Next(4) << (isIPv6 ? 126 : 30);
        return new IpAddress(high | (UInt128)random.Next(4), isIPv6);
    }
}
