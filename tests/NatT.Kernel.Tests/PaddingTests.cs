using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;
using NatT.Kernel.Tests.Matrix;

namespace NatT.Kernel.Tests;

/// <summary>Paddings of a peer that is neither natt-tun nor Linux: what both take, and what Linux takes alone.</summary>
[Collection(MatrixTests.Name)]
public sealed class PaddingTests(MatrixSession session)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(300);
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Guest", "paddings.py");

    [KernelFact]
    public void Every_length_of_padding_is_taken_by_both_ends()
    {
        Assert.Equal(Enumerable.Range(0, 256), AnsweredByNattTun("ascending"));
        Assert.Equal(Enumerable.Range(0, 256), AnsweredByKernel("ascending"));
    }

    [KernelFact]
    public void Padding_that_is_not_1_2_3_is_taken_by_Linux_alone()
    {
        Assert.Equal([0], AnsweredByNattTun("zero"));
        Assert.Equal(Enumerable.Range(0, 256), AnsweredByKernel("zero"));

        JsonElement drops = session.Reports()[ForeignPeer.Name].GetProperty("in").GetProperty("drops");
        Assert.Equal(255, drops.GetProperty("BadPadding").GetInt32());
    }

    private int[] AnsweredByNattTun(string padding) =>
        Answered(session.ForeignToNattTun, command => session.Guest.Run(Limit, command), padding);

    private int[] AnsweredByKernel(string padding) =>
        Answered(session.ForeignToKernel, command => session.A.Run(Limit, command), padding);

    private int[] Answered(ForeignPeer peer, Func<string[], CommandResult> run, string padding)
    {
        string conf = Path.Combine(session.Folder, $"{Guid.NewGuid():N}.conf");
        peer.Conf().WriteTo(conf);
        return JsonSerializer.Deserialize<int[]>(run(["/usr/bin/python3", Script, conf, padding, peer.NextNumber()]).OutputOrFail())!;
    }
}
