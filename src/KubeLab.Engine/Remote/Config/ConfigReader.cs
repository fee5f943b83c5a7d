using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace KubeLab.Engine.Remote.Config;

/// <summary>Reads the configuration files for one host, line by line as ssh does, because the meaning of a line depends on the lines before it.</summary>
internal sealed partial class ConfigReader
{
    // The same limit as in ssh (readconf.c, READCONF_MAX_DEPTH).
    private const int Depth = 16;

    private readonly Dictionary<string, IReadOnlyList<string>> _values = [];
    private readonly Dictionary<string, List<string>> _lists = new() { ["identityfile"] = [], ["certificatefile"] = [] };
    private readonly string _host;
    private readonly Tokens _tokens;
    private readonly Tokens _hostToken;
    private string? _resolved;
    private bool _needsFinal;

    private ConfigReader(string host, string? user, int? port)
    {
        _host = host;
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
            ['i'] = () => !File.Exists("/proc/self/status") ? throw new FormatException("%i is not supported on this system")
                : File.ReadLines("/proc/self/status").First(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1],
#pragma warning disable CA5350 // ssh uses SHA-1.
            ['C'] = () => Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(local + Host + Port + User))),
#pragma warning restore CA5350
        });
    }

    /// <summary>The name or address of the host.</summary>
    public string Host => _resolved ?? (First("hostname") is { } name ? Expand(_hostToken, name, null, environment: false) : _host);

    /// <summary>The user name.</summary>
    public string User => First("user") ?? Environment.UserName;

    /// <summary>The port.</summary>
    public string Port => First("port") ?? "22";

    /// <summary>Reads the files for a host.</summary>
    /// <param name="files">The files. The first value of a keyword applies.</param>
    /// <param name="host">The host as the user entered it.</param>
    /// <param name="user">The user name as given, or null.</param>
    /// <param name="port">The port as given, or null.</param>
    /// <exception cref="KlException">SshConfigInvalid, with file and line.</exception>
    public static ConfigReader Read(IReadOnlyList<ConfigFile> files, string host, string? user, int? port)
    {
        var reader = new ConfigReader(host, user, port);
        foreach (var file in files)
            reader.Read(file, file.Path, isActive: true, depth: 0);
        if (reader.First("canonicalizepermittedcnames") is not (null or "none"))
            throw Invalid(host, "CanonicalizePermittedCNAMEs is not supported", "Remove it, and set HostName for the hosts that need it.");
        var name = reader.Host;
        name = IPAddress.TryParse(name, out var address) && !name.StartsWith('[') ? address.ToString() : name.ToLowerInvariant();
        var canonicalize = reader.First("canonicalizehostname")?.ToLowerInvariant() is { } value and not ("no" or "false") ? value : null;
        reader._resolved = canonicalize is null || address is not null ? name : reader.Canonicalize(name, always: canonicalize == "always");
        if (reader._needsFinal || canonicalize is not null)
        {
            reader.IsFinal = true;
            foreach (var file in files)
                reader.Read(file, file.Path, isActive: true, depth: 0);
        }
        return reader;
    }

    /// <summary>The first value of a keyword, or null.</summary>
    public string? First(string keyword) => _values.GetValueOrDefault(keyword)?[0];

    /// <summary>The values of the first line with a keyword, or null.</summary>
    public IReadOnlyList<string>? All(string keyword) => _values.GetValueOrDefault(keyword);

    /// <summary>All values of a keyword that may occur several times, in order.</summary>
    public IReadOnlyList<string> Accumulated(string keyword) => _lists[keyword];

    /// <summary>A path with its tokens and variables expanded.</summary>
    /// <exception cref="KlException">SshConfigInvalid.</exception>
    public string Path(string value) => Expand(_tokens, Home.Expand(value), null, environment: true);

    /// <summary>The error for an invalid configuration.</summary>
    public static KlException Invalid(string host, string what, string then) =>
        new(ErrorIds.SshConfigInvalid, KlErrorKind.InvalidInput, host, $"{host}: the SSH configuration is not valid: {what}.", then);

    private bool IsFinal { get; set; }

    private string Expand(Tokens tokens, string text, ConfigLine? line, bool environment)
    {
        try
        {
            return tokens.Fill(text, environment);
        }
        catch (FormatException error)
        {
            throw line is null ? Invalid(_host, error.Message, $"Correct '{text}' in the SSH configuration.") : Invalid(line, error.Message);
        }
    }

    private KlException Invalid(ConfigLine line, string what) =>
        Invalid(_host, $"{line.File} line {line.Number}: {what}", "Correct the line. Run 'ssh -G HOST' to see how ssh reads the file.");

    private bool Read(ConfigFile root, string path, bool isActive, int depth)
    {
        if (depth > Depth)
            throw Invalid(_host, $"{path} is included in too many levels", "Check whether a file includes itself.");
        if (!File.Exists(path))
            return isActive;
        // Group write is allowed, because on Debian and Ubuntu each user has a private group.
        if ((depth > 0 || root.MustNotBeWritableByOthers) && !OperatingSystem.IsWindows() && File.GetUnixFileMode(path).HasFlag(UnixFileMode.OtherWrite))
            throw Invalid(_host, $"{path} is writable by others", $"Run: chmod o-w '{path}'");
        var mayMatch = isActive || depth == 0;
        var number = 0;
        // Keep the byte order mark, because ssh rejects it.
        foreach (var text in Encoding.UTF8.GetString(File.ReadAllBytes(path)).Split('\n'))
            if (ConfigLine.Parse(text, path, ++number) is { } line)
                Apply(root, line, ref isActive, mayMatch, depth);
        return isActive;
    }

    private void Apply(ConfigFile root, ConfigLine line, ref bool isActive, bool mayMatch, int depth)
    {
        var keyword = line.Keyword == "identityfile2" ? "identityfile" : line.Keyword;
        if (line.Rest is "")
            throw Invalid(line, $"'{line.Keyword}' has no value");
        var values = line.Arguments() ?? throw Invalid(line, "a quote is not closed");
        if (Keywords.Validate(keyword, values) is { } fault)
        {
            if (fault.EndsWith(Keywords.Unknown, StringComparison.Ordinal) && First("ignoreunknown") is { } ignored
                && Patterns.Match(ignored.Split(','), keyword, ignoreCase: true))
                return;
            throw Invalid(line, fault);
        }
        switch (keyword)
        {
            case "host":
                isActive = mayMatch && Patterns.Match(values, _resolved ?? _host);
                break;
            case "match":
                isActive = Matches(line, values) && mayMatch;
                break;
            case "include":
                foreach (var file in values.SelectMany(value => Included(root, line, value)))
                    Read(root, file, isActive, depth + 1);
                break;
            case "proxyjump" or "proxycommand":
                ApplyProxy(line, isActive);
                break;
            case "userknownhostsfile" or "globalknownhostsfile"
                when values.Count > 1 && values.Any(value => value.Equals("none", StringComparison.OrdinalIgnoreCase)):
                throw Invalid(line, $"{keyword} cannot combine 'none' with other values");
            case "identityagent"
                when values[0] is "$" || (values[0] is ['$', not '{', ..] && values[0][1..].Any(c => c != '_' && !char.IsAsciiLetterOrDigit(c))):
                throw Invalid(line, $"'{values[0]}' is not a valid variable");
            case "port":
                var port = PortOf(values[0]) ?? throw Invalid(line, $"'{values[0]}' is not a valid port");
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

    // A number, or a name in services(5).
    private static int? PortOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port is > 0 and < 65536 ? port : null
            : !File.Exists("/etc/services") ? null
            : File.ReadLines("/etc/services").Select(line => line.Split('#')[0].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
                .FirstOrDefault(words => words.Length > 1 && words[1].EndsWith("/tcp", StringComparison.Ordinal)
                    && words.Where((_, at) => at != 1).Contains(text)) is { } entry
                ? PortOf(entry[1][..^4]) : null;

    // The first of the two applies, but 'ProxyJump none' does not exclude a later ProxyCommand.
    private void ApplyProxy(ConfigLine line, bool isActive)
    {
        var isJump = line.Keyword == "proxyjump";
        var value = isJump ? line.Rest.Split('#')[0].TrimEnd() : line.Rest;
        if (value.Equals("none", StringComparison.OrdinalIgnoreCase))
            value = "none";
        else if (isJump && JumpHost.Parse(value) is null)
            throw Invalid(line, $"'{value}' is not a valid ProxyJump: use [user@]host[:port], separated by commas");
        if (isActive && First("proxycommand") is null && !(isJump ? First("proxyjump") is not null : First("proxyjump") is not (null or "none")))
            _values[line.Keyword] = [value];
    }

    /// <summary>The files of an Include. Relative paths start at ~/.ssh or /etc/ssh.</summary>
    private IEnumerable<string> Included(ConfigFile root, ConfigLine line, string value)
    {
        if (value[0] == '~' && !root.IsUserFile)
            throw Invalid(line, $"'{value}': ~ is not allowed in a system-wide file");
        var path = Home.Expand(Expand(_tokens, value, line, environment: true));
        return Glob.Files(System.IO.Path.GetFullPath(path, root.IsUserFile ? System.IO.Path.Combine(Home.Folder, ".ssh") : "/etc/ssh"));
    }

    /// <summary>Applies CanonicalizeHostname: the host name in the first of the CanonicalDomains in which DNS finds it.</summary>
    private string Canonicalize(string name, bool always)
    {
        var isDirect = (First("proxyjump") ?? "none") == "none" && (First("proxycommand") ?? "none") == "none";
        var maxDots = int.Parse(First("canonicalizemaxdots") ?? "1", CultureInfo.InvariantCulture);
        if ((!isDirect && !always) || name.Count(c => c == '.') > maxDots)
            return name;
        foreach (var domain in All("canonicaldomains") ?? [])
            if (domain != "none" && IsResolvable($"{name}.{domain.TrimStart('.')}"))
                return $"{name}.{domain.TrimStart('.')}".ToLowerInvariant();
        return First("canonicalizefallbacklocal")?.ToLowerInvariant() is "no" or "false"
            ? throw Invalid(_host, $"{name} was not found in any of the CanonicalDomains", "Correct the name, or set CanonicalizeFallbackLocal to yes.")
            : name;
    }

    private static bool IsResolvable(string name)
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

/// <summary>A file that ssh reads first.</summary>
/// <param name="Path">The file.</param>
/// <param name="IsUserFile">The file belongs to the user and is not system-wide.</param>
/// <param name="MustNotBeWritableByOthers">The file must not be writable by others.</param>
internal sealed record ConfigFile(string Path, bool IsUserFile, bool MustNotBeWritableByOthers);
