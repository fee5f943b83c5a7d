using System.Text.RegularExpressions;

namespace KubeLab.Engine.Remote;

/// <summary>Explains why a command did not start on a machine.</summary>
internal static partial class NotStarted
{
    private const int MaxOutputLength = 2000;

    // Output of sudo, its meaning and the next step. The last entry covers other versions and languages.
    private static readonly (Regex Sign, string Why, string Next)[] BySudo =
    [
        (NoTerminal(), "sudo requires a terminal (requiretty)", "Log in as root, or add 'Defaults:{0} !requiretty' to a file under /etc/sudoers.d."),
        (NotFound(), "sudo is not installed", "Log in as root, or install sudo."),
        (NoPassword(), "{0} may not use sudo without a password", "Log in as root, or grant {0} 'NOPASSWD: ALL' in a file under /etc/sudoers.d."),
        (Expired(), "sudo rejected {0} because an account or its password has expired", "Change the password, or check both accounts with 'chage -l'."),
        (NotAllowed(), "{0} may not use sudo", "Log in as root, or grant {0} 'NOPASSWD: ALL' in a file under /etc/sudoers.d."),
        (Anything(), "sudo did not run the command for {0}", "Log in as root, or correct the sudo configuration for {0}."),
    ];

    private static readonly (Regex Sign, string Why, string Next)[] ByLogin =
    [
        (OtherUser(), "the host requires a user other than {0}", "Log in as '{1}'."),
        (Expired(), "the password or account of {0} has expired", "Log in once with 'ssh' and change the password, or check the account with 'chage -l {0}'."),
        (NoLogin(), "{0} may not log in", "Use another user, or set the login shell of {0} to a shell such as /bin/bash."),
        (Anything(), "the login shell of {0}, its startup files or a forced command did not start the command",
            "Run 'ssh HOST true' as {0} to check that the login shell runs commands. "
                + "Check the shell (getent passwd {0}), ~/.bashrc, /etc/nologin, 'command=' in authorized_keys and ForceCommand in sshd_config."),
    ];

    /// <summary>The error for a command that did not start.</summary>
    /// <param name="name">The machine's name.</param>
    /// <param name="user">The user name.</param>
    /// <param name="command">The command.</param>
    /// <param name="end">How the attempt ended, as the start of a sentence.</param>
    /// <param name="output">The output of the login shell, a forced command or sudo.</param>
    /// <param name="bySudo">Whether the login shell accepted the command and sudo did not.</param>
    public static KlException Error(string name, string user, HostCommand command, string end, string output, bool bySudo)
    {
        // A restricted shell runs only the first part of the line.
        bySudo = bySudo && !output.Contains("restricted", StringComparison.Ordinal);
        var (sign, why, next) = (bySudo ? BySudo : ByLogin).First(reason => reason.Sign.IsMatch(output));
        string Fill(string text) => text.Replace("{0}", user, StringComparison.Ordinal)
            .Replace("{1}", sign.Match(output).Groups["user"].Value, StringComparison.Ordinal);
        var shown = output.Length switch { 0 => " without output.", <= MaxOutputLength => $":\n{output}", _ => $":\n...{output[^MaxOutputLength..]}" };
        return new(
            bySudo ? ErrorIds.SudoDenied : ErrorIds.CommandNotStarted, KlErrorKind.Denied, name,
            $"{name}: '{command}' was not run: {Fill(why)}. {end}{shown}", Fill(next));
    }

    [GeneratedRegex(@"\btty\b", RegexOptions.IgnoreCase)]
    private static partial Regex NoTerminal();

    [GeneratedRegex("not found|unknown command|no such file", RegexOptions.IgnoreCase)]
    private static partial Regex NotFound();

    [GeneratedRegex("(password|authentication) is required", RegexOptions.IgnoreCase)]
    private static partial Regex NoPassword();

    [GeneratedRegex("expired|password change required|account validation failure|(must|required to) change your password", RegexOptions.IgnoreCase)]
    private static partial Regex Expired();

    [GeneratedRegex("not in the sudoers|not allowed|may not run", RegexOptions.IgnoreCase)]
    private static partial Regex NotAllowed();

    [GeneratedRegex("""log ?in as the user "?(?<user>[^"\s]+)""", RegexOptions.IgnoreCase)]
    private static partial Regex OtherUser();

    [GeneratedRegex("account is (currently )?not available|nologin|not permitted to log in", RegexOptions.IgnoreCase)]
    private static partial Regex NoLogin();

    [GeneratedRegex("")]
    private static partial Regex Anything();
}
