using CliWrap;
using CliWrap.Buffered;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests;

/// <summary>What tests need of Debian, installed where it is missing, as the lab installs it.</summary>
internal static class DebianPackages
{
    /// <summary>Installs what is missing; asks nobody where nothing is.</summary>
    /// <exception cref="CliWrap.Exceptions.CommandExecutionException">It cannot be installed; apt's words are in the message.</exception>
    public static async Task NeedAsync(params string[] packages) =>
        await Cli.Wrap("bash").WithArguments(["-c", ". tests/Lab/base.sh && install \"$@\"", "install", .. packages]).WithWorkingDirectory(Repository.Root).ExecuteBufferedAsync();
}
