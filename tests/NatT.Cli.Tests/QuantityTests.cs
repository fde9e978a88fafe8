namespace NatT.Cli.Tests;

public sealed class QuantityTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.00 kB")]
    [InlineData(12_345, "12.3 kB")]
    [InlineData(999_499, "999 kB")]
    [InlineData(999_500, "1.00 MB")]
    [InlineData(long.MaxValue, "9.22 EB")]
    public void Octets_have_three_digits_and_a_unit(long octets, string text) => Assert.Equal(text, Quantity.Octets(octets));

    [Theory]
    [InlineData(0, "0 bit/s")]
    [InlineData(0.4, "0 bit/s")]
    [InlineData(1_250_000, "1.25 Mbit/s")]
    [InlineData(9_996_000_000, "10.0 Gbit/s")]
    public void Bit_rates_have_three_digits_and_a_unit(double rate, string text) => Assert.Equal(text, Quantity.BitRate(rate));

    [Theory]
    [InlineData(0, "0.0 s")]
    [InlineData(0.44, "0.4 s")]
    [InlineData(12.9, "12 s")]
    [InlineData(303, "5 min 3 s")]
    [InlineData(7500, "2 h 5 min")]
    [InlineData(266_400, "3 d 2 h")]
    public void Spans_have_two_units_at_most(double seconds, string text) => Assert.Equal(text, Quantity.Span(seconds));

    [Theory]
    [InlineData(0.123, "0.12 ms")]
    [InlineData(12.34, "12.3 ms")]
    [InlineData(1234, "1234 ms")]
    public void Milliseconds_have_three_digits_or_more(double milliseconds, string text) =>
        Assert.Equal(text, Quantity.Milliseconds(milliseconds));
}
