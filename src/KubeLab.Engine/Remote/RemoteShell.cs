using System.Globalization;

namespace KubeLab.Engine.Remote;

/// <summary>The lines given to the login shell of a machine, which may be any (sh, fish, csh): the one place where anything is quoted.</summary>
internal static class RemoteShell
{
    /// <summary>
    /// Says which process group the command is in (stat(5): the fifth field), then waits for the line on standard input that names the command.
    /// It is sent when this is known to run, so a command that was lost before has not run and may be given again. What the command leaves
    /// of its input is read to the end: whatever we send after the channel is closed hits the next command, to which sshd gives its number.
    /// </summary>
    private const string Gate =
        """read -r _ _ _ _ group _ </proc/$$/stat; echo "$0 $group"; n=$(printf "\n."); n=${n%.}; read -r words || exit 1; eval "set -- $words"; trap : TERM; (exec "$@"); status=$?; cat >/dev/null; exit $status""";

    /// <summary>TERM to the group, KILL to those that are still there after five seconds; zombies are not.</summary>
    private const string End =
        """alive() { grep -qsE "^[0-9]+ [(].*[)] [^ZX] [0-9]+ $1 " /proc/[0-9]*/stat; }; kill -s TERM -- "-$1" || exit 0; n=0; while alive "$1" && [ $n -lt 50 ]; do sleep 0.1; n=$((n+1)); done; kill -s KILL -- "-$1" || exit 0""";

    /// <summary>The line for the login shell: says the mark, which shows that the shell took the line, then starts <see cref="Gate"/>.</summary>
    /// <param name="sudo">Through sudo.</param>
    /// <param name="mark">A line of its own, and what the line with the process group begins with.</param>
    public static string Line(bool sudo, string mark) => $"echo {mark}; {Line(sudo, "sh", "-c", Gate, mark)}";

    /// <summary>The line for <see cref="Gate"/>. Arguments go this way because each login shell quotes in its own way.</summary>
    public static string Words(HostCommand command) =>
        string.Join(' ', command.Arguments.Prepend(command.Program).Select(Quote)).Replace("\n", "'\"$n\"'", StringComparison.Ordinal) + "\n";

    /// <summary>The line that ends a process group.</summary>
    public static string EndLine(int group, bool sudo) =>
        Line(sudo, "sh", "-c", End, "sh", group.ToString(CultureInfo.InvariantCulture));

    /// <summary>A word that a POSIX shell takes literally.</summary>
    public static string Quote(string word) => "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private static string Line(bool sudo, params IEnumerable<string> words) =>
        "exec " + string.Join(' ', (sudo ? ["sudo", "-n", "--", .. words] : words).Select(Quote));
}
