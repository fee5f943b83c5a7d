using System.Text.RegularExpressions;
using KubeLab.Engine;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests;

/// <summary>The rooms of the engine, which are its folders.</summary>
public sealed partial class RoomTests
{
    /// <summary>From top to bottom. A room may use only the rooms after it.</summary>
    private static readonly string[] Rooms =
    [
        "Reliability", "Databases", "Backups", "Health", "Deployments", "Manifests", "Nodes", "Pods", "Resources", "Images", "Bootstrap", "LoadBalancers",
        "Machines", "Kube", "Docker", "Remote", "Flow",
    ];

    public static TheoryData<string> Names => [.. Rooms];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_room_uses_only_rooms_below_it(string room)
    {
        string[] above = [.. Rooms.TakeWhile(one => one != room)];
        AssertNone(EngineFolders.Uses.Where(use => RoomOf(use.Folder) == room && above.Contains(RoomOf(use.UsedFolder))));
    }

    [Fact]
    public void Folders_do_not_use_each_other()
    {
        var uses = EngineFolders.Uses.GroupBy(use => use.Folder).ToDictionary(group => group.Key, group => group.Select(use => use.UsedFolder).ToHashSet());
        AssertNone(EngineFolders.Uses.Where(use => Reachable(use.UsedFolder).Contains(use.Folder)));

        HashSet<string> Reachable(string folder)
        {
            HashSet<string> found = [];
            for (var next = new Stack<string>([folder]); next.TryPop(out var one);)
                foreach (var used in uses.GetValueOrDefault(one) ?? [])
                    if (found.Add(used))
                        next.Push(used);
            return found;
        }
    }

    [Fact]
    public void Every_folder_of_the_engine_is_in_a_room() =>
        Assert.Equal(Rooms.Order(), EngineFolders.Of.Values.Select(RoomOf).Distinct().Order());

    [Fact]
    public void A_type_is_in_the_namespace_of_its_folder_or_is_an_output_record()
    {
        AssertNone(EngineFolders.Of.Where(one => NamespaceOf(one.Key) != "KubeLab"
            && !$"KubeLab.Engine.{one.Value.Replace('/', '.')}.".StartsWith(NamespaceOf(one.Key) + ".", StringComparison.Ordinal)));
        AssertNone(typeof(LabEngine).Assembly.GetTypes()
            .Where(type => !type.IsNested && type.Namespace?.StartsWith("KubeLab.Engine.", StringComparison.Ordinal) == true)
            .Select(type => type.FullName!.Split('`')[0]).Except(EngineFolders.Of.Keys));
    }

    [Fact]
    public void A_folder_has_at_most_25_code_files() =>
        AssertNone(from file in Repository.Sources("src").Concat(Repository.Sources("tests"))
                   group file by Path.GetDirectoryName(file) into folder
                   where folder.Count() > 25
                   select $"{folder.Key}: {folder.Count()}");

    [Fact]
    public void The_engine_does_not_reference_PowerShell() =>
        Assert.DoesNotContain(typeof(LabEngine).Assembly.GetReferencedAssemblies(), one => one.Name == "System.Management.Automation");

    [Fact]
    public void The_engine_names_no_cmdlets_in_messages() => Assert.DoesNotContain(Lines("src/KubeLab.Engine"),
        line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && CmdletName().IsMatch(line));

    [Fact]
    public void Time_comes_from_the_injected_clock() => Assert.DoesNotContain(
        Repository.Sources("src").Where(file => !file.EndsWith("LabEngine.cs", StringComparison.Ordinal) && !file.Contains("/Flow/", StringComparison.Ordinal))
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
        Assert.DoesNotContain(Repository.Sources("src").Concat(Scripts("src")).Concat(documents.Select(document => Path.Combine(Repository.Root, document)))
            .SelectMany(file => File.ReadLines(file).Select(line => $"{Path.GetFileName(file)}: {line}")), line => OldPhrase().IsMatch(line));

        static IEnumerable<string> Documents(string folder, string pattern) =>
            Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), pattern, SearchOption.AllDirectories);
    }

    // The scripts and Dockerfiles of images have no extension.
    private static IEnumerable<string> Scripts(string folder) => All(folder).Where(file => Path.GetExtension(file) is ".sh" or "");

    private static IEnumerable<string> All(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories)
            .Select(file => file.Replace(Path.DirectorySeparatorChar, '/'))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string NamespaceOf(string type) => type[..type.LastIndexOf('.')];

    private static void AssertNone<T>(IEnumerable<T> found)
    {
        var all = found.ToList();
        Assert.True(all.Count == 0, string.Join('\n', all));
    }

    private static string RoomOf(string folder) => folder.Split('/')[0];

    private static IEnumerable<string> Lines(string folder) => Repository.Sources(folder).SelectMany(File.ReadLines);

    [GeneratedRegex("\"[^\"]*[A-Z][a-z]+-Kl[A-Z]")]
    private static partial Regex CmdletName();

    [GeneratedRegex(@"TimeProvider\.System|DateTime(Offset)?\.(Utc)?Now|\.CancelAfter\(|WaitAsync\(\w*(Time|Timeout|Limit)(, stop)?\)"
        + @"|(Task\.Delay|new CancellationTokenSource)\((?!\))(?![^;]*[cC]lock)")]
    private static partial Regex RealTime();

    [GeneratedRegex("is no |shall |whoever|knows? not|let us in")]
    private static partial Regex OldPhrase();
}
