using CliWrap;
using CliWrap.Buffered;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests;

/// <summary>Installs Debian packages that tests need, as the lab does.</summary>
internal static class DebianPackages
{
    /// <summary>Installs missing packages. Without missing packages, no network is used.</summary>
    /// <exception cref="CliWrap.Exceptions.CommandExecutionException">The installation failed. The message contains the output of apt.</exception>
    public static async Task NeedAsync(params string[] packages) =>
        await Cli.Wrap("bash").WithArguments(["-c", ". tests/Lab/base.sh && install \"$@\"", "install", .. packages])
            .WithWorkingDirectory(Repository.Root).ExecuteBufferedAsync();
}
