using System.Text.RegularExpressions;

namespace KubeLab.Engine.Remote;

/// <summary>Why a command that was given to a login did not start there.</summary>
internal static partial class NotStarted
{
    private const int LongestWords = 2000;

    // What sudo says, why, and what helps. Other languages and versions fall through to the last one.
    private static readonly (Regex Sign, string Why, string Next)[] BySudo =
    [
        (NoTerminal(), "sudo wants a terminal (requiretty)", "Log in as root, or add 'Defaults:{0} !requiretty' to a file under /etc/sudoers.d."),
        (NotFound(), "sudo is not installed", "Log in as root, or install sudo."),
        (NoPassword(), "{0} may not use sudo without a password", "Log in as root, or give {0} 'NOPASSWD: ALL' in a file under /etc/sudoers.d."),
        (Expired(), "sudo refuses {0} because an account or its password has expired", "Change the password, or look at both accounts with 'chage -l'."),
        (NotAllowed(), "{0} may not use sudo", "Log in as root, or give {0} 'NOPASSWD: ALL' in a file under /etc/sudoers.d."),
        (Anything(), "sudo did not run it for {0}", "Log in as root, or correct the sudo configuration for {0}."),
    ];

    private static readonly (Regex Sign, string Why, string Next)[] ByLogin =
    [
        (OtherUser(), "{0} is not the login to use", "Log in as '{1}'."),
        (Expired(), "the password or account of {0} has expired", "Log in once with 'ssh' and change the password, or look at the account with 'chage -l {0}'."),
        (NoLogin(), "{0} may not log in", "Use another login, or give {0} a login shell such as /bin/bash."),
        (Anything(), "the login shell of {0}, its start-up files or a forced command did not start it",
            "Run 'ssh HOST true' as {0}: its login shell must run the command that it is given. Look at its shell (getent passwd {0}), its ~/.bashrc, and 'command=' in authorized_keys or ForceCommand in sshd_config."),
    ];

    /// <summary>The error for the user.</summary>
    /// <param name="name">The machine's name.</param>
    /// <param name="user">The login.</param>
    /// <param name="command">The command, which has not run.</param>
    /// <param name="end">How it ended, as the beginning of a sentence.</param>
    /// <param name="said">What the login shell, a forced command or sudo said.</param>
    /// <param name="bySudo">The login shell took the command, sudo did not.</param>
    public static KlException Error(string name, string user, HostCommand command, string end, string said, bool bySudo)
    {
        // A restricted shell takes the line, and refuses its second half.
        bySudo = bySudo && !said.Contains("restricted", StringComparison.Ordinal);
        var (sign, why, next) = (bySudo ? BySudo : ByLogin).First(reason => reason.Sign.IsMatch(said));
        string Fill(string text) => text.Replace("{0}", user, StringComparison.Ordinal)
            .Replace("{1}", sign.Match(said).Groups["user"].Value, StringComparison.Ordinal);
        var words = said.Length switch { 0 => " and said nothing.", <= LongestWords => $":\n{said}", _ => $":\n...{said[^LongestWords..]}" };
        return new(bySudo ? ErrorIds.SudoDenied : ErrorIds.CommandNotStarted, KlErrorKind.Denied, name, $"{name}: '{command}' was not run: {Fill(why)}. {end}{words}", Fill(next));
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
