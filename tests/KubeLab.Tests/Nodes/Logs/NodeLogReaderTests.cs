using KubeLab.Engine.Nodes.Logs;

namespace KubeLab.Tests.Nodes.Logs;

public sealed class NodeLogReaderTests
{
    [Fact]
    public void Lines_of_the_journal_have_time_and_text()
    {
        var lines = Read(new(["kubelet"]), "T 1700000100", "S 1 journal kubelet",
            "L 1 1700000000.123456 k-1 kubelet[812]: E1128 failed: x", "L 1                              second line",
            "L 1 1700000001.000000 k-1 systemd[1]: Started kubelet.", "L 1 1700000002.000000 k-1 kubelet[812]: ");

        Assert.Equal(["E1128 failed: x", "second line", "systemd[1]: Started kubelet.", ""], lines.Select(line => line.Text));
        Assert.Equal(new DateTimeOffset(2023, 11, 14, 22, 13, 20, 123, 456, TimeSpan.Zero), lines[0].Time);
        Assert.Equal(lines[0].Time, lines[1].Time);
        Assert.All(lines, line => Assert.Equal(("k-1", "kubelet"), (line.Node, line.Source)));
    }

    [Fact]
    public void Lines_of_containers_are_joined()
    {
        var lines = Read(new(["etcd"]), "S 1 container kube-system/etcd-k-1/etcd", "S 2 container a/b/c",
            "L 1 2026-01-01T01:00:00.5+01:00 stderr F a b", "L 1 2026-01-01T00:00:01Z stdout P half ", "L 2 2026-01-01T00:00:01Z stdout F other",
            "L 1 2026-01-01T00:00:01Z stdout F line", "L 1 unable to read", "L 1 2026-01-01T00:00:02Z stdout F \e]52;c;AA==\a");

        Assert.Equal(["a b", "other", "half line", "unable to read", "\e]52;c;AA==\a"], lines.Select(line => line.Text));
        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, 500, TimeSpan.Zero), lines[0].Time);
        Assert.Null(lines[3].Time);
        Assert.Equal("kube-system/etcd-k-1/etcd", lines[0].Source);
    }

    [Fact]
    public void Older_lines_are_left_out_by_the_clock_of_the_node()
    {
        var lines = Read(new(["x"]) { Since = TimeSpan.FromSeconds(9.5) }, "T 1767225610", "S 1 container a/b/c",
            "L 1 2025-12-31T23:59:59.9Z stdout F old", "L 1 2026-01-01T00:00:00Z stdout F new", "L 1 without time");
        Assert.Equal(["new", "without time"], lines.Select(line => line.Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("L")]
    [InlineData("L 1")]
    [InlineData("L 9 unknown log")]
    [InlineData("S 1")]
    [InlineData("T x")]
    [InlineData("K")]
    [InlineData("rest of a long line")]
    public void Unexpected_output_is_ignored(string line) => Assert.Empty(Read(new(["x"]) { Since = TimeSpan.FromSeconds(-5) }, "S 1 journal x", line));

    [Fact]
    public void A_part_of_a_line_does_not_grow_without_limit()
    {
        var part = $"L 1 2026-01-01T00:00:00Z stdout P {new string('x', 16384)}";
        Assert.Equal(2, Read(new(["x"]), ["S 1 container a/b/c", .. Enumerable.Repeat(part, 130)]).Count);
    }

    [Theory]
    [InlineData("kernel", "kernel")]
    [InlineData("kubelet", "unit kubelet")]
    [InlineData("ssh.service", "unit ssh.service")]
    [InlineData("etcd", "container */*/etcd")]
    [InlineData("kube-system/etcd-*", "container kube-system/etcd-*/*")]
    [InlineData("a/b/c", "container a/b/c")]
    public void A_source_is_the_kernel_a_unit_or_containers(string source, string line) => Assert.Equal(line, new NodeLogQuery([source, source]).Lines());

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\nkernel")]
    [InlineData("a//b")]
    [InlineData("a/b/c/d")]
    public void An_invalid_source_is_an_error(string source) =>
        Assert.Equal("InputInvalid", Assert.Throws<KlException>(() => new NodeLogQuery([source]).Lines()).ErrorId);

    private static List<KlNodeLogLine> Read(NodeLogQuery query, params IEnumerable<string> lines)
    {
        var all = new List<KlNodeLogLine>();
        var reader = new NodeLogReader("k-1", query, all.Add);
        foreach (var line in lines)
            reader.Take(line);
        return all;
    }
}
