using Xunit.Abstractions;

[assembly: TestCollectionOrderer("KubeLab.Tests.LongestFirst", "KubeLab.Tests")]

namespace KubeLab.Tests;

/// <summary>Starts the collections with the longest tests first, so that none of them runs alone at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest =
    [
        "NotStartedTests", "ModuleTests", "KubeconfigKubectlTests", "Sshd", "ConnectTests", "OpenStackKillTests", "CommandTests", "LoginTests", "ScreenTests",
        "OddManifestTests", "ShellScriptTests", "ReportInBrowserTests",
    ];

    /// <inheritdoc/>
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(one => Array.IndexOf(Longest, one.DisplayName.Split('.')[^1]) is var place && place < 0 ? Longest.Length : place);
}
