using KubeLab.Engine.Flow;

namespace KubeLab.Tests.Flow;

public sealed class OutputTailTests
{
    [Fact]
    public void The_last_lines_remain_without_empty_lines_and_control_sequences()
    {
        var tail = new OutputTail(2);
        foreach (var part in new[] { "one\ntw", "o\r\n\n", "\e[31mthree\e[0m\n" })
            tail.Add(part);
        Assert.Equal("two\nthree", $"{tail}");
    }

    [Fact]
    public void An_endless_line_is_cut()
    {
        var tail = new OutputTail();
        for (var i = 0; i < 100; i++)
            tail.Add(new string('x', 1000));
        tail.Add("end");
        Assert.InRange($"{tail}".Length, 1000, 10_000);
        Assert.EndsWith("xend", $"{tail}", StringComparison.Ordinal);
    }
}
