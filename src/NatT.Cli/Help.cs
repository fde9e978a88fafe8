using System.Reflection;
using CommandLine;
using CommandLine.Text;

namespace NatT.Cli;

/// <summary>What the command says of itself.</summary>
internal static class Help
{
    private static readonly string[] Epilogue =
    [
        "A conf holds one peer, as key = value lines:",
        "",
        "  remote_public_ip  = 198.51.100.7     # where the peer is; leave empty to wait for it",
        "  local_private_ip  = 10.77.0.1        # our address inside the tunnel, put on the device",
        "  remote_private_ip = 10.77.0.2        # the peer's; a network such as 10.2.0.0/24 gets a route",
        "  spi_in  = 0x1001                     # arriving packets; the peer's spi_out",
        "  enc_in  = 0x...                      # AES key of 16, 24 or 32 octets; the peer's enc_out",
        "  auth_in = 0x...                      # HMAC key of 32 octets; the peer's auth_out",
        "  spi_out, enc_out, auth_out           # the same for leaving packets",
        "",
        "With suite = aes-gcm-16 or chacha20-poly1305 there is no auth_, and enc_ has a salt of 4 octets behind the key.",
        "natt-tun keygen --suite NAME makes such confs. With aes-cbc-hmac-sha1, -sha384 and -sha512 auth_ is a key for that hash.",
        "",
        "On SIGHUP, or by natt-tun reload, it reads its confs again: peers and keys change without a packet lost.",
        "",
        "A folder's *.conf files are one peer each; all peers share one process, one UDP port and one device.",
        "",
        "Both ends listen on UDP port 1100 unless ori_local_port says otherwise. Every key is in the README.",
        "",
        "Exit status: 0 stopped by SIGTERM or SIGINT, 1 the machine lacks something, 2 a conf or an argument is wrong.",
    ];

    public static string Version => typeof(Help).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Of <c>natt-tun</c> without a verb.</summary>
    public static CommandHelp OfRun(IReadOnlyList<Verb> verbs) => new()
    {
        Command = "natt-tun",
        Summary = "An encrypted site-to-site tunnel through any NAT: ESP in UDP, without the kernel's IPsec.",
        Usage = "sudo natt-tun --conf FILE|FOLDER... [--verbose]",
        Epilogue =
        [
            "Verbs, each with a --help of its own:",
            "",
            .. verbs.Select(verb => $"  natt-tun {verb.Name,-8} {verb.Summary}"),
            "",
            .. Epilogue,
        ],
        StrayHint = ", a conf goes behind --conf",
    };

    public static HelpText Build<TOptions>(CommandHelp command, ParserResult<TOptions> parsed)
    {
        HelpText text = HelpText.AutoBuild(parsed, help =>
        {
            help.AdditionalNewLineAfterOption = false;
            help.MaximumDisplayWidth = 120;
            help.Copyright = command.Summary;
            help.AddPreOptionsLine($"\nusage: {command.Usage}");
            return help;
        });
        text.AddPostOptionsLines(command.Epilogue);
        return text;
    }

    /// <summary>One error of the command line in a few words.</summary>
    public static string Explain(Error error) => error switch
    {
        MissingRequiredOptionError missing => $"--{missing.NameInfo.LongName} FILE is missing",
        UnknownOptionError unknown => $"unknown option {unknown.Token}",
        MissingValueOptionError missing => $"--{missing.NameInfo.LongName} needs a value",
        MutuallyExclusiveSetError => "--tun and --conf do not go together",
        TokenError token => $"cannot make sense of {token.Token}",
        _ => $"wrong arguments ({error.Tag})",
    };
}
