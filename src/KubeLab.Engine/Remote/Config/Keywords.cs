namespace KubeLab.Engine.Remote.Config;

/// <summary>The keywords of ssh_config(5) and their valid values. A typing error is an error, as in ssh.</summary>
internal static class Keywords
{
    /// <summary>The end of the message for an unknown keyword.</summary>
    public const string Unknown = "is not a valid keyword";

    private const string YesNo = "yes no true false";

    private static readonly Dictionary<string, string[]> Choices = new()
    {
        ["addressfamily"] = ["any", "inet", "inet6"],
        ["canonicalizehostname"] = [.. YesNo.Split(' '), "always"],
        ["loglevel"] = ["quiet", "fatal", "error", "info", "verbose", "debug", "debug1", "debug2", "debug3"],
        ["compression"] = ["yes", "no"],
        ["controlmaster"] = [.. YesNo.Split(' '), "auto", "ask", "autoask"],
        ["pubkeyauthentication"] = [.. YesNo.Split(' '), "unbound", "host-bound"],
        ["requesttty"] = [.. YesNo.Split(' '), "auto", "force"],
        ["sessiontype"] = ["none", "subsystem", "default"],
        ["stricthostkeychecking"] = [.. YesNo.Split(' '), "off", "ask", "accept-new"],
        ["tunnel"] = [.. YesNo.Split(' '), "ethernet", "point-to-point"],
        ["updatehostkeys"] = [.. YesNo.Split(' '), "ask"],
        ["verifyhostkeydns"] = [.. YesNo.Split(' '), "ask"],
    };

    private static readonly HashSet<string> Flags = Words("""
        batchmode canonicalizefallbacklocal challengeresponseauthentication checkhostip clearallforwardings dsaauthentication enableescapecommandline
        enablesshkeysign exitonforwardfailure forkafterauthentication forwardx11 forwardx11trusted gatewayports gssapiauthentication
        gssapidelegatecredentials gssapikeyexchange gssapirenewalforcesrekey gssapitrustdns hashknownhosts hostbasedauthentication identitiesonly
        kbdinteractiveauthentication keepalive nohostauthenticationforlocalhost passwordauthentication permitlocalcommand proxyusefdpass
        skeyauthentication stdinnull streamlocalbindunlink tcpkeepalive tisauthentication visualhostkey warnweakcrypto
        """);

    private static readonly HashSet<string> Numbers =
        Words("canonicalizemaxdots connectionattempts numberofpasswordprompts requiredrsasize serveralivecountmax");

    private static readonly HashSet<string> Times = Words("connecttimeout forwardx11timeout serveraliveinterval");

    private static readonly HashSet<string> Single = Words("""
        bindaddress bindinterface casignaturealgorithms certificatefile ciphers controlpath controlpersist escapechar fingerprinthash forwardagent
        gssapiclientidentity gssapikexalgorithms gssapiserveridentity hostbasedacceptedalgorithms hostbasedkeytypes hostkeyalgorithms hostkeyalias
        hostname identityagent identityfile identityfile2 ignoreunknown kbdinteractivedevices kexalgorithms macs obscurekeystroketiming
        pkcs11provider port preferredauthentications pubkeyacceptedalgorithms pubkeyacceptedkeytypes securitykeyprovider smartcarddevice
        streamlocalbindmask syslogfacility tag tunneldevice user versionaddendum xauthlocation
        """);

    private static readonly HashSet<string> Others = Words("""
        addkeystoagent afstokenpassing canonicaldomains canonicalizepermittedcnames channeltimeout cipher compressionlevel dynamicforward fallbacktorsh
        globalknownhostsfile globalknownhostsfile2 host include ipqos kerberosauthentication kerberostgtpassing knownhostscommand localcommand
        localforward logverbose match permitremoteopen protocol proxycommand proxyjump refuseconnection rekeylimit remotecommand remoteforward
        revokedhostkeys rhostsauthentication rhostsrsaauthentication rsaauthentication sendenv setenv useprivilegedport userknownhostsfile
        userknownhostsfile2 useroaming usersh
        """);

    /// <summary>Checks the values of a keyword.</summary>
    /// <returns>The error message, or null if the values are valid.</returns>
    public static string? Validate(string keyword, IReadOnlyList<string> values)
    {
        if (keyword.StartsWith('\uFEFF'))
            return "the file starts with a byte order mark, which ssh does not support; save it as UTF-8 without a byte order mark";
        var allowed = Choices.GetValueOrDefault(keyword) ?? (Flags.Contains(keyword) ? YesNo.Split(' ') : null);
        if (allowed is null && keyword == "usekeychain" && OperatingSystem.IsMacOS())
            return null;
        if (allowed is null && !Numbers.Contains(keyword) && !Times.Contains(keyword) && !Single.Contains(keyword))
            return !Others.Contains(keyword) ? $"'{keyword}' {Unknown}"
                : values.Contains("") && keyword is "host" or "include" or "userknownhostsfile" or "globalknownhostsfile"
                ? $"{keyword} has an empty value" : null;
        var what = values switch
        {
            [] or ["", ..] => "has no value",
            [var value, ..] when allowed?.Contains(value.ToLowerInvariant()) == false => $"cannot be '{value}'; valid values: {string.Join(", ", allowed)}",
            [var value, ..] when Numbers.Contains(keyword) && !int.TryParse(value, out _) => $"must be a number, but is '{value}'",
            [var value, ..] when Times.Contains(keyword) && value != "none" && Duration.Parse(value) is null => $"must be a time, but is '{value}'",
            [_, var more, ..] => $"has an extra value: '{more}'",
            _ => null,
        };
        return what is null ? null : $"{keyword} {what}";
    }

    private static HashSet<string> Words(string text) => [.. text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)];
}
