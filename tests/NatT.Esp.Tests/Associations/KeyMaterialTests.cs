using NatT.Esp.Associations;

namespace NatT.Esp.Tests.Associations;

public sealed class KeyMaterialTests
{
    [Fact]
    public void It_keeps_a_copy()
    {
        byte[] octets = [1, 2, 3];
        using var key = new KeyMaterial(octets);
        Array.Clear(octets);

        Assert.Equal(3, key.Length);
        Assert.Equal("010203", Convert.ToHexStringLower(key.Octets));
    }

    [Fact]
    public void Disposal_wipes_it()
    {
        var key = new KeyMaterial([1, 2, 3]);
        ReadOnlySpan<byte> octets = key.Octets;

        key.Dispose();

        Assert.Equal("000000", Convert.ToHexStringLower(octets));
    }

    [Fact]
    public void It_does_not_tell_itself()
    {
        using var key = new KeyMaterial([0xAB, 0xCD]);

        Assert.Equal("key of 16 bits", key.ToString());
    }

    [Fact]
    public void Keys_are_compared_by_their_octets()
    {
        using var key = new KeyMaterial([1, 2, 3]);
        using var same = new KeyMaterial([1, 2, 3]);
        using var other = new KeyMaterial([1, 2, 4]);
        using var longer = new KeyMaterial([1, 2, 3, 0]);

        Assert.True(key.FixedTimeEquals(same));
        Assert.False(key.FixedTimeEquals(other));
        Assert.False(key.FixedTimeEquals(longer));
    }
}
