using System.Text.RegularExpressions;
using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Images;
using KubeLab.Engine.Reliability.Faults;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Bootstrap;

public sealed partial class NodeErrorTests
{
    [Fact]
    public void Each_room_knows_the_errors_of_its_node_scripts()
    {
        Check("Remote", NodeScript.CommonErrors);
        Check("Bootstrap", NodeErrors.Known);
        Check("Images", Registries.NodeErrors);
        Check("Reliability/Faults", MachineFaults.NodeErrors);
    }

    private static void Check(string room, IReadOnlyDictionary<string, NodeError> known)
    {
        var reported = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src/KubeLab.Engine", room, "Scripts"), "*.sh")
            .SelectMany(script => Fail().Matches(File.ReadAllText(script))).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.Equal(known.Keys.Order(), reported.Except(room == "Remote" ? [] : NodeScript.CommonErrors.Keys).Order());
    }

    [GeneratedRegex("""\bfail ([A-Z]\w+) ["$]""")]
    private static partial Regex Fail();
}
