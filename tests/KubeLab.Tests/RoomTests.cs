using System.Text.RegularExpressions;
using KubeLab.Engine;
using KubeLab.Tests.Pipeline;
using NetArchTest.Rules;

namespace KubeLab.Tests;

/// <summary>The rooms of the engine, which are its namespaces.</summary>
public sealed partial class RoomTests
{
    /// <summary>From top to bottom. A room may use only the rooms after it. Output records, in the namespace KubeLab, do not belong to a room.</summary>
    private static readonly string[] Rooms =
    [
        "Reliability", "Databases", "Deployments", "Manifests", "Nodes", "Pods", "Resources", "Images", "Bootstrap", "Machines", "Kube", "Docker", "Remote",
        "Flow",
    ];

    public static TheoryData<string> Names => [.. Rooms];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_room_uses_only_rooms_below_it(string room)
    {
        string[] above = [.. Rooms.TakeWhile(one => one != room).Select(one => $"KubeLab.Engine.{one}")];
        var result = Types.InAssembly(typeof(LabEngine).Assembly).That().ResideInNamespace($"KubeLab.Engine.{room}")
            .ShouldNot().HaveDependencyOnAny(above).GetResult();
        Assert.True(result.IsSuccessful, string.Join(", ", result.FailingTypeNames ?? []));
    }

    [Fact]
    public void Every_namespace_of_the_engine_is_a_room() =>
        Assert.Equal(Rooms.Order(), typeof(LabEngine).Assembly.GetTypes().Select(type => type.Namespace ?? "")
            .Where(name => name.StartsWith("KubeLab.Engine.", StringComparison.Ordinal)).Select(name => name.Split('.')[2]).Distinct().Order());

    [Fact]
    public void The_engine_does_not_reference_PowerShell() =>
        Assert.DoesNotContain(typeof(LabEngine).Assembly.GetReferencedAssemblies(), one => one.Name == "System.Management.Automation");

    [Fact]
    public void The_engine_names_no_cmdlets_in_messages() => Assert.DoesNotContain(Lines("src/KubeLab.Engine"),
        line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && CmdletName().IsMatch(line));

    [Fact]
    public void Time_comes_from_the_injected_clock() => Assert.DoesNotContain(
        Files("src").Where(file => !file.EndsWith("LabEngine.cs", StringComparison.Ordinal) && !file.Contains("/Flow/", StringComparison.Ordinal))
            .SelectMany(file => File.ReadLines(file).Select(line => $"{Path.GetFileName(file)}: {line.Trim()}")),
        line => RealTime().IsMatch(line));

    [Theory]
    [InlineData("src/KubeLab")]
    [InlineData("src/KubeLab.Engine")]
    [InlineData("tests/KubeLab.Tests")]
    public void No_line_is_longer_than_160_characters(string folder) =>
        Assert.DoesNotContain(Lines(folder).Concat(Scripts(folder).SelectMany(File.ReadLines)), line => line.Length > 160);

    [Fact]
    public void Texts_do_not_use_old_phrases()
    {
        string[] documents = ["README.md", "CHANGELOG.md", .. Documents("docs", "*.md"), .. Documents("Module", "*.ps1xml")];
        Assert.DoesNotContain(Files("src").Concat(Scripts("src")).Concat(documents.Select(document => Path.Combine(Repository.Root, document)))
            .SelectMany(file => File.ReadLines(file).Select(line => $"{Path.GetFileName(file)}: {line}")), line => OldPhrase().IsMatch(line));

        static IEnumerable<string> Documents(string folder, string pattern) =>
            Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), pattern, SearchOption.AllDirectories);
    }

    private static IEnumerable<string> Lines(string folder) => Files(folder).SelectMany(File.ReadLines);

    private static IEnumerable<string> Files(string folder) => All(folder).Where(file => Path.GetExtension(file) == ".cs");

    // The scripts and Dockerfiles of images have no extension.
    private static IEnumerable<string> Scripts(string folder) => All(folder).Where(file => Path.GetExtension(file) is ".sh" or "");

    private static IEnumerable<string> All(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories)
            .Select(file => file.Replace(Path.DirectorySeparatorChar, '/'))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    [GeneratedRegex("\"[^\"]*[A-Z][a-z]+-Kl[A-Z]")]
    private static partial Regex CmdletName();

    [GeneratedRegex(@"TimeProvider\.System|DateTime(Offset)?\.(Utc)?Now|\.CancelAfter\(|WaitAsync\(\w*(Time|Timeout|Limit)(, stop)?\)"
        + @"|(Task\.Delay|new CancellationTokenSource)\((?!\))(?![^;]*[cC]lock)")]
    private static partial Regex RealTime();

    [GeneratedRegex("is no |shall |whoever|knows? not|let us in")]
    private static partial Regex OldPhrase();
}
