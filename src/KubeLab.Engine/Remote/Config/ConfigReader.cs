using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace KubeLab.Engine.Remote.Config;

/// <summary>Reads the files for one host, line by line as ssh does, because what a line means depends on those before it.</summary>
internal sealed partial class ConfigReader
{
    // As ssh has it (readconf.c, READCONF_MAX_DEPTH).
    private const int Depth = 16;

    private readonly Dictionary<string, IReadOnlyList<string>> _values = [];
    private readonly Dictionary<string, List<string>> _lists = new() { ["identityfile"] = [], ["certificatefile"] = [] };
    private readonly string _asked;
    private readonly Tokens _tokens;
    private readonly Tokens _hostToken;
    private string? _resolved;
    private bool _needsFinal;

    private ConfigReader(string host, string? user, int? port)
    {
        _asked = host;
        if (user is not null)
            _values["user"] = [user];
        if (port is { } number)
            _values["port"] = [number.ToString(CultureInfo.InvariantCulture)];
        _hostToken = new(new Dictionary<char, Func<string>> { ['h'] = () => host });
        var local = Dns.GetHostName();
        _tokens = new(new Dictionary<char, Func<string>>
        {
            ['h'] = () => Host, ['n'] = () => host, ['p'] = () => Port, ['r'] = () => User, ['u'] = () => Environment.UserName,
            ['d'] = () => Home.Folder, ['k'] = () => First("hostkeyalias")?.ToLowerInvariant() ?? host, ['l'] = () => local, ['L'] = () => local.Split('.')[0],
            ['j'] = () => First("proxyjump") is { } jump and not "none" ? jump : "",
            ['i'] = () => File.Exists("/proc/self/status") ? File.ReadLines("/proc/self/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1]
                : throw new FormatException("%i is not known on this system"),
#pragma warning disable CA5350 // ssh says SHA-1.
            ['C'] = () => Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(local + Host + Port + User))),
#pragma warning restore CA5350
        });
    }

    /// <summary>Where the host is: its name or address.</summary>
    public string Host => _resolved ?? (First("hostname") is { } name ? Filled(_hostToken, name, null, environment: false) : _asked);

    /// <summary>The login.</summary>
    public string User => First("user") ?? Environment.UserName;

    /// <summary>The TCP port.</summary>
    public string Port => First("port") ?? "22";

    /// <summary>Reads the files for a host.</summary>
    /// <param name="files">In order; the first to say something wins.</param>
    /// <param name="host">As it was asked for.</param>
    /// <param name="user">A login that was asked for.</param>
    /// <param name="port">A port that was asked for.</param>
    /// <exception cref="KlException">SshConfigInvalid, with file and line.</exception>
    public static ConfigReader Read(IReadOnlyList<ConfigFile> files, string host, string? user, int? port)
    {
        var reader = new ConfigReader(host, user, port);
        foreach (var file in files)
            reader.Read(file, file.Path, isActive: true, depth: 0);
        if (reader.First("canonicalizepermittedcnames") is not (null or "none"))
            throw Invalid(host, "CanonicalizePermittedCNAMEs is not supported", "Remove it, and give the hosts that need it a HostName.");
        var name = reader.Host;
        name = IPAddress.TryParse(name, out var address) && !name.StartsWith('[') ? address.ToString() : name.ToLowerInvariant();
        var canonicalize = reader.First("canonicalizehostname")?.ToLowerInvariant() is { } asked and not ("no" or "false") ? asked : null;
        reader._resolved = canonicalize is null || address is not null ? name : reader.Canonical(name, always: canonicalize == "always");
        if (reader._needsFinal || canonicalize is not null)
        {
            reader.IsFinal = true;
            foreach (var file in files)
                reader.Read(file, file.Path, isActive: true, depth: 0);
        }
        return reader;
    }

    /// <summary>The first value of a keyword; null if none is given.</summary>
    public string? First(string keyword) => _values.GetValueOrDefault(keyword)?[0];

    /// <summary>All values that were given first for a keyword; null if none is given.</summary>
    public IReadOnlyList<string>? All(string keyword) => _values.GetValueOrDefault(keyword);

    /// <summary>The values of a keyword that adds up, in order.</summary>
    public IReadOnlyList<string> Sum(string keyword) => _lists[keyword];

    /// <summary>A path with its tokens and variables filled in.</summary>
    /// <exception cref="KlException">SshConfigInvalid.</exception>
    public string Path(string value) => Filled(_tokens, Home.Expand(value), null, environment: true);

    /// <summary>The error of something in the files.</summary>
    public static KlException Invalid(string host, string what, string then) =>
        new(ErrorIds.SshConfigInvalid, KlErrorKind.InvalidInput, host, $"{host}: the SSH configuration is not valid: {what}.", then);

    private bool IsFinal { get; set; }

    private string Filled(Tokens tokens, string text, ConfigLine? line, bool environment)
    {
        try
        {
            return tokens.Fill(text, environment);
        }
        catch (FormatException error)
        {
            throw line is null ? Invalid(_asked, error.Message, $"Correct '{text}' there.") : Invalid(line, error.Message);
        }
    }

    private KlException Invalid(ConfigLine line, string what) =>
        Invalid(_asked, $"{line.File} line {line.Number}: {what}", "Correct the line. 'ssh -G HOST' shows how ssh reads the file.");

    private bool Read(ConfigFile root, string path, bool isActive, int depth)
    {
        if (depth > Depth)
            throw Invalid(_asked, $"{path} is included too deep", "Look for a file that includes itself.");
        if (!File.Exists(path))
            return isActive;
        // The group may write where it is the user's own, as on Debian and Ubuntu.
        if ((depth > 0 || root.IsGuarded) && !OperatingSystem.IsWindows() && File.GetUnixFileMode(path).HasFlag(UnixFileMode.OtherWrite))
            throw Invalid(_asked, $"others may write to {path}", $"Run: chmod o-w '{path}'");
        var mayMatch = isActive || depth == 0;
        var number = 0;
        // A byte order mark must be seen: ssh sees it.
        foreach (var text in Encoding.UTF8.GetString(File.ReadAllBytes(path)).Split('\n'))
            if (ConfigLine.Parse(text, path, ++number) is { } line)
                Take(root, line, ref isActive, mayMatch, depth);
        return isActive;
    }

    private void Take(ConfigFile root, ConfigLine line, ref bool isActive, bool mayMatch, int depth)
    {
        var keyword = line.Keyword == "identityfile2" ? "identityfile" : line.Keyword;
        if (line.Rest is "")
            throw Invalid(line, $"'{line.Keyword}' has no value");
        var values = line.Arguments() ?? throw Invalid(line, "a quote does not end");
        if (Keywords.Fault(keyword, values) is { } fault)
        {
            if (fault.EndsWith("keyword of ssh_config", StringComparison.Ordinal) && First("ignoreunknown") is { } ignored && Patterns.Match(ignored.Split(','), keyword, ignoreCase: true))
                return;
            throw Invalid(line, fault);
        }
        switch (keyword)
        {
            case "host":
                isActive = mayMatch && Patterns.Match(values, _resolved ?? _asked);
                break;
            case "match":
                isActive = Matches(line, values) && mayMatch;
                break;
            case "include":
                foreach (var file in values.SelectMany(value => Included(root, line, value)))
                    Read(root, file, isActive, depth + 1);
                break;
            case "proxyjump" or "proxycommand":
                TakeProxy(line, isActive);
                break;
            case "userknownhostsfile" or "globalknownhostsfile" when values.Count > 1 && values.Any(value => value.Equals("none", StringComparison.OrdinalIgnoreCase)):
                throw Invalid(line, $"{keyword} has 'none' among other values");
            case "identityagent" when values[0] is "$" || (values[0] is ['$', not '{', ..] && values[0][1..].Any(c => c != '_' && !char.IsAsciiLetterOrDigit(c))):
                throw Invalid(line, $"'{values[0]}' is not a variable");
            case "port":
                var port = PortOf(values[0]) ?? throw Invalid(line, $"'{values[0]}' is not a port");
                if (isActive)
                    _values.TryAdd(keyword, [port.ToString(CultureInfo.InvariantCulture)]);
                break;
            case var _ when !isActive:
                break;
            case "identityfile" or "certificatefile":
                if (!_lists[keyword].Contains(values[0]))
                    _lists[keyword].Add(values[0]);
                break;
            default:
                _values.TryAdd(keyword, values);
                break;
        }
    }

    // A number, or a name that services(5) knows.
    private static int? PortOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port is > 0 and < 65536 ? port : null
            : !File.Exists("/etc/services") ? null
            : File.ReadLines("/etc/services").Select(line => line.Split('#')[0].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
                .FirstOrDefault(words => words.Length > 1 && words[1].EndsWith("/tcp", StringComparison.Ordinal) && words.Where((_, at) => at != 1).Contains(text)) is { } entry
                ? PortOf(entry[1][..^4]) : null;

    // Whichever of the two comes first; but 'ProxyJump none' leaves the choice of a ProxyCommand open.
    private void TakeProxy(ConfigLine line, bool isActive)
    {
        var isJump = line.Keyword == "proxyjump";
        var value = isJump ? line.Rest.Split('#')[0].TrimEnd() : line.Rest;
        if (value.Equals("none", StringComparison.OrdinalIgnoreCase))
            value = "none";
        else if (isJump && JumpHost.Parse(value) is null)
            throw Invalid(line, $"'{value}' is not a ProxyJump: give [user@]host[:port], several with commas between them");
        if (isActive && First("proxycommand") is null && !(isJump ? First("proxyjump") is not null : First("proxyjump") is not (null or "none")))
            _values[line.Keyword] = [value];
    }

    /// <summary>The files that an Include means; relative ones stand beside the file that ssh begins with.</summary>
    private IEnumerable<string> Included(ConfigFile root, ConfigLine line, string value)
    {
        if (value[0] == '~' && !root.IsUsers)
            throw Invalid(line, $"'{value}': ~ has no meaning in a file for all users");
        var path = Home.Expand(Filled(_tokens, value, line, environment: true));
        return Glob.Files(System.IO.Path.GetFullPath(path, root.IsUsers ? System.IO.Path.Combine(Home.Folder, ".ssh") : "/etc/ssh"));
    }

    /// <summary>The name that CanonicalizeHostname makes of another: the first of CanonicalDomains that DNS knows it in.</summary>
    private string Canonical(string name, bool always)
    {
        var isDirect = (First("proxyjump") ?? "none") == "none" && (First("proxycommand") ?? "none") == "none";
        var maxDots = int.Parse(First("canonicalizemaxdots") ?? "1", CultureInfo.InvariantCulture);
        if ((!isDirect && !always) || name.Count(c => c == '.') > maxDots)
            return name;
        foreach (var domain in All("canonicaldomains") ?? [])
            if (domain != "none" && IsKnown($"{name}.{domain.TrimStart('.')}"))
                return $"{name}.{domain.TrimStart('.')}".ToLowerInvariant();
        return First("canonicalizefallbacklocal")?.ToLowerInvariant() is "no" or "false"
            ? throw Invalid(_asked, $"{name} is in none of the CanonicalDomains", "Correct the name, or set CanonicalizeFallbackLocal to yes.") : name;
    }

    private static bool IsKnown(string name)
    {
        try
        {
            return Dns.GetHostAddresses(name).Length > 0;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}

/// <summary>A file that ssh begins with.</summary>
/// <param name="Path">The file.</param>
/// <param name="IsUsers">It is the user's, not one for all users.</param>
/// <param name="IsGuarded">Others must not be able to write to it.</param>
internal sealed record ConfigFile(string Path, bool IsUsers, bool IsGuarded);
