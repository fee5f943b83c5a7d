using System.Globalization;

namespace KubeLab.Engine.Remote;

/// <summary>Creates the command lines for the login shell of a machine (sh, fish, csh and others). Nothing else quotes arguments.</summary>
internal static class RemoteShell
{
    /// <summary>
    /// Prints its process group (the fifth field of stat(5)), then reads the command from a line on standard input.
    /// That line is sent only after this script runs, so a command whose connection was lost before was not run and can be sent again.
    /// Input that the command does not read is read to its end: sshd reuses channel numbers, so late input would reach the next command.
    /// </summary>
    private const string StartScript =
        """read -r _ _ _ _ group _ </proc/$$/stat; echo "$0 $group"; n=$(printf "\n."); n=${n%.}; read -r words || exit 1; """
        + """eval "set -- $words"; trap : TERM; (exec "$@"); status=$?; cat >/dev/null; exit $status""";

    /// <summary>Sends TERM to the process group, and KILL if processes other than zombies are still running after five seconds.</summary>
    private const string TerminateScript =
        """alive() { grep -qsE "^[0-9]+ [(].*[)] [^ZX] [0-9]+ $1 " /proc/[0-9]*/stat; }; kill -s TERM -- "-$1" || exit 0; """
        + """n=0; while alive "$1" && [ $n -lt 50 ]; do sleep 0.1; n=$((n+1)); done; kill -s KILL -- "-$1" || exit 0""";

    /// <summary>The line for the login shell: prints the marker, to show that the shell accepted the line, then starts <see cref="StartScript"/>.</summary>
    /// <param name="sudo">Whether to use sudo.</param>
    /// <param name="mark">The marker: a line of its own, and the start of the line with the process group.</param>
    public static string Line(bool sudo, string mark) => $"echo {mark}; {Line(sudo, "sh", "-c", StartScript, mark)}";

    /// <summary>The line for <see cref="StartScript"/>. Arguments are sent on standard input, because login shells have different quoting rules.</summary>
    public static string CommandLine(HostCommand command) =>
        string.Join(' ', command.Arguments.Prepend(command.Program).Select(Quote)).Replace("\n", "'\"$n\"'", StringComparison.Ordinal) + "\n";

    /// <summary>The line that terminates a process group.</summary>
    public static string TerminateLine(int group, bool sudo) =>
        Line(sudo, "sh", "-c", TerminateScript, "sh", group.ToString(CultureInfo.InvariantCulture));

    /// <summary>Quotes a word for a POSIX shell.</summary>
    public static string Quote(string word) => "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private static string Line(bool sudo, params IEnumerable<string> words) =>
        "exec " + string.Join(' ', (sudo ? ["sudo", "-n", "--", .. words] : words).Select(Quote));
}
