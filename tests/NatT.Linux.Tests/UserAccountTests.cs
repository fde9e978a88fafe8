namespace NatT.Linux.Tests;

public sealed class UserAccountTests
{
    private static readonly string[] Lines =
    [
        "root:x:0:0:root:/root:/bin/bash",
        "# natt-tun:x:1:1::/:/bin/false",
        "natt:x:900:901:,,,:/nonexistent:/usr/sbin/nologin",
        "natt-tun:x:998:997:natt-tun:/nonexistent:/usr/sbin/nologin",
        "broken:x:-1:0::/:/bin/sh",
        "short:x:5",
    ];

    [Fact]
    public void User_and_group_are_found_by_the_whole_name()
    {
        Assert.Equal(new UserAccount("natt-tun", 998, 997), UserAccount.Find("natt-tun", Lines));
        Assert.Equal(new UserAccount("natt", 900, 901), UserAccount.Find("natt", Lines));
    }

    [Theory]
    [InlineData("nat")]
    [InlineData("998")]
    [InlineData("broken")]
    [InlineData("short")]
    [InlineData("")]
    public void What_is_no_user_is_not_found(string name) => Assert.Null(UserAccount.Find(name, Lines));

    [Fact]
    public void Root_is_in_the_file_of_this_machine() => Assert.Equal(new UserAccount("root", 0, 0), UserAccount.Find("root"));
}
