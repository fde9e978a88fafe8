using NatT.Tunnel.State;

namespace NatT.Tunnel.Tests.State;

public sealed class TopsFileTests : IDisposable
{
    private static readonly Guid Boot = Guid.Parse("5c2f9a77-8a38-4f64-8a3b-0e7f5d1b9c11");
    private readonly string _directory = Directory.CreateTempSubdirectory("natt-tops-").FullName;

    private string PagePath => Path.Combine(_directory, "tops");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void More_associations_than_a_page_holds_all_come_back()
    {
        using (var tops = TopsFile.Open(PagePath, Boot))
        {
            for (int i = 1; i <= 500; i++)
            {
                tops.Open(new AssociationFingerprint((UInt128)i << 60)).Write((ulong)i);
            }
        }

        using var again = TopsFile.Open(PagePath, Boot);

        Assert.All(Enumerable.Range(1, 500), i => Assert.Equal((ulong)i, again.Open(new AssociationFingerprint((UInt128)i << 60)).Read()));
    }

    [Fact]
    public void Another_boot_finds_no_tops()
    {
        using (var tops = TopsFile.Open(PagePath, Boot))
        {
            tops.Open(new AssociationFingerprint(1)).Write(7);
        }

        using (var tops = TopsFile.Open(PagePath, Guid.NewGuid()))
        {
            Assert.Null(tops.Open(new AssociationFingerprint(1)).Read());
        }

        using var back = TopsFile.Open(PagePath, Boot);
        Assert.Null(back.Open(new AssociationFingerprint(1)).Read());
    }

    [Fact]
    public void Slot_that_was_opened_but_never_written_is_void()
    {
        using (var tops = TopsFile.Open(PagePath, Boot))
        {
            tops.Open(new AssociationFingerprint(1));
        }

        using var again = TopsFile.Open(PagePath, Boot);
        Assert.Null(again.Open(new AssociationFingerprint(1)).Read());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(5000)]
    public void File_that_a_killed_process_left_half_made_is_ignored(int length)
    {
        File.WriteAllBytes(PagePath, new byte[length]);

        using var tops = TopsFile.Open(PagePath, Boot);
        TopSlot slot = tops.Open(new AssociationFingerprint(1));

        Assert.Null(slot.Read());
        slot.Write(9);
        Assert.Equal(9UL, slot.Read());
    }

    [Fact]
    public void Growth_that_was_cut_short_is_done_again()
    {
        using (var tops = TopsFile.Open(PagePath, Boot))
        {
            tops.Open(new AssociationFingerprint(1)).Write(7);
        }

        File.AppendAllText(PagePath, "partly written");

        using var again = TopsFile.Open(PagePath, Boot);
        for (int i = 1; i <= 200; i++)
        {
            Assert.Equal(i == 1 ? 7UL : null, again.Open(new AssociationFingerprint((UInt128)i)).Read());
        }
    }
}
